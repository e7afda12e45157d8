create table task
(
    tenant      text    not null,
    id          text    not null,
    title       text    not null,
    assigned_to text    null,
    due_at      text    null,
    priority    text    not null,
    status      text    not null,
    created_by  text    not null,
    created_at  text    not null,
    updated_at  text    not null,
    version     integer not null,
    primary key (tenant, id)
) strict, without rowid;

create index task_by_time on task (tenant, created_at, id);
create index task_by_assignee on task (tenant, assigned_to, created_at, id);

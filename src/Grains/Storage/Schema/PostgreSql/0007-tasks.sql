create table task
(
    tenant      text collate "C" not null,
    id          text collate "C" not null,
    title       text             not null,
    assigned_to text collate "C" null,
    due_at      timestamptz      null,
    priority    text             not null,
    status      text             not null,
    created_by  text             not null,
    created_at  timestamptz      not null,
    updated_at  timestamptz      not null,
    version     int              not null,
    primary key (tenant, id)
);

create index task_by_time on task (tenant, created_at, id);
create index task_by_assignee on task (tenant, assigned_to, created_at, id);

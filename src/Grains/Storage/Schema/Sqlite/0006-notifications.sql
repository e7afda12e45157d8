-- What users were told and have to take note of. How many of them are not acknowledged yet is kept in unread.
create table notification
(
    tenant          text    not null,
    id              text    not null,
    user_id         text    not null,
    kind            text    not null,
    priority        text    not null,
    title           text    not null,
    body            text    not null,
    link            text    not null,
    requires_ack    integer not null,
    created_by      text    not null,
    created_at      text    not null,
    acknowledged_at text    null,
    acknowledged_by text    null,
    primary key (tenant, id)
) strict, without rowid;

create index notification_by_user on notification (tenant, user_id, created_at, id);
create index notification_open on notification (tenant, user_id, created_at, id) where acknowledged_at is null;

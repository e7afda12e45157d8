-- Notifications that somebody has to acknowledge. All copies of one, a copy for each user concerned, are a matter; it has the id of the first.
alter table notification add column matter_id text null;

-- Until due_at the owner has time; it is null once the matter was acknowledged. The step is the fence of every change.
create table escalation
(
    tenant          text    not null,
    id              text    not null,
    priority        text    not null,
    owner           text    not null,
    step            integer not null,
    due_at          text    null,
    acknowledged_at text    null,
    acknowledged_by text    null,
    primary key (tenant, id)
) strict, without rowid;

create table escalation_step
(
    tenant    text    not null,
    matter_id text    not null,
    step      integer not null,
    at        text    not null,
    from_user text    not null,
    to_user   text    not null,
    reason    text    not null,
    primary key (tenant, matter_id, step)
) strict, without rowid;

create table escalation_policy
(
    tenant     text not null primary key,
    policy     text not null,
    updated_at text not null,
    updated_by text not null
) strict, without rowid;

-- What waits to be acknowledged already gets the default time.
update notification set matter_id = id where requires_ack = 1 and acknowledged_at is null;

insert into escalation (tenant, id, priority, owner, step, due_at)
select tenant, id, priority, user_id, 0, strftime('%Y-%m-%dT%H:%M:%fZ', created_at, '+15 minutes') from notification where matter_id is not null;

create unique index notification_by_matter on notification (tenant, matter_id, user_id) where matter_id is not null;
create index escalation_due on escalation (due_at, tenant, id) where due_at is not null;

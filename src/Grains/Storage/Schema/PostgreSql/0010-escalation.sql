-- Notifications that somebody has to acknowledge. All copies of one, a copy for each user concerned, are a matter; it has the id of the first.
alter table notification add column matter_id text collate "C" null;

-- Until due_at the owner has time; it is null once the matter was acknowledged. The step is the fence of every change.
create table escalation
(
    tenant          text collate "C" not null,
    id              text collate "C" not null,
    priority        text             not null,
    owner           text collate "C" not null,
    step            int              not null,
    due_at          timestamptz      null,
    acknowledged_at timestamptz      null,
    acknowledged_by text             null,
    primary key (tenant, id)
);

create table escalation_step
(
    tenant    text collate "C" not null,
    matter_id text collate "C" not null,
    step      int              not null,
    at        timestamptz      not null,
    from_user text             not null,
    to_user   text             not null,
    reason    text             not null,
    primary key (tenant, matter_id, step)
);

create table escalation_policy
(
    tenant     text collate "C" primary key,
    policy     text             not null,
    updated_at timestamptz      not null,
    updated_by text             not null
);

-- What waits to be acknowledged already gets the default time.
update notification set matter_id = id where requires_ack and acknowledged_at is null;

insert into escalation (tenant, id, priority, owner, step, due_at)
select tenant, id, priority, user_id, 0, created_at + interval '15 minutes' from notification where matter_id is not null;

create unique index notification_by_matter on notification (tenant, matter_id, user_id) where matter_id is not null;
create index escalation_due on escalation (due_at, tenant, id) where due_at is not null;

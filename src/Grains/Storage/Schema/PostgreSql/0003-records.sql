-- The records of the clinics. The tenant is the first part of every key.

create table appointment
(
    tenant           text collate "C" not null,
    id               text collate "C" not null,
    patient_id       text             not null,
    provider_id      text             not null,
    starts_at        timestamptz      not null,
    duration_minutes int              not null,
    reason           text             not null,
    status           text             not null,
    created_by       text             not null,
    created_at       timestamptz      not null,
    updated_at       timestamptz      not null,
    version          int              not null,
    primary key (tenant, id)
);

create index appointment_by_start on appointment (tenant, starts_at);

create table thread
(
    tenant          text collate "C" not null,
    id              text collate "C" not null,
    subject         text             not null,
    created_by      text             not null,
    created_at      timestamptz      not null,
    last_message_at timestamptz      not null,
    primary key (tenant, id)
);

create table thread_participant
(
    tenant    text collate "C" not null,
    thread_id text collate "C" not null,
    user_id   text collate "C" not null,
    unread    int              not null,
    primary key (tenant, thread_id, user_id)
);

create index thread_participant_by_user on thread_participant (tenant, user_id);

-- The sequence rises by one within a thread.
create table message
(
    tenant      text collate "C" not null,
    id          text collate "C" not null,
    thread_id   text collate "C" not null,
    sequence    bigint           not null,
    author      text             not null,
    author_name text             not null,
    body        text             not null,
    sent_at     timestamptz      not null,
    primary key (tenant, id),
    unique (tenant, thread_id, sequence)
);

create table message_read
(
    tenant     text collate "C" not null,
    message_id text collate "C" not null,
    user_id    text collate "C" not null,
    read_at    timestamptz      not null,
    primary key (tenant, message_id, user_id)
);

create table unread
(
    tenant        text collate "C" not null,
    user_id       text collate "C" not null,
    messages      int              not null,
    notifications int              not null,
    primary key (tenant, user_id)
);

-- What writes with an Idempotency-Key answered; status is null while the first of them is under way.
create table idempotency
(
    tenant     text collate "C" not null,
    caller     text collate "C" not null,
    route      text collate "C" not null,
    key        text collate "C" not null,
    body_hash  bytea            not null,
    status     int              null,
    response   text             null,
    location   text             null,
    created_at timestamptz      not null,
    expires_at timestamptz      not null,
    primary key (tenant, caller, route, key)
);

create index idempotency_by_expiry on idempotency (expires_at);

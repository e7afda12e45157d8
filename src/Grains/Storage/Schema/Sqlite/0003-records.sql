-- The records of the clinics. The tenant is the first part of every key.

create table appointment
(
    tenant           text    not null,
    id               text    not null,
    patient_id       text    not null,
    provider_id      text    not null,
    starts_at        text    not null,
    duration_minutes integer not null,
    reason           text    not null,
    status           text    not null,
    created_by       text    not null,
    created_at       text    not null,
    updated_at       text    not null,
    version          integer not null,
    primary key (tenant, id)
) strict, without rowid;

create index appointment_by_start on appointment (tenant, starts_at);

create table thread
(
    tenant          text not null,
    id              text not null,
    subject         text not null,
    created_by      text not null,
    created_at      text not null,
    last_message_at text not null,
    primary key (tenant, id)
) strict, without rowid;

create table thread_participant
(
    tenant    text    not null,
    thread_id text    not null,
    user_id   text    not null,
    unread    integer not null,
    primary key (tenant, thread_id, user_id)
) strict, without rowid;

create index thread_participant_by_user on thread_participant (tenant, user_id);

-- The sequence rises by one within a thread.
create table message
(
    tenant      text    not null,
    id          text    not null,
    thread_id   text    not null,
    sequence    integer not null,
    author      text    not null,
    author_name text    not null,
    body        text    not null,
    sent_at     text    not null,
    primary key (tenant, id),
    unique (tenant, thread_id, sequence)
) strict, without rowid;

create table message_read
(
    tenant     text not null,
    message_id text not null,
    user_id    text not null,
    read_at    text not null,
    primary key (tenant, message_id, user_id)
) strict, without rowid;

create table unread
(
    tenant        text    not null,
    user_id       text    not null,
    messages      integer not null,
    notifications integer not null,
    primary key (tenant, user_id)
) strict, without rowid;

-- What writes with an Idempotency-Key answered; status is null while the first of them is under way.
create table idempotency
(
    tenant     text    not null,
    caller     text    not null,
    route      text    not null,
    key        text    not null,
    body_hash  blob    not null,
    status     integer null,
    response   text    null,
    location   text    null,
    created_at text    not null,
    expires_at text    not null,
    primary key (tenant, caller, route, key)
) strict, without rowid;

create index idempotency_by_expiry on idempotency (expires_at);

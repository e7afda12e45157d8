-- The topics' event logs. Keys are compared byte by byte (collation "C"): they are no words of a language, and a new version of the
-- operating system's collations can't spoil their indexes.

-- One row. The epoch is that of every topic without one of its own; alive_at is the sign of life by which an outage is dated afterwards.
create table installation
(
    id       smallint    primary key check (id = 1),
    epoch    text        not null,
    alive_at timestamptz null
);

insert into installation (id, epoch) values (1, replace(gen_random_uuid()::text, '-', ''));

create table topic_log
(
    topic       text collate "C" primary key,
    epoch       text             not null,
    last_offset bigint           not null
);

-- Updated with every commit; free space in the pages keeps these updates off the index.
alter table topic_log set (fillfactor = 70);

create table topic_event
(
    topic    text collate "C" not null,
    "offset" bigint           not null,
    id       text             not null,
    type     text             not null,
    time     timestamptz      not null,
    data     text             not null,
    author   text             null,
    primary key (topic, "offset")
);

create table used_event_id
(
    topic      text collate "C" not null,
    id         text collate "C" not null,
    hash       bytea            not null,
    "offset"   bigint           not null,
    expires_at timestamptz      not null,
    primary key (topic, id)
);

create index used_event_id_by_expiry on used_event_id (expires_at);

-- Events that record writes left in their own transactions, not yet numbered by their topics.
create table pending_event
(
    sequence   bigint generated always as identity primary key,
    topic      text collate "C" not null,
    id         text collate "C" not null unique,
    type       text             not null,
    data       text             not null,
    author     text             null,
    written_at timestamptz      not null
);

create index pending_event_by_topic on pending_event (topic, sequence);
create index pending_event_by_time on pending_event (written_at);

-- The topics' event logs. Times are text of one form in UTC, which sorts as the times do.

-- One row. The epoch is that of every topic without one of its own; alive_at is the sign of life by which an outage is dated afterwards.
create table installation
(
    id       integer primary key check (id = 1),
    epoch    text    not null,
    alive_at text    null
) strict;

insert into installation (id, epoch) values (1, lower(hex(randomblob(16))));

create table topic_log
(
    topic       text    primary key,
    epoch       text    not null,
    last_offset integer not null
) strict, without rowid;

create table topic_event
(
    topic    text    not null,
    "offset" integer not null,
    id       text    not null,
    type     text    not null,
    time     text    not null,
    data     text    not null,
    author   text    null,
    primary key (topic, "offset")
) strict, without rowid;

create table used_event_id
(
    topic      text    not null,
    id         text    not null,
    hash       blob    not null,
    "offset"   integer not null,
    expires_at text    not null,
    primary key (topic, id)
) strict, without rowid;

create index used_event_id_by_expiry on used_event_id (expires_at);

-- Events that record writes left in their own transactions, not yet numbered by their topics.
create table pending_event
(
    sequence   integer primary key autoincrement,
    topic      text    not null,
    id         text    not null unique,
    type       text    not null,
    data       text    not null,
    author     text    null,
    written_at text    not null
) strict;

create index pending_event_by_topic on pending_event (topic, sequence);
create index pending_event_by_time on pending_event (written_at);

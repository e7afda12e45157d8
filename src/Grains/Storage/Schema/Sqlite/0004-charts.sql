-- Who had which chart open from when to when.
create table chart_access
(
    id         text primary key,
    tenant     text not null,
    patient_id text not null,
    topic      text not null,
    user_id    text not null,
    name       text not null,
    reason     text null,
    opened_at  text not null,
    closed_at  text null,
    closed_by  text null
) strict, without rowid;

create index chart_access_by_patient on chart_access (tenant, patient_id, opened_at);
create index chart_access_open on chart_access (topic) where closed_at is null;

-- Who edits which section of a chart. A section that was freed keeps its fence and nothing else.
create table edit_lease
(
    topic      text    not null,
    tenant     text    not null,
    patient_id text    not null,
    section    text    not null,
    fence      integer not null,
    lease      text    null,
    connection text    null,
    user_id    text    null,
    name       text    null,
    since      text    null,
    primary key (topic, section)
) strict, without rowid;

create index edit_lease_held on edit_lease (topic) where lease is not null;

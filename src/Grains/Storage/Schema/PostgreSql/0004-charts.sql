-- Who had which chart open from when to when.
create table chart_access
(
    id         text collate "C" primary key,
    tenant     text collate "C" not null,
    patient_id text collate "C" not null,
    topic      text collate "C" not null,
    user_id    text             not null,
    name       text             not null,
    reason     text             null,
    opened_at  timestamptz      not null,
    closed_at  timestamptz      null,
    closed_by  text             null
);

create index chart_access_by_patient on chart_access (tenant, patient_id, opened_at);
create index chart_access_open on chart_access (topic) where closed_at is null;

-- Who edits which section of a chart. A section that was freed keeps its fence and nothing else.
create table edit_lease
(
    topic      text collate "C" not null,
    tenant     text collate "C" not null,
    patient_id text collate "C" not null,
    section    text collate "C" not null,
    fence      bigint           not null,
    lease      text             null,
    connection text             null,
    user_id    text             null,
    name       text             null,
    since      timestamptz      null,
    primary key (topic, section)
);

create index edit_lease_held on edit_lease (topic) where lease is not null;

-- Charts that only their care team opens without a reason. A chart without a row is open to the clinic's staff.
create table chart_restriction
(
    tenant     text collate "C" not null,
    patient_id text collate "C" not null,
    restricted boolean          not null,
    changed_by text             not null,
    changed_at timestamptz      not null,
    version    int              not null,
    primary key (tenant, patient_id)
);

-- Who opens a chart without a reason though it is restricted.
create table chart_care_team
(
    tenant     text collate "C" not null,
    patient_id text collate "C" not null,
    user_id    text collate "C" not null,
    primary key (tenant, patient_id, user_id)
);

-- Each change of it, as it was after it.
create table chart_restriction_change
(
    tenant     text collate "C" not null,
    patient_id text collate "C" not null,
    version    int              not null,
    restricted boolean          not null,
    care_team  text             not null, -- user ids, a JSON array
    changed_by text             not null,
    changed_at timestamptz      not null,
    primary key (tenant, patient_id, version)
);

-- Whether the chart was restricted and the user not of its care team: then access_entry has the kind glass_broken in place of opened.
alter table chart_access add column break_glass boolean not null default false;

-- Charts that only their care team opens without a reason. A chart without a row is open to the clinic's staff.
create table chart_restriction
(
    tenant     text    not null,
    patient_id text    not null,
    restricted integer not null,
    changed_by text    not null,
    changed_at text    not null,
    version    integer not null,
    primary key (tenant, patient_id)
) strict, without rowid;

-- Who opens a chart without a reason though it is restricted.
create table chart_care_team
(
    tenant     text not null,
    patient_id text not null,
    user_id    text not null,
    primary key (tenant, patient_id, user_id)
) strict, without rowid;

-- Each change of it, as it was after it.
create table chart_restriction_change
(
    tenant     text    not null,
    patient_id text    not null,
    version    integer not null,
    restricted integer not null,
    care_team  text    not null, -- user ids, a JSON array
    changed_by text    not null,
    changed_at text    not null,
    primary key (tenant, patient_id, version)
) strict, without rowid;

-- Whether the chart was restricted and the user not of its care team: then access_entry has the kind glass_broken in place of opened.
alter table chart_access add column break_glass integer not null default 0;

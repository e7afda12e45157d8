create table lab_result
(
    tenant     text    not null,
    id         text    not null,
    patient_id text    not null,
    ordered_by text    not null,
    test       text    not null,
    value      text    not null,
    unit       text    not null,
    status     text    not null,
    abnormal   text    not null,
    created_by text    not null,
    created_at text    not null,
    updated_at text    not null,
    version    integer not null,
    primary key (tenant, id)
) strict, without rowid;

create index lab_result_by_patient on lab_result (tenant, patient_id, created_at, id);

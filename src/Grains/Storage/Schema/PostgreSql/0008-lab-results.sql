create table lab_result
(
    tenant     text collate "C" not null,
    id         text collate "C" not null,
    patient_id text collate "C" not null,
    ordered_by text             not null,
    test       text             not null,
    value      text             not null,
    unit       text             not null,
    status     text             not null,
    abnormal   text             not null,
    created_by text             not null,
    created_at timestamptz      not null,
    updated_at timestamptz      not null,
    version    int              not null,
    primary key (tenant, id)
);

create index lab_result_by_patient on lab_result (tenant, patient_id, created_at, id);

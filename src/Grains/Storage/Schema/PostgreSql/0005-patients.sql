-- Patients, and what their charts say. A chart may be written without a patient here: then the customer's own system knows who it is.
create table patient
(
    tenant     text collate "C" not null,
    id         text collate "C" not null,
    name       text collate "C" not null,
    birth_date text             not null, -- YYYY-MM-DD
    created_by text             not null,
    created_at timestamptz      not null,
    primary key (tenant, id)
);

create index patient_by_name on patient (tenant, name, id);

create table patient_vitals
(
    tenant            text collate "C" not null,
    patient_id        text collate "C" not null,
    systolic          int              null,
    diastolic         int              null,
    heart_rate        int              null,
    temperature       double precision null,
    oxygen_saturation double precision null,
    weight            double precision null,
    updated_by        text             not null,
    updated_at        timestamptz      not null,
    version           int              not null,
    primary key (tenant, patient_id)
);

create table patient_allergy
(
    tenant     text collate "C" not null,
    patient_id text collate "C" not null,
    id         text collate "C" not null,
    substance  text             not null,
    reaction   text             null,
    severity   text             null,
    added_by   text             not null,
    added_at   timestamptz      not null,
    primary key (tenant, patient_id, id)
);

create table patient_medication
(
    tenant     text collate "C" not null,
    patient_id text collate "C" not null,
    id         text collate "C" not null,
    name       text             not null,
    dose       text             not null,
    frequency  text             null,
    added_by   text             not null,
    added_at   timestamptz      not null,
    primary key (tenant, patient_id, id)
);

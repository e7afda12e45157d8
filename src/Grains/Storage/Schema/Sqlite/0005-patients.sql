-- Patients, and what their charts say. A chart may be written without a patient here: then the customer's own system knows who it is.
create table patient
(
    tenant     text not null,
    id         text not null,
    name       text not null,
    birth_date text not null, -- YYYY-MM-DD
    created_by text not null,
    created_at text not null,
    primary key (tenant, id)
) strict, without rowid;

create index patient_by_name on patient (tenant, name, id);

create table patient_vitals
(
    tenant            text    not null,
    patient_id        text    not null,
    systolic          integer null,
    diastolic         integer null,
    heart_rate        integer null,
    temperature       real    null,
    oxygen_saturation real    null,
    weight            real    null,
    updated_by        text    not null,
    updated_at        text    not null,
    version           integer not null,
    primary key (tenant, patient_id)
) strict, without rowid;

create table patient_allergy
(
    tenant     text not null,
    patient_id text not null,
    id         text not null,
    substance  text not null,
    reaction   text null,
    severity   text null,
    added_by   text not null,
    added_at   text not null,
    primary key (tenant, patient_id, id)
) strict, without rowid;

create table patient_medication
(
    tenant     text not null,
    patient_id text not null,
    id         text not null,
    name       text not null,
    dose       text not null,
    frequency  text null,
    added_by   text not null,
    added_at   text not null,
    primary key (tenant, patient_id, id)
) strict, without rowid;

create table patient_order
(
    tenant      text    not null,
    id          text    not null,
    patient_id  text    not null,
    provider_id text    not null,
    kind        text    not null,
    details     text    not null,
    priority    text    not null,
    status      text    not null,
    created_by  text    not null,
    created_at  text    not null,
    updated_at  text    not null,
    version     integer not null,
    primary key (tenant, id)
) strict, without rowid;

create index patient_order_by_patient on patient_order (tenant, patient_id, created_at, id);
create index patient_order_by_provider on patient_order (tenant, provider_id, created_at, id);

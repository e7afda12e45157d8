create table patient_order
(
    tenant      text collate "C" not null,
    id          text collate "C" not null,
    patient_id  text collate "C" not null,
    provider_id text collate "C" not null,
    kind        text             not null,
    details     text             not null,
    priority    text             not null,
    status      text             not null,
    created_by  text             not null,
    created_at  timestamptz      not null,
    updated_at  timestamptz      not null,
    version     int              not null,
    primary key (tenant, id)
);

create index patient_order_by_patient on patient_order (tenant, patient_id, created_at, id);
create index patient_order_by_provider on patient_order (tenant, provider_id, created_at, id);

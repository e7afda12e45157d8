-- What Orleans keeps in the database: who is in the cluster, state of grains, reminders. Orleans reads the statements below once, when a
-- process starts. Each is one atomic statement, because Orleans opens no transaction.

create table OrleansQuery
(
    QueryKey  text primary key,
    QueryText text not null
);

-- One row a cluster. Its version is the only lock of the membership: every change but a sign of life raises it.
create table orleans_cluster
(
    deployment_id text primary key,
    version       int not null
);

create table orleans_membership
(
    deployment_id   text        not null references orleans_cluster on delete cascade,
    address         text        not null,
    port            int         not null,
    generation      int         not null,
    silo_name       text        not null,
    host_name       text        not null,
    status          int         not null,
    proxy_port      int         not null,
    suspect_times   text        null,
    start_time      timestamptz not null,
    i_am_alive_time timestamptz not null,
    primary key (deployment_id, address, port, generation)
);

insert into OrleansQuery values ('InsertMembershipVersionKey', $sql$
with created as
(
    insert into orleans_cluster (deployment_id, version) values (@DeploymentId, 0)
    on conflict do nothing
    returning 1
)
select exists (select from created) as created
$sql$);

insert into OrleansQuery values ('InsertMembershipKey', $sql$
with moved as
(
    update orleans_cluster c set version = c.version + 1
    where c.deployment_id = @DeploymentId and c.version = @Version
        and not exists
        (
            select from orleans_membership m
            where m.deployment_id = @DeploymentId and m.address = @Address and m.port = @Port and m.generation = @Generation
        )
    returning c.deployment_id
),
joined as
(
    insert into orleans_membership
        (deployment_id, address, port, generation, silo_name, host_name, status, proxy_port, start_time, i_am_alive_time)
    select deployment_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
    from moved
    returning 1
)
select exists (select from joined) as joined
$sql$);

insert into OrleansQuery values ('UpdateMembershipKey', $sql$
with moved as
(
    update orleans_cluster c set version = c.version + 1
    where c.deployment_id = @DeploymentId and c.version = @Version
        and exists
        (
            select from orleans_membership m
            where m.deployment_id = @DeploymentId and m.address = @Address and m.port = @Port and m.generation = @Generation
        )
    returning c.deployment_id
),
changed as
(
    update orleans_membership m set status = @Status, suspect_times = @SuspectTimes, i_am_alive_time = @IAmAliveTime
    from moved
    where m.deployment_id = moved.deployment_id and m.address = @Address and m.port = @Port and m.generation = @Generation
    returning 1
)
select exists (select from changed) as changed
$sql$);

insert into OrleansQuery values ('UpdateIAmAlivetimeKey', $sql$
update orleans_membership set i_am_alive_time = @IAmAliveTime
where deployment_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation
$sql$);

insert into OrleansQuery values ('MembershipReadAllKey', $sql$
select c.version as Version, m.address as Address, m.port as Port, m.generation as Generation, m.silo_name as SiloName,
    m.host_name as HostName, m.status as Status, m.proxy_port as ProxyPort, m.suspect_times as SuspectTimes,
    m.start_time as StartTime, m.i_am_alive_time as IAmAliveTime
from orleans_cluster c left join orleans_membership m on m.deployment_id = c.deployment_id
where c.deployment_id = @DeploymentId
$sql$);

insert into OrleansQuery values ('MembershipReadRowKey', $sql$
select c.version as Version, m.address as Address, m.port as Port, m.generation as Generation, m.silo_name as SiloName,
    m.host_name as HostName, m.status as Status, m.proxy_port as ProxyPort, m.suspect_times as SuspectTimes,
    m.start_time as StartTime, m.i_am_alive_time as IAmAliveTime
from orleans_cluster c
    left join orleans_membership m
        on m.deployment_id = c.deployment_id and m.address = @Address and m.port = @Port and m.generation = @Generation
where c.deployment_id = @DeploymentId
$sql$);

insert into OrleansQuery values ('GatewaysQueryKey', $sql$
select address as Address, proxy_port as ProxyPort, generation as Generation
from orleans_membership
where deployment_id = @DeploymentId and status = @Status and proxy_port > 0
$sql$);

insert into OrleansQuery values ('DeleteMembershipTableEntriesKey', $sql$
delete from orleans_cluster where deployment_id = @DeploymentId
$sql$);

insert into OrleansQuery values ('CleanupDefunctSiloEntriesKey', $sql$
delete from orleans_membership
where deployment_id = @DeploymentId and status = 6 and i_am_alive_time < @IAmAliveTime
$sql$);

insert into OrleansQuery values ('CleanupDefunctSiloEntryKey', $sql$
delete from orleans_membership
where deployment_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation
    and status = 6 and start_time = @StartTime and i_am_alive_time = @IAmAliveTime
    and suspect_times is not distinct from @SuspectTimes
$sql$);

-- A grain without a key extension has the extension ''.
create table orleans_storage
(
    service_id   text        not null,
    grain_hash   int         not null,
    type_hash    int         not null,
    grain_n0     bigint      not null,
    grain_n1     bigint      not null,
    extension    text        not null,
    grain_type   text        not null,
    version      int         not null,
    payload      bytea       null,
    changed_at   timestamptz not null default now(),
    primary key (grain_hash, type_hash, grain_n0, grain_n1, extension, grain_type, service_id)
);

insert into OrleansQuery values ('ReadFromStorageKey', $sql$
select payload as PayloadBinary, version as Version
from orleans_storage
where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
    and extension = coalesce(@GrainIdExtensionString, '') and grain_type = @GrainTypeString and service_id = @ServiceId
$sql$);

-- A first version is random, so that a grain that was deleted and written again does not get back to the version an old activation knows.
insert into OrleansQuery values ('WriteToStorageKey', $sql$
with first_written as
(
    insert into orleans_storage
        (service_id, grain_hash, type_hash, grain_n0, grain_n1, extension, grain_type, version, payload)
    select @ServiceId, @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''), @GrainTypeString,
        1 + floor(random() * 1000000000)::int, @PayloadBinary
    where @GrainStateVersion is null
    on conflict do nothing
    returning version
),
overwritten as
(
    update orleans_storage set payload = @PayloadBinary, version = version + 1, changed_at = now()
    where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
        and extension = coalesce(@GrainIdExtensionString, '') and grain_type = @GrainTypeString and service_id = @ServiceId
        and version = @GrainStateVersion
    returning version
)
select version as NewGrainStateVersion from first_written
union all
select version from overwritten
$sql$);

insert into OrleansQuery values ('ClearStorageKey', $sql$
update orleans_storage set payload = null, version = version + 1, changed_at = now()
where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
    and extension = coalesce(@GrainIdExtensionString, '') and grain_type = @GrainTypeString and service_id = @ServiceId
    and version = @GrainStateVersion
returning version as NewGrainStateVersion
$sql$);

insert into OrleansQuery values ('DeleteStorageKey', $sql$
delete from orleans_storage
where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
    and extension = coalesce(@GrainIdExtensionString, '') and grain_type = @GrainTypeString and service_id = @ServiceId
    and version = @GrainStateVersion
returning version + 1 as NewGrainStateVersion
$sql$);

create table orleans_reminder
(
    service_id    text        not null,
    grain_id      text        not null,
    reminder_name text        not null,
    grain_hash    int         not null,
    start_time    timestamptz not null,
    period_ms     bigint      not null,
    version       int         not null,
    primary key (service_id, grain_id, reminder_name)
);

create index orleans_reminder_by_hash on orleans_reminder (service_id, grain_hash);

insert into OrleansQuery values ('ReadReminderRowsKey', $sql$
select grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and grain_id = @GrainId
$sql$);

insert into OrleansQuery values ('ReadReminderRowKey', $sql$
select grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and grain_id = @GrainId and reminder_name = @ReminderName
$sql$);

insert into OrleansQuery values ('ReadRangeRows1Key', $sql$
select grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and grain_hash > @BeginHash and grain_hash <= @EndHash
$sql$);

insert into OrleansQuery values ('ReadRangeRows2Key', $sql$
select grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
from orleans_reminder
where service_id = @ServiceId and (grain_hash > @BeginHash or grain_hash <= @EndHash)
$sql$);

insert into OrleansQuery values ('UpsertReminderRowKey', $sql$
insert into orleans_reminder as r (service_id, grain_id, reminder_name, grain_hash, start_time, period_ms, version)
values (@ServiceId, @GrainId, @ReminderName, @GrainHash, @StartTime, @Period, 0)
on conflict (service_id, grain_id, reminder_name) do update
    set grain_hash = excluded.grain_hash, start_time = excluded.start_time, period_ms = excluded.period_ms, version = r.version + 1
returning version as Version
$sql$);

insert into OrleansQuery values ('DeleteReminderRowKey', $sql$
with removed as
(
    delete from orleans_reminder
    where service_id = @ServiceId and grain_id = @GrainId and reminder_name = @ReminderName and version = @Version
    returning 1
)
select exists (select from removed) as removed
$sql$);

insert into OrleansQuery values ('DeleteReminderRowsKey', $sql$
delete from orleans_reminder where service_id = @ServiceId
$sql$);

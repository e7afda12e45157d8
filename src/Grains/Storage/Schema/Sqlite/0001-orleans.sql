-- What Orleans keeps in the database: state of grains. Orleans reads the statements below once, when the process starts. Each is one
-- atomic statement, because Orleans opens no transaction.

create table OrleansQuery
(
    QueryKey  text primary key,
    QueryText text not null
) strict;

-- A grain without a key extension has the extension ''.
create table orleans_storage
(
    service_id text    not null,
    grain_hash integer not null,
    type_hash  integer not null,
    grain_n0   integer not null,
    grain_n1   integer not null,
    extension  text    not null,
    grain_type text    not null,
    version    integer not null,
    payload    blob    null,
    primary key (grain_hash, type_hash, grain_n0, grain_n1, extension, grain_type, service_id)
) strict, without rowid;

insert into OrleansQuery values ('ReadFromStorageKey', '
select payload as PayloadBinary, version as Version
from orleans_storage
where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
    and extension = coalesce(@GrainIdExtensionString, '''') and grain_type = @GrainTypeString and service_id = @ServiceId
');

-- A first version is random, so that a grain that was deleted and written again does not get back to the version an old activation knows.
insert into OrleansQuery values ('WriteToStorageKey', '
insert into orleans_storage (service_id, grain_hash, type_hash, grain_n0, grain_n1, extension, grain_type, version, payload)
select @ServiceId, @GrainIdHash, @GrainTypeHash, @GrainIdN0, @GrainIdN1, coalesce(@GrainIdExtensionString, ''''), @GrainTypeString,
    1 + abs(random() % 1000000000), @PayloadBinary
where @GrainStateVersion is null or exists
(
    select 1 from orleans_storage
    where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
        and extension = coalesce(@GrainIdExtensionString, '''') and grain_type = @GrainTypeString and service_id = @ServiceId
)
on conflict do update set payload = excluded.payload, version = orleans_storage.version + 1
    where orleans_storage.version = @GrainStateVersion
returning version as NewGrainStateVersion
');

insert into OrleansQuery values ('ClearStorageKey', '
update orleans_storage set payload = null, version = version + 1
where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
    and extension = coalesce(@GrainIdExtensionString, '''') and grain_type = @GrainTypeString and service_id = @ServiceId
    and version = @GrainStateVersion
returning version as NewGrainStateVersion
');

insert into OrleansQuery values ('DeleteStorageKey', '
delete from orleans_storage
where grain_hash = @GrainIdHash and type_hash = @GrainTypeHash and grain_n0 = @GrainIdN0 and grain_n1 = @GrainIdN1
    and extension = coalesce(@GrainIdExtensionString, '''') and grain_type = @GrainTypeString and service_id = @ServiceId
    and version = @GrainStateVersion
returning version + 1 as NewGrainStateVersion
');

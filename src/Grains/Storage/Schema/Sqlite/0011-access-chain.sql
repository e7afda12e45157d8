-- The access log as a chain: each entry carries the hash of all before it in its clinic. chart_access is what queries read; it has to agree.
create table access_entry
(
    tenant      text    not null,
    sequence    integer not null,
    kind        text    not null, -- opened, closed
    interval_id text    not null,
    patient_id  text    not null,
    user_id     text    not null,
    name        text    not null,
    reason      text    null,
    at          text    not null,
    closed_by   text    null,
    recorded_at text    not null,
    hash        text    not null,
    primary key (tenant, sequence)
) strict, without rowid;

create unique index access_entry_by_interval on access_entry (interval_id, kind);

-- How many entries a clinic has, and the hash of the last.
create table access_head
(
    tenant  text    primary key,
    entries integer not null,
    hash    text    not null
) strict, without rowid;

create trigger access_entry_append_only_update before update on access_entry
begin
    select raise(abort, 'access_entry is append-only');
end;

create trigger access_entry_append_only_delete before delete on access_entry
begin
    select raise(abort, 'access_entry is append-only');
end;

-- Intervals from before the chain. The upgrade enters them, because SQL alone can't on both databases, and drops the table.
create table access_unchained
(
    id text primary key
) strict, without rowid;

insert into access_unchained (id) select id from chart_access;

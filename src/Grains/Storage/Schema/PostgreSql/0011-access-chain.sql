-- The access log as a chain: each entry carries the hash of all before it in its clinic. chart_access is what queries read; it has to agree.
create table access_entry
(
    tenant      text collate "C" not null,
    sequence    bigint           not null,
    kind        text             not null, -- opened, closed
    interval_id text collate "C" not null,
    patient_id  text collate "C" not null,
    user_id     text             not null,
    name        text             not null,
    reason      text             null,
    at          timestamptz      not null,
    closed_by   text             null,
    recorded_at timestamptz      not null,
    hash        text             not null,
    primary key (tenant, sequence)
);

create unique index access_entry_by_interval on access_entry (interval_id, kind);

-- How many entries a clinic has, and the hash of the last. Whoever appends holds the row.
create table access_head
(
    tenant  text collate "C" primary key,
    entries bigint           not null,
    hash    text             not null
);

create function access_entry_is_append_only() returns trigger language plpgsql as
$$
begin
    raise exception 'access_entry is append-only';
end
$$;

create trigger access_entry_append_only before update or delete or truncate on access_entry
    for each statement execute function access_entry_is_append_only();

-- Intervals from before the chain. The upgrade enters them, because SQL alone can't on both databases, and drops the table.
create table access_unchained
(
    id text collate "C" primary key
);

insert into access_unchained (id) select id from chart_access;

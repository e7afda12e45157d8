-- Openings of restricted charts with a reason of which it was not known at once who is to hear of them; see GlassDebts.
create table glass_owed
(
    tenant    text collate "C" not null,
    access_id text collate "C" not null, -- chart_access.id
    notified  text             not null, -- user ids who heard of it already, a JSON array
    primary key (tenant, access_id)
);

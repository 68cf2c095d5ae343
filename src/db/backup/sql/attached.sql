-- What is of no schema, and goes when the schemas $1 are dropped: event triggers whose function is in them, and what publications
-- have of them, but for publications of all tables.
select pg_catalog.format('the event trigger %I, which calls %s', t.evtname, t.evtfoid::regprocedure)
from pg_catalog.pg_event_trigger t
join pg_catalog.pg_proc p on p.oid = t.evtfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = any ($1)
union all
select pg_catalog.format(
    'a table of a publication (ALTER PUBLICATION %I ADD TABLE %I.%I brings it back)', t.pubname, t.schemaname, t.tablename
)
from pg_catalog.pg_publication_tables t
join pg_catalog.pg_publication p on p.pubname = t.pubname
where not p.puballtables and t.schemaname = any ($1)
order by 1

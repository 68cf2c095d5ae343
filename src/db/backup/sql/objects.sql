-- What stands in a schema, for the statements that begin with this: a catalog's class, an object's id, its schema.
with objects as materialized (
    select 'pg_catalog.pg_class'::regclass as catalog, oid, relnamespace as schema from pg_catalog.pg_class
    union all
    select 'pg_catalog.pg_proc'::regclass, oid, pronamespace from pg_catalog.pg_proc
    union all
    select 'pg_catalog.pg_type'::regclass, oid, typnamespace from pg_catalog.pg_type
    union all
    select 'pg_catalog.pg_constraint'::regclass, oid, connamespace from pg_catalog.pg_constraint
    union all
    select 'pg_catalog.pg_operator'::regclass, oid, oprnamespace from pg_catalog.pg_operator
    union all
    select 'pg_catalog.pg_opclass'::regclass, oid, opcnamespace from pg_catalog.pg_opclass
    union all
    select 'pg_catalog.pg_attrdef'::regclass, d.oid, c.relnamespace
    from pg_catalog.pg_attrdef d join pg_catalog.pg_class c on c.oid = d.adrelid
    union all
    select 'pg_catalog.pg_trigger'::regclass, t.oid, c.relnamespace
    from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
    union all
    select 'pg_catalog.pg_policy'::regclass, p.oid, c.relnamespace
    from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
    union all
    select 'pg_catalog.pg_rewrite'::regclass, r.oid, c.relnamespace
    from pg_catalog.pg_rewrite r join pg_catalog.pg_class c on c.oid = r.ev_class
),

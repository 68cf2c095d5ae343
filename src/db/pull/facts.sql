-- What a dump does not say: all schemas, which of them needs which (but for foreign keys, which come last), the foreign keys
-- that leave their schema, and the roles that rights and rules name. What is of an extension is the extension's own.
with schemas as (
    select oid, nspname::text as name
    from pg_namespace as n
    where nspname !~ '^pg_' and nspname <> 'information_schema'
        and not exists (select from pg_depend as d where d.classid = 'pg_namespace'::regclass and d.objid = n.oid and d.deptype = 'e')
), objects as (
    select 'pg_class'::regclass as class, oid, relnamespace as schema from pg_class
    union all select 'pg_proc'::regclass, oid, pronamespace from pg_proc
    union all select 'pg_type'::regclass, oid, typnamespace from pg_type
    union all select 'pg_operator'::regclass, oid, oprnamespace from pg_operator
    union all select 'pg_opclass'::regclass, oid, opcnamespace from pg_opclass
    union all select 'pg_opfamily'::regclass, oid, opfnamespace from pg_opfamily
    union all select 'pg_collation'::regclass, oid, collnamespace from pg_collation
    union all select 'pg_ts_config'::regclass, oid, cfgnamespace from pg_ts_config
    union all select 'pg_ts_dict'::regclass, oid, dictnamespace from pg_ts_dict
    union all select 'pg_constraint'::regclass, oid, connamespace from pg_constraint where contype <> 'f'
    union all select 'pg_attrdef'::regclass, d.oid, c.relnamespace from pg_attrdef as d join pg_class as c on c.oid = d.adrelid
    union all select 'pg_rewrite'::regclass, r.oid, c.relnamespace from pg_rewrite as r join pg_class as c on c.oid = r.ev_class
    union all select 'pg_policy'::regclass, p.oid, c.relnamespace from pg_policy as p join pg_class as c on c.oid = p.polrelid
    union all select 'pg_trigger'::regclass, t.oid, c.relnamespace from pg_trigger as t join pg_class as c on c.oid = t.tgrelid
        where not t.tgisinternal
), of_extensions as (
    select classid, objid from pg_depend where deptype = 'e'
)
select json_build_object(
    'schemas', (select coalesce(json_agg(name order by name), '[]') from schemas),
    'needs', (
        select coalesce(json_agg(distinct jsonb_build_array(a.name, b.name)), '[]')
        from pg_depend as d
        join objects as one on one.class = d.classid and one.oid = d.objid
        join objects as other on other.class = d.refclassid and other.oid = d.refobjid
        join schemas as a on a.oid = one.schema
        join schemas as b on b.oid = other.schema
        where a.oid <> b.oid
            and (d.classid, d.objid) not in (select * from of_extensions)
            and (d.refclassid, d.refobjid) not in (select * from of_extensions)
    ),
    'keys', (
        select coalesce(json_agg(json_build_array(a.name, format('%s %s ', c.relname, k.conname), b.name)), '[]')
        from pg_constraint as k
        join pg_class as c on c.oid = k.conrelid
        join pg_class as r on r.oid = k.confrelid
        join schemas as a on a.oid = c.relnamespace
        join schemas as b on b.oid = r.relnamespace
        where k.contype = 'f' and a.oid <> b.oid
    ),
    'roles', (
        select coalesce(json_agg(distinct r.rolname order by r.rolname), '[]')
        from pg_shdepend as d
        join pg_roles as r on r.oid = d.refobjid
        where d.refclassid = 'pg_authid'::regclass and d.deptype in ('a', 'r')
            and d.dbid = (select oid from pg_database where datname = current_database())
            and r.rolname !~ '^pg_'
    ),
    'extension_schemas', (
        select coalesce(json_agg(distinct n.nspname), '[]')
        from pg_extension as e join pg_namespace as n on n.oid = e.extnamespace
        where n.nspname not in ('pg_catalog', 'public')
    ),
    'foreign', (
        with recursive far as (
            select oid from pg_class where relkind = 'f'
            union
            select w.ev_class
            from far
            join pg_depend as d on d.refclassid = 'pg_class'::regclass and d.refobjid = far.oid and d.classid = 'pg_rewrite'::regclass
            join pg_rewrite as w on w.oid = d.objid
        )
        select coalesce(json_agg(json_build_array(a.name, c.relname) order by a.name, c.relname), '[]')
        from far join pg_class as c on c.oid = far.oid join schemas as a on a.oid = c.relnamespace
    ),
    'large_objects', (select count(*) from pg_largeobject_metadata)
)::text

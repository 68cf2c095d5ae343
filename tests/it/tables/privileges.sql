-- Rights that a role has and should not, or should have and has not; $1 is tables.json.
with tables as (
    select
        t ->> 'schema' as schema, t ->> 'write_access' as writing, format('%I.%I', t ->> 'schema', t ->> 'table') as name,
        t -> 'columns' as columns, t -> 'sensitive_columns' as sensitive, t -> 'trigger_columns' as by_trigger,
        coalesce(t -> 'restricted_columns', '[]') as restricted, coalesce(t -> 'protected_columns', '[]') as protected
    from jsonb_array_elements($1::jsonb -> 'tables') as t
),
callers as (
    select role, role <> 'service_role' as is_app
    from unnest(array[
        'anon', 'authenticated', 'service_role', 'vault_app', 'billy_app', 'renos_app', 'crm_app', 'flow_app'
    ]) as role
),
rights as (
    select
        t.*, c.value ->> 'name' as col, r.role, r.is_app, p as privilege,
        has_column_privilege(r.role, t.name, c.value ->> 'name', p) as has
    from tables as t
    cross join jsonb_array_elements(t.columns) as c
    cross join callers as r
    cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) as p
)
select format('%s may %s %s.%s: %s', role, privilege, name, col, why)
from rights
cross join lateral (values
    ('anon has nothing', role = 'anon'),
    ('sensitive', privilege = 'SELECT' and sensitive ? col),
    ('restricted', privilege = 'SELECT' and restricted ? col and role not in (schema || '_app', 'service_role')),
    ('protected', privilege in ('INSERT', 'UPDATE') and is_app and protected ? col),
    ('set by a trigger', privilege in ('INSERT', 'UPDATE') and is_app and by_trigger ? col),
    ('written by operations only', privilege in ('INSERT', 'UPDATE') and is_app and writing = 'operations-only'),
    ('append-only', privilege = 'UPDATE' and writing = 'append-only'),
    ('nobody refers to it', privilege = 'REFERENCES')
) as rule (why, is_broken)
where has and is_broken
union all
select format('%s may %s %s: %s', role, p, name, why)
from tables as t
cross join callers
cross join unnest(array['DELETE', 'TRUNCATE', 'TRIGGER']) as p
cross join lateral (values
    ('anon has nothing', role = 'anon'),
    ('nobody does', p <> 'DELETE'),
    ('retention deletes', is_app and writing <> 'plain')
) as rule (why, is_broken)
where is_broken and has_table_privilege(role, name, p)
union all
-- The other way round: the service role reads all but secrets and writes what is no trail; an application writes its own.
select format('%s may not %s %s.%s', role, privilege, name, col)
from rights
where not has and (
    role = 'service_role' and (
        privilege = 'SELECT' and not sensitive ? col
        or privilege = 'INSERT' and not exists (
            select from pg_attribute where attrelid = name::regclass and attname = col and attgenerated <> ''
        )
    )
    or role = schema || '_app' and privilege = 'INSERT' and writing <> 'operations-only'
        and not protected ? col and not by_trigger ? col
)

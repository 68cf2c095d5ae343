-- Settings of the roles that $1 may take, as far as $1 may set them: role, name, value; those of this database last.
with recursive takeable (oid) as (
    select oid from pg_catalog.pg_roles where rolname = $1
    union
    select m.roleid from pg_catalog.pg_auth_members m join takeable t on t.oid = m.member
),
settings as (
    select r.rolname::text as role, s.setdatabase, c.setting,
        split_part(c.setting, '=', 1) as name,
        substr(c.setting, strpos(c.setting, '=') + 1) as value
    from pg_catalog.pg_db_role_setting s
    join pg_catalog.pg_roles r on r.oid = s.setrole
    join takeable t on t.oid = r.oid
    cross join unnest(s.setconfig) as c (setting)
    where r.rolname <> $1
    and s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
)
select s.role, s.name, s.value
from settings s
join pg_catalog.pg_settings g on g.name = s.name
where g.context = 'user' or has_parameter_privilege($1, g.name, 'set')
order by s.role, s.setdatabase, s.name

//! Checks of the data against the rules that they are under: SQL alone.
//!
//! `$1` are the schemas looked at. A check gives rows of object, why and mend; one that needs names of the catalog in its
//! SQL gives, per object, a statement that gives those rows.

/// Every foreign key, also one that Postgres holds to be true: triggers may have been off while rows came in.
///
/// A key is of its table alone: tables that inherit from it or from what it refers to are not looked at. Partitions are.
///
/// What mends it is what the key does when the row that it refers to goes.
pub(super) const ORPHANS: &str = r#"
with key as (
    select c.conname, c.confdeltype, c.conrelid, c.confrelid,
        format('%I.%I', cn.nspname, cc.relname) as child, format('%I.%I', pn.nspname, pc.relname) as parent,
        format('%s%I.%I', case cc.relkind when 'p' then '' else 'only ' end, cn.nspname, cc.relname) as child_rows,
        format('%s%I.%I', case pc.relkind when 'p' then '' else 'only ' end, pn.nspname, pc.relname) as parent_rows,
        string_agg(format('child.%I is not null', ca.attname), ' and ' order by k.place) as is_set,
        string_agg(format('parent.%I = child.%I', pa.attname, ca.attname), ' and ' order by k.place) as is_same,
        string_agg(format('%I', ca.attname), ', ' order by k.place) as columns,
        string_agg(format('%I = null', ca.attname), ', ' order by k.place) as emptied
    from pg_catalog.pg_constraint c
    join pg_catalog.pg_class cc on cc.oid = c.conrelid
    join pg_catalog.pg_namespace cn on cn.oid = cc.relnamespace
    join pg_catalog.pg_class pc on pc.oid = c.confrelid
    join pg_catalog.pg_namespace pn on pn.oid = pc.relnamespace
    cross join lateral unnest(c.conkey, c.confkey) with ordinality as k (child, parent, place)
    join pg_catalog.pg_attribute ca on ca.attrelid = c.conrelid and ca.attnum = k.child
    join pg_catalog.pg_attribute pa on pa.attrelid = c.confrelid and pa.attnum = k.parent
    -- What a partitioned table's key makes of its partitions is no key of its own: one row is in one of them.
    where c.contype = 'f' and c.conparentid = 0 and cn.nspname = any ($1)
    group by c.oid, cn.nspname, cc.relname, cc.relkind, pn.nspname, pc.relname, pc.relkind
),
written as (
    select key.*, format('%s and not exists (select from %s as parent where %s)', is_set, parent_rows, is_same) as is_orphan
    from key
)
select format('%s (%s)', child, columns),
    format(
        'select count(*) || %L, %L::text from %s as child where %s having count(*) > 0',
        format(' rows refer by %s to rows of %s that are not there', conname, parent),
        case confdeltype
            when 'c' then format('delete from %s as child where %s', child_rows, is_orphan)
            when 'n' then format('update %s as child set %s where %s', child_rows, emptied, is_orphan)
        end,
        child_rows, is_orphan
    )
from written
order by 1"#;

/// Constraints that hold for new rows alone.
pub(super) const UNVALIDATED: &str = "
select format('%s %I', conrelid::regclass, conname),
    'the constraint was added NOT VALID: rows from before it may break it',
    format('alter table %s validate constraint %I', conrelid::regclass, conname)
from pg_catalog.pg_constraint
where not convalidated and contype in ('f', 'c')
    and connamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
order by 1";

/// Sequences of columns, serial or identity, against the columns.
pub(super) const SEQUENCES: &str = r#"
select format('%I.%I', n.nspname, s.relname),
    format(
        'select %L || last || %L || top || %L, %L || top || %L from (select max(%I)::bigint as top from %s) as column_of, '
        '(select case when is_called then last_value else last_value - 1 end as last from %s) as sequence_of '
        'where top > last',
        'it stands at ', format(' and %s.%I is at ', t.oid::regclass, a.attname),
        ' already: the next rows are refused as duplicates',
        format('select setval(%L, ', s.oid::regclass), ')',
        a.attname, t.oid::regclass, s.oid::regclass
    )
from pg_catalog.pg_class s
join pg_catalog.pg_namespace n on n.oid = s.relnamespace
join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_class'::regclass and d.objid = s.oid
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
join pg_catalog.pg_class t on t.oid = d.refobjid
join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
where s.relkind = 'S' and n.nspname = any ($1)
    and a.atttypid = any (array['smallint', 'integer', 'bigint']::regtype[])
    and (select seqincrement > 0 from pg_catalog.pg_sequence where seqrelid = s.oid)
order by 1"#;

/// Indexes that an interrupted CREATE INDEX CONCURRENTLY left, or whose check failed.
pub(super) const INVALID_INDEXES: &str = "
select i.indexrelid::regclass::text,
    format('the index of %s is invalid: no query uses it, every write pays for it, and a unique one guards nothing',
        i.indrelid::regclass),
    format('reindex index concurrently %s', i.indexrelid::regclass)
from pg_catalog.pg_index i
join pg_catalog.pg_class c on c.oid = i.indexrelid
where not (i.indisvalid and i.indisready) and c.relkind = 'i'
    and c.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
order by 1";

/// Triggers that are off, those of foreign keys too; and settings that put all of them off in each new session.
pub(super) const DISABLED_TRIGGERS: &str = "
select tgrelid::regclass::text,
    format('%s of its triggers are off (%s): what they guard or derive is not',
        count(*), string_agg(case when tgisinternal then 'a foreign key''s' else tgname end, ', ' order by tgname)),
    format('alter table %s enable trigger %s', tgrelid::regclass, case when bool_or(tgisinternal) then 'all' else 'user' end)
from pg_catalog.pg_trigger t
join pg_catalog.pg_class c on c.oid = t.tgrelid
where t.tgenabled in ('D', 'R') and c.relnamespace in (select oid from pg_catalog.pg_namespace where nspname = any ($1))
group by tgrelid
union all
select target, format('its sessions start with %s: no trigger and no foreign key holds in them', setting),
    format('alter %s reset session_replication_role', target)
from (
    select concat_ws(' in ',
            case when setrole = 0 then null else format('role %I', pg_get_userbyid(setrole)) end,
            case when setdatabase = 0 then null else format('database %I', current_database()) end) as target,
        setting
    from pg_catalog.pg_db_role_setting, unnest(setconfig) setting
    where setting = 'session_replication_role=replica'
        and setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
) configured
order by 1";

/// Documents whose vector is not that of their text.
pub(super) const STALE_EMBEDDINGS: &str = "
select format('vault.documents (%s, %s)', d.source, d.repository),
    format('%s documents have changed since their vector was made, %s have none: searches miss them until the index step '
        'has stored new ones', count(e.id), count(*) - count(e.id)),
    null
from vault.documents d
left join vault.embeddings e on e.document_id = d.id
where e.id is null or e.content_md5 is distinct from d.content_md5
group by d.source, d.repository
order by 1";

/// What is there of every table: its schema, its name, and a statement that counts its own rows, as a backup does.
pub(super) const COUNTS: &str = "
select n.nspname::text, c.relname::text, format('select count(*) from only %I.%I', n.nspname, c.relname)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p')";

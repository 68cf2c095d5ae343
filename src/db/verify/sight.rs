//! Whether the role sees every row that is looked at.
//!
//! In: a connection, and the schemas. Out: nothing, where the role sees all. Refuses a role that row security would hide rows
//! from: it would find nothing where something is, or take rows for missing that are there.

use sqlx::PgConnection;

use super::VerifyError;

/// The role, and whether it may be trusted with all rows: of forced row security, members of `tekup_owner` see them.
const SEES_ALL: &str = "select current_user::text, rolsuper or rolbypassrls or exists (
        select from pg_catalog.pg_roles o
        where o.rolname = 'tekup_owner' and pg_catalog.pg_has_role(r.oid, o.oid, 'usage'))
    from pg_catalog.pg_roles r where rolname = current_user";

/// Tables of the schemas `$1`, and those that their foreign keys refer to, whose policies leave rows out for the role: it takes
/// a permissive one of all rows, and no restrictive one that is not.
const HIDDEN: &str = "
with looked_at as (
    select c.oid
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname = any ($1)
    union
    select k.confrelid
    from pg_catalog.pg_constraint k
    join pg_catalog.pg_namespace n on n.oid = k.connamespace
    where k.contype = 'f' and n.nspname = any ($1)
),
rule as (
    select p.polrelid, p.polpermissive,
        coalesce(pg_catalog.pg_get_expr(p.polqual, p.polrelid) = 'true', false) as is_of_all
    from pg_catalog.pg_policy p
    where p.polcmd in ('r', '*') and exists (
        select from pg_catalog.unnest(p.polroles) role
        where role = 0 or pg_catalog.pg_has_role(current_user, role, 'usage'))
)
select format('%I.%I', n.nspname, c.relname)
from looked_at t
join pg_catalog.pg_class c on c.oid = t.oid
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where pg_catalog.row_security_active(c.oid) and (
    not exists (select from rule r where r.polrelid = c.oid and r.polpermissive and r.is_of_all)
    or exists (select from rule r where r.polrelid = c.oid and not r.polpermissive and not r.is_of_all)
)
order by 1";

/// Refuses a role that does not see every row.
pub(super) async fn demand(connection: &mut PgConnection, schemas: &[String]) -> Result<(), VerifyError> {
    let (role, sees_all): (String, bool) = sqlx::query_as(SEES_ALL).fetch_one(&mut *connection).await?;
    if !sees_all {
        return Err(VerifyError::Blind(role));
    }
    let hidden: Vec<String> = sqlx::query_scalar(HIDDEN).bind(schemas).fetch_all(connection).await?;
    if hidden.is_empty() { Ok(()) } else { Err(VerifyError::Hidden { role, tables: hidden.join(", ") }) }
}

//! The cluster's roles, against those that migrations make.
//!
//! In: a connection. Out: roles and memberships that are missing. Roles belong to no database: run in one that is made for the
//! comparison, the migrations would make them in earnest, also those that somebody has taken away on purpose.

use sqlx::PgConnection;

use super::{CHECK, Finding, Severity};

/// Roles that callers name.
const CALLERS: [&str; 8] =
    ["anon", "authenticated", "service_role", "vault_app", "billy_app", "renos_app", "crm_app", "flow_app"];

/// Roles that operations run as.
const OPERATORS: [&str; 6] =
    ["vault_operator", "billy_operator", "renos_operator", "crm_operator", "flow_operator", "shared_operator"];

/// `$1` are the roles that `authenticator` may take. The last is what whoever migrates is made a member of.
const MISSING: &str = "
select format('role %I', w.name), 'is missing',
    format('create role %I %s', w.name, case w.name when 'authenticator' then 'login noinherit' else 'nologin' end)
from unnest('{authenticator,tekup_owner}'::text[] || $1) with ordinality w (name, place)
where not exists (select from pg_catalog.pg_roles r where r.rolname = w.name)
union all
select format('membership of authenticator in %I', w.name), 'is missing: requests can''t run as it',
    format('grant %I to authenticator', w.name)
from unnest($1) w (name)
where not exists (
    select from pg_catalog.pg_auth_members m
    join pg_catalog.pg_roles r on r.oid = m.roleid
    join pg_catalog.pg_roles a on a.oid = m.member
    where r.rolname = w.name and a.rolname = 'authenticator')
union all
select format('membership of %I in tekup_owner', current_user), 'is missing: whoever migrates is a member',
    format('grant tekup_owner to %I', current_user)
from pg_catalog.pg_roles u
where u.rolname = current_user and not u.rolsuper and not exists (
    select from pg_catalog.pg_roles o
    where o.rolname = 'tekup_owner' and pg_catalog.pg_has_role(u.oid, o.oid, 'usage'))";

/// What is missing.
pub(super) async fn missing(connection: &mut PgConnection) -> Result<Vec<Finding>, sqlx::Error> {
    let taken = [&CALLERS[..], &OPERATORS[..]].concat();
    let rows: Vec<(String, String, String)> = sqlx::query_as(MISSING).bind(taken).fetch_all(connection).await?;
    let finding =
        |(object, why, mend)| Finding { severity: Severity::Error, check: CHECK, object, why, mend: Some(mend) };
    Ok(rows.into_iter().map(finding).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_make_these_roles_and_no_others() {
        let callers = include_str!("../../../../migrations/_roles/0001_roles.sql");
        let operators = include_str!("../../../../migrations/_roles/0004_operators.sql");
        let quoted = |names: &[&str]| names.iter().filter(|name| callers.contains(&format!("'{name}'"))).count();
        assert_eq!(quoted(&CALLERS) + quoted(&OPERATORS), CALLERS.len() + OPERATORS.len());
        assert!(OPERATORS.iter().all(|name| operators.contains(&format!("'{name}'"))));
        let ends = |text: &str, end: &str| text.matches(end).count();
        // Each caller that belongs to a schema is made, and granted.
        assert_eq!(ends(callers, "_app'"), 2 * CALLERS.iter().filter(|name| name.ends_with("_app")).count());
        assert_eq!((ends(callers, "_operator'"), ends(operators, "_operator'")), (OPERATORS.len(), OPERATORS.len()));
    }
}

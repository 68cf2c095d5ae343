//! The self-test at start: proof that a change of role restricts.
//!
//! In: the data plane's own login. Out: the login role's name. Refuses a login that row security does not bind, a role
//! for anonymous callers that can't be taken, and a switch after which more is allowed than the role may do. A service
//! that can't prove this doesn't start.

use tokio_postgres::{Client, Error, error::SqlState};

use super::{Database, DbError};
use crate::name::RoleName;

/// Why requests can't be run safely with this login.
#[derive(Debug, thiserror::Error)]
pub enum UnsafeLogin {
    /// It could not be tried.
    #[error("the database can't be asked: {}", .0.reason())]
    Database(#[from] DbError),
    /// Row security does not bind it, and a request that did not change its role could do anything.
    #[error(
        "the login role {role:?} {right}: log in as a role without rights of its own, such as `authenticator` \
         (tekup-db migrate creates it; set AUTHENTICATOR_PASSWORD to use it)"
    )]
    TooPowerful {
        /// The login role.
        role: String,
        /// What it is.
        right: &'static str,
    },
    /// Anonymous callers have no role.
    #[error("DB_ANON_ROLE: there is no role {0:?}: create it, name another, or leave DB_ANON_ROLE empty")]
    NoAnonymousRole(RoleName),
    /// The login role may take no role at all.
    #[error("the login role {0:?} may take no other role: GRANT it those that tokens will name")]
    NoRoles(String),
    /// The login role may not take that role.
    #[error("the login role {login:?} may not take the role {role:?}: GRANT {role} TO {login}")]
    NotGranted {
        /// The login role.
        login: String,
        /// The role.
        role: String,
    },
    /// After the switch, the role could still do what it may not.
    #[error(
        "as the role {0:?}, pg_authid can be read: either the role is all too powerful, or changing roles has no effect"
    )]
    Unrestricted(String),
}

/// The role that the data plane logs in as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRole {
    /// Its name.
    pub name: RoleName,
    /// The `TimeZone` that its sessions start with. The control plane can't tell: its driver asks for UTC.
    pub time_zone: String,
}

const LOGIN: &str = "SELECT rolname::text, rolsuper, rolbypassrls, current_setting('TimeZone') \
    FROM pg_catalog.pg_roles WHERE rolname = current_user";
const EXISTS: &str = "SELECT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::text)";
const ANY_ROLE: &str = "SELECT rolname::text FROM pg_catalog.pg_roles \
    WHERE rolname <> current_user AND NOT rolsuper AND pg_has_role(current_user, oid, 'MEMBER') \
    ORDER BY rolname LIMIT 1";

impl Database {
    /// Proves that requests run with the rights of their role and no more, and gives the login.
    ///
    /// # Errors
    /// [`UnsafeLogin`].
    pub async fn verify(&self, anon_role: Option<&RoleName>) -> Result<LoginRole, UnsafeLogin> {
        let mut lease = self.pool().lease(&RoleName::from("")).await?;
        let verified = lease
            .drive(async |client, _| {
                let verified = login(client, anon_role).await;
                (verified, client.batch_execute("ROLLBACK").await)
            })
            .await;
        if verified.1.is_ok() {
            lease.clean();
        }
        verified.0
    }
}

async fn login(client: &Client, anon_role: Option<&RoleName>) -> Result<LoginRole, UnsafeLogin> {
    client.batch_execute("BEGIN READ ONLY").await?;
    let row = client.query_one(LOGIN, &[]).await?;
    let login: String = row.get(0);
    let right = match (row.get(1), row.get(2)) {
        (true, _) => Some("is a superuser"),
        (false, true) => Some("has BYPASSRLS"),
        (false, false) => None,
    };
    if let Some(right) = right {
        return Err(UnsafeLogin::TooPowerful { role: login, right });
    }
    let role = match anon_role {
        Some(role) if !exists(client, role).await? => return Err(UnsafeLogin::NoAnonymousRole(role.clone())),
        Some(role) => role.to_string(),
        None => match client.query_opt(ANY_ROLE, &[]).await? {
            Some(row) => row.get(0),
            None => return Err(UnsafeLogin::NoRoles(login)),
        },
    };
    restricts(client, &login, role).await?;
    Ok(LoginRole { name: login.into(), time_zone: row.get(3) })
}

async fn exists(client: &Client, role: &RoleName) -> Result<bool, Error> {
    Ok(client.query_one(EXISTS, &[&role.as_str()]).await?.get(0))
}

/// As that role, what it may not do is refused.
async fn restricts(client: &Client, login: &str, role: String) -> Result<(), UnsafeLogin> {
    let take = client.query_one("SELECT set_config('role', $1, true)", &[&role]).await;
    if take.as_ref().is_err_and(|error| error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE)) {
        return Err(UnsafeLogin::NotGranted { login: login.to_owned(), role });
    }
    take?;
    let is_taken: bool = client.query_one("SELECT current_user = $1::text", &[&role]).await?.get(0);
    match client.query("SELECT FROM pg_catalog.pg_authid LIMIT 1", &[]).await {
        Err(error) if error.code() == Some(&SqlState::INSUFFICIENT_PRIVILEGE) && is_taken => Ok(()),
        Err(error) if is_taken => Err(error.into()),
        _ => Err(UnsafeLogin::Unrestricted(role)),
    }
}

impl From<Error> for UnsafeLogin {
    fn from(error: Error) -> Self {
        Self::Database(error.into())
    }
}

//! Settings that the database holds for the service: PostgREST's in-database configuration.

use std::fmt;

use super::{FunctionName, Secret};
use crate::name::RoleName;

/// What the names of such settings begin with.
pub(super) const PREFIX: &str = "pgrst.";

/// A setting `pgrst.*` that was found in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSetting {
    /// Its whole name, such as `pgrst.db_schemas`.
    pub name: String,
    /// Its value: any of them may be a secret.
    pub value: Secret,
    /// Who set it.
    pub origin: Origin,
}

/// Where a setting was found, what comes later winning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A function set it with `set_config`: `DB_PRE_CONFIG`.
    Function(FunctionName),
    /// `ALTER ROLE … SET`
    Role(RoleName),
    /// `ALTER ROLE … IN DATABASE … SET`
    RoleInDatabase(RoleName),
}

impl fmt::Display for DatabaseSetting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.name)?;
        match &self.origin {
            Origin::Function(function) => write!(f, "of the function {function}"),
            Origin::Role(role) => write!(f, "of the role {role}"),
            Origin::RoleInDatabase(role) => write!(f, "of the role {role} in this database"),
        }
    }
}

/// Whether the database is asked for settings, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InDatabaseConfig {
    /// `DB_CONFIG` (default off; on with `PGRST_*` variables).
    pub is_read: bool,
    /// `DB_PRE_CONFIG`: a function that sets some when it is called.
    pub function: Option<FunctionName>,
}

//! Who may do what, computed from the grants that the database reports.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;

use crate::name::RoleName;

/// A right on a schema, relation, column or routine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "named as in SQL")]
pub enum Privilege {
    Select,
    Insert,
    Update,
    Delete,
    Execute,
    Usage,
}

/// One entry of an access control list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Grant {
    /// To whom; `None` is PUBLIC.
    pub grantee: Option<RoleName>,
    /// What.
    pub privilege: Privilege,
}

/// Owner and grants of an object.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Acl {
    /// The owner, who may do everything.
    pub owner: RoleName,
    /// Grants on the whole object.
    #[serde(default)]
    pub grants: Vec<Grant>,
}

/// Roles, with the roles whose rights each one has without switching (memberships that inherit, itself included).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles {
    /// By role: itself and all it inherits from.
    pub inherits: HashMap<RoleName, HashSet<RoleName>>,
    /// Superusers.
    pub superusers: HashSet<RoleName>,
}

impl Roles {
    /// Whether a role may do something to a whole object.
    pub fn may(&self, role: &RoleName, privilege: Privilege, acl: &Acl) -> bool {
        self.superusers.contains(role)
            || self.has(role, acl.owner.as_str())
            || acl.grants.iter().any(|grant| self.covers(role, privilege, grant))
            || predefined(privilege).is_some_and(|all| self.has(role, all))
    }

    /// Whether a role may do something to a column: by a grant on the relation or on the column.
    pub fn may_on_column(&self, role: &RoleName, privilege: Privilege, acl: &Acl, column: &[Grant]) -> bool {
        self.may(role, privilege, acl) || column.iter().any(|grant| self.covers(role, privilege, grant))
    }

    fn covers(&self, role: &RoleName, privilege: Privilege, grant: &Grant) -> bool {
        grant.privilege == privilege && grant.grantee.as_ref().is_none_or(|grantee| self.has(role, grantee.as_str()))
    }

    fn has(&self, role: &RoleName, other: &str) -> bool {
        role == other || self.inherits.get(role).is_some_and(|all| all.contains(other))
    }
}

/// The role of Postgres' own that has a right on everything.
fn predefined(privilege: Privilege) -> Option<&'static str> {
    match privilege {
        Privilege::Select | Privilege::Usage => Some("pg_read_all_data"),
        Privilege::Insert | Privilege::Update | Privilege::Delete => Some("pg_write_all_data"),
        Privilege::Execute => None,
    }
}

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
    /// The rights of a role: to be asked for once where many columns are looked at.
    pub fn of<'r>(&'r self, role: &'r RoleName) -> Rights<'r> {
        let inherited = self.inherits.get(role).into_iter().flatten();
        Rights { is_superuser: self.superusers.contains(role), names: std::iter::once(role).chain(inherited).collect() }
    }

    /// Whether a role may do something to a whole object.
    pub fn may(&self, role: &RoleName, privilege: Privilege, acl: &Acl) -> bool {
        self.of(role).may(privilege, acl)
    }

    /// Whether a role may do something to a column: by a grant on the relation or on the column.
    pub fn may_on_column(&self, role: &RoleName, privilege: Privilege, acl: &Acl, column: &[Grant]) -> bool {
        let rights = self.of(role);
        rights.may(privilege, acl) || rights.covered(privilege, column)
    }
}

/// What a role may do.
#[derive(Debug)]
pub struct Rights<'r> {
    is_superuser: bool,
    /// The role and those whose rights it has.
    names: Vec<&'r RoleName>,
}

impl Rights<'_> {
    /// Whether it may do something to a whole object.
    pub fn may(&self, privilege: Privilege, acl: &Acl) -> bool {
        self.is_superuser
            || self.has(acl.owner.as_str())
            || self.covered(privilege, &acl.grants)
            || predefined(privilege).is_some_and(|all| self.has(all))
    }

    /// Whether one of the grants is to it.
    pub fn covered(&self, privilege: Privilege, grants: &[Grant]) -> bool {
        let is_ours = |grant: &Grant| grant.grantee.as_ref().is_none_or(|grantee| self.has(grantee.as_str()));
        grants.iter().any(|grant| grant.privilege == privilege && is_ours(grant))
    }

    fn has(&self, other: &str) -> bool {
        self.names.iter().any(|name| **name == *other)
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

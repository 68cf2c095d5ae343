//! Settings of one transaction.
//!
//! In: an identity, a role's own settings, a request's. Out: one statement that makes them local to the transaction.
//! The role comes last: what is set before it needs the login role's rights, not the caller's
//! (PostgREST/postgrest#3045). A later setting replaces an earlier one of the same name.

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use super::Isolation;
use crate::{auth::Identity, name::RoleName};

/// A function takes 100 arguments at most.
const PER_CALL: usize = 48;

/// What `ALTER ROLE … SET` says of the roles that requests may run as.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoleSettings(HashMap<RoleName, OfRole>);

/// Settings of one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OfRole {
    /// `default_transaction_isolation`, which can't be set inside a transaction.
    pub(super) isolation: Option<Isolation>,
    settings: Vec<(String, String)>,
}

impl OfRole {
    /// Whether it names a time zone.
    pub(super) fn sets_time_zone(&self) -> bool {
        self.settings.iter().any(|(name, _)| name.eq_ignore_ascii_case("timezone"))
    }
}

impl RoleSettings {
    /// Adds a setting of a role.
    pub fn add(&mut self, role: impl Into<RoleName>, name: impl Into<String>, value: impl Into<String>) {
        let (name, value) = (name.into(), value.into());
        let of_role = self.0.entry(role.into()).or_default();
        match name.as_str() {
            "default_transaction_isolation" => of_role.isolation = Isolation::parse(&value),
            _ => of_role.settings.push((name, value)),
        }
    }

    pub(super) fn of(&self, role: &RoleName) -> Option<&OfRole> {
        self.0.get(role)
    }
}

/// Settings of one transaction: names and values by turns, and the statement that takes them.
#[derive(Debug)]
pub(super) struct Settings<'t> {
    values: Vec<&'t str>,
    text: Arc<str>,
}

impl<'t> Settings<'t> {
    /// Of a transaction that runs as `role`, which need not be the caller's.
    pub(super) fn new(
        identity: &'t Identity,
        role: &'t RoleName,
        of_role: Option<&'t OfRole>,
        of_request: &'t [(String, String)],
    ) -> Self {
        let of_identity = [
            ("request.jwt.claims", &*identity.claims),
            ("app.current_org_id", &*identity.organisation),
            ("app.current_user_id", &*identity.person),
            ("app.current_role", identity.role.as_str()),
        ];
        let of_role = of_role.into_iter().flat_map(|of_role| &of_role.settings);
        let others = of_role.chain(of_request).map(|(name, value)| (name.as_str(), value.as_str()));
        let pairs = of_identity.into_iter().chain(others).chain([("role", role.as_str())]);
        let values: Vec<_> = pairs.flat_map(|(name, value)| [name, value]).collect();
        let text = text(values.len() / 2);
        Self { values, text }
    }

    pub(super) fn text(&self) -> &Arc<str> {
        &self.text
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &'t str> {
        self.values.iter().copied()
    }
}

/// `num_nulls` evaluates its arguments in order and answers with a number: the values, headers among them, don't
/// travel back.
fn text(settings: usize) -> Arc<str> {
    let mut text = String::with_capacity(32 * settings);
    text.push_str("SELECT ");
    for index in 0..settings {
        text.push_str(match index {
            0 => "num_nulls(",
            _ if index % PER_CALL == 0 => "), num_nulls(",
            _ => ", ",
        });
        let _ = write!(text, "set_config(${}, ${}, true)", 2 * index + 1, 2 * index + 2);
    }
    text.push(')');
    text.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_come_in_order_and_the_role_last() {
        let identity = Identity {
            role: "authenticated".into(),
            claims: "{}".into(),
            organisation: "org".into(),
            person: "me".into(),
            authenticated: true,
        };
        let mut roles = RoleSettings::default();
        roles.add("authenticated", "statement_timeout", "5s");
        roles.add("authenticated", "default_transaction_isolation", "serializable");
        let of_role = roles.of(&identity.role);
        let of_request = [("request.method".to_owned(), "GET".to_owned())];
        let settings = Settings::new(&identity, &identity.role, of_role, &of_request);
        let values: Vec<_> = settings.values().collect();
        assert_eq!(
            values[..8].iter().step_by(2).copied().collect::<Vec<_>>(),
            ["request.jwt.claims", "app.current_org_id", "app.current_user_id", "app.current_role",]
        );
        assert_eq!(values[8..], ["statement_timeout", "5s", "request.method", "GET", "role", "authenticated"]);
        assert_eq!(of_role.and_then(|of_role| of_role.isolation), Some(Isolation::Serializable));
    }

    #[test]
    fn many_settings_are_several_calls() {
        assert_eq!(&*text(1), "SELECT num_nulls(set_config($1, $2, true))");
        assert_eq!(text(100).matches("num_nulls(").count(), 3);
        assert!(text(100).ends_with("set_config($199, $200, true))"));
    }
}

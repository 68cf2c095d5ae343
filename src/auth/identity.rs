//! Who a request is.

use std::sync::Arc;

use crate::name::RoleName;

/// A caller: the role to run as and the claims that row security reads. Only the `auth` module makes one from a
/// token; anonymous callers have the claims `{"role":"anon"}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The Postgres role the request runs as.
    pub role: RoleName,
    /// The token's claims as JSON text, with `role` set to the role taken: the setting `request.jwt.claims`.
    pub claims: Arc<str>,
    /// The organisation (`org_id`, else `organization_id`, else `tenant_id`): `app.current_org_id`; empty where absent.
    pub organisation: Arc<str>,
    /// The person (`sub`): `app.current_user_id`; empty where absent.
    pub person: Arc<str>,
    /// A token was presented and verified.
    pub authenticated: bool,
}

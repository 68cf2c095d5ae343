//! A77: sign-in sessions across applications. Their tokens are shown once, and only hashes of them are stored.

mod open;
mod revoke;
mod validate;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::super::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<open::OpenSession>(),
        described::<validate::ValidateSession>(),
        described::<revoke::RevokeSession>(),
        described::<revoke::RevokeSessions>(),
    ]
}

/// A session, but for its token.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Session {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    user_id: String,
    /// Application that was signed in to.
    app: String,
    ip_address: Option<String>,
    user_agent: Option<String>,
    #[schema(value_type = Object)]
    metadata: Value,
    #[schema(format = "date-time")]
    last_seen_at: String,
    #[schema(format = "date-time")]
    expires_at: String,
    /// When it was ended early.
    #[schema(format = "date-time")]
    revoked_at: Option<String>,
    #[schema(format = "date-time")]
    created_at: String,
}

/// The same in SQL, of the row `s`.
macro_rules! session {
    () => {
        "json_build_object(
            'id', s.id, 'user_id', s.user_id, 'app', s.app, 'ip_address', s.ip_address, 'user_agent', s.user_agent,
            'metadata', s.metadata, 'last_seen_at', s.last_seen_at, 'expires_at', s.expires_at,
            'revoked_at', s.revoked_at, 'created_at', s.created_at)"
    };
}
use session;

//! Claims to a token, signed with the shared secret: for the command line and for tests of a deployment.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Map, Value};

use super::{
    keys::{self, KeyError},
    role_path::RolePath,
};
use crate::config::AuthConfig;

/// Why no token can be made.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// There is nothing to sign with.
    #[error("no shared secret is configured: set JWT_SECRET")]
    NoSecret,
    /// The secret is not one that would be accepted.
    #[error("JWT_SECRET {0}")]
    Secret(#[from] KeyError),
    /// The secret is a key set, whose keys verify and may not sign.
    #[error("JWT_SECRET holds a JSON Web Key (set), which does not sign: mint where the private key is")]
    KeySet,
    /// The configured path does not find the role in these claims.
    #[error("the role {role:?} would not be found: JWT_ROLE_CLAIM is {path:?}, so give it as another claim")]
    RoleNotFound {
        /// The role.
        role: String,
        /// The path.
        path: String,
    },
    /// The library refused.
    #[error("the token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
}

/// What a token says, besides when it was issued.
#[derive(Clone, Debug, Default)]
pub struct Grant<'g> {
    /// `role`
    pub role: &'g str,
    /// `org_id`
    pub organisation: Option<&'g str>,
    /// `sub`
    pub person: Option<&'g str>,
    /// Seconds until it expires; without, it never does.
    pub lifetime: Option<u64>,
    /// Other claims, which win over these.
    pub claims: Map<String, Value>,
}

/// Makes a token for `grant`, issued `now` (seconds since 1970), signed with HS256; `aud` is the configured one.
///
/// # Errors
/// Where the configuration holds no shared secret that a verifier of ours would accept, or the token would not give
/// the role.
pub fn mint(config: &AuthConfig, grant: Grant<'_>, now: u64) -> Result<String, MintError> {
    let secret = config.secret_bytes().ok_or(MintError::NoSecret)?;
    if keys::is_document(&secret) {
        return Err(MintError::KeySet);
    }
    keys::from_secret(&secret)?;
    let mut claims = Map::new();
    claims.insert("role".to_owned(), grant.role.into());
    let texts = [("org_id", grant.organisation), ("sub", grant.person), ("aud", config.audience.as_deref())];
    claims.extend(texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.into()))));
    claims.insert("iat".to_owned(), now.into());
    if let Some(lifetime) = grant.lifetime {
        claims.insert("exp".to_owned(), now.saturating_add(lifetime).into());
    }
    claims.extend(grant.claims);
    let claims = Value::Object(claims);
    let found = RolePath::parse(&config.role_claim).ok().and_then(|path| path.find(&claims));
    if found.as_deref() != Some(grant.role) {
        return Err(MintError::RoleNotFound { role: grant.role.to_owned(), path: config.role_claim.clone() });
    }
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&secret))
        .map_err(MintError::Signing)
}

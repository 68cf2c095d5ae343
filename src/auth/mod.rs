//! A header to an identity.
//!
//! In: the `Authorization` header's bytes. Out: an [`Identity`], or an [`AuthError`]. Refuses everything that is not
//! a token verified by one of our keys; only the absence of the header is an anonymous caller.
//!
//! The HTTP layer refuses several `Authorization` headers before it asks here. `apikey`, which Supabase's clients
//! send beside `Authorization`, is not read.

mod cache;
mod claims;
pub mod identity;
mod jwk;
mod keyring;
mod keys;
mod mint;
mod refusal;
mod role_path;
#[cfg(test)]
mod tests;
mod token;

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use self::{
    cache::{TokenCache, Verified},
    claims::Claims,
    keyring::Keyring,
    role_path::RolePath,
    token::Token,
};
pub use self::{
    identity::Identity,
    keys::KeyError,
    mint::{Grant, MintError, mint},
    refusal::AuthError,
};
use crate::{config::AuthConfig, name::RoleName};

/// Claims that name the organisation, the first that is text.
const ORGANISATION: [&str; 3] = ["org_id", "organization_id", "tenant_id"];

/// Why nobody could be authenticated with this configuration.
#[derive(Debug, thiserror::Error)]
pub enum AuthConfigError {
    /// `JWT_SECRET_IS_BASE64` is on and it is not.
    #[error("JWT_SECRET is no base64")]
    SecretNotBase64,
    /// The secret is none.
    #[error("JWT_SECRET {0}")]
    Secret(#[source] KeyError),
    /// The key set can't be read.
    #[error("JWKS_FILE {0:?} can't be read: {1}")]
    FileUnreadable(PathBuf, #[source] std::io::Error),
    /// The key set is none.
    #[error("JWKS_FILE {0:?} {1}")]
    File(PathBuf, #[source] KeyError),
    /// The path to the role is none.
    #[error("JWT_ROLE_CLAIM {path:?} is no JSON path: position {position}, {fault}")]
    RoleClaim {
        /// The path.
        path: String,
        /// Where it fails, in bytes from 1.
        position: usize,
        /// What is wrong there.
        fault: String,
    },
}

/// Seconds since 1970.
pub type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// The machine's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()))
}

/// Turns headers into identities.
pub struct Authenticator {
    keyring: Arc<Keyring>,
    cache: TokenCache,
    role_path: RolePath,
    audience: Option<String>,
    anonymous: Option<Arc<Identity>>,
    /// Roles that no token may take.
    forbidden: Vec<RoleName>,
    clock: Clock,
}

impl fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authenticator").finish_non_exhaustive()
    }
}

impl Authenticator {
    /// Reads the keys that the configuration holds; those of `JWKS_URL` are fetched when first needed, or by
    /// [`Authenticator::refresh_keys`].
    ///
    /// # Errors
    /// A secret, file or path that is not what it should be.
    pub fn new(config: &AuthConfig) -> Result<Self, AuthConfigError> {
        Self::with_clock(config, system_clock())
    }

    /// The same with another clock, for tests.
    ///
    /// # Errors
    /// Those of [`Authenticator::new`].
    pub fn with_clock(config: &AuthConfig, clock: Clock) -> Result<Self, AuthConfigError> {
        let role_path = RolePath::parse(&config.role_claim).map_err(|(position, fault)| {
            AuthConfigError::RoleClaim { path: config.role_claim.clone(), position, fault }
        })?;
        Ok(Self {
            keyring: Arc::new(Keyring::new(config)?),
            cache: TokenCache::new(config.cache_size),
            role_path,
            audience: config.audience.clone(),
            anonymous: config.anon_role.clone().map(|role| Arc::new(anonymous(role))),
            // "none" is what SET ROLE calls the login role (https://www.postgresql.org/docs/16/sql-set-role.html).
            forbidden: vec!["authenticator".into(), "none".into(), "".into()],
            clock,
        })
    }

    /// Names the role that the service logs in as, which no token may take: it owns the switch to all others.
    #[must_use]
    pub fn with_login_role(mut self, role: RoleName) -> Self {
        self.forbidden.push(role);
        self
    }

    /// Names roles that the service takes itself, and no token may.
    #[must_use]
    pub fn with_reserved_roles(mut self, roles: impl IntoIterator<Item = RoleName>) -> Self {
        self.forbidden.extend(roles);
        self
    }

    /// Fetches `JWKS_URL`'s keys, unless that was done in the last minute: to be called at start, and now and then,
    /// so that withdrawn keys go out of use. A failure is logged and leaves the keys that there are.
    pub async fn refresh_keys(&self) {
        self.keyring.refresh((self.clock)()).await;
    }

    /// Says who sent a request with this `Authorization` header. A token that was verified before costs no
    /// verification and no waiting.
    ///
    /// # Errors
    /// A refusal; a header that is there never makes an anonymous caller by being wrong.
    pub async fn identify(&self, authorization: Option<&[u8]>) -> Result<Arc<Identity>, AuthError> {
        let Some(header) = authorization else {
            return self.anonymous.clone().ok_or(AuthError::TokenRequired);
        };
        let token = token::bearer(header)?;
        let now = (self.clock)();
        let verified = match self.cache.get(token, self.keyring.generation()) {
            Some(verified) if verified.over(now) => return Err(AuthError::Expired),
            Some(verified) => verified,
            None => self.verify(token, now).await?,
        };
        Ok(verified.identity)
    }

    async fn verify(&self, text: &[u8], now: u64) -> Result<Verified, AuthError> {
        if self.keyring.is_empty() {
            return Err(AuthError::NoKeys);
        }
        let token = Token::parse(text)?;
        let generation = self.keyring.verify(&token, now).await?;
        let claims = Claims::parse(&token.claims)?;
        claims.check(now, self.audience.as_deref())?;
        let identity = Arc::new(self.identity(&claims)?);
        let verified = Verified { identity, expires: claims.expires()?, generation };
        self.cache.put(text, verified.clone());
        Ok(verified)
    }

    /// The identity that checked claims give. A token without a role is an anonymous caller with claims, as in
    /// PostgREST.
    fn identity(&self, claims: &Claims<'_>) -> Result<Identity, AuthError> {
        let role = match self.role_path.find(claims.values()) {
            Some(role) => RoleName::from(role),
            None => self.anonymous.as_ref().ok_or(AuthError::TokenRequired)?.role.clone(),
        };
        let organisation = ORGANISATION.iter().find_map(|name| claims.text(name)).unwrap_or_default();
        let person = claims.text("sub").unwrap_or_default();
        if self.forbidden.contains(&role) {
            return Err(AuthError::ForbiddenRole(role));
        }
        if [role.as_str(), organisation, person].iter().any(|text| text.contains('\0')) {
            return Err(AuthError::ClaimsUnreadable(Some("a name holds the character U+0000".to_owned())));
        }
        let claims = claims.with_role(role.as_str()).into();
        Ok(Identity { role, claims, organisation: organisation.into(), person: person.into(), authenticated: true })
    }
}

fn anonymous(role: RoleName) -> Identity {
    let claims = serde_json::json!({ "role": role }).to_string().into();
    Identity { role, claims, organisation: "".into(), person: "".into(), authenticated: false }
}

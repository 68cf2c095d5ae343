//! Tokens as callers bring them, keys as operators have them.

mod algorithms;
mod cached;
mod keys;
mod published;
mod refusals;
mod roles;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::Value;

use super::{AuthConfigError, AuthError, Authenticator, Identity};
use crate::config::{AuthConfig, Secret};

pub(super) const SECRET: &str = "a shared secret of the tests, long enough";
pub(super) const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keys/");
/// The time at which tests begin.
pub(super) const NOW: u64 = 1_800_000_000;

/// A configuration with the shared secret.
pub(super) fn config() -> AuthConfig {
    AuthConfig {
        secret: Some(Secret::new(SECRET)),
        secret_is_base64: false,
        jwks_file: None,
        jwks_url: None,
        audience: None,
        role_claim: "$.role".to_owned(),
        anon_role: Some("anon".into()),
        cache_size: 100,
    }
}

/// An authenticator whose clock the test moves.
pub(super) struct Service {
    pub auth: Authenticator,
    pub now: Arc<AtomicU64>,
}

impl Service {
    pub(super) fn new(config: &AuthConfig) -> Self {
        Self::try_new(config).unwrap()
    }

    pub(super) fn try_new(config: &AuthConfig) -> Result<Self, AuthConfigError> {
        let now = Arc::new(AtomicU64::new(NOW));
        let clock = Arc::clone(&now);
        let auth = Authenticator::with_clock(config, Arc::new(move || clock.load(Ordering::SeqCst)))?;
        Ok(Self { auth, now })
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Calls with a token after `Bearer`.
    pub(super) async fn call(&self, token: &str) -> Result<Arc<Identity>, AuthError> {
        self.auth.identify(Some(format!("Bearer {token}").as_bytes())).await
    }
}

/// A token with these claims, signed with the shared secret.
pub(super) fn token(claims: &str) -> String {
    signed(r#"{"alg":"HS256","typ":"JWT"}"#, claims.as_bytes(), SECRET.as_bytes())
}

/// A token with this header and these claims, byte by byte, signed with HS256 whatever the header says.
pub(super) fn signed(header: &str, claims: &[u8], secret: &[u8]) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

/// A test key's file.
pub(super) fn fixture(file: &str) -> Vec<u8> {
    std::fs::read(format!("{KEYS}{file}")).unwrap()
}

/// A token for `role`, signed with a private test key.
pub(super) fn signed_with(file: &str, algorithm: Algorithm, key_id: Option<&str>, role: &str) -> String {
    let pem = fixture(file);
    let key = match algorithm {
        Algorithm::ES256 | Algorithm::ES384 => EncodingKey::from_ec_pem(&pem),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(&pem),
        _ => EncodingKey::from_rsa_pem(&pem),
    };
    let header = Header { kid: key_id.map(str::to_owned), ..Header::new(algorithm) };
    jsonwebtoken::encode(&header, &serde_json::json!({ "role": role }), &key.unwrap()).unwrap()
}

/// The shared secret's token for `role` and one more claim.
pub(super) fn with_claim(name: &str, value: Value) -> String {
    token(&serde_json::json!({ "role": "crm_app", name: value }).to_string())
}

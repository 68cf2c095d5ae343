//! The keys in force: those that the configuration holds, and those that a URL publishes.
//!
//! The published ones are fetched when a token names a key that we don't know, never more than once a minute and
//! never twice at a time; the old ones serve meanwhile and are kept when a fetch fails.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    task,
};

use super::{
    AuthConfigError, AuthError,
    keys::{self, Key, Origin},
    token::Token,
};
use crate::config::AuthConfig;

/// Seconds between two fetches.
const PAUSE: u64 = 60;
/// Seconds until the next try while nothing could be fetched yet.
const PAUSE_WITHOUT_KEYS: u64 = 5;
/// A fetch that takes longer has failed.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// A larger document is none that we want.
const LARGEST_DOCUMENT: u64 = 1_000_000;

/// Keys as of one moment.
#[derive(Debug, Default)]
pub(super) struct KeySet {
    /// Grows with every change: what an older set verified must be verified again.
    pub generation: u64,
    /// The configured keys, then the published ones.
    pub keys: Vec<Key>,
    /// The published document, once there is one.
    document: Option<String>,
}

/// Where the keys are, and who fetches them.
#[derive(Debug)]
pub(super) struct Keyring {
    configured: Vec<Key>,
    url: Option<String>,
    current: ArcSwap<KeySet>,
    /// When the last fetch began; held while one runs.
    fetched_at: Arc<Mutex<Option<u64>>>,
}

impl Keyring {
    /// Reads the secret and the file; the URL is fetched when first needed.
    pub(super) fn new(config: &AuthConfig) -> Result<Self, AuthConfigError> {
        let mut configured = Vec::new();
        if config.secret.is_some() {
            let secret = config.secret_bytes().ok_or(AuthConfigError::SecretNotBase64)?;
            configured.extend(keys::from_secret(&secret).map_err(AuthConfigError::Secret)?);
        }
        if let Some(path) = &config.jwks_file {
            let text = std::fs::read(path).map_err(|error| AuthConfigError::FileUnreadable(path.clone(), error))?;
            let set = keys::from_set(&text, Origin::Operator);
            configured.extend(set.map_err(|error| AuthConfigError::File(path.clone(), error))?);
        }
        let current = KeySet { keys: configured.clone(), ..KeySet::default() };
        let url = config.jwks_url.clone();
        Ok(Self { configured, url, current: ArcSwap::from_pointee(current), fetched_at: Arc::default() })
    }

    /// No key can ever be had.
    pub(super) fn is_empty(&self) -> bool {
        self.configured.is_empty() && self.url.is_none()
    }

    /// The generation of the keys in force.
    pub(super) fn generation(&self) -> u64 {
        self.current.load().generation
    }

    /// Verifies a token's signature and gives the generation of the keys that did. Only a token that none of the
    /// known keys verifies may have to wait for a fetch.
    ///
    /// # Errors
    /// The refusal of [`keys::verify`]; `KeysUnavailable` where the published keys were never had.
    pub(super) async fn verify(self: &Arc<Self>, token: &Token<'_>, now: u64) -> Result<u64, AuthError> {
        let set = self.current.load_full();
        let id = token.key_id.as_deref();
        match keys::verify(token, &set.keys) {
            Ok(()) => return Ok(set.generation),
            Err(error) if self.url.is_none() || set.knows(id) => return Err(error),
            Err(_) => self.fetch_unless(now, |set| set.knows(id)).await,
        }
        let set = self.current.load_full();
        match keys::verify(token, &set.keys) {
            Err(_) if set.document.is_none() => Err(AuthError::KeysUnavailable),
            verified => verified.map(|()| set.generation),
        }
    }

    /// Fetches the published keys if the last fetch is long enough ago: at start, and from time to time, so that a
    /// withdrawn key goes out of use.
    pub(super) async fn refresh(self: &Arc<Self>, now: u64) {
        self.fetch_unless(now, |_| false).await;
    }

    async fn fetch_unless(self: &Arc<Self>, now: u64, enough: impl FnOnce(&KeySet) -> bool) {
        let Some(url) = self.url.clone() else { return };
        let mut fetched_at = Arc::clone(&self.fetched_at).lock_owned().await;
        let set = self.current.load();
        let pause = if set.document.is_some() { PAUSE } else { PAUSE_WITHOUT_KEYS };
        if enough(&set) || fetched_at.is_some_and(|then| now.abs_diff(then) < pause) {
            return;
        }
        *fetched_at = Some(now);
        // A task of its own: a caller that hangs up must not end the fetch that others wait for.
        let keyring = Arc::clone(self);
        let fetch = tokio::spawn(async move { keyring.fetch(url, fetched_at).await });
        if let Err(error) = fetch.await {
            tracing::error!(%error, "the fetch of the key set ended");
        }
    }

    /// Fetches and puts the keys in force. The guard keeps others waiting until it is done.
    async fn fetch(&self, url: String, _guard: OwnedMutexGuard<Option<u64>>) {
        let place = url.clone();
        let fetched = task::spawn_blocking(move || download(&url)).await.map_err(|error| error.to_string());
        match fetched.and_then(|document| document).and_then(|document| self.put(document)) {
            Ok(keys) => tracing::info!(url = place, keys, "fetched the key set"),
            Err(error) => tracing::warn!(url = place, error, "the key set could not be fetched"),
        }
    }

    /// Puts a fetched document's keys in force; one that we have already changes nothing.
    fn put(&self, document: String) -> Result<usize, String> {
        let published = keys::from_set(document.as_bytes(), Origin::Published).map_err(|error| error.to_string())?;
        let count = published.len();
        let old = self.current.load();
        if old.document.as_ref() != Some(&document) {
            let keys = self.configured.iter().cloned().chain(published).collect();
            self.current.store(Arc::new(KeySet { generation: old.generation + 1, keys, document: Some(document) }));
        }
        Ok(count)
    }
}

impl KeySet {
    /// Whether a fetch is of no use to a token that names `id`.
    fn knows(&self, id: Option<&str>) -> bool {
        self.document.is_some() && (id.is_none() || self.keys.iter().any(|key| key.is(id)))
    }
}

fn download(url: &str) -> Result<String, String> {
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(FETCH_TIMEOUT))
        // An encrypted way must stay one when redirected.
        .https_only(url.starts_with("https://"))
        .max_redirects(3)
        .build()
        .new_agent();
    let mut response = agent.get(url).call().map_err(|error| error.to_string())?;
    response.body_mut().with_config().limit(LARGEST_DOCUMENT).read_to_string().map_err(|error| error.to_string())
}

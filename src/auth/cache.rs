//! Verified tokens, so that a signature is checked once.
//!
//! Bounded in number and in bytes. An entry speaks only until its token expires and as long as the keys are those
//! that verified it.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};

use super::{Identity, claims};

/// A token that was verified.
#[derive(Clone, Debug)]
pub(super) struct Verified {
    /// Whose it is.
    pub identity: Arc<Identity>,
    /// `exp`; `None` never expires.
    pub expires: Option<f64>,
    /// The keys that verified it.
    pub generation: u64,
}

/// What is known about a token. The key is the token itself: a hash that somebody finds a second text for would give
/// away an identity.
#[derive(Debug)]
pub(super) struct TokenCache(Option<Cache<Box<[u8]>, Verified, ByLength>>);

/// A usual token counts as one; one of many kilobytes as several, so that the bound holds for memory too.
#[derive(Clone, Debug)]
struct ByLength;

const USUAL: usize = 2048;

impl Weighter<Box<[u8]>, Verified> for ByLength {
    fn weight(&self, token: &Box<[u8]>, verified: &Verified) -> u64 {
        1 + ((token.len() + verified.identity.claims.len()) / USUAL) as u64
    }
}

impl TokenCache {
    /// A cache of `size` tokens; none where `size` is 0.
    pub(super) fn new(size: usize) -> Self {
        Self((size > 0).then(|| Cache::with_weighter(size, size as u64, ByLength)))
    }

    /// The entry of a token, if the same keys verified it. It may have expired: then it need not be verified again
    /// to be refused.
    pub(super) fn get(&self, token: &[u8], generation: u64) -> Option<Verified> {
        let found = self.0.as_ref()?.get(token).filter(|verified| verified.generation == generation);
        match found {
            Some(_) => metrics::counter!("jwt_cache_hits_total").increment(1),
            None => metrics::counter!("jwt_cache_misses_total").increment(1),
        }
        found
    }

    pub(super) fn put(&self, token: &[u8], verified: Verified) {
        if let Some(cache) = &self.0 {
            cache.insert(token.into(), verified);
        }
    }

    /// Tokens held.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.as_ref().map_or(0, Cache::len)
    }
}

impl Verified {
    /// Whether its token is over.
    pub(super) fn over(&self, now: u64) -> bool {
        self.expires.is_some_and(|expires| claims::over(expires, now))
    }
}

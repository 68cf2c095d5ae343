//! Keys, each with the algorithms it may verify.
//!
//! In: a shared secret, or a JSON Web Key (set) as text. Out: [`Key`]s. Refuses private keys, weak keys, text that
//! is no key set; a public key's text never becomes a shared secret.

use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    AuthError,
    jwk::{Jwk, SHARED},
    token::Token,
};

/// RFC 7518, section 3.2: as long as the hash of HS256.
pub(super) const SHORTEST_SECRET: usize = 32;

/// A key and what it may verify: the algorithm is the key's to say, never the token's alone.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub id: Option<String>,
    pub algorithms: Vec<Algorithm>,
    pub verifier: DecodingKey,
}

/// Where a key set comes from decides what it may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The operator's own: everything in it must be of use.
    Operator,
    /// Published for everybody: kinds that we don't know are passed over (RFC 7517, section 5), and a shared secret
    /// is none.
    Published,
}

/// Why a key or a set is refused. No key is ever part of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The text is no JSON, or not shaped as a key set.
    #[error("is no JSON Web Key (set): line {line}, column {column}")]
    NotKeys {
        /// Line of the fault.
        line: usize,
        /// Column of the fault.
        column: usize,
    },
    /// No key of the set verifies signatures.
    #[error("holds no key that verifies signatures")]
    Empty,
    /// A private key, which only the signer may have.
    #[error("key {0} is private: only its public part belongs here")]
    Private(
        /// Its place in the set, from 1.
        usize,
    ),
    /// A key that can't be used.
    #[error("key {place} can't be used: {reason}")]
    Unusable {
        /// Its place in the set, from 1.
        place: usize,
        /// Why not.
        reason: &'static str,
    },
    /// A PEM where a secret belongs.
    #[error("is a PEM: public keys belong into JWKS_FILE, and a shared secret is no PEM")]
    Pem,
    /// A secret that can be guessed.
    #[error("is shorter than {SHORTEST_SECRET} bytes")]
    Short,
}

impl Key {
    /// Whether a token that names `id` means this key; a token that names none may mean any (auth.rst, "kid
    /// verification").
    pub(super) fn is(&self, id: Option<&str>) -> bool {
        id.is_none() || self.id.as_deref() == id
    }

    /// Whether the key may verify this algorithm.
    fn allows(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    fn verifies(&self, token: &Token<'_>) -> bool {
        crypto::verify(token.signature, token.signed, &self.verifier, token.algorithm).unwrap_or(false)
    }
}

/// Checks a token's signature against the keys that it may mean. Both details are PostgREST's library's.
pub(super) fn verify(token: &Token<'_>, keys: &[Key]) -> Result<(), AuthError> {
    let suitable = keys.iter().filter(|key| key.is(token.key_id.as_deref()) && key.allows(token.algorithm));
    let mut suitable = suitable.peekable();
    if suitable.peek().is_none() {
        return Err(AuthError::NoSuitableKey("No suitable key was found to decode the JWT"));
    }
    if suitable.any(|key| key.verifies(token)) {
        Ok(())
    } else {
        Err(AuthError::NoSuitableKey("None of the keys was able to decode the JWT"))
    }
}

/// The keys that `JWT_SECRET` means: a JSON Web Key (set), as in PostgREST, or the secret itself. Text that looks
/// like a key and is none is refused: as a shared secret, a public key would let everybody sign.
pub(super) fn from_secret(secret: &[u8]) -> Result<Vec<Key>, KeyError> {
    if is_document(secret) {
        return from_set(secret, Origin::Operator);
    }
    if secret.windows(11).any(|window| window == b"-----BEGIN ") {
        return Err(KeyError::Pem);
    }
    if secret.len() < SHORTEST_SECRET {
        return Err(KeyError::Short);
    }
    Ok(vec![Key { id: None, algorithms: SHARED.to_vec(), verifier: DecodingKey::from_secret(secret) }])
}

/// Whether a secret is meant as JSON.
pub(super) fn is_document(secret: &[u8]) -> bool {
    matches!(secret.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The keys of a JSON Web Key Set, or of a single key.
pub(super) fn from_set(text: &[u8], origin: Origin) -> Result<Vec<Key>, KeyError> {
    #[derive(Deserialize)]
    struct Document<'a> {
        #[serde(borrow)]
        keys: Option<Vec<&'a RawValue>>,
    }
    // serde's own message could quote a key.
    let no_keys = |error: serde_json::Error| KeyError::NotKeys { line: error.line(), column: error.column() };
    let documents: Vec<&[u8]> = match serde_json::from_slice::<Document>(text).map_err(no_keys)?.keys {
        Some(keys) => keys.into_iter().map(|key| key.get().as_bytes()).collect(),
        None => vec![text],
    };
    let mut keys = Vec::new();
    for (index, document) in documents.into_iter().enumerate() {
        keys.extend(from_document(document, index + 1, origin)?);
    }
    if keys.is_empty() { Err(KeyError::Empty) } else { Ok(keys) }
}

/// One key of a set; `None` is passed over.
fn from_document(document: &[u8], place: usize, origin: Origin) -> Result<Option<Key>, KeyError> {
    let unusable = |reason| KeyError::Unusable { place, reason };
    let jwk: Jwk = serde_json::from_slice(document)
        .map_err(|_| unusable("a member is missing, given twice or of the wrong type"))?;
    if jwk.is_private() {
        return Err(KeyError::Private(place));
    }
    if !jwk.is_for_signatures() {
        return Ok(None);
    }
    if jwk.is_shared() && origin == Origin::Published {
        return Err(unusable("a shared secret must not be published"));
    }
    match (jwk.read(), origin) {
        (Ok(key), _) => Ok(Some(key)),
        (Err(_), Origin::Published) => Ok(None),
        (Err(reason), Origin::Operator) => Err(unusable(reason)),
    }
}

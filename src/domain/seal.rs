//! Secrets at rest: sealed before a statement gets to see them, opened after it has given them.
//!
//! In: `ENCRYPTION_KEY` and `ENCRYPTION_SALT`, a text. Out: the text as it is stored, or in clear. The form is that of the
//! rows there are: AES-256-GCM with a fresh initialisation vector of 16 bytes, `iv:tag:ciphertext`, each in hexadecimal
//! digits. The key is derived when it is first needed, once for as long as the process lives.

use std::sync::OnceLock;

use aes_gcm::{
    AesGcm,
    aead::{Aead, KeyInit, Nonce, consts::U16},
    aes::Aes256,
};
use hmac::{Hmac, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;
use zeroize::Zeroizing;

type Cipher = AesGcm<Aes256, U16>;

/// Bytes of the tag, and of the initialisation vector.
const SIZE: usize = 16;
/// What scrypt takes: 2 to the power of 14 is 16,384.
const COST: (u8, u32, u32) = (14, 8, 1);

/// Why a secret is not sealed, or not in clear. Nothing of it is in the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// There is no key.
    #[error("no key is configured that secrets are encrypted with")]
    NoKey,
    /// It was sealed with another key, or changed since, or is no sealed text.
    #[error("a secret can't be opened with the key that is configured")]
    Unreadable,
    /// The key can't be derived, or the system gives no random bytes.
    #[error("a secret can't be encrypted on this machine")]
    Impossible,
}

/// The key that secrets are sealed with.
pub struct Sealer {
    key: Zeroizing<String>,
    salt: Zeroizing<String>,
    derived: OnceLock<Result<Derived, SealError>>,
}

struct Derived {
    cipher: Cipher,
    fingerprints: Zeroizing<[u8; 32]>,
}

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer(…)")
    }
}

impl Sealer {
    /// Of a key and its salt. What follows of them takes a while and 16 MB, both the point of scrypt: a service that meets no
    /// secret does without.
    pub fn new(key: &str, salt: &str) -> Self {
        let kept = |text: &str| Zeroizing::new(text.to_owned());
        Self { key: kept(key), salt: kept(salt), derived: OnceLock::new() }
    }

    fn derived(&self) -> Result<&Derived, SealError> {
        self.derived.get_or_init(|| derive(&self.key, &self.salt)).as_ref().map_err(|error| *error)
    }

    /// The text as it is stored: another one each time.
    ///
    /// # Errors
    /// [`SealError::Impossible`].
    pub fn seal(&self, text: &str) -> Result<String, SealError> {
        self.seal_with(random()?, text)
    }

    fn seal_with(&self, iv: [u8; SIZE], text: &str) -> Result<String, SealError> {
        let nonce: Nonce<Cipher> = iv.into();
        let sealed = self.derived()?.cipher.encrypt(&nonce, text.as_bytes()).map_err(|_| SealError::Impossible)?;
        let (ciphertext, tag) = sealed.split_at(sealed.len().saturating_sub(SIZE));
        Ok(format!("{}:{}:{}", hex::encode(iv), hex::encode(tag), hex::encode(ciphertext)))
    }

    /// A stored text in clear.
    ///
    /// # Errors
    /// [`SealError::Unreadable`], or [`SealError::Impossible`].
    pub fn open(&self, stored: &str) -> Result<String, SealError> {
        try_open(&self.derived()?.cipher, stored).ok_or(SealError::Unreadable)
    }

    /// A name for a text that holds secrets, which tells nothing about them without the key.
    ///
    /// # Errors
    /// [`SealError::Impossible`].
    pub fn fingerprint(&self, text: &str) -> Result<[u8; 32], SealError> {
        Ok(hmac(&*self.derived()?.fingerprints, text.as_bytes()))
    }
}

fn derive(key: &str, salt: &str) -> Result<Derived, SealError> {
    let (log_n, r, p) = COST;
    let cost = scrypt::Params::new(log_n, r, p).map_err(|_| SealError::Impossible)?;
    let mut derived = Zeroizing::new([0; 32]);
    scrypt::scrypt(key.as_bytes(), salt.as_bytes(), &cost, &mut *derived).map_err(|_| SealError::Impossible)?;
    let cipher = Cipher::new_from_slice(&*derived).map_err(|_| SealError::Impossible)?;
    Ok(Derived { cipher, fingerprints: Zeroizing::new(hmac(&*derived, b"tekup: fingerprints")) })
}

fn try_open(cipher: &Cipher, stored: &str) -> Option<String> {
    let mut parts = stored.split(':').map(|part| hex::decode(part).ok());
    let (iv, tag, ciphertext) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || tag.len() != SIZE {
        return None;
    }
    let nonce: &Nonce<Cipher> = iv.as_slice().try_into().ok()?;
    let clear = cipher.decrypt(nonce, [ciphertext, tag].concat().as_slice()).ok()?;
    String::from_utf8(clear).ok()
}

/// HMAC-SHA256. Keys of any length are good.
fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    mac(key, text).map_or([0; 32], |mac| mac.finalize().into_bytes().into())
}

fn mac(key: &[u8], text: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(text);
    Some(mac)
}

/// Whether a signature, in hexadecimal digits, is HMAC-SHA256 of the text under the key. Compared without an early end, so
/// that time says nothing about where a guess goes wrong.
pub(super) fn is_signed(key: &str, text: &str, signature: &str) -> bool {
    let signature = hex::decode(signature.trim());
    signature
        .is_ok_and(|given| mac(key.as_bytes(), text.as_bytes()).is_some_and(|mac| mac.verify_slice(&given).is_ok()))
}

/// Random bytes of the system.
///
/// # Errors
/// [`SealError::Impossible`].
fn random<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| SealError::Impossible)?;
    Ok(bytes)
}

/// A secret of 32 random bytes, in hexadecimal digits.
///
/// # Errors
/// [`SealError::Impossible`].
pub(super) fn secret() -> Result<String, SealError> {
    Ok(hex::encode(random::<32>()?))
}

/// Seals a field of a parameter: a text as it is, anything else as its JSON.
pub(super) fn seal_field(
    sealer: Option<&Sealer>,
    input: &mut Map<String, Value>,
    field: &str,
) -> Result<(), SealError> {
    let Some(value) = input.get_mut(field).filter(|value| !value.is_null()) else { return Ok(()) };
    let sealer = sealer.ok_or(SealError::NoKey)?;
    let clear = Zeroizing::new(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    *value = sealer.seal(&clear)?.into();
    Ok(())
}

/// A secret in an answer. The statement gives it as `{"sealed": text}`, so that what is no secret stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// A text.
    Text(&'static str),
    /// JSON, which was sealed as its text.
    Json(&'static str),
}

impl Open {
    /// The field of the answer.
    pub fn field(self) -> &'static str {
        match self {
            Self::Text(field) | Self::Json(field) => field,
        }
    }

    /// Puts the secret into the answer in clear, and says whether there was one.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn open(self, sealer: Option<&Sealer>, answer: &mut Map<String, Value>) -> Result<bool, SealError> {
        let Some(field) = answer.get_mut(self.field()) else { return Ok(false) };
        let Some(stored) = field.get("sealed").and_then(Value::as_str) else { return Ok(false) };
        let clear = sealer.ok_or(SealError::NoKey)?.open(stored)?;
        *field = match self {
            Self::Text(_) => clear.into(),
            Self::Json(_) => serde_json::from_str(&clear).map_err(|_| SealError::Unreadable)?,
        };
        Ok(true)
    }
}

/// Adds to a parameter what follows of what was found.
pub type Judge = fn(&mut Map<String, Value>, &Value, Option<&Sealer>) -> Result<(), SealError>;

/// What has to be known, and judged here, before the statement can be run: a secret is compared in clear.
#[derive(Clone, Copy)]
pub struct Look {
    /// A statement with the same parameter that gives one row, `found` (json); no row is 404.
    pub sql: &'static str,
    /// What follows of it. The statement checks that what was found is still so.
    pub judge: Judge,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by node's crypto: `scryptSync(key, salt, 32)`, and `createCipheriv('aes-256-gcm', …)` with an iv of 16 bytes.
    const NODE: &str = "40d807ad0232754fcd9256b3e0b11d03:914827a00ed6541247451085bddbb157:\
        d2d00c005c37bef820b20db03480fbffd89c452f26ab386d1a";

    fn sealer() -> Sealer {
        Sealer::new("development-only", "development-only")
    }

    #[test]
    fn what_was_stored_by_others_is_opened() {
        // A row of the sample data.
        let stored = "ba0d10910dbc03acd5f2eae3d5a8d0b8:4337de36eaaf00db244c6c70d141f3c4:0f37d6632b0fc3df802bd9ec854b";
        assert_eq!(sealer().open(stored), Ok("demo-billy-key".to_owned()));
        let other = Sealer::new("nøgle med mellemrum ", "salt:æøå");
        assert_eq!(other.open(NODE), Ok("Hemmelig værdi ✓ 12345".to_owned()));
        assert_eq!(other.open(stored), Err(SealError::Unreadable));
    }

    #[test]
    fn what_is_sealed_here_is_what_others_store() {
        let iv: [u8; SIZE] = hex::decode(&NODE[..32]).unwrap().try_into().unwrap();
        let sealer = Sealer::new("nøgle med mellemrum ", "salt:æøå");
        assert_eq!(sealer.seal_with(iv, "Hemmelig værdi ✓ 12345"), Ok(NODE.to_owned()));
    }

    #[test]
    fn a_text_is_sealed_otherwise_each_time_and_opened_again() {
        let sealer = sealer();
        for text in ["", "x", "a longer text, of more than one block of sixteen bytes: æøå"] {
            let (one, two) = (sealer.seal(text).unwrap(), sealer.seal(text).unwrap());
            assert_ne!(one, two);
            assert_eq!((sealer.open(&one), sealer.open(&two)), (Ok(text.to_owned()), Ok(text.to_owned())));
            let lengths: Vec<_> = one.split(':').map(str::len).collect();
            assert_eq!(lengths, [32, 32, 2 * text.len()]);
        }
        assert_eq!(format!("{sealer:?}"), "Sealer(…)");
    }

    #[test]
    fn what_was_changed_is_not_opened() {
        let sealer = sealer();
        let sealed = sealer.seal("secret").unwrap();
        let swapped = |at: usize| {
            let other = if &sealed[at..=at] == "0" { "1" } else { "0" };
            format!("{}{other}{}", &sealed[..at], &sealed[at + 1..])
        };
        let (iv, rest) = sealed.split_once(':').unwrap();
        let shortened = format!("{}:{rest}", &iv[..24]);
        let longer = format!("{sealed}:00");
        for wrong in [&swapped(0), &swapped(40), &swapped(70), &shortened, &longer, "", "::", "secret", "zz:zz:zz", iv]
        {
            assert_eq!(sealer.open(wrong), Err(SealError::Unreadable), "{wrong}");
        }
    }

    #[test]
    fn a_signature_is_of_the_very_text_and_key() {
        // RFC 4231, test case 2.
        let right = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert!(is_signed("Jefe", "what do ya want for nothing?", right));
        assert!(is_signed("Jefe", "what do ya want for nothing?", &right.to_uppercase()));
        for (key, text, signature) in [
            ("jefe", "what do ya want for nothing?", right),
            ("Jefe", "what do ya want for nothing? ", right),
            ("Jefe", "what do ya want for nothing?", &right[..62]),
            ("Jefe", "what do ya want for nothing?", ""),
            ("Jefe", "what do ya want for nothing?", "no digits"),
        ] {
            assert!(!is_signed(key, text, signature), "{key} {text} {signature}");
        }
    }

    #[test]
    fn a_fingerprint_needs_the_key() {
        let (one, two) = (sealer(), Sealer::new("development-only", "other"));
        assert_eq!(one.fingerprint("a"), one.fingerprint("a"));
        assert_ne!(one.fingerprint("a"), one.fingerprint("b"));
        assert_ne!(one.fingerprint("a"), two.fingerprint("a"));
    }

    #[test]
    fn only_what_is_sealed_is_opened_in_an_answer() {
        let sealer = sealer();
        let answer = |value: Value| Map::from_iter([("value".to_owned(), value), ("other".to_owned(), 1.into())]);
        let opened = |open: Open, value: Value| {
            let mut answer = answer(value);
            open.open(Some(&sealer), &mut answer).map(|_| answer["value"].clone())
        };
        let sealed = |text: &str| serde_json::json!({"sealed": sealer.seal(text).unwrap()});
        assert_eq!(opened(Open::Text("value"), sealed("a")), Ok("a".into()));
        assert_eq!(opened(Open::Json("value"), sealed("{\"a\":[1]}")), Ok(serde_json::json!({"a": [1]})));
        assert_eq!(opened(Open::Json("value"), sealed("no json")), Err(SealError::Unreadable));
        assert_eq!(opened(Open::Text("value"), "in clear".into()), Ok("in clear".into()));
        assert_eq!(opened(Open::Text("value"), Value::Null), Ok(Value::Null));
        let mut without = answer(sealed("a"));
        assert_eq!(Open::Text("value").open(None, &mut without), Err(SealError::NoKey));
        assert_eq!(Open::Text("absent").open(None, &mut without), Ok(false));
    }
}

//! One JSON Web Key (RFC 7517, RFC 7518 section 6, RFC 8037) to a [`Key`].
//!
//! Strict where `jsonwebtoken` is not: it takes weak RSA keys, coordinates of any length, and panics on an Ed25519
//! key that is too short.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::{Deserialize, de::IgnoredAny};

use super::keys::{Key, SHORTEST_SECRET};

/// What a shared secret may verify.
pub(super) const SHARED: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];

const RSA: &[Algorithm] =
    &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256, Algorithm::PS384, Algorithm::PS512];

/// RFC 7518, section 3.3 asks for 2048 bits; the library verifies with 4096 at most.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// The members that we read; serde refuses any of them given twice.
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    kid: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    k: Option<String>,
    // Private members, of which we only want to know that they are there.
    d: Option<IgnoredAny>,
    p: Option<IgnoredAny>,
    q: Option<IgnoredAny>,
    dp: Option<IgnoredAny>,
    dq: Option<IgnoredAny>,
    qi: Option<IgnoredAny>,
    oth: Option<IgnoredAny>,
    #[serde(rename = "priv")]
    private: Option<IgnoredAny>,
}

impl Jwk {
    pub(super) fn is_private(&self) -> bool {
        let private = [&self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi, &self.oth, &self.private];
        private.into_iter().any(Option::is_some)
    }

    pub(super) fn is_shared(&self) -> bool {
        self.kty == "oct"
    }

    /// Encryption keys are published beside the others and are of no use here.
    pub(super) fn is_for_signatures(&self) -> bool {
        self.usage.as_deref().is_none_or(|usage| usage == "sig")
            && self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"))
    }

    /// The key, or why it can't be used.
    pub(super) fn read(&self) -> Result<Key, &'static str> {
        let (family, verifier) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => (RSA, self.rsa()?),
            ("EC", Some("P-256")) => (&[Algorithm::ES256][..], self.ec(32, Algorithm::ES256)?),
            ("EC", Some("P-384")) => (&[Algorithm::ES384][..], self.ec(48, Algorithm::ES384)?),
            ("OKP", Some("Ed25519")) => (&[Algorithm::EdDSA][..], self.ed25519()?),
            ("oct", _) => (SHARED, self.shared()?),
            _ => return Err("its kind or curve is not supported (RSA, EC P-256 and P-384, OKP Ed25519, oct are)"),
        };
        let algorithms = match &self.alg {
            None => family.to_vec(),
            Some(name) => match Algorithm::from_str(name) {
                Ok(algorithm) if family.contains(&algorithm) => vec![algorithm],
                _ => return Err("its alg is not one that its kind verifies"),
            },
        };
        Ok(Key { id: self.kid.clone(), algorithms, verifier })
    }

    fn rsa(&self) -> Result<DecodingKey, &'static str> {
        let modulus = bytes(&self.n)?;
        let exponent = bytes(&self.e)?;
        let modulus = strip_zeros(&modulus);
        let exponent = strip_zeros(&exponent);
        let bits = modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize);
        if !RSA_BITS.contains(&bits) {
            return Err("an RSA modulus has 2048 to 4096 bits");
        }
        let odd = exponent.last().is_some_and(|last| last % 2 == 1);
        if !odd || exponent == [1] || exponent.len() > 4 {
            return Err("its RSA exponent is out of range");
        }
        Ok(DecodingKey::from_rsa_raw_components(modulus, exponent))
    }

    fn ec(&self, length: usize, algorithm: Algorithm) -> Result<DecodingKey, &'static str> {
        let point = [bytes(&self.x)?, bytes(&self.y)?];
        if point.iter().any(|coordinate| coordinate.len() != length) {
            return Err("a coordinate has the wrong length");
        }
        // 4 marks an uncompressed point (SEC 1, section 2.3.3).
        probed(DecodingKey::from_ec_der(&[&[4], point[0].as_slice(), &point[1]].concat()), algorithm)
    }

    fn ed25519(&self) -> Result<DecodingKey, &'static str> {
        let point = bytes(&self.x)?;
        if point.len() != 32 {
            return Err("an Ed25519 key has 32 bytes");
        }
        probed(DecodingKey::from_ed_der(&point), Algorithm::EdDSA)
    }

    fn shared(&self) -> Result<DecodingKey, &'static str> {
        let secret = bytes(&self.k)?;
        if secret.len() < SHORTEST_SECRET {
            return Err("a shared secret has at least 32 bytes");
        }
        Ok(DecodingKey::from_secret(&secret))
    }
}

/// Lets the library look at a point: it does so when it verifies, and a false signature is no error to it.
fn probed(key: DecodingKey, algorithm: Algorithm) -> Result<DecodingKey, &'static str> {
    crypto::verify("", b"", &key, algorithm).map_err(|_| "its point is not on the curve")?;
    Ok(key)
}

fn bytes(member: &Option<String>) -> Result<Vec<u8>, &'static str> {
    let text = member.as_deref().ok_or("a member is missing")?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| "a member is no base64url")
}

fn strip_zeros(number: &[u8]) -> &[u8] {
    &number[number.iter().position(|byte| *byte != 0).unwrap_or(number.len())..]
}

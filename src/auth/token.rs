//! A token's text to its parts.
//!
//! In: what follows `Bearer`. Out: the three parts of a JWS with its header read. Refuses what is too long, what has
//! not three parts, unsecured tokens, extensions. Promises nothing about the signature: [`super::keys`] checks it.

use std::str::FromStr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Deserializer, de::IgnoredAny};

use super::AuthError;

/// Longer tokens are refused unread: what a proxy lets through as a header is rarely more than 8 KiB.
const LONGEST: usize = 16 * 1024;

/// A token, its signature not yet verified.
#[derive(Debug)]
pub(super) struct Token<'t> {
    /// Pinned by the key that verifies it, never trusted by itself.
    pub algorithm: Algorithm,
    /// The key it names.
    pub key_id: Option<String>,
    /// What is signed: header, dot, claims.
    pub signed: &'t [u8],
    /// The signature, in base64.
    pub signature: &'t str,
    /// The claims' bytes.
    pub claims: Vec<u8>,
}

/// What we read of a header. serde refuses any of these given twice.
#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    // Not used, but PostgREST's library refuses a header where they are no text.
    #[serde(rename = "typ")]
    _typ: Option<String>,
    #[serde(rename = "cty")]
    _cty: Option<String>,
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// The token of an `Authorization` header: the scheme in any case, the rest after white space.
///
/// Another scheme is a refusal here. PostgREST takes it for no token and calls anonymously: the caller would never
/// learn that the header was ignored.
pub(super) fn bearer(header: &[u8]) -> Result<&[u8], AuthError> {
    let header = header.trim_ascii();
    let end = header.iter().position(u8::is_ascii_whitespace).unwrap_or(header.len());
    let (scheme, token) = header.split_at(end);
    if scheme.eq_ignore_ascii_case(b"bearer") { Ok(token.trim_ascii_start()) } else { Err(AuthError::MalformedHeader) }
}

impl<'t> Token<'t> {
    /// Takes a token apart. The errors and their order are PostgREST's and its library's (Auth/Jwt.hs, jose-jwt).
    pub(super) fn parse(text: &'t [u8]) -> Result<Self, AuthError> {
        if text.is_empty() {
            return Err(AuthError::EmptyToken);
        }
        if text.len() > LONGEST {
            return Err(AuthError::TokenTooLong { most: LONGEST });
        }
        let mut parts = text.split(|byte| *byte == b'.');
        let (Some(header), Some(claims), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(AuthError::UnexpectedParts(text.split(|byte| *byte == b'.').count()));
        };
        let signed = &text[..header.len() + 1 + claims.len()];
        let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| AuthError::Undecodable)?;
        let claims = decode(claims)?;
        if header.alg == "none" {
            return Err(AuthError::Unsecured);
        }
        decode(signature)?;
        let algorithm = Algorithm::from_str(&header.alg).map_err(|_| AuthError::Undecodable)?;
        if header.crit {
            return Err(AuthError::CriticalExtension);
        }
        let signature = std::str::from_utf8(signature).map_err(|_| AuthError::Undecodable)?;
        Ok(Self { algorithm, key_id: header.kid, signed, signature, claims })
    }
}

fn decode(part: &[u8]) -> Result<Vec<u8>, AuthError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| AuthError::Undecodable)
}

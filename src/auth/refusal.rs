//! Why a caller is refused.

use crate::name::RoleName;

/// A refusal, in PostgREST's words where PostgREST has the case (its Error.hs, `JwtError`). Cases of our own have
/// codes that begin with `auth.`. Nothing of a token but the role it asked for is ever part of a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A token came and no key is configured.
    #[error("Server lacks JWT secret")]
    NoKeys,
    /// The key set is elsewhere and could not be fetched yet.
    #[error("The keys that verify tokens can't be fetched")]
    KeysUnavailable,
    /// No token came and no role is configured for such callers, or a token without a role.
    #[error("Anonymous access is disabled")]
    TokenRequired,
    /// `Authorization` is not `Bearer` and a token.
    #[error("The Authorization header must be 'Bearer' and a token")]
    MalformedHeader,
    /// `Bearer` and nothing.
    #[error("Empty JWT is sent in Authorization header")]
    EmptyToken,
    /// Longer than any honest token.
    #[error("The JWT is longer than {most} bytes")]
    TokenTooLong {
        /// What is read at most.
        most: usize,
    },
    /// A token has header, claims and signature between dots.
    #[error("Expected 3 parts in JWT; got {0}")]
    UnexpectedParts(usize),
    /// The signature is not by any of our keys, or no key may verify this algorithm.
    #[error("No suitable key or wrong key type")]
    NoSuitableKey(
        /// The details, as PostgREST's JWT library has them.
        &'static str,
    ),
    /// `alg` is none.
    #[error("Wrong or unsupported encoding algorithm")]
    Unsecured,
    /// Base64 or header can't be read; an algorithm nobody knows.
    #[error("JWT cryptographic operation failed")]
    Undecodable,
    /// The header asks for an extension that we don't know (RFC 7515, section 4.1.11).
    #[error("The JWT header demands an extension ('crit') that is not supported")]
    CriticalExtension,
    /// The claims are no JSON object, or hold something twice.
    #[error("Parsing claims failed")]
    ClaimsUnreadable(
        /// What is wrong, where PostgREST would not have seen it.
        Option<String>,
    ),
    /// `exp` is over.
    #[error("JWT expired")]
    Expired,
    /// `nbf` is to come.
    #[error("JWT not yet valid")]
    NotYetValid,
    /// `iat` is to come.
    #[error("JWT issued at future")]
    IssuedInFuture,
    /// A time of the wrong type.
    #[error("The JWT '{0}' claim must be a number")]
    TimeNotNumber(
        /// The claim.
        &'static str,
    ),
    /// `aud` names others.
    #[error("JWT not in audience")]
    NotInAudience,
    /// `aud` of the wrong type.
    #[error("The JWT 'aud' claim must be a string or an array of strings")]
    AudienceNotText,
    /// A role that no token may take: the login role, `none` or no name at all.
    #[error("The role {0:?} can't be taken by a token")]
    ForbiddenRole(
        /// The role asked for.
        RoleName,
    ),
}

/// What `WWW-Authenticate` says (RFC 6750, section 3).
enum Challenge {
    /// Nothing: another token would not help.
    None,
    /// Bring a token.
    Bearer,
    /// Bring another one.
    Error(&'static str),
}

impl AuthError {
    /// Status, code and challenge of every case, in one place.
    fn describe(&self) -> (u16, &'static str, Challenge) {
        let invalid = |code| (401, code, Challenge::Error("invalid_token"));
        match self {
            Self::NoKeys => (500, "PGRST300", Challenge::None),
            Self::EmptyToken
            | Self::UnexpectedParts(_)
            | Self::NoSuitableKey(_)
            | Self::Unsecured
            | Self::Undecodable => invalid("PGRST301"),
            Self::TokenRequired => (401, "PGRST302", Challenge::Bearer),
            Self::ClaimsUnreadable(_)
            | Self::Expired
            | Self::NotYetValid
            | Self::IssuedInFuture
            | Self::TimeNotNumber(_)
            | Self::NotInAudience
            | Self::AudienceNotText => invalid("PGRST303"),
            Self::KeysUnavailable => (503, "auth.keys_unavailable", Challenge::None),
            Self::MalformedHeader => (401, "auth.malformed_header", Challenge::Error("invalid_request")),
            Self::TokenTooLong { .. } => invalid("auth.token_too_long"),
            Self::CriticalExtension => invalid("auth.critical_extension"),
            Self::ForbiddenRole(_) => (403, "auth.forbidden_role", Challenge::None),
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.describe().0
    }

    /// The code: PostgREST's where it has the case.
    pub fn code(&self) -> &'static str {
        self.describe().1
    }

    /// The message.
    pub fn message(&self) -> String {
        self.to_string()
    }

    /// The details.
    pub fn details(&self) -> Option<String> {
        match self {
            Self::NoSuitableKey(details) => Some((*details).to_owned()),
            Self::Unsecured => Some("JWT is unsecured but expected 'alg' was not 'none'".to_owned()),
            Self::ClaimsUnreadable(details) => details.clone(),
            _ => None,
        }
    }

    /// The hint; PostgREST has none for tokens.
    pub fn hint(&self) -> Option<String> {
        matches!(self, Self::MalformedHeader).then(|| "Leave the header out to call without a token.".to_owned())
    }

    /// The value of `WWW-Authenticate`, where the answer has one.
    pub fn www_authenticate(&self) -> Option<String> {
        match self.describe().2 {
            Challenge::None => None,
            Challenge::Bearer => Some("Bearer".to_owned()),
            Challenge::Error(error) => Some(format!("Bearer error=\"{error}\", error_description=\"{self}\"")),
        }
    }
}

//! S16: keys for the header `X-API-Key`.
//!
//! A key is made here and kept as a hash. On its way through the statement to the answer it is sealed, as every secret is.

mod create_key;
mod revoke_key;
mod rotate_key;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use utoipa::ToSchema;

use crate::domain::{Described, SealError, described, seal};

/// Who hands out keys.
const OPERATORS: &[&str] = &["service_role"];
/// What keys begin with, so that one that has got lost is known for what it is.
const START: &str = "tekup_";

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<create_key::CreateKey>(),
        described::<rotate_key::RotateKey>(),
        described::<revoke_key::RevokeKey>(),
    ]
}

/// A key, which is shown once, and what it stands for.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SharedNewApiKey)]
struct NewKey {
    #[schema(format = "uuid")]
    id: String,
    name: String,
    /// The key itself: it can't be had again.
    key: String,
    key_start: String,
    role: String,
    organizations: Vec<String>,
    person: Option<String>,
    read_only: bool,
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<String>,
    #[schema(format = "date-time")]
    created_at: String,
}

/// What a key is kept as.
pub fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key))
}

/// Makes a key of 32 random bytes, and its hash.
fn make_key(input: &mut Map<String, Value>) -> Result<(), SealError> {
    let key = format!("{START}{}", seal::secret()?);
    input.insert("key_hash".to_owned(), hash(&key).into());
    input.insert("key_start".to_owned(), key[..START.len() + 6].into());
    input.insert("key".to_owned(), key.into());
    Ok(())
}

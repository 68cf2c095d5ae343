//! Fields of a change: absent they stay as they are, and null empties them.

use serde::{Deserialize, Deserializer};

/// A field that is there, null included; `serde(default)` is one that is absent.
pub(super) fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

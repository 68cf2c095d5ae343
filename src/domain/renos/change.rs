//! Fields of a change: absent they stay as they are, and null empties them.

use serde::{Deserialize, Deserializer};

/// A field that is there, be it null; `serde(default)` is one that is absent. Where null empties it, `T` is an `Option`.
pub(super) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

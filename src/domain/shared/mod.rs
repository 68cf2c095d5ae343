//! Operations of the schema `shared`: what all applications have in common.

mod api_keys;

use super::Described;

pub(super) use api_keys::hash as hash_of_key;

pub(super) fn operations() -> Vec<Described> {
    api_keys::operations()
}

//! Operations of the schema `shared`: what all applications have in common.

use super::Described;

pub(super) fn operations() -> Vec<Described> {
    Vec::new()
}

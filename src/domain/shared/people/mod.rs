//! A78: people known across applications.

mod deactivate;
mod erase;
mod find_or_make;

use super::super::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<find_or_make::FindOrMakeUser>(),
        described::<deactivate::DeactivateUser>(),
        described::<erase::EraseUser>(),
    ]
}

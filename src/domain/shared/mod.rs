//! Operations of the schema `shared`: people, their sign-in sessions, and the trail of all applications.

mod api_keys;
mod people;
mod record_trail;
mod sessions;

use super::{Described, described};

/// The backends of all applications, and operators.
const BACKENDS: &[&str] = &["vault_app", "billy_app", "renos_app", "crm_app", "flow_app", "service_role"];

pub use api_keys::hash as hash_of_key;

pub(super) fn operations() -> Vec<Described> {
    [
        api_keys::operations(),
        sessions::operations(),
        people::operations(),
        vec![described::<record_trail::RecordTrail>(), described::<record_trail::RecordTrails>()],
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The application that calls, as the trail names it.
macro_rules! service {
    () => {
        "case auth.caller_role() when 'service_role' then 'shared' else replace(auth.caller_role(), '_app', '') end"
    };
}
use service;

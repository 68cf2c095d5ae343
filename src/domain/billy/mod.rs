//! Operations of the schema `billy`: organisations, copies of what Billy.dk holds, figures and limits.

mod cache_stats;
mod check_rate_limit;
mod clear_expired;
mod delete_cached;
mod get_cached;
mod register_organization;
mod reveal_api_key;
mod rotate_api_key;
mod set_cached;
mod set_many_cached;
mod summarize_trail;
mod track_usage;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Described, SealError, described};

/// Who talks to Billy.dk for an organisation.
const CONNECTOR: &[&str] = &["billy_app", "service_role"];

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<register_organization::RegisterOrganization>(),
        described::<reveal_api_key::RevealApiKey>(),
        described::<rotate_api_key::RotateApiKey>(),
        described::<get_cached::GetCached>(),
        described::<set_cached::SetCached>(),
        described::<set_many_cached::SetManyCached>(),
        described::<delete_cached::DeleteCached>(),
        described::<delete_cached::DeleteCachedKind>(),
        described::<delete_cached::DeleteAllCached>(),
        described::<cache_stats::CacheStats>(),
        described::<clear_expired::ClearExpired>(),
        described::<track_usage::TrackUsage>(),
        described::<summarize_trail::SummarizeTrail>(),
        described::<check_rate_limit::CheckRateLimit>(),
    ]
}

/// Keys are pasted: blanks around one are no part of it.
fn trim_key(input: &mut Map<String, Value>) -> Result<(), SealError> {
    if let Some(Value::String(key)) = input.get_mut("billy_api_key") {
        *key = key.trim().to_owned();
    }
    Ok(())
}

/// What is copied.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Invoices,
    Customers,
    Products,
}

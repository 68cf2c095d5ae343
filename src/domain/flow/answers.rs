//! Rows of flow that have secrets, as operations answer with them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A webhook without its secret.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Webhook {
    id: String,
    workflow_id: String,
    name: String,
    url: String,
    method: String,
    /// Whether requests are to be signed.
    has_secret: bool,
    allowed_ips: Vec<String>,
    is_active: bool,
    request_count: i32,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_request_at: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: String,
    #[schema(value_type = String, format = "date-time")]
    updated_at: String,
}

/// An integration without its configuration.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Integration {
    id: String,
    name: String,
    r#type: String,
    status: String,
    last_error: Option<String>,
    owner: String,
    usage_count: i32,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_used_at: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: String,
    #[schema(value_type = String, format = "date-time")]
    updated_at: String,
}

/// A variable. The value of a secret is null unless it was to be revealed.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Variable {
    id: String,
    workflow_id: Option<String>,
    key: String,
    value: Option<String>,
    r#type: String,
    is_secret: bool,
    encrypted: bool,
    description: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: String,
    #[schema(value_type = String, format = "date-time")]
    updated_at: String,
}

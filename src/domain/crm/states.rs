//! The state machines of crm.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::States;

/// Whether a deal is decided.
pub const DEAL: States = States { column: "crm.deals.status", states: &["open", "won", "lost"] };

/// A to-do.
pub const TASK: States = States { column: "crm.tasks.status", states: &["todo", "in_progress", "done", "cancelled"] };

/// Stages of a deal that is open.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum OpenStage {
    Qualification,
    Proposal,
    Negotiation,
}

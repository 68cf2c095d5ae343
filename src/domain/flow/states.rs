//! The state machines of flow.

use crate::domain::States;

/// A workflow.
pub const WORKFLOW: States =
    States { column: "flow.workflows.status", states: &["draft", "active", "paused", "archived"] };

/// A run of a workflow.
pub const EXECUTION: States =
    States { column: "flow.executions.status", states: &["running", "completed", "failed", "cancelled"] };

/// A step of a run.
pub const STEP: States =
    States { column: "flow.execution_steps.status", states: &["pending", "running", "completed", "failed", "skipped"] };

/// A lead.
pub const LEAD: States =
    States { column: "flow.leads.status", states: &["new", "contacted", "qualified", "converted", "lost"] };

/// A connection to an outer system.
pub const INTEGRATION: States = States { column: "flow.integrations.status", states: &["active", "inactive", "error"] };

//! Operations of the schema `flow`: workflows, their runs, what starts them and what they use.

mod activate_workflow;
mod answers;
mod archive_workflow;
mod begin_step;
mod cancel_execution;
mod claim_due;
mod complete_execution;
mod complete_step;
mod connect_integration;
mod execute_workflow;
mod expire_executions;
mod leads;
mod note_integration_use;
mod note_schedule_run;
mod note_webhook_request;
mod pause_workflow;
mod plan_schedule;
mod read_variable;
mod receive_webhook;
mod register_webhook;
mod reveal_integration;
mod set_variable;
mod sms;
mod states;
mod track_metric;

use utoipa::openapi::Ref;

use super::{Described, described};

/// Who runs workflows: the Flow API, and operators.
const BACKEND: &[&str] = &["flow_app", "service_role"];

pub(super) fn operations() -> Vec<Described> {
    let here = vec![
        described::<activate_workflow::ActivateWorkflow>(),
        described::<pause_workflow::PauseWorkflow>(),
        described::<archive_workflow::ArchiveWorkflow>(),
        described::<execute_workflow::ExecuteWorkflow>(),
        described::<complete_execution::CompleteExecution>(),
        described::<cancel_execution::CancelExecution>(),
        described::<expire_executions::ExpireExecutions>(),
        described::<begin_step::BeginStep>(),
        described::<complete_step::CompleteStep>(),
        described::<plan_schedule::PlanSchedule>(),
        described::<note_schedule_run::NoteScheduleRun>(),
        described::<claim_due::ClaimDue>(),
        described::<register_webhook::RegisterWebhook>(),
        described::<note_webhook_request::NoteWebhookRequest>(),
        described::<receive_webhook::ReceiveWebhook>(),
        described::<connect_integration::ConnectIntegration>(),
        described::<reveal_integration::RevealIntegration>(),
        described::<note_integration_use::NoteIntegrationUse>(),
        described::<set_variable::SetVariable>(),
        described::<read_variable::ReadVariable>(),
        described::<track_metric::TrackMetric>(),
    ];
    [here, leads::operations(), sms::operations()].into_iter().flatten().collect()
}

/// Schema of a row of a table.
fn row(table: &str) -> Ref {
    Ref::from_schema_name(format!("flow.{table}"))
}

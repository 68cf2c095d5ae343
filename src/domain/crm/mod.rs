//! Operations of the schema `crm`: contacts, deals, mail and to-dos of a tenant.

mod add_product;
mod add_user;
mod close_deal;
mod complete_task;
mod contact_by_email;
mod jobs;
mod log_email;
mod mark_clicked;
mod mark_opened;
mod move_deal;
mod pipeline_metrics;
mod reopen_deal;
mod states;
mod track_metric;

use super::{Described, described};

/// Who works in a tenant.
const BACKEND: &[&str] = &["crm_app", "service_role"];

pub(super) fn operations() -> Vec<Described> {
    let here = vec![
        described::<contact_by_email::ContactByEmail>(),
        described::<move_deal::MoveDeal>(),
        described::<close_deal::CloseDeal>(),
        described::<reopen_deal::ReopenDeal>(),
        described::<add_product::AddProduct>(),
        described::<log_email::LogEmail>(),
        described::<mark_opened::MarkOpened>(),
        described::<mark_clicked::MarkClicked>(),
        described::<complete_task::CompleteTask>(),
        described::<track_metric::TrackMetric>(),
        described::<pipeline_metrics::PipelineMetrics>(),
        described::<add_user::AddUser>(),
    ];
    [here, jobs::operations()].into_iter().flatten().collect()
}

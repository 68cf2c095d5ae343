//! Quality: checklists, what was found with them, and figures of that.

mod active_checklist;
mod assess;
mod compose_checklist;
mod copy_checklist;
mod issues;
mod metrics;
mod reassess;
mod renew_checklist;
mod review_assessment;

use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<compose_checklist::ComposeChecklist>(),
        described::<renew_checklist::RenewChecklist>(),
        described::<copy_checklist::CopyChecklist>(),
        described::<active_checklist::ActiveChecklist>(),
        described::<assess::Assess>(),
        described::<reassess::Reassess>(),
        described::<review_assessment::ReviewAssessment>(),
        described::<metrics::Metrics>(),
        described::<issues::Issues>(),
    ]
}

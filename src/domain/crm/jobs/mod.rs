//! Cleaning jobs.

mod plan;
mod set_status;

use super::super::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![described::<plan::PlanJob>(), described::<set_status::SetJobStatus>()]
}

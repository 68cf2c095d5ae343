//! Cleaning plans: their tasks, plans made of templates, and what a booking did of its plan.

mod add_task;
mod booking_plan;
mod delete_task;
mod edit_task;
mod instantiate;
mod reorder_tasks;

use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<add_task::AddTask>(),
        described::<edit_task::EditTask>(),
        described::<delete_task::DeleteTask>(),
        described::<reorder_tasks::ReorderTasks>(),
        described::<instantiate::InstantiatePlan>(),
        described::<booking_plan::SetBookingPlan>(),
    ]
}

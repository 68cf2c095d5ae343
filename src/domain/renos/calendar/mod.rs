//! Planning intelligence: what is known of customers, jobs over their time, habits, and actions that can be taken back.

mod add_communication;
mod alert_overtime;
mod clear_undo_actions;
mod log_overtime;
mod observe_pattern;
mod record_action;
mod remember_customer;
mod search_memory;
mod undo_action;

use super::{BACKEND, change::given, row_and, rows, shapes};
use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<remember_customer::RememberCustomer>(),
        described::<search_memory::SearchMemory>(),
        described::<log_overtime::LogOvertime>(),
        described::<add_communication::AddCommunication>(),
        described::<alert_overtime::AlertOvertime>(),
        described::<observe_pattern::ObservePattern>(),
        described::<record_action::RecordAction>(),
        described::<undo_action::UndoAction>(),
        described::<clear_undo_actions::ClearUndoActions>(),
    ]
}

//! Imports of the mailbox, the customers of threads, and drafted answers.

mod count_responses;
mod edit_response;
mod finish_import;
mod mark_response_failed;
mod match_threads;
mod reject_response;
mod start_import;

use super::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<start_import::StartImport>(),
        described::<finish_import::FinishImport>(),
        described::<match_threads::MatchThread>(),
        described::<match_threads::MatchThreads>(),
        described::<edit_response::EditResponse>(),
        described::<reject_response::RejectResponse>(),
        described::<mark_response_failed::MarkResponseFailed>(),
        described::<count_responses::CountResponses>(),
    ]
}

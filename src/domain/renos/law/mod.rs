//! Data protection and security: copies of one's data, being forgotten, consents, policies, incidents.

mod active_policy;
mod cancel_erasure;
mod consent_status;
mod open_erasure;
mod open_export;
mod process_due_erasure;
mod process_export;
mod publish_policy;
mod record_consent;
mod report_event;
mod resolve_event;
mod security_statistics;

use super::{BACKEND, PEOPLE, row, rows, shapes, states, whose};
use crate::domain::{Described, described};

/// Who may read and erase whatever there is of a person.
const OPERATORS: &[&str] = &["service_role"];

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<open_export::OpenExport>(),
        described::<process_export::ProcessExport>(),
        described::<open_erasure::OpenErasure>(),
        described::<cancel_erasure::CancelErasure>(),
        described::<process_due_erasure::ProcessDueErasure>(),
        described::<record_consent::RecordConsent>(),
        described::<consent_status::ConsentStatus>(),
        described::<publish_policy::PublishPolicy>(),
        described::<active_policy::ActivePolicy>(),
        described::<report_event::ReportEvent>(),
        described::<resolve_event::ResolveEvent>(),
        described::<security_statistics::SecurityStatistics>(),
    ]
}

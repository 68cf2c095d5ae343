//! Subcontractors: jobs that are handed to them, what they are worth, and their papers.

mod assign_booking;
mod deactivate;
mod expire_documents;
mod expiring_documents;
mod set_assignment_status;
mod submit_review;
mod summary;

use super::BACKEND;
use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<assign_booking::AssignBooking>(),
        described::<set_assignment_status::SetAssignmentStatus>(),
        described::<submit_review::SubmitReview>(),
        described::<expire_documents::ExpireDocuments>(),
        described::<expiring_documents::ExpiringDocuments>(),
        described::<summary::Summary>(),
        described::<deactivate::Deactivate>(),
    ]
}

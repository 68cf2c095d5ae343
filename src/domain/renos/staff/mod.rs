//! Staff: who works, when they worked, and what of that has to be corrected.

mod activate_member;
mod approve_correction;
mod change_time;
mod hire_member;
mod list_corrections;
mod member_performance;
mod overtime;
mod record_time;
mod reject_correction;
mod request_correction;
mod stop_time;

use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<hire_member::HireMember>(),
        described::<activate_member::ActivateMember>(),
        described::<activate_member::DeactivateMember>(),
        described::<member_performance::MemberPerformance>(),
        described::<record_time::RecordTime>(),
        described::<change_time::ChangeTime>(),
        described::<stop_time::StopTime>(),
        described::<overtime::Overtime>(),
        described::<request_correction::RequestCorrection>(),
        described::<approve_correction::ApproveCorrection>(),
        described::<reject_correction::RejectCorrection>(),
        described::<list_corrections::ListCorrections>(),
    ]
}

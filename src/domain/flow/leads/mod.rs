//! Leads that the Flow API takes in.

mod set_status;
mod take_in;

use super::super::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![described::<take_in::TakeInLead>(), described::<set_status::SetLeadStatus>()]
}

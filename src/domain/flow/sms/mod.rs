//! Messages to leads: the link in each, who followed it and what came of it.

mod analytics;
mod click;
mod convert;
mod track;

use super::super::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<track::TrackSms>(),
        described::<click::ClickSms>(),
        described::<convert::ConvertSms>(),
        described::<analytics::SmsAnalytics>(),
    ]
}

//! Figures of the business, for who runs it.

mod email_activity;
mod figures;
mod revenue;
mod service_distribution;
mod top_customers;

use super::{BACKEND, rows};
use crate::domain::{Described, described};

pub(super) fn operations() -> Vec<Described> {
    vec![
        described::<figures::Figures>(),
        described::<revenue::Revenue>(),
        described::<service_distribution::ServiceDistribution>(),
        described::<email_activity::EmailActivity>(),
        described::<top_customers::TopCustomers>(),
    ]
}

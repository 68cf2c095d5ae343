//! R7: the figures of customers, counted anew.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Nothing, Operation, Output};

pub(super) struct RefreshCustomer;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The customer.
    id: String,
}

impl Operation for RefreshCustomer {
    const ID: &'static str = "renos_refresh_customer";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/customers/{id}/refresh_stats";
    const SUMMARY: &'static str = "Count the figures of a customer anew";
    const DESCRIPTION: &'static str = "Leads, bookings that are not cancelled (those of the customer's leads too) and the total of paid invoices. To be used after a booking or a lead was made, changed or linked; it is no contact.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("customers");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        select 'ok'::text as outcome, to_json(c) as body
        from renos.refresh_customer($1::jsonb ->> 'id') c
        where c.id is not null";
    type Input = Input;
}

pub(super) struct RefreshCustomers;

/// What was done.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refreshed {
    /// Customers counted.
    customers: u64,
}

impl Operation for RefreshCustomers {
    const ID: &'static str = "renos_refresh_customers";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/customers/refresh_stats";
    const SUMMARY: &'static str = "Count the figures of all customers anew";
    const DESCRIPTION: &'static str = "As for one customer, all in one transaction.";
    const CALLERS: &'static [&'static str] = &["service_role"];
    const OUTPUT: Output = Output::of::<Refreshed>();
    const EXAMPLE: &'static str = "{}";
    // In the order of their keys, so that two who do this wait for each other and no more.
    const SQL: &'static str = "
        with customers as materialized (select id from renos.customers where $1::jsonb is not null order by id),
        refreshed as materialized (select renos.refresh_customer(id) from customers)
        select 'ok'::text as outcome, json_build_object('customers', count(*)) as body from refreshed";
    type Input = Nothing;
}

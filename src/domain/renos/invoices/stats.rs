//! A37: figures of the invoices.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output, renos::BACKEND};

pub(super) struct InvoiceStats;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Invoices of that customer.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    /// First day of issue, in Europe/Copenhagen.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    /// Last day of issue.
    #[schema(format = "date")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_date: Option<String>,
}

/// Figures of invoices.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Figures {
    /// All of them.
    invoices: u64,
    /// How many are in each state.
    by_status: ByStatus,
    /// Sum of the totals of those that are paid, DKK.
    paid_total: f64,
    /// Sum of the totals of those that were sent and may still be paid in time.
    open_total: f64,
    /// Sum of the totals of those that are overdue.
    overdue_total: f64,
}

/// Numbers of invoices.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ByStatus {
    draft: u64,
    sent: u64,
    paid: u64,
    overdue: u64,
    cancelled: u64,
}

impl Operation for InvoiceStats {
    const ID: &'static str = "renos_invoice_stats";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/invoices/stats";
    const SUMMARY: &'static str = "Figures of the invoices";
    const DESCRIPTION: &'static str = "By the day of issue, in Europe/Copenhagen, both days included.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Figures>();
    const EXAMPLE: &'static str = r#"{"start_date": "2026-01-01", "end_date": "2026-03-31"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i)
        select 'ok'::text as outcome, json_build_object(
            'invoices', count(*),
            'by_status', json_build_object(
                'draft', count(*) filter (where v.status = 'draft'),
                'sent', count(*) filter (where v.status = 'sent'),
                'paid', count(*) filter (where v.status = 'paid'),
                'overdue', count(*) filter (where v.status = 'overdue'),
                'cancelled', count(*) filter (where v.status = 'cancelled')),
            'paid_total', coalesce(sum(v.total) filter (where v.status = 'paid'), 0),
            'open_total', coalesce(sum(v.total) filter (where v.status = 'sent'), 0),
            'overdue_total', coalesce(sum(v.total) filter (where v.status = 'overdue'), 0)) as body
        from renos.invoices v, input
        where (not i ? 'customer_id' or v.customer_id = i ->> 'customer_id')
            and (not i ? 'start_date'
                or v.issue_date >= (i ->> 'start_date')::timestamp at time zone 'Europe/Copenhagen')
            and (not i ? 'end_date'
                or v.issue_date < ((i ->> 'end_date')::date + 1)::timestamp at time zone 'Europe/Copenhagen')";
    type Input = Input;
}

//! A36: a draft of an invoice is thrown away.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Method, Operation, Output, renos::BACKEND};

pub(super) struct DeleteInvoice;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The invoice.
    id: String,
}

impl Operation for DeleteInvoice {
    const ID: &'static str = "renos_delete_invoice";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Delete;
    const PATH: &'static str = "/invoices/{id}";
    const SUMMARY: &'static str = "Delete a draft of an invoice";
    const DESCRIPTION: &'static str = "With its lines; only a draft of which nothing was paid. Where its number is the last of the year it is given again. An older draft leaves a gap in the series: cancel it to keep the number.";
    const CALLERS: &'static [&'static str] = BACKEND;
    // The last number that remains is read, to set the counter to it.
    const IS_SERIALIZABLE: bool = true;
    const DELETES: bool = true;
    const OUTPUT: Output = Output::Row("invoices");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select v.id, v.status, coalesce(v.paid_amount, 0) as paid_amount, v.invoice_number
            from renos.invoices v, input
            where v.id = i ->> 'id'
            for update of v
        ),
        deleted as (
            delete from renos.invoices v
            using found f
            where v.id = f.id and f.status = 'draft' and f.paid_amount = 0
            returning v.id, v.invoice_number
        ),
        free as (
            select n.*, (
                select max(substring(o.invoice_number from '^INV-[0-9]{4}-([0-9]{3,6})$')::integer)
                from renos.invoices o
                where o.invoice_number like 'INV-' || n.year || '-%' and o.id <> d.id
            ) as before
            from deleted d
            cross join lateral (
                select substring(d.invoice_number from '^INV-([0-9]{4})-[0-9]{3,6}$')::integer as year,
                    substring(d.invoice_number from '^INV-[0-9]{4}-([0-9]{3,6})$')::integer as number
            ) as n
        ),
        lowered as (
            update renos.invoice_counters c
            set last_number = f.before
            from free f
            where c.year = f.year and c.last_number = f.number and f.before > 0
        ),
        emptied as (
            delete from renos.invoice_counters c
            using free f
            where c.year = f.year and c.last_number = f.number and coalesce(f.before, 0) <= 0
        )
        select 'deleted' as outcome, null::json as body from deleted
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', f.status, 'paid_amount', f.paid_amount),
            'allowed', json_build_object('status', json_build_array('draft'), 'paid_amount', 0))
        from found f
        where not exists (select from deleted)";
    type Input = Input;
}

//! A37: invoices whose last day of payment has gone by.

use crate::domain::{
    Nothing, Operation, Output, Transition, json,
    renos::{BACKEND, rows, states::INVOICE},
};

pub(super) struct MarkInvoicesOverdue;

impl Operation for MarkInvoicesOverdue {
    const ID: &'static str = "renos_mark_invoices_overdue";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/invoices/mark_overdue";
    const SUMMARY: &'static str = "Mark the invoices that are overdue";
    const DESCRIPTION: &'static str = "Those that were sent and had to be paid before today, in Europe/Copenhagen. Answers the ones that it marked, the oldest first; who marks again gets none.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &INVOICE, from: &["sent"], to: "overdue" });
    const OUTPUT: Output = Output::Value(|| json(&rows("invoices").into()));
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select v.id
            from renos.invoices v, input
            where i -> 'allowed' ? v.status
                and v.due_date <
                    date_trunc('day', now() at time zone 'Europe/Copenhagen') at time zone 'Europe/Copenhagen'
            order by v.id
            for update of v
        ),
        changed as (
            update renos.invoices v
            set status = i ->> 'to'
            from found f, input
            where v.id = f.id
            returning v.*
        )
        select 'ok'::text as outcome, coalesce(json_agg(c order by c.due_date, c.id), '[]') as body from changed c";
    type Input = Nothing;
}

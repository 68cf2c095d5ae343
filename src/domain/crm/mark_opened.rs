//! C15: somebody opened a mail.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct MarkOpened;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The mail.
    id: String,
}

impl Operation for MarkOpened {
    const ID: &'static str = "crm_mark_opened";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/emails/{id}/opened";
    const SUMMARY: &'static str = "Note that a mail was opened";
    const DESCRIPTION: &'static str = "The first time counts, and the status only rises. A mail that never arrived, or \
        came from outside, stays as it is.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("emails");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb ->> 'id' as id),
        mail as (select e.* from crm.emails e, input where e.id = input.id for update of e),
        marked as (
            update crm.emails e
            set opened_at = coalesce(mail.opened_at, now()),
                status = case when mail.status in ('sent', 'delivered') then 'opened' else mail.status end
            from mail
            where e.id = mail.id and mail.status in ('sent', 'delivered', 'opened', 'clicked')
                and (mail.opened_at is null or mail.status in ('sent', 'delivered'))
            returning e.*
        )
        select 'ok'::text as outcome, coalesce((select to_json(k) from marked k), to_json(m)) as body from mail m";
    type Input = Input;
}

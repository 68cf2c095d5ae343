//! C15: somebody followed a link in a mail.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct MarkClicked;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The mail.
    id: String,
}

impl Operation for MarkClicked {
    const ID: &'static str = "crm_mark_clicked";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/emails/{id}/clicked";
    const SUMMARY: &'static str = "Note that a link in a mail was followed";
    const DESCRIPTION: &'static str = "So it was opened, too. The first time counts. A mail that never arrived, or came \
        from outside, stays as it is.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("emails");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb ->> 'id' as id),
        mail as (select e.* from crm.emails e, input where e.id = input.id for update of e),
        marked as (
            update crm.emails e
            set clicked_at = coalesce(mail.clicked_at, now()), opened_at = coalesce(mail.opened_at, now()),
                status = 'clicked'
            from mail
            where e.id = mail.id and mail.status in ('sent', 'delivered', 'opened', 'clicked')
                and (mail.clicked_at is null or mail.opened_at is null or mail.status <> 'clicked')
            returning e.*
        )
        select 'ok'::text as outcome, coalesce((select to_json(k) from marked k), to_json(m)) as body from mail m";
    type Input = Input;
}

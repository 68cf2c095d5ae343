//! C9: a closed deal is open again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    BACKEND,
    states::{DEAL, OpenStage},
};
use crate::domain::{Operation, Output, Transition};

pub(super) struct ReopenDeal;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The deal.
    id: String,
    /// Where it goes on.
    stage: OpenStage,
}

impl Operation for ReopenDeal {
    const ID: &'static str = "crm_reopen_deal";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/deals/{id}/reopen";
    const SUMMARY: &'static str = "Reopen a closed deal";
    const DESCRIPTION: &'static str = "The day it closed and the reason go, and so does the chance, which closing set: \
        it has to be judged anew.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &DEAL, from: &["won", "lost"], to: "open" });
    const OUTPUT: Output = Output::Row("deals");
    const EXAMPLE: &'static str = r#"{"stage": "proposal"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        deal as (select d.id, d.status, d.stage from crm.deals d, input where d.id = i ->> 'id' for update of d),
        opened as (
            update crm.deals d
            set status = i ->> 'to', stage = i ->> 'stage', probability = null, actual_close_date = null,
                lost_reason = null
            from deal, input
            where d.id = deal.id and i -> 'allowed' ? deal.status
            returning d.*
        )
        select 'ok'::text as outcome, to_json(o) as body from opened o
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', status, 'stage', stage),
            'allowed', json_build_object('status', i -> 'allowed'))
        from deal, input
        where not i -> 'allowed' ? status";
    type Input = Input;
}

//! C10: a deal is won or lost.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct CloseDeal;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The deal.
    id: String,
    /// Whether it is won.
    won: bool,
    /// Why it is lost; a deal that is won keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10_000)]
    reason: Option<String>,
}

impl Operation for CloseDeal {
    const ID: &'static str = "crm_close_deal";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/deals/{id}/close";
    const SUMMARY: &'static str = "Win or lose an open deal";
    const DESCRIPTION: &'static str = "Stage, chance and the day it closed follow. Of two who close it, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("deals");
    const EXAMPLE: &'static str = r#"{"won": false, "reason": "Valgte en anden leverandør"}"#;
    // Two steps of the state machine in one: it leads to won or to lost.
    const SQL: &'static str = "
        with input as (
            select i ->> 'id' as id, (i -> 'won')::boolean as won, nullif(btrim(i ->> 'reason'), '') as reason
            from (select $1::jsonb as i) as one
        ),
        deal as (select d.id, d.status, d.stage from crm.deals d, input where d.id = input.id for update of d),
        closed as (
            update crm.deals d
            set status = case when won then 'won' else 'lost' end,
                stage = case when won then 'closed_won' else 'closed_lost' end,
                probability = case when won then 100 else 0 end,
                lost_reason = case when not won then reason end,
                actual_close_date = now()
            from deal, input
            where d.id = deal.id and deal.status = 'open'
            returning d.*
        )
        select 'ok'::text as outcome, to_json(c) as body from closed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', status, 'stage', stage),
            'allowed', json_build_object('status', json_build_array('open')))
        from deal
        where status <> 'open'";
    type Input = Input;
}

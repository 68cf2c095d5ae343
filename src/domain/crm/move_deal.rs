//! C9: an open deal moves along the pipeline.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    BACKEND,
    states::{DEAL, OpenStage},
};
use crate::domain::{Operation, Output, Transition};

pub(super) struct MoveDeal;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The deal.
    id: String,
    /// Where it goes, forward or back.
    stage: OpenStage,
}

impl Operation for MoveDeal {
    const ID: &'static str = "crm_move_deal";
    const SCHEMA: &'static str = "crm";
    const PATH: &'static str = "/deals/{id}/move";
    const SUMMARY: &'static str = "Move an open deal along the pipeline";
    const DESCRIPTION: &'static str =
        "To the stage that it is in changes nothing. Winning and losing are `close`; a closed deal is reopened first.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &DEAL, from: &["open"], to: "open" });
    const OUTPUT: Output = Output::Row("deals");
    const EXAMPLE: &'static str = r#"{"stage": "negotiation"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        deal as (select d.* from crm.deals d, input where d.id = i ->> 'id' for update of d),
        moved as (
            update crm.deals d
            set stage = i ->> 'stage'
            from deal, input
            where d.id = deal.id and i -> 'allowed' ? deal.status and deal.stage <> i ->> 'stage'
            returning d.*
        )
        select 'ok'::text as outcome, to_json(m) as body from moved m
        union all
        select 'ok', to_json(d) from deal d, input where i -> 'allowed' ? status and stage = i ->> 'stage'
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('status', status, 'stage', stage),
            'allowed', json_build_object('status', i -> 'allowed'))
        from deal, input
        where not i -> 'allowed' ? status";
    type Input = Input;
}

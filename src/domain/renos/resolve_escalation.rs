//! R27: a conflict is settled.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct ResolveEscalation;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The escalation.
    id: String,
    /// How it was settled.
    #[schema(min_length = 1, max_length = 5_000)]
    resolution: String,
}

impl Operation for ResolveEscalation {
    const ID: &'static str = "renos_resolve_escalation";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/escalations/{id}/resolve";
    const SUMMARY: &'static str = "Settle an escalation";
    const DESCRIPTION: &'static str = "It is settled once; of two who do, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("escalations");
    const EXAMPLE: &'static str = r#"{"resolution": "Called the customer and agreed on a second visit"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select e.* from renos.escalations e, input where e.id = i ->> 'id' for update of e
        ),
        changed as (
            update renos.escalations e
            set resolved_at = now(), resolution = btrim(i ->> 'resolution')
            from found f, input
            where e.id = f.id and f.resolved_at is null
            returning e.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c
        union all
        select 'invalid_state', json_build_object(
            'current', json_build_object('resolved_at', f.resolved_at),
            'allowed', json_build_object('resolved_at', null))
        from found f
        where f.resolved_at is not null";
    type Input = Input;
}

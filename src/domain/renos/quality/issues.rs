//! A50: assessments that were bad.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{ArrayBuilder, RefOr, Schema, schema::Type},
};

use crate::domain::{
    Method, Operation, Output, json,
    renos::{
        BACKEND, row, row_and,
        shapes::{object, of},
    },
};

pub(super) struct Issues;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// How bad.
    #[serde(default)]
    severity: Severity,
    /// Assessments at most.
    #[schema(minimum = 1, maximum = 1_000, default = 100)]
    #[serde(default = "hundred")]
    limit: u32,
    /// Assessments to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000, default = 0)]
    #[serde(default)]
    offset: u32,
}

fn hundred() -> u32 {
    100
}

/// How bad: `low`, which is the default, is fewer than 4 stars, `medium` fewer than 3, `high` fewer than 2.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Severity {
    #[default]
    Low,
    Medium,
    High,
}

/// Assessments, each with its job, checklist and assessor.
fn issues() -> Value {
    let assessor = object(["id", "name", "email"].map(|name| (name, of(Type::String))));
    let joined =
        [("lead", row("leads").into()), ("checklist", row("quality_checklists").into()), ("assessor", assessor)];
    json(&RefOr::<Schema>::from(ArrayBuilder::new().items(row_and("quality_assessments", joined))))
}

impl Operation for Issues {
    const ID: &'static str = "renos_quality_issues";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/quality/issues";
    const SUMMARY: &'static str = "Assessments that were bad";
    const DESCRIPTION: &'static str =
        "Of those that are completed or reviewed, the worst first; each with its lead, its checklist and who assessed.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(issues);
    const EXAMPLE: &'static str = r#"{"severity": "medium"}"#;
    const SQL: &'static str = "
        with input as (
            select i, case i ->> 'severity' when 'high' then 2 when 'medium' then 3 else 4 end as stars
            from (select $1::jsonb) as given (i)
        ),
        page as (
            select a.*
            from renos.quality_assessments a, input
            where a.overall_score < stars and a.status <> 'in_progress'
            order by a.overall_score, a.percentage_score, a.created_at desc, a.id desc
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, coalesce(json_agg(
            to_jsonb(p) || jsonb_build_object('lead', to_jsonb(l), 'checklist', to_jsonb(c), 'assessor',
                jsonb_build_object('id', u.id, 'name', u.name, 'email', u.email))
            order by p.overall_score, p.percentage_score, p.created_at desc, p.id desc), '[]') as body
        from page p
        join renos.leads l on l.id = p.lead_id
        join renos.quality_checklists c on c.id = p.checklist_id
        join renos.users u on u.id = p.assessed_by";
    type Input = Input;
}

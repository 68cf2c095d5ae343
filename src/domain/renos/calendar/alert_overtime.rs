//! A66: the customer is alerted that a job runs over its time.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema, schema::Type},
};

use super::{BACKEND, row_and, shapes::of};
use crate::domain::{Operation, Output, json};

pub(super) struct AlertOvertime;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking, by the calendar's key.
    booking_id: String,
    /// How the alert goes out.
    method: AlertMethod,
    /// Whether it goes out before an hour is over.
    #[serde(default)]
    force: bool,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosAlertMethod)]
enum AlertMethod {
    Voice,
    Sms,
    Email,
}

/// The log, and whether the alert had gone out before.
fn answer() -> RefOr<Schema> {
    row_and("overtime_logs", [("already_sent", of(Type::Boolean))])
}

impl Operation for AlertOvertime {
    const ID: &'static str = "renos_alert_overtime";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/overtime_logs/{booking_id}/alert";
    const SUMMARY: &'static str = "Note that the customer is alerted of overtime";
    const DESCRIPTION: &'static str = "Once: of two who do, the second is told that it was `already_sent`, and sends nothing. The job has to be over its time by an hour (422), as the log says or, where it doesn't, by the time since its start.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&answer()));
    const EXAMPLE: &'static str = r#"{"method": "sms"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select o.* from renos.overtime_logs o, input where o.booking_id = i ->> 'booking_id' for update of o
        ),
        verdict as (
            select f.id, f.alert_sent_at, round(greatest(coalesce(
                f.overtime_hours,
                coalesce(f.actual_hours, extract(epoch from coalesce(f.end_time, now()) - f.start_time) / 3600)
                    - f.estimated_hours), 0), 2) as hours_over
            from found f
        ),
        changed as (
            update renos.overtime_logs o
            set alert_sent_at = now(), alert_method = i ->> 'method'
            from verdict v, input
            where o.id = v.id and v.alert_sent_at is null and (v.hours_over >= 1 or (i ->> 'force')::boolean)
            returning o.*
        )
        select 'ok' as outcome, (to_jsonb(c) || '{\"already_sent\": false}')::json as body from changed c
        union all
        select 'ok', (to_jsonb(f) || '{\"already_sent\": true}')::json from found f where f.alert_sent_at is not null
        union all
        select 'unprocessable', json_build_object(
            'message', 'The job is not over its time by an hour yet', 'overtime_hours', v.hours_over)
        from verdict v
        where v.alert_sent_at is null and not exists (select from changed)";
    type Input = Input;
}

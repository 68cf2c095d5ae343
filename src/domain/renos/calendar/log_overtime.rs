//! A66: a job runs over its time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{BACKEND, given};
use crate::domain::{Method, Operation, Output};

pub(super) struct LogOvertime;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The booking, by the calendar's key.
    #[schema(min_length = 1, max_length = 255)]
    booking_id: String,
    /// The customer, by the calendar's key. Required at first.
    #[schema(min_length = 1, max_length = 255, value_type = String, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    customer_id: Option<String>,
    /// Name. Required at first.
    #[schema(min_length = 1, max_length = 10_000, value_type = String, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    customer_name: Option<String>,
    /// Planned hours. Required at first.
    #[schema(minimum = 0, maximum = 9_999.99, value_type = f64, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    estimated_hours: Option<f64>,
    /// Hours used.
    #[schema(minimum = 0, maximum = 9_999.99, value_type = Option<f64>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    actual_hours: Option<Option<f64>>,
    /// Hours over; counted from the other two where it is absent and one of them is given.
    #[schema(minimum = 0, maximum = 9_999.99, value_type = Option<f64>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    overtime_hours: Option<Option<f64>>,
    /// Start of the job. Required at first.
    #[schema(format = "date-time", value_type = String, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    start_time: Option<String>,
    /// End of the job.
    #[schema(format = "date-time", value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    end_time: Option<Option<String>>,
    /// Whether the customer knows.
    #[schema(value_type = bool, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    customer_notified: Option<bool>,
    /// What the customer says.
    #[schema(max_length = 10_000, value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    customer_response: Option<Option<String>>,
}

impl Operation for LogOvertime {
    const ID: &'static str = "renos_log_overtime";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Put;
    const PATH: &'static str = "/overtime_logs/{booking_id}";
    const SUMMARY: &'static str = "Log that a job runs over its time";
    const DESCRIPTION: &'static str = "One log a booking: made at first (201), changed then. What is absent stays, and null empties what may be empty.";
    const CALLERS: &'static [&'static str] = BACKEND;
    // Whether there is a log is read before one is made.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("overtime_logs");
    const EXAMPLE: &'static str = r#"{"customer_id": "c019a0b1c2d3e4f5a6b7c8d9e", "customer_name": "Ann Dahl",
        "estimated_hours": 3, "actual_hours": 4.25, "start_time": "2026-01-30T08:00:00Z"}"#;
    const SQL: &'static str = "
        with input as (select i, i ->> 'booking_id' as booking_id from (select $1::jsonb) as given (i)),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', 'is required at first') order by field) as list
            from input, unnest(array['customer_id', 'customer_name', 'estimated_hours', 'start_time']) as field
            where not i ? field
                and not exists (select from renos.overtime_logs o where o.booking_id = input.booking_id)
        ),
        fresh as (
            select booking_id, i, i ->> 'customer_id' as customer_id,
                btrim(i ->> 'customer_name') as customer_name, (i ->> 'estimated_hours')::numeric as estimated_hours,
                (i ->> 'actual_hours')::numeric as actual_hours, (i ->> 'overtime_hours')::numeric as overtime_hours,
                (i ->> 'start_time')::timestamptz as start_time, (i ->> 'end_time')::timestamptz as end_time,
                (i ->> 'customer_notified')::boolean as customer_notified,
                btrim(i ->> 'customer_response') as customer_response
            from input, faults
            where list is null
        ),
        changed as (
            update renos.overtime_logs o
            set customer_id = coalesce(f.customer_id, o.customer_id),
                customer_name = coalesce(f.customer_name, o.customer_name),
                estimated_hours = coalesce(f.estimated_hours, o.estimated_hours),
                actual_hours = case when i ? 'actual_hours' then f.actual_hours else o.actual_hours end,
                overtime_hours = case
                    when i ? 'overtime_hours' then f.overtime_hours
                    when i ?| array['actual_hours', 'estimated_hours'] then (
                        select greatest(worked - coalesce(f.estimated_hours, o.estimated_hours), 0)
                        from (values (case when i ? 'actual_hours' then f.actual_hours else o.actual_hours end)) as w (worked)
                        where worked is not null)
                    else o.overtime_hours
                end,
                start_time = coalesce(f.start_time, o.start_time),
                end_time = case when i ? 'end_time' then f.end_time else o.end_time end,
                customer_notified = coalesce(f.customer_notified, o.customer_notified),
                customer_response = case
                    when i ? 'customer_response' then f.customer_response else o.customer_response end
            from fresh f
            where o.booking_id = f.booking_id
            returning o.*
        ),
        made as (
            insert into renos.overtime_logs (
                booking_id, customer_id, customer_name, estimated_hours, actual_hours, overtime_hours, start_time,
                end_time, customer_notified, customer_response)
            select booking_id, customer_id, customer_name, estimated_hours, actual_hours,
                case
                    when i ? 'overtime_hours' then overtime_hours
                    when actual_hours is not null then greatest(actual_hours - estimated_hours, 0)
                end,
                start_time, end_time, coalesce(customer_notified, false), customer_response
            from fresh
            where not exists (select from changed)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'ok', to_json(c) from changed c
        union all
        select 'invalid_input', list from faults where list is not null";
    type Input = Input;
}

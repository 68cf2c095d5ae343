//! A80: how many mails come and go.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Method, Operation, Output};

pub(super) struct EmailActivity;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Days up to today.
    #[schema(minimum = 1, maximum = 366, default = 7)]
    #[serde(default = "seven")]
    days: u32,
}

fn seven() -> u32 {
    7
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Day {
    #[schema(format = "date")]
    date: String,
    inbound: i64,
    outbound: i64,
    /// Of any direction, written by the assistant.
    ai_written: i64,
}

impl Operation for EmailActivity {
    const ID: &'static str = "renos_email_activity";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/emails/activity";
    const SUMMARY: &'static str = "Mails by day";
    const DESCRIPTION: &'static str =
        "Today and the days before, in Europe/Copenhagen, by the time of sending; days without a mail too.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Vec<Day>>();
    const EXAMPLE: &'static str = r#"{"days": 14}"#;
    const SQL: &'static str = "
        with input as (
            select today - (i ->> 'days')::integer + 1 as first, today
            from (select $1::jsonb as i, (now() at time zone 'Europe/Copenhagen')::date as today) as given
        ),
        counted as (
            select (m.sent_at at time zone 'Europe/Copenhagen')::date as day,
                count(*) filter (where m.direction = 'inbound') as inbound,
                count(*) filter (where m.direction = 'outbound') as outbound,
                count(*) filter (where m.is_ai_generated) as ai_written
            from renos.email_messages m, input
            where m.sent_at >= first::timestamp at time zone 'Europe/Copenhagen'
                and m.sent_at < (today + 1)::timestamp at time zone 'Europe/Copenhagen'
            group by 1
        )
        select 'ok'::text as outcome, json_agg(json_build_object(
            'date', first + n, 'inbound', coalesce(inbound, 0), 'outbound', coalesce(outbound, 0),
            'ai_written', coalesce(ai_written, 0)) order by n) as body
        from input
        cross join generate_series(0, today - first) as n
        left join counted c on c.day = first + n";
    type Input = Input;
}

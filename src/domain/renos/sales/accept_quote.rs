//! A23: an offer is accepted, and its job booked.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{BACKEND, row_with, states::QUOTE};
use crate::domain::{Operation, Output, Transition, json};

pub(super) struct AcceptQuote;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The offer.
    id: String,
    /// The job, which is booked with the offer; none is where this is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    create_booking: Option<Booking>,
}

/// A job of the offer, for its lead and the lead's customer.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Booking {
    /// Planned start.
    #[schema(format = "date-time")]
    scheduled_at: String,
    /// Planned minutes; those of the hours offered where it is absent, a day at most.
    #[schema(minimum = 1, maximum = 1440)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    estimated_duration: Option<u32>,
    /// Kind of service; what the lead asked for where it is absent.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    service_type: Option<String>,
    /// Place; that of the lead where it is absent.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Remarks.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Start of the calendar slot; the planned start where it is absent.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start_time: Option<String>,
    /// End of the calendar slot; after the planned minutes where it is absent.
    #[schema(format = "date-time")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end_time: Option<String>,
    /// Google Calendar event.
    #[schema(min_length = 1, max_length = 1_024)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calendar_event_id: Option<String>,
    /// Link to that event.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calendar_link: Option<String>,
}

impl Operation for AcceptQuote {
    const ID: &'static str = "renos_accept_quote";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/quotes/{id}/accept";
    const SUMMARY: &'static str = "Accept an offer";
    const DESCRIPTION: &'static str = "Until the end of its last day in Copenhagen. With `create_booking` the job is booked in the same step, and the figures of the lead's customer are counted anew, who was in contact now. Answers the offer with the booking that was made. Of two who accept it, one does.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const TRANSITION: Option<Transition> = Some(Transition { of: &QUOTE, from: &["sent"], to: "accepted" });
    const OUTPUT: Output = Output::Value(|| json(&row_with("quotes", &["bookings"])));
    const EXAMPLE: &'static str = r#"{"create_booking": {"scheduled_at": "2026-12-07T08:00:00+01:00"}}"#;
    const SQL: &'static str = "
        with input as (select i, i -> 'create_booking' as b from (select $1::jsonb) as given (i)),
        lead as materialized (
            select l.*
            from renos.leads l, input
            where l.id = (select q.lead_id from renos.quotes q where q.id = i ->> 'id')
            for no key update of l
        ),
        found as materialized (
            select q.*
            from renos.quotes q, lead l, input
            where q.id = i ->> 'id' and q.lead_id = l.id
            for no key update of q
        ),
        standing as (
            select f.*, case
                when f.status = 'sent' and (f.valid_until at time zone 'Europe/Copenhagen')::date
                    < (now() at time zone 'Europe/Copenhagen')::date
                then 'expired'
                else f.status
            end as state
            from found f
        ),
        changed as (
            update renos.quotes q
            set status = i ->> 'to'
            from standing s, input
            where q.id = s.id and i -> 'allowed' ? s.state
            returning q.*
        ),
        planned as (
            select c.id, c.lead_id, (b ->> 'scheduled_at')::timestamptz as scheduled_at,
                coalesce(
                    (b ->> 'estimated_duration')::integer,
                    least(greatest(round(c.estimated_hours * 60), 1), 1440)::integer) as minutes
            from changed c, input
            where jsonb_typeof(b) = 'object'
        ),
        booked as (
            insert into renos.bookings (
                customer_id, lead_id, quote_id, service_type, address, scheduled_at, estimated_duration, start_time,
                end_time, calendar_event_id, calendar_link, notes)
            select l.customer_id, l.id, p.id, coalesce(btrim(b ->> 'service_type'), l.task_type),
                coalesce(btrim(b ->> 'address'), l.address), p.scheduled_at, p.minutes, s.start_time,
                coalesce((b ->> 'end_time')::timestamptz, s.start_time + make_interval(mins => p.minutes)),
                btrim(b ->> 'calendar_event_id'), btrim(b ->> 'calendar_link'), btrim(b ->> 'notes')
            from input, lead l, planned p
            cross join lateral (
                select coalesce((b ->> 'start_time')::timestamptz, p.scheduled_at) as start_time
            ) as s
            returning *
        ),
        contacted as (
            update renos.customers c
            set last_contact_at = greatest(c.last_contact_at, now())
            from booked b
            where c.id = b.customer_id
            returning c.id
        ),
        refreshed as (select r.id from contacted c cross join lateral renos.refresh_customer(c.id) as r)
        select 'ok' as outcome, (to_jsonb(c) || jsonb_build_object('bookings', (
            select coalesce(jsonb_agg(b), '[]') from booked b left join refreshed r on r.id = b.customer_id
        )))::json as body
        from changed c
        union all
        select 'invalid_state', json_build_object('current', s.state, 'allowed', i -> 'allowed')
        from standing s, input
        where not exists (select from changed)";
    type Input = Input;
}

//! A65: what is known of a customer.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{BACKEND, given};
use crate::domain::{Method, Operation, Output};

pub(super) struct RememberCustomer;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The customer, by the calendar's key.
    #[schema(min_length = 1, max_length = 255)]
    customer_id: String,
    /// Name, for lookup. At first, that of the customer of this key where it is absent.
    #[schema(min_length = 1, max_length = 10_000, value_type = String, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    customer_name: Option<String>,
    /// How to get in.
    #[schema(max_length = 10_000, value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    access_notes: Option<Option<String>>,
    /// Where to park.
    #[schema(max_length = 10_000, value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    parking_instructions: Option<Option<String>>,
    /// Anything else.
    #[schema(max_length = 10_000, value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    special_instructions: Option<Option<String>>,
    /// `communicationStyle`, `preferredDays`, …, up to 256 KiB.
    #[schema(value_type = Object, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    preferences: Option<Map<String, Value>>,
    /// `{dayOfWeek, time, frequency, confidence}`.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    fixed_schedule: Option<Option<Map<String, Value>>>,
    /// Bookings so far.
    #[schema(minimum = 0, maximum = 2_147_483_647, value_type = u32, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    total_bookings: Option<u32>,
    /// Of these, done.
    #[schema(minimum = 0, maximum = 2_147_483_647, value_type = u32, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    completed_bookings: Option<u32>,
    /// Of these, cancelled.
    #[schema(minimum = 0, maximum = 2_147_483_647, value_type = u32, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    canceled_bookings: Option<u32>,
    /// Hours.
    #[schema(minimum = 0, maximum = 9_999.99, value_type = f64, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    average_job_duration: Option<f64>,
    /// Newest booking.
    #[schema(format = "date-time", value_type = Option<String>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    last_booking_date: Option<Option<String>>,
    /// 0, which is safe, to 100.
    #[schema(minimum = 0, maximum = 100, value_type = u32, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    risk_score: Option<u32>,
    /// Reasons for it.
    #[schema(max_items = 100, value_type = Vec<String>, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    risk_factors: Option<Vec<String>>,
    /// DKK, two decimals.
    #[schema(minimum = 0, maximum = 9_999_999_999.99, value_type = f64, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    total_revenue: Option<f64>,
    /// DKK, two decimals.
    #[schema(minimum = 0, maximum = 9_999_999_999.99, value_type = f64, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    average_booking_value: Option<f64>,
    /// Number unpaid.
    #[schema(minimum = 0, maximum = 2_147_483_647, value_type = u32, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    outstanding_invoices: Option<u32>,
    /// Paying habit.
    #[schema(value_type = PaymentHistory, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    payment_history: Option<PaymentHistory>,
    /// Stars, one decimal.
    #[schema(minimum = 1, maximum = 5, value_type = Option<f64>)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    satisfaction_score: Option<Option<f64>>,
    /// Number of complaints.
    #[schema(minimum = 0, maximum = 2_147_483_647, value_type = u32, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    complaints: Option<u32>,
    /// Number of praises.
    #[schema(minimum = 0, maximum = 2_147_483_647, value_type = u32, required = false)]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    praises: Option<u32>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RenosPaymentHistory)]
enum PaymentHistory {
    Excellent,
    Good,
    Fair,
    Poor,
}

impl Operation for RememberCustomer {
    const ID: &'static str = "renos_remember_customer";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Put;
    const PATH: &'static str = "/customer_intelligence/{customer_id}";
    const SUMMARY: &'static str = "Remember something of a customer";
    const DESCRIPTION: &'static str =
        "Made at first (201), changed then: what is absent stays, and null empties what may be empty.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("customer_intelligence");
    const EXAMPLE: &'static str = r#"{"customer_name": "Ann Dahl", "parking_instructions": "In the yard",
        "risk_score": 20, "preferences": {"preferredDays": ["friday"]}}"#;
    const SQL: &'static str = "
        with input as (
            select i, coalesce(btrim(i ->> 'customer_name'), (
                select k.customer_name from renos.customer_intelligence k where k.customer_id = i ->> 'customer_id'
            ), (select c.name from renos.customers c where c.id = i ->> 'customer_id')) as name
            from (select $1::jsonb) as given (i)
        ),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('customer_name', 'is required at first', name is null),
                ('preferences', 'must be 256 KiB or less', octet_length(i ->> 'preferences') > 262144),
                ('fixed_schedule', 'must be 256 KiB or less', octet_length(i ->> 'fixed_schedule') > 262144)
            ) as rule (field, reason, is_broken)
            where is_broken
        ),
        fresh as materialized (
            select shared.new_id() as id, r.*, name, i
            from input, jsonb_to_record(
                '{\"preferences\": {}, \"total_bookings\": 0, \"completed_bookings\": 0, \"canceled_bookings\": 0,
                    \"average_job_duration\": 0, \"risk_score\": 0, \"risk_factors\": [], \"total_revenue\": 0,
                    \"average_booking_value\": 0, \"outstanding_invoices\": 0, \"payment_history\": \"good\",
                    \"complaints\": 0, \"praises\": 0}'::jsonb || i
            ) as r (
                customer_id text, access_notes text, parking_instructions text, special_instructions text,
                preferences jsonb, fixed_schedule jsonb, total_bookings integer, completed_bookings integer,
                canceled_bookings integer, average_job_duration numeric, last_booking_date timestamptz,
                risk_score integer, risk_factors text[], total_revenue numeric, average_booking_value numeric,
                outstanding_invoices integer, payment_history text, satisfaction_score numeric, complaints integer,
                praises integer
            ), faults
            where list is null
        ),
        stored as (
            insert into renos.customer_intelligence as k (
                id, customer_id, customer_name, access_notes, parking_instructions, special_instructions, preferences,
                fixed_schedule, total_bookings, completed_bookings, canceled_bookings, average_job_duration,
                last_booking_date, risk_score, risk_factors, total_revenue, average_booking_value, outstanding_invoices,
                payment_history, satisfaction_score, complaints, praises)
            select id, customer_id, name, btrim(access_notes), btrim(parking_instructions), btrim(special_instructions),
                preferences, nullif(fixed_schedule, 'null'), total_bookings, completed_bookings, canceled_bookings,
                average_job_duration, last_booking_date, risk_score, risk_factors, total_revenue, average_booking_value,
                outstanding_invoices, payment_history, satisfaction_score, complaints, praises
            from fresh
            on conflict (customer_id) do update
            set (customer_name, access_notes, parking_instructions, special_instructions, preferences, fixed_schedule,
                total_bookings, completed_bookings, canceled_bookings, average_job_duration, last_booking_date,
                risk_score, risk_factors, total_revenue, average_booking_value, outstanding_invoices, payment_history,
                satisfaction_score, complaints, praises) = (
                select
                    case when i ? 'customer_name' then excluded.customer_name else k.customer_name end,
                    case when i ? 'access_notes' then excluded.access_notes else k.access_notes end,
                    case when i ? 'parking_instructions'
                        then excluded.parking_instructions else k.parking_instructions end,
                    case when i ? 'special_instructions'
                        then excluded.special_instructions else k.special_instructions end,
                    case when i ? 'preferences' then excluded.preferences else k.preferences end,
                    case when i ? 'fixed_schedule' then excluded.fixed_schedule else k.fixed_schedule end,
                    case when i ? 'total_bookings' then excluded.total_bookings else k.total_bookings end,
                    case when i ? 'completed_bookings' then excluded.completed_bookings else k.completed_bookings end,
                    case when i ? 'canceled_bookings' then excluded.canceled_bookings else k.canceled_bookings end,
                    case when i ? 'average_job_duration'
                        then excluded.average_job_duration else k.average_job_duration end,
                    case when i ? 'last_booking_date' then excluded.last_booking_date else k.last_booking_date end,
                    case when i ? 'risk_score' then excluded.risk_score else k.risk_score end,
                    case when i ? 'risk_factors' then excluded.risk_factors else k.risk_factors end,
                    case when i ? 'total_revenue' then excluded.total_revenue else k.total_revenue end,
                    case when i ? 'average_booking_value'
                        then excluded.average_booking_value else k.average_booking_value end,
                    case when i ? 'outstanding_invoices'
                        then excluded.outstanding_invoices else k.outstanding_invoices end,
                    case when i ? 'payment_history' then excluded.payment_history else k.payment_history end,
                    case when i ? 'satisfaction_score' then excluded.satisfaction_score else k.satisfaction_score end,
                    case when i ? 'complaints' then excluded.complaints else k.complaints end,
                    case when i ? 'praises' then excluded.praises else k.praises end
                from fresh
            )
            returning *
        )
        select case when s.id = f.id then 'created' else 'ok' end as outcome, to_json(s) as body from stored s, fresh f
        union all
        select 'invalid_input', list from faults where list is not null";
    type Input = Input;
}

//! A68: something that was done is taken back.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema, schema::Type},
};

use super::{BACKEND, row_and, shapes::of};
use crate::domain::{Operation, Output, json};

pub(super) struct UndoAction;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The action.
    id: String,
    /// Who takes it back.
    #[schema(min_length = 1, max_length = 255)]
    undone_by: String,
    /// Whether the row is restored here, and not by the caller.
    #[serde(default)]
    apply: bool,
}

/// The action, and whether the row was restored.
fn answer() -> RefOr<Schema> {
    row_and("undo_actions", [("applied", of(Type::Boolean))])
}

impl Operation for UndoAction {
    const ID: &'static str = "renos_undo_action";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/undo_actions/{id}/undo";
    const SUMMARY: &'static str = "Take an action back";
    const DESCRIPTION: &'static str = "Once, within its five minutes; of two who do, one does. The caller restores the row as it was `before`. With `apply` it is restored here, at once: a customer, booking or invoice gets the columns of `before` that `after` has, too, and a caller may change, unless it is not as `after` says any more (409), or there is nothing to restore (422); then the action can still be taken back.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&answer()));
    const EXAMPLE: &'static str = r#"{"undone_by": "c019a0b1c2d3e4f5a6b7c8d9f", "apply": true}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select u.*, u.undone_at is null and now() < u.expires_at as is_open, (i ->> 'apply')::boolean as apply
            from renos.undo_actions u, input
            where u.id = i ->> 'id'
            for update of u
        ),
        wanted as (
            select f.entity_type, f.entity_id, f.after - 'updated_at' as after, (
                select jsonb_object_agg(key, value) from jsonb_each(f.before)
                where key = any (changeable.columns) and f.after ? key
            ) as changes
            from found f
            join (values
                ('customer', array['name', 'email', 'phone', 'address', 'company_name', 'notes', 'status', 'tags',
                    'last_contact_at']),
                ('booking', array['customer_id', 'lead_id', 'quote_id', 'service_type', 'address', 'scheduled_at',
                    'estimated_duration', 'start_time', 'end_time', 'calendar_event_id', 'calendar_link', 'notes',
                    'time_notes']),
                -- Amounts follow from the rate of the tax: it is not put back alone.
                ('invoice', array['booking_id', 'customer_id', 'customer_name', 'customer_email', 'customer_address',
                    'issue_date', 'due_date', 'notes', 'internal_notes'])
            ) as changeable (kind, columns) on kind = f.entity_type
            where f.is_open and f.apply
        ),
        customer as materialized (
            select c.id, to_jsonb(c) = to_jsonb(jsonb_populate_record(c, w.after)) as is_same
            from renos.customers c, wanted w
            where w.entity_type = 'customer' and c.id = w.entity_id and w.changes is not null
            for update of c
        ),
        booking as materialized (
            select b.id, to_jsonb(b) = to_jsonb(jsonb_populate_record(b, w.after)) as is_same
            from renos.bookings b, wanted w
            where w.entity_type = 'booking' and b.id = w.entity_id and w.changes is not null
            for update of b
        ),
        invoice as materialized (
            select v.id, to_jsonb(v) = to_jsonb(jsonb_populate_record(v, w.after)) as is_same
            from renos.invoices v, wanted w
            where w.entity_type = 'invoice' and v.id = w.entity_id and w.changes is not null
            for update of v
        ),
        target as (select * from customer union all select * from booking union all select * from invoice),
        restored_customer as (
            update renos.customers c
            set (name, email, phone, address, company_name, notes, status, tags, last_contact_at) = (
                select r.name, r.email, r.phone, r.address, r.company_name, r.notes, r.status, r.tags, r.last_contact_at
                from jsonb_populate_record(c, w.changes) as r)
            from customer t, wanted w
            where c.id = t.id and t.is_same
            returning c.id
        ),
        restored_booking as (
            update renos.bookings b
            set (customer_id, lead_id, quote_id, service_type, address, scheduled_at, estimated_duration, start_time,
                end_time, calendar_event_id, calendar_link, notes, time_notes) = (
                select r.customer_id, r.lead_id, r.quote_id, r.service_type, r.address, r.scheduled_at,
                    r.estimated_duration, r.start_time, r.end_time, r.calendar_event_id, r.calendar_link, r.notes,
                    r.time_notes
                from jsonb_populate_record(b, w.changes) as r)
            from booking t, wanted w
            where b.id = t.id and t.is_same
            returning b.id
        ),
        restored_invoice as (
            update renos.invoices v
            set (booking_id, customer_id, customer_name, customer_email, customer_address, issue_date, due_date, notes,
                internal_notes) = (
                select r.booking_id, r.customer_id, r.customer_name, r.customer_email, r.customer_address, r.issue_date,
                    r.due_date, r.notes, r.internal_notes
                from jsonb_populate_record(v, w.changes) as r)
            from invoice t, wanted w
            where v.id = t.id and t.is_same
            returning v.id
        ),
        restored as (
            select id from restored_customer
            union all
            select id from restored_booking
            union all
            select id from restored_invoice
        ),
        undone as (
            update renos.undo_actions u
            set undone_at = now(), undone_by = i ->> 'undone_by'
            from found f, input
            where u.id = f.id and f.is_open and (not f.apply or exists (select from restored))
            returning u.*
        )
        select 'ok' as outcome, (to_jsonb(u) || jsonb_build_object('applied', f.apply))::json as body
        from undone u, found f
        union all
        select 'invalid_state', json_build_object(
            'current', case when f.undone_at is null then 'expired' else 'undone' end,
            'allowed', json_build_array('open'))
        from found f
        where not f.is_open
        union all
        select 'conflict', json_build_object(
            'message', 'The row has changed since', 'entity_type', f.entity_type, 'entity_id', f.entity_id)
        from found f, target t
        where not t.is_same
        union all
        select 'unprocessable', json_build_object(
            'field', 'apply', 'message', 'There is nothing that can be restored', 'entity_type', f.entity_type)
        from found f
        where f.is_open and f.apply and not exists (select from target)";
    type Input = Input;
}

//! A55: a copy of all that there is of a person.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema, schema::Type},
};

use super::{
    OPERATORS, row,
    shapes::{object, of},
    states::EXPORT,
};
use crate::domain::{Operation, Output, Transition, json};

pub(super) struct ProcessExport;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The request.
    id: String,
    /// Where the copy will be fetched from.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    download_url: Option<String>,
}

/// The request, and the copy: lists of rows by table.
fn answer() -> RefOr<Schema> {
    object([("request", row("data_export_requests").into()), ("data", of(Type::Object))])
}

impl Operation for ProcessExport {
    const ID: &'static str = "renos_process_export";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/data_export_requests/{id}/process";
    const SUMMARY: &'static str = "Make the copy that somebody asked for";
    const DESCRIPTION: &'static str = "Answers all rows that are of the person, by account or by mail address, without secrets; the request is completed, and the copy expires after seven days. Of two who do it, one does. It goes into the trail.";
    const CALLERS: &'static [&'static str] = OPERATORS;
    const TRANSITION: Option<Transition> = Some(Transition { of: &EXPORT, from: &["pending"], to: "completed" });
    const OUTPUT: Output = Output::Value(|| json(&answer()));
    const EXAMPLE: &'static str = r#"{"download_url": "https://exports.example/exports/4711.json"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        found as materialized (
            select r.* from renos.data_export_requests r, input where r.id = i ->> 'id' for update of r
        ),
        changed as (
            update renos.data_export_requests r
            set status = i ->> 'to', expires_at = now() + interval '7 days',
                download_url = coalesce(btrim(i ->> 'download_url'), r.download_url)
            from found f, input
            where r.id = f.id and i -> 'allowed' ? f.status
            returning r.*
        ),
        trail as (
            insert into shared.audit_logs (user_id, service, action, resource_type, resource_id, success, metadata)
            select auth.user_uuid(), 'renos', 'export', 'user', c.user_id, true, jsonb_build_object('request_id', c.id)
            from changed c
        ),
        person as (
            select u.id, u.shared_user_id::text as shared_id, array[lower(u.email)] as mails
            from changed c
            join renos.users u on u.id = c.user_id
        ),
        customers as (select c.* from renos.customers c, person p where lower(c.email) = any (p.mails)),
        leads as (
            select l.* from renos.leads l, person p
            where lower(l.email) = any (p.mails) or l.customer_id in (select id from customers)
        ),
        threads as (
            select t.* from renos.email_threads t, person p
            where t.customer_id in (select id from customers) or t.participants && p.mails
        ),
        members as (select m.* from renos.team_members m, person p where m.user_id = p.id),
        lists (name, list) as (
            select 'users', jsonb_agg(to_jsonb(u) - 'password_hash')
            from renos.users u, person p where u.id = p.id
            union all
            select 'team_members', jsonb_agg(to_jsonb(m)) from members m
            union all
            select 'time_entries', jsonb_agg(to_jsonb(t) order by t.start_time, t.id)
            from renos.time_entries t where t.team_member_id in (select id from members)
            union all
            select 'time_corrections', jsonb_agg(to_jsonb(t) order by t.created_at, t.id)
            from renos.time_corrections t, person p where t.submitted_by = p.id
            union all
            select 'notifications', jsonb_agg(to_jsonb(n) order by n.created_at, n.id)
            from renos.notifications n, person p where n.user_id = p.id
            union all
            select 'chat_sessions', jsonb_agg(to_jsonb(s) || jsonb_build_object('chat_messages', (
                select coalesce(jsonb_agg(to_jsonb(m) order by m.created_at, m.id), '[]')
                from renos.chat_messages m where m.session_id = s.id)) order by s.created_at, s.id)
            from renos.chat_sessions s, person p where s.user_id in (p.id, p.shared_id)
            union all
            select 'consent_records', jsonb_agg(to_jsonb(c) order by c.granted_at, c.id)
            from renos.consent_records c, person p where c.user_id = p.id
            union all
            select 'data_export_requests', jsonb_agg(to_jsonb(r) - 'download_url' order by r.created_at, r.id)
            from renos.data_export_requests r, person p where r.user_id = p.id
            union all
            select 'data_deletion_requests', jsonb_agg(to_jsonb(r) order by r.created_at, r.id)
            from renos.data_deletion_requests r, person p where r.user_id = p.id
            union all
            select 'audit_logs', jsonb_agg(to_jsonb(l) order by l.created_at, l.id)
            from renos.audit_logs l, person p where l.user_id in (p.id, p.shared_id)
            union all
            select 'security_events', jsonb_agg(to_jsonb(e) order by e.created_at, e.id)
            from renos.security_events e, person p where e.user_id in (p.id, p.shared_id)
            union all
            select 'photo_documentation', jsonb_agg(to_jsonb(d) order by d.created_at, d.id)
            from renos.photo_documentation d, person p where d.uploaded_by = p.id
            union all
            select 'quality_assessments', jsonb_agg(to_jsonb(a) order by a.created_at, a.id)
            from renos.quality_assessments a, person p where a.assessed_by = p.id
            union all
            select 'customers', jsonb_agg(to_jsonb(c) order by c.id) from customers c
            union all
            select 'leads', jsonb_agg(to_jsonb(l) order by l.id) from leads l
            union all
            select 'quotes', jsonb_agg(to_jsonb(q) order by q.id)
            from renos.quotes q where q.lead_id in (select id from leads)
            union all
            select 'bookings', jsonb_agg(to_jsonb(b) order by b.id)
            from renos.bookings b
            where b.customer_id in (select id from customers) or b.lead_id in (select id from leads)
            union all
            select 'cleaning_plans', jsonb_agg(to_jsonb(c) order by c.id)
            from renos.cleaning_plans c where c.customer_id in (select id from customers)
            union all
            select 'invoices', jsonb_agg(to_jsonb(v) - 'internal_notes' || jsonb_build_object('invoice_line_items', (
                select coalesce(jsonb_agg(to_jsonb(n) order by n.sort_order, n.id), '[]')
                from renos.invoice_line_items n where n.invoice_id = v.id)) order by v.id)
            from renos.invoices v, person p
            where v.customer_id in (select id from customers) or lower(v.customer_email) = any (p.mails)
            union all
            select 'conversations', jsonb_agg(to_jsonb(c) order by c.id)
            from renos.conversations c
            where c.customer_id in (select id from customers) or c.lead_id in (select id from leads)
            union all
            select 'email_threads', jsonb_agg(to_jsonb(t) order by t.id) from threads t
            union all
            select 'email_messages', jsonb_agg(to_jsonb(m) order by m.sent_at, m.id)
            from renos.email_messages m, person p
            where m.thread_id in (select id from threads) and exists (
                select from unnest(array[m.\"from\"] || m.\"to\") as mailbox
                where lower(btrim(coalesce(substring(mailbox from '<([^<>]+)>'), mailbox))) = any (p.mails))
            union all
            select 'email_responses', jsonb_agg(to_jsonb(r) order by r.created_at, r.id)
            from renos.email_responses r, person p
            where lower(r.recipient_email) = any (p.mails) or r.lead_id in (select id from leads)
            union all
            select 'escalations', jsonb_agg(to_jsonb(e) order by e.escalated_at, e.id)
            from renos.escalations e, person p
            where lower(e.customer_email) = any (p.mails) or e.lead_id in (select id from leads)
            union all
            select 'customer_intelligence', jsonb_agg(to_jsonb(c) order by c.id)
            from renos.customer_intelligence c where c.customer_id in (select id from customers)
            union all
            select 'overtime_logs', jsonb_agg(to_jsonb(o) order by o.id)
            from renos.overtime_logs o where o.customer_id in (select id from customers)
            union all
            select 'subcontractors', jsonb_agg(to_jsonb(s) order by s.id)
            from renos.subcontractors s, person p where lower(s.email) = any (p.mails)
        )
        select 'ok' as outcome, json_build_object(
            'request', to_json(c),
            'data', (select json_object_agg(name, coalesce(list, '[]')) from lists)) as body
        from changed c
        union all
        select 'invalid_state', json_build_object('current', f.status, 'allowed', i -> 'allowed')
        from found f, input
        where not exists (select from changed)";
    type Input = Input;
}

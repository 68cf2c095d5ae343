//! A60: something happened that security should look at.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{BACKEND, whose::organization};
use crate::domain::{Operation, Output};

pub(super) struct ReportEvent;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The organisation; the caller's where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organization_id: Option<String>,
    /// The person concerned.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// Kind of event: `failed_login`, `rate_limit_exceeded` or another word.
    #[schema(min_length = 1, max_length = 100)]
    event_type: String,
    /// How bad it is.
    severity: Severity,
    /// What happened.
    #[schema(min_length = 1, max_length = 10_000)]
    description: String,
    /// Details, up to 256 KiB.
    #[schema(value_type = Option<Object>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
    /// Address that it came from.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ip_address: Option<String>,
    /// Client that it came from.
    #[schema(min_length = 1, max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_agent: Option<String>,
}

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

impl Operation for ReportEvent {
    const ID: &'static str = "renos_report_security_event";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/security_events/report";
    const SUMMARY: &'static str = "Report an incident";
    const DESCRIPTION: &'static str = "It stays open until it is resolved, and goes into the trail.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("security_events");
    const EXAMPLE: &'static str = r#"{"organization_id": "org-1", "event_type": "failed_login", "severity": "medium",
        "description": "Five wrong passwords in a minute", "ip_address": "203.0.113.7"}"#;
    const SQL: &'static str = concat!(
        "with input as (select i, ",
        organization!(),
        " as organization from (select $1::jsonb) as given (i)),
        faults as (
            select json_agg(json_build_object('field', field, 'reason', reason)) as list
            from input, lateral (values
                ('organization_id', 'is required, since the caller has none',
                    organization is null and not i ? 'organization_id'),
                ('metadata', 'must be 256 KiB or less', octet_length(i ->> 'metadata') > 262144)
            ) as rule (field, reason, is_broken)
            where is_broken
        ),
        made as (
            insert into renos.security_events (
                organization_id, user_id, event_type, severity, description, metadata, ip_address, user_agent)
            select organization, i ->> 'user_id', btrim(i ->> 'event_type'), i ->> 'severity',
                btrim(i ->> 'description'), i -> 'metadata', btrim(i ->> 'ip_address'), btrim(i ->> 'user_agent')
            from input, faults
            where list is null and organization is not null
            returning *
        ),
        trail as (
            insert into renos.audit_logs (
                organization_id, user_id, action, entity_type, entity_id, new_values, ip_address, user_agent)
            select m.organization_id, m.user_id, 'security_event', 'security', m.id,
                jsonb_build_object('event_type', m.event_type, 'severity', m.severity, 'description', m.description),
                m.ip_address, m.user_agent
            from made m
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'invalid_input', list from faults where list is not null"
    );
    type Input = Input;
}

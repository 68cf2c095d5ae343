//! A79: entries of the trail across applications, one or many.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::BACKENDS;
use crate::domain::{Operation, Output};

/// An entry.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// The acting person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    user_id: Option<String>,
    /// The application; that of the caller, whatever is given, where an application calls. `service_role` has to say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 50)]
    service: Option<String>,
    /// Verb.
    #[schema(min_length = 1, max_length = 100)]
    action: String,
    /// Kind of object.
    #[schema(min_length = 1, max_length = 100)]
    resource_type: String,
    /// Id of the object.
    #[schema(min_length = 1, max_length = 255)]
    resource_id: String,
    /// Whether it went well; null where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    /// Details. What stands under keys that look like those of secrets is left out, and more than 64 KiB is cut.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    metadata: Option<Value>,
}

/// The statement that records entries; what they are, how their fields are named, and what is said of them.
macro_rules! statement {
    (entries: $entries:literal, field: $field:literal, answer: $answer:literal) => {
        concat!(
            "with input as (select $1::jsonb as i),
            given as (
                select n, e, ",
            $field,
            " as field,
                    case auth.caller_role()
                        when 'service_role' then btrim(e ->> 'service')
                        else replace(auth.caller_role(), '_app', '')
                    end as service
                from input, jsonb_array_elements(",
            $entries,
            ") with ordinality as t (e, n)
            ),
            fault (field, reason) as (select field, 'is required' from given where service is null order by n),
            recorded as (
                insert into shared.audit_logs (
                    user_id, service, action, resource_type, resource_id, success, metadata)
                select (e ->> 'user_id')::uuid, service, btrim(e ->> 'action'), btrim(e ->> 'resource_type'),
                    btrim(e ->> 'resource_id'), (e -> 'success')::boolean,
                    coalesce(shared.for_trail(e -> 'metadata'), '{}')
                from given
                where not exists (select from fault)
                order by n
                returning *
            ) ",
            $answer,
            " union all
            select 'invalid_input', json_agg(f) from fault f having count(*) > 0"
        )
    };
}

pub(super) struct RecordTrail;

impl Operation for RecordTrail {
    const ID: &'static str = "shared_record_trail";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/audit_logs/record";
    const SUMMARY: &'static str = "Record an entry of the trail";
    const DESCRIPTION: &'static str = "Entries are neither changed nor deleted. The person need not be known.";
    const CALLERS: &'static [&'static str] = BACKENDS;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("audit_logs");
    const EXAMPLE: &'static str = r#"{"action": "update", "resource_type": "contact", "resource_id": "c1", "success": true,
        "metadata": {"fields": ["phone"]}}"#;
    const SQL: &'static str = statement!(
        entries: "jsonb_build_array(i)",
        field: "'service'",
        answer: "select 'created'::text as outcome, to_json(r) as body from recorded r"
    );
    type Input = Entry;
}

pub(super) struct RecordTrails;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Entries {
    /// The entries.
    #[schema(min_items = 1, max_items = 500)]
    entries: Vec<Entry>,
}

/// How many were recorded.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Recorded {
    recorded: i64,
}

impl Operation for RecordTrails {
    const ID: &'static str = "shared_record_trails";
    const SCHEMA: &'static str = "shared";
    const PATH: &'static str = "/audit_logs/record_many";
    const SUMMARY: &'static str = "Record entries of the trail";
    const DESCRIPTION: &'static str = "As for one; all are recorded or none.";
    const CALLERS: &'static [&'static str] = BACKENDS;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::of::<Recorded>();
    const EXAMPLE: &'static str = r#"{"entries": [
        {"action": "read", "resource_type": "contact", "resource_id": "c1", "success": true},
        {"action": "delete", "resource_type": "contact", "resource_id": "c2", "success": false}
    ]}"#;
    const SQL: &'static str = statement!(
        entries: "i -> 'entries'",
        field: "format('entries[%s].service', n - 1)",
        answer: "select 'created'::text as outcome, json_build_object('recorded', count(*)) as body
            from recorded having count(*) > 0"
    );
    type Input = Entries;
}

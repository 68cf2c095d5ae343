//! R14: threads with their newest messages.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{AllOfBuilder, ArrayBuilder, ObjectBuilder, OneOfBuilder, RefOr, Schema, schema::Type},
};

use super::{BACKEND, row, row_with};
use crate::domain::{Method, Operation, Output, json};

pub(super) struct Inbox;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Threads of that customer.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    /// Threads that a customer was found for, or that none was found for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is_matched: Option<bool>,
    /// Threads with that address in them.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    participant: Option<String>,
    /// Threads with that label.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// Threads at most.
    #[schema(minimum = 1, maximum = 200, default = 50)]
    #[serde(default = "fifty")]
    limit: u32,
    /// Threads to leave out first.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
}

fn fifty() -> u32 {
    50
}

/// Threads as a read gives that embeds their messages and customer.
fn threads() -> RefOr<Schema> {
    let customer = OneOfBuilder::new().item(row("customers")).item(ObjectBuilder::new().schema_type(Type::Null));
    let thread = AllOfBuilder::new()
        .item(row_with("email_threads", &["email_messages"]))
        .item(ObjectBuilder::new().property("customers", customer).required("customers"));
    ArrayBuilder::new().items(thread).into()
}

impl Operation for Inbox {
    const ID: &'static str = "renos_inbox";
    const SCHEMA: &'static str = "renos";
    const METHOD: Method = Method::Get;
    const PATH: &'static str = "/email_threads/inbox";
    const SUMMARY: &'static str = "Threads with their newest messages";
    const DESCRIPTION: &'static str =
        "The thread of the newest message first; each with its customer and its five newest messages.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&threads()));
    const EXAMPLE: &'static str = r#"{"is_matched": false, "limit": 20}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        page as (
            select t.*
            from renos.email_threads t, input
            where (not i ? 'customer_id' or t.customer_id = i ->> 'customer_id')
                and (not i ? 'is_matched' or t.is_matched = (i ->> 'is_matched')::boolean)
                and (not i ? 'participant' or t.participants @> array[lower(btrim(i ->> 'participant'))])
                and (not i ? 'label' or t.labels @> array[i ->> 'label'])
            order by t.last_message_at desc, t.id desc
            limit (select (i ->> 'limit')::integer from input)
            offset (select (i ->> 'offset')::integer from input)
        )
        select 'ok'::text as outcome, coalesce(json_agg(
            to_jsonb(p) || jsonb_build_object('customers', to_jsonb(c), 'email_messages', n.messages)
            order by p.last_message_at desc, p.id desc), '[]') as body
        from page p
        left join renos.customers c on c.id = p.customer_id
        cross join lateral (
            select coalesce(jsonb_agg(m order by m.sent_at desc, m.id desc), '[]') as messages
            from (
                select m.* from renos.email_messages m
                where m.thread_id = p.id
                order by m.sent_at desc, m.id desc
                limit 5
            ) as m
        ) as n";
    type Input = Input;
}

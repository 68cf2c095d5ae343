//! R16: mails of threads, one or many.

use serde::{Deserialize, Serialize};
use utoipa::{
    ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use super::{BACKEND, rows};
use crate::domain::{Operation, Output, json};

/// A mail.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    /// The thread's row.
    thread_id: String,
    /// Gmail id, which makes this repeatable.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gmail_message_id: Option<String>,
    /// Conversation that the mail is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conversation_id: Option<String>,
    /// Sender: an address, or a name with the address in angle brackets.
    #[schema(min_length = 1, max_length = 1_000)]
    from: String,
    /// Recipients, likewise.
    #[schema(max_items = 500)]
    to: Vec<String>,
    /// Subject line.
    #[schema(max_length = 10_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// Text.
    #[schema(max_length = 1_048_576)]
    body: String,
    /// From or to us.
    #[serde(default)]
    direction: Direction,
    /// Delivery state: queued, sent, delivered, failed, bounced or another word; delivered where it is absent.
    #[schema(min_length = 1, max_length = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// Whether the assistant wrote it.
    #[serde(default)]
    is_ai_generated: bool,
    /// Model that wrote it.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ai_model: Option<String>,
    /// When it was sent.
    #[schema(format = "date-time")]
    sent_at: String,
}

/// From or to us; to us, `inbound`, where it is absent.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    #[default]
    Inbound,
    Outbound,
}

/// The statement that stores mails; what they are, and what is said of them.
///
/// Threads are locked before anything is written, so that two who add the same mail, or many to the same threads, wait for
/// each other. The second meets the first's mail at its key, and gets that.
macro_rules! statement {
    (messages: $messages:literal, answer: $answer:literal) => {
        concat!(
            "with input as (select $1::jsonb as i),
            given as materialized (
                select (position - 1) as position, m, btrim(m ->> 'gmail_message_id') as gmail_id, shared.new_id() as id
                from input, jsonb_array_elements(",
            $messages,
            ") with ordinality as l (m, position)
            ),
            threads as materialized (
                select t.id, t.gmail_thread_id, t.customer_id from renos.email_threads t
                where t.id in (select m ->> 'thread_id' from given)
                order by t.id
                for no key update of t
            ),
            conversations as materialized (
                select c.id from renos.conversations c
                where c.id in (select m ->> 'conversation_id' from given)
                order by c.id
                for no key update of c
            ),
            known as (
                select k.* from renos.email_messages k where k.gmail_message_id in (select gmail_id from given)
            ),
            new as (
                select * from given g where not exists (select from known k where k.gmail_message_id = g.gmail_id)
            ),
            refused as (
                select position, 'thread_id' as field, 'There is no such thread' as message from given
                where not exists (select from threads t where t.id = m ->> 'thread_id')
                union all
                select position, 'conversation_id', 'There is no such conversation' from new
                where m ? 'conversation_id'
                    and not exists (select from conversations c where c.id = m ->> 'conversation_id')
            ),
            stored as (
                insert into renos.email_messages as e (
                    id, gmail_message_id, gmail_thread_id, thread_id, conversation_id, \"from\", \"to\", subject, body,
                    body_preview, direction, status, is_ai_generated, ai_model, sent_at)
                select g.id, g.gmail_id, t.gmail_thread_id, t.id, m ->> 'conversation_id', btrim(m ->> 'from'),
                    array(select btrim(x) from jsonb_array_elements_text(m -> 'to') as x), btrim(m ->> 'subject'),
                    m ->> 'body', left(m ->> 'body', 200), m ->> 'direction', coalesce(btrim(m ->> 'status'), 'delivered'),
                    (m ->> 'is_ai_generated')::boolean, btrim(m ->> 'ai_model'), (m ->> 'sent_at')::timestamptz
                from (
                    select distinct on (coalesce(gmail_id, id)) * from new order by coalesce(gmail_id, id), position
                ) as g
                join threads t on t.id = m ->> 'thread_id'
                where not exists (select from refused)
                on conflict (gmail_message_id) do update set gmail_message_id = excluded.gmail_message_id
                returning e.*
            ),
            added as (select s.* from stored s join given g on g.id = s.id),
            counts as (
                select a.thread_id, count(*) as messages, max(a.sent_at) as sent_at
                from added a
                group by a.thread_id
            ),
            addresses as (
                select a.thread_id, array_agg(distinct address order by address) as addresses
                from added a
                cross join unnest(array[a.\"from\"] || a.\"to\") as mailbox
                cross join lateral (
                    select lower(btrim(coalesce(substring(mailbox from '<([^<>]+)>'), mailbox)))
                ) as of_mailbox (address)
                where address <> ''
                group by a.thread_id
            ),
            counted as (
                update renos.email_threads t
                set message_count = t.message_count + c.messages,
                    last_message_at = greatest(t.last_message_at, c.sent_at),
                    participants = t.participants
                        || array(select x from unnest(w.addresses) as x where x <> all (t.participants))
                from counts c
                left join addresses w on w.thread_id = c.thread_id
                where t.id = c.thread_id
                returning t.customer_id, c.sent_at
            ),
            talked as (
                update renos.conversations c set updated_at = now()
                from (select distinct conversation_id as id from added) as a
                where c.id = a.id
            ),
            customers as materialized (
                select c.id from renos.customers c
                where c.id in (select customer_id from counted)
                order by c.id
                for no key update of c
            ),
            contacted as (
                update renos.customers c
                set last_contact_at = greatest(c.last_contact_at, t.sent_at)
                from (
                    select locked.id, least(max(counted.sent_at), now()) as sent_at
                    from customers locked
                    join counted on counted.customer_id = locked.id
                    group by locked.id
                    order by locked.id
                ) as t
                where c.id = t.id
            ),
            answers as (
                select g.position, coalesce(to_json(k), to_json(s)) as message
                from given g
                left join known k on k.gmail_message_id = g.gmail_id
                left join stored s on s.id = g.id or s.gmail_message_id = g.gmail_id
                where not exists (select from refused)
            ) ",
            $answer
        )
    };
}

pub(super) struct AddMessage;

impl Operation for AddMessage {
    const ID: &'static str = "renos_add_message";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_threads/{thread_id}/messages";
    const SUMMARY: &'static str = "Add a mail to a thread";
    const DESCRIPTION: &'static str = "The thread counts it, has its time where that is newer, and its addresses among the participants; the conversation and the customer of the thread have been in contact. A Gmail id that is known answers its mail (200) and changes nothing.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("email_messages");
    const EXAMPLE: &'static str = r#"{"gmail_message_id": "18c2f1a9b3d4e5f7", "from": "Ann Dahl <ann@dahl.dk>",
        "to": ["info@rendetalje.dk"], "subject": "Windows", "body": "Can you come on Friday?",
        "sent_at": "2026-01-31T09:30:00Z"}"#;
    const SQL: &'static str = statement!(
        messages: "jsonb_build_array(i)",
        answer: "
            select case when exists (select from added) then 'created' else 'ok' end as outcome, message as body
            from answers
            union all
            select 'unprocessable', json_build_object('field', field, 'message', message)
            from refused
            where field <> 'thread_id' and exists (select from threads)"
    );
    type Input = Message;
}

pub(super) struct AddMessages;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Messages {
    /// Mails, of any threads.
    #[schema(min_items = 1, max_items = 200)]
    messages: Vec<Message>,
}

/// What was added, and the mails in the order given.
fn added() -> RefOr<Schema> {
    ObjectBuilder::new()
        .property("added", ObjectBuilder::new().schema_type(Type::Integer))
        .required("added")
        .property("messages", rows("email_messages"))
        .required("messages")
        .into()
}

impl Operation for AddMessages {
    const ID: &'static str = "renos_add_messages";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_messages/add";
    const SUMMARY: &'static str = "Add mails to threads";
    const DESCRIPTION: &'static str =
        "As for one mail, all or nothing: answers how many are new, and every mail in the order given.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Value(|| json(&added()));
    const EXAMPLE: &'static str = r#"{"messages": [{"thread_id": "c019a0b1c2d3e4f5a6b7c8d9e",
        "gmail_message_id": "18c2f1a9b3d4e5f7", "from": "ann@dahl.dk", "to": ["info@rendetalje.dk"],
        "body": "Can you come on Friday?", "sent_at": "2026-01-31T09:30:00Z"}]}"#;
    const SQL: &'static str = statement!(
        messages: "i -> 'messages'",
        answer: "
            select 'ok' as outcome, json_build_object(
                'added', (select count(*) from added), 'messages', json_agg(message order by position)) as body
            from answers
            having count(*) > 0
            union all
            select 'unprocessable', refusal
            from (
                select json_build_object('field', format('messages[%s].%s', position, field), 'message', message) as refusal
                from refused
                order by position
                limit 1
            ) as first"
    );
    type Input = Messages;
}

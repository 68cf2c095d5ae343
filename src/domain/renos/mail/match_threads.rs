//! A30: the customers of threads, one or all that have none.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

/// The statement that finds customers; for which threads, and what is said of them.
///
/// Whose an address is: the company's are those of its staff, of the senders of outbound mails and those given, and all of the
/// domains of these. Of several ways to a customer the surest is taken, and of several customers the one of the address that
/// comes first.
macro_rules! statement {
    (threads: $threads:literal, answer: $answer:literal) => {
        concat!(
            r#"with input as (
                select i, array[
                    'gmail.com', 'googlemail.com', 'hotmail.com', 'hotmail.dk', 'outlook.com', 'outlook.dk', 'live.com',
                    'live.dk', 'msn.com', 'yahoo.com', 'yahoo.dk', 'ymail.com', 'icloud.com', 'me.com', 'mac.com', 'aol.com',
                    'gmx.com', 'gmx.net', 'gmx.de', 'web.de', 'mail.com', 'mail.dk', 'email.dk', 'proton.me',
                    'protonmail.com', 'pm.me', 'zoho.com', 'yandex.com', 'fastmail.com', 'tutanota.com', 'jubii.dk',
                    'ofir.dk', 'stofanet.dk', 'webspeed.dk', 'youmail.dk', 'privat.dk', 'mail.tele.dk', 'post.tele.dk',
                    'tdcadsl.dk', 'city.dk', 'c.dk', 'io.dk', 'sol.dk'
                ] as free_mail
                from (select $1::jsonb) as given (i)
            ),
            "#,
            $threads,
            r#",
            mailboxes as (
                select t.id as thread_id, 1 as rank, p.position, p.mailbox
                from threads t cross join unnest(t.participants) with ordinality as p (mailbox, position)
                union all
                select t.id, 2, row_number() over (partition by t.id order by m.sent_at, m.id, p.position), p.mailbox
                from threads t
                join renos.email_messages m on m.thread_id = t.id
                cross join unnest(array[m."from"] || m."to") with ordinality as p (mailbox, position)
                union all
                select t.id, 3, s.position, s.mailbox[1]
                from threads t
                cross join regexp_matches(t.snippet, '[[:alnum:]._%+-]+@[[:alnum:]-]+(?:[.][[:alnum:]-]+)+', 'g')
                    with ordinality as s (mailbox, position)
            ),
            addresses as (
                select thread_id, rank, position, address, split_part(address, '@', 2) as domain
                from mailboxes
                cross join lateral (
                    select lower(btrim(coalesce(substring(mailbox from '<([^<>]+)>'), mailbox)))
                ) as of_mailbox (address)
                where address like '%_@_%'
            ),
            own as (
                select lower(u.email) as address from renos.users u
                where u.role in ('owner', 'admin', 'manager', 'employee')
                union
                select lower(btrim(coalesce(substring(m."from" from '<([^<>]+)>'), m."from")))
                from threads t join renos.email_messages m on m.thread_id = t.id
                where m.direction = 'outbound'
                union
                select lower(btrim(a)) from input, jsonb_array_elements_text(i -> 'own_addresses') as a
            ),
            own_domains as (
                select split_part(address, '@', 2) as domain from own
                except
                select unnest(free_mail) from input
            ),
            others as (
                select *
                from addresses
                where address not in (select address from own) and domain not in (select domain from own_domains)
            ),
            seen as (
                select *
                from others o
                where rank < 3
                    or not exists (select from others p where p.thread_id = o.thread_id and p.rank = 1)
            ),
            candidates as (
                select t.id as thread_id, 0 as rank, 0 as position, t.customer_id, 'manual' as matched_by,
                    1.0 as confidence
                from threads t
                where t.customer_id is not null
                union all
                select s.thread_id, s.rank, s.position, c.id,
                    case s.rank when 1 then 'exact_email' when 2 then 'message_email' else 'snippet_email' end,
                    case s.rank when 1 then 1.0 when 2 then 0.9 else 0.8 end
                from seen s
                join renos.customers c on lower(c.email) = s.address
                union all
                select s.thread_id, 4, s.rank * 1000000 + s.position, d.customer_id, 'domain', 0.8
                from seen s
                join (
                    select split_part(lower(c.email), '@', 2) as domain, min(c.id) as customer_id
                    from renos.customers c
                    where c.email is not null
                    group by 1
                    having count(*) = 1
                ) as d on d.domain = s.domain
                where s.domain not in (select unnest(free_mail) from input)
            ),
            best as (
                select distinct on (thread_id) *
                from candidates
                order by thread_id, rank, position, customer_id
            ),
            matched as (
                update renos.email_threads t
                set customer_id = b.customer_id, is_matched = true, matched_at = now(), matched_by = b.matched_by,
                    confidence = b.confidence
                from best b
                where t.id = b.thread_id
                returning t.*
            ) "#,
            $answer
        )
    };
}

pub(super) struct MatchThread;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The thread.
    thread_id: String,
    /// Whose it is, as somebody says; looked for where it is absent.
    #[schema(min_length = 1)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_id: Option<String>,
    /// Addresses of the company besides those of its staff.
    #[schema(max_items = 100)]
    #[serde(default)]
    own_addresses: Vec<String>,
}

impl Operation for MatchThread {
    const ID: &'static str = "renos_match_thread";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_threads/{thread_id}/match";
    const SUMMARY: &'static str = "Find the customer of a thread";
    const DESCRIPTION: &'static str = "With a customer it is that one, by hand. Without, the one of a participant, of an address in the mails, of one in the snippet where there are no participants, or the only one of a domain that is not of free mail; where there is none the thread stays as it is, and so does one that is matched already. Addresses of the company are nobody's.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("email_threads");
    const EXAMPLE: &'static str = r#"{"customer_id": "c019a0b1c2d3e4f5a6b7c8d9e"}"#;
    const SQL: &'static str = statement!(
        threads: "
            found as materialized (
                select t.* from renos.email_threads t, input where t.id = i ->> 'thread_id' for no key update of t
            ),
            threads as (select f.* from found f, input where (not f.is_matched or f.customer_id is null) and not i ? 'customer_id')",
        answer: "
            , customer as (select c.id from renos.customers c, input where c.id = i ->> 'customer_id'),
            named as (
                update renos.email_threads t
                set customer_id = c.id, is_matched = true, matched_at = now(), matched_by = 'manual', confidence = 1
                from found f, customer c
                where t.id = f.id
                returning t.*
            )
            select 'ok' as outcome, to_json(m) as body from matched m
            union all
            select 'ok', to_json(n) from named n
            union all
            select 'ok', to_json(f) from found f, input
            where not i ? 'customer_id' and not exists (select from matched)
            union all
            select 'unprocessable', json_build_object('field', 'customer_id', 'message', 'There is no such customer')
            from found, input
            where i ? 'customer_id' and not exists (select from customer)"
    );
    type Input = Input;
}

pub(super) struct MatchThreads;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Many {
    /// Threads at most.
    #[schema(minimum = 1, maximum = 1000, default = 500)]
    #[serde(default = "five_hundred")]
    limit: u32,
    /// Threads to leave out first: those that were tried and have no customer.
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    #[serde(default)]
    offset: u32,
    /// Addresses of the company besides those of its staff.
    #[schema(max_items = 100)]
    #[serde(default)]
    own_addresses: Vec<String>,
}

fn five_hundred() -> u32 {
    500
}

/// What was found.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Found {
    /// Threads tried.
    tried: u64,
    matched: u64,
    unmatched: u64,
    by: By,
}

/// Threads matched, by how. By hand are those that had a customer and were not marked so.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct By {
    exact_email: u64,
    message_email: u64,
    snippet_email: u64,
    domain: u64,
    manual: u64,
}

impl Operation for MatchThreads {
    const ID: &'static str = "renos_match_threads";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/email_threads/match";
    const SUMMARY: &'static str = "Find the customers of threads that have none";
    const DESCRIPTION: &'static str =
        "As for one thread, the newest first. Threads that another call is at are left to it.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Found>();
    const EXAMPLE: &'static str = r#"{"limit": 500, "own_addresses": ["info@rendetalje.dk"]}"#;
    const SQL: &'static str = statement!(
        threads: "
            threads as materialized (
                select t.* from renos.email_threads t
                where (not t.is_matched or t.customer_id is null)
                order by t.last_message_at desc, t.id desc
                limit (select (i ->> 'limit')::integer from input)
                offset (select (i ->> 'offset')::integer from input)
                for no key update of t skip locked
            )",
        answer: "
            select 'ok'::text as outcome, json_build_object(
                'tried', tried, 'matched', count(m.id), 'unmatched', tried - count(m.id),
                'by', json_build_object(
                    'exact_email', count(*) filter (where m.matched_by = 'exact_email'),
                    'message_email', count(*) filter (where m.matched_by = 'message_email'),
                    'snippet_email', count(*) filter (where m.matched_by = 'snippet_email'),
                    'domain', count(*) filter (where m.matched_by = 'domain'),
                    'manual', count(*) filter (where m.matched_by = 'manual'))) as body
            from (select count(*) as tried from threads) as t
            left join matched m on true
            group by tried"
    );
    type Input = Many;
}

//! A58: a consent is given, or refused.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{PEOPLE, whose::person};
use crate::domain::{Operation, Output};

pub(super) struct RecordConsent;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The person; the caller where it is absent.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    /// What it is for: marketing, analytics, cookies, `data_processing`, `third_party` or another word.
    #[schema(min_length = 1, max_length = 100)]
    consent_type: String,
    /// Whether it is given.
    granted: bool,
    /// Address that the statement came from.
    #[schema(min_length = 1, max_length = 255)]
    ip_address: String,
    /// Client that the statement came from.
    #[schema(min_length = 1, max_length = 10_000)]
    user_agent: String,
    /// Version of the privacy policy; the active one's where it is absent.
    #[schema(min_length = 1, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
}

impl Operation for RecordConsent {
    const ID: &'static str = "renos_record_consent";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/consent_records/record";
    const SUMMARY: &'static str = "Record a consent, or its refusal";
    const DESCRIPTION: &'static str = "A record is added to the history, and the grant in force ends with it: it is withdrawn, or another version takes its place. A grant of the version that is in force already is answered again (200).";
    const CALLERS: &'static [&'static str] = PEOPLE;
    // The grant in force is read before another is added.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("consent_records");
    const EXAMPLE: &'static str = r#"{"user_id": "c019a0b1c2d3e4f5a6b7c8d9e", "consent_type": "marketing",
        "granted": true, "ip_address": "203.0.113.7", "user_agent": "Mozilla/5.0", "version": "2.1"}"#;
    const SQL: &'static str = concat!(
        "with input as (
            select i, btrim(i ->> 'consent_type') as consent_type, (i ->> 'granted')::boolean as granted,
                coalesce(
                    btrim(i ->> 'version'), (select p.version from renos.privacy_policies p where p.active), '1.0'
                ) as version, ",
        person!(),
        " as person
            from (select $1::jsonb) as given (i)
        ),
        account as (select u.id from renos.users u, input where u.id = person),
        in_force as (
            select c.* from renos.consent_records c, input
            where c.user_id = person and c.consent_type = input.consent_type and c.granted and c.revoked_at is null
        ),
        repeated as (select f.* from in_force f, input where input.granted and f.version = input.version),
        revoked as (
            update renos.consent_records c
            set revoked_at = now()
            from in_force f
            where c.id = f.id and not exists (select from repeated)
            returning c.id
        ),
        made as (
            insert into renos.consent_records (user_id, consent_type, granted, ip_address, user_agent, version)
            select a.id, input.consent_type, input.granted, btrim(i ->> 'ip_address'), btrim(i ->> 'user_agent'),
                input.version
            -- The key of grants in force is free only after the old one has ended.
            from account a, input, (select count(*) from revoked) as ended
            where not exists (select from repeated)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'ok', to_json(r) from repeated r
        union all
        select 'unprocessable', json_build_object('field', 'user_id', 'message', 'There is no such account')
        from input
        where person is not null and not exists (select from account)"
    );
    type Input = Input;
}

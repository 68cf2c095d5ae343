//! A59: a version of the privacy policy takes effect.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct PublishPolicy;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// Its label, which no other version has.
    #[schema(min_length = 1, max_length = 100)]
    version: String,
    /// Its text.
    #[schema(min_length = 1, max_length = 1_048_576)]
    content: String,
}

impl Operation for PublishPolicy {
    const ID: &'static str = "renos_publish_policy";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/privacy_policies/publish";
    const SUMMARY: &'static str = "Put a privacy policy in force";
    const DESCRIPTION: &'static str = "It takes the place of the one in force, which stays as a version of before. A version that is known already is refused (409).";
    const CALLERS: &'static [&'static str] = BACKEND;
    // Of two at once, the later has to end the earlier, which it can't see.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("privacy_policies");
    const EXAMPLE: &'static str = r#"{"version": "2.1", "content": "We keep what we need to clean your home."}"#;
    const SQL: &'static str = "
        with input as (select i, btrim(i ->> 'version') as version from (select $1::jsonb) as given (i)),
        known as (select p.version from renos.privacy_policies p, input where p.version = input.version),
        ended as (
            update renos.privacy_policies p
            set active = false
            where p.active and not exists (select from known)
            returning p.id
        ),
        made as (
            insert into renos.privacy_policies (version, content, active)
            select input.version, i ->> 'content', true
            -- The key of the active one is free only after the old one has ended.
            from input, (select count(*) from ended) as before
            where not exists (select from known)
            returning *
        )
        select 'created' as outcome, to_json(m) as body from made m
        union all
        select 'conflict', json_build_object(
            'message', 'There is such a version already', 'columns', json_build_array('version'))
        from known";
    type Input = Input;
}

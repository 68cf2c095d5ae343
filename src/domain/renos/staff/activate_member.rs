//! A41: a team member leaves, or comes back.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The team member.
    id: String,
}

/// The statement that sets whether a member is active.
macro_rules! statement {
    ($is_active:literal) => {
        concat!(
            "with changed as (
                update renos.team_members m
                set is_active = ",
            $is_active,
            "
                where m.id = $1::jsonb ->> 'id'
                returning m.*
            )
            select 'ok' as outcome, to_json(c) as body from changed c"
        )
    };
}

pub(super) struct ActivateMember;

impl Operation for ActivateMember {
    const ID: &'static str = "renos_activate_member";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/team_members/{id}/activate";
    const SUMMARY: &'static str = "Let a team member work again";
    const DESCRIPTION: &'static str = "One that is active stays so.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("team_members");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = statement!("true");
    type Input = Input;
}

pub(super) struct DeactivateMember;

impl Operation for DeactivateMember {
    const ID: &'static str = "renos_deactivate_member";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/team_members/{id}/deactivate";
    const SUMMARY: &'static str = "Take a team member out of work";
    const DESCRIPTION: &'static str = "No more time can be recorded for one that is not active; what there is stays, and an open entry may be stopped.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("team_members");
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = statement!("false");
    type Input = Input;
}

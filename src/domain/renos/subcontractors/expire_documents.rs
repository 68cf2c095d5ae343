//! A64: papers whose last day has passed.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::BACKEND;
use crate::domain::{Nothing, Operation, Output};

pub(super) struct ExpireDocuments;

/// How many expired.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    documents: i64,
    agreements: i64,
}

impl Operation for ExpireDocuments {
    const ID: &'static str = "renos_expire_documents";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/subcontractor_documents/expire";
    const SUMMARY: &'static str = "Expire papers of subcontractors";
    const DESCRIPTION: &'static str =
        "Valid documents and active agreements whose last day, in Europe/Copenhagen, is before today.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::of::<Answer>();
    const EXAMPLE: &'static str = "{}";
    const SQL: &'static str = "
        with input as (select $1::jsonb as i, (now() at time zone 'Europe/Copenhagen')::date as today),
        passed as materialized (
            select d.id from renos.subcontractor_documents d, input
            where d.status = 'valid' and d.expiration_date < today
            order by d.id
            for update of d
        ),
        documents as (
            update renos.subcontractor_documents d set status = 'expired' from passed p where d.id = p.id returning d.id
        ),
        ended as materialized (
            select a.id from renos.subcontractor_agreements a, input
            where a.status = 'active' and a.expiration_date < today
            order by a.id
            for update of a
        ),
        agreements as (
            update renos.subcontractor_agreements a set status = 'expired' from ended e where a.id = e.id returning a.id
        )
        select 'ok'::text as outcome, json_build_object(
            'documents', (select count(*) from documents), 'agreements', (select count(*) from agreements)) as body";
    type Input = Nothing;
}

//! A36: an invoice is known to Billy.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::{Operation, Output, renos::BACKEND};

pub(super) struct NoteBillySync;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The invoice.
    id: String,
    /// Its id in Billy.dk.
    #[schema(min_length = 1, max_length = 255)]
    billy_invoice_id: String,
    /// The customer's id in Billy.dk; absent leaves the one that there is.
    #[schema(min_length = 1, max_length = 255)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    billy_contact_id: Option<String>,
    /// Link to the PDF in Billy.dk; absent leaves the one that there is.
    #[schema(min_length = 1, max_length = 2_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    billy_pdf_url: Option<String>,
}

impl Operation for NoteBillySync {
    const ID: &'static str = "renos_note_billy_sync";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/invoices/{id}/billy_sync";
    const SUMMARY: &'static str = "Record that an invoice was handed to Billy.dk";
    const DESCRIPTION: &'static str =
        "In any state, and again where it was changed. An id that another invoice has is a conflict.";
    const CALLERS: &'static [&'static str] = BACKEND;
    const OUTPUT: Output = Output::Row("invoices");
    const EXAMPLE: &'static str = r#"{"billy_invoice_id": "k2Wc0VbpQZa8", "billy_contact_id": "x8Qm1TzrNLc4"}"#;
    const SQL: &'static str = "
        with input as (select $1::jsonb as i),
        changed as (
            update renos.invoices v
            set billy_invoice_id = btrim(i ->> 'billy_invoice_id'),
                billy_contact_id = coalesce(btrim(i ->> 'billy_contact_id'), v.billy_contact_id),
                billy_pdf_url = coalesce(btrim(i ->> 'billy_pdf_url'), v.billy_pdf_url),
                billy_synced_at = now()
            from input
            where v.id = i ->> 'id'
            returning v.*
        )
        select 'ok' as outcome, to_json(c) as body from changed c";
    type Input = Input;
}

//! A19: the customer of a mail, who is made where there is none.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::BACKEND;
use crate::domain::{Operation, Output};

pub(super) struct CustomerByEmail;

#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    /// The address, whatever its case.
    #[schema(format = "email", max_length = 320)]
    email: String,
    /// Name of a new customer; the part of the mail before @ where it is absent.
    #[schema(min_length = 2, max_length = 100)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Phone number of a new customer.
    #[schema(max_length = 50)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    /// Address of a new customer.
    #[schema(max_length = 500)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    /// Company of a new customer.
    #[schema(max_length = 200)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    /// Remarks on a new customer.
    #[schema(max_length = 2_000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    /// Labels of a new customer.
    #[schema(max_items = 100)]
    #[serde(default)]
    tags: Vec<String>,
}

impl Operation for CustomerByEmail {
    const ID: &'static str = "renos_customer_by_email";
    const SCHEMA: &'static str = "renos";
    const PATH: &'static str = "/customers/by_email";
    const SUMMARY: &'static str = "Find the customer of a mail, or make one";
    const DESCRIPTION: &'static str =
        "One that is there is answered as it is (200), whatever else is given. Of many who ask at once, one makes it.";
    const CALLERS: &'static [&'static str] = BACKEND;
    // One who was made meanwhile can't be seen by the statement that meets it, and is to stay as it is: the statement runs again.
    const IS_SERIALIZABLE: bool = true;
    const CREATES: bool = true;
    const OUTPUT: Output = Output::Row("customers");
    const EXAMPLE: &'static str = r#"{"email": "ann@dahl.dk", "name": "Ann Dahl"}"#;
    const SQL: &'static str = "
        with input as (select i, lower(btrim(i ->> 'email')) as email from (select $1::jsonb) as given (i)),
        known as (
            select c.*
            from renos.customers c, input
            where lower(c.email) = input.email
            order by c.email = input.email desc, c.created_at, c.id
            limit 1
        ),
        made as (
            insert into renos.customers as c (name, email, phone, address, company_name, notes, tags)
            select coalesce(btrim(i ->> 'name'), split_part(input.email, '@', 1)), input.email,
                nullif(btrim(i ->> 'phone'), ''), nullif(btrim(i ->> 'address'), ''),
                nullif(btrim(i ->> 'company_name'), ''), nullif(btrim(i ->> 'notes'), ''),
                array(select btrim(t) from jsonb_array_elements_text(i -> 'tags') with ordinality as l (t, n)
                    where btrim(t) <> '' order by n)
            from input
            where not exists (select from known)
            on conflict (email) do nothing
            returning c.*
        )
        select 'ok' as outcome, to_json(k) as body from known k
        union all
        select 'created', to_json(m) from made m";
    type Input = Input;
}

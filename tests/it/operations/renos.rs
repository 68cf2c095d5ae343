//! Leads, bookings, mail and invoices.

mod billing;
mod bookings;
mod calendar;
mod corrections;
mod customers;
mod drafts;
mod followups;
mod guards;
mod ingest;
mod invoice_drafts;
mod invoices;
mod law;
mod leads;
mod mail;
mod matching;
mod overview;
mod payments;
mod people;
mod plans;
mod quality;
mod quotes;
mod responses;
mod sales;
mod security;
mod staff;
mod subcontractors;
mod tasks;
mod time_entries;
mod timer;

use serde_json::{Value, json};

use super::{at_once, call, delete, faults, patch, put, read};
use crate::support::{Answer, Api, Person, tekup_with};

/// The backend of the business, which calls, and the database that it calls about.
async fn backend() -> (Api, Person) {
    let api = tekup_with(|_| {}).await;
    let app = api.person("renos_app", None, "backend");
    (api, app)
}

/// A customer of whom there is nothing yet.
async fn customer(api: &Api) -> String {
    api.query("insert into renos.customers (name, email) values ('Ann Dahl', 'ann@dahl.dk') returning id").await
}

/// A lead of that customer.
async fn lead(api: &Api, customer: &str) -> String {
    api.query(&format!("insert into renos.leads (customer_id, source) values ('{customer}', 'phone') returning id"))
        .await
}

/// The row of a table as it is read.
async fn row(app: &Person, table: &str, id: &str) -> Value {
    app.get(&format!("/renos/{table}?id=eq.{id}")).await.expect(200).json()[0].clone()
}

/// The step is refused for the state that the row is in, and nothing is written.
#[track_caller]
fn refused_in(answer: Answer, current: &Value, allowed: &Value) {
    let problem = answer.expect(409).json();
    assert_eq!(
        (&problem["code"], &problem["details"]),
        (&json!("operation.invalid_state"), &json!({"current": current, "allowed": allowed}))
    );
}

/// Figures that are counted for a customer: leads, bookings, revenue.
async fn figures(app: &Person, customer: &str) -> Value {
    let columns = "total_leads,total_bookings,total_revenue";
    let rows = app.get(&format!("/renos/customers?id=eq.{customer}&select={columns}")).await.expect(200).json();
    json!([rows[0]["total_leads"], rows[0]["total_bookings"], rows[0]["total_revenue"]])
}

/// An invoice of 125.00 in that state, which had to be paid that many days ago.
async fn invoice(api: &Api, customer: &str, status: &str, days_ago: i32) -> String {
    api.query(&format!(
        "insert into renos.invoices
            (invoice_number, customer_id, customer_name, customer_email, due_date, subtotal, vat_amount, total, status)
         values (shared.new_id(), '{customer}', 'Ann Dahl', 'ann@dahl.dk',
            ((now() at time zone 'Europe/Copenhagen')::date - {days_ago})::timestamp at time zone 'Europe/Copenhagen',
            100, 25, 125, '{status}') returning id"
    ))
    .await
}

/// A user who works in the team: account and record.
async fn member(api: &Api, app: &Person, name: &str) -> (String, String) {
    let user = user(api, name).await;
    let hired = call(app, "/renos/team_members/hire", json!({"user_id": user})).await.expect(201).json();
    (user, hired["id"].as_str().unwrap().to_owned())
}

/// An account of that name.
async fn user(api: &Api, name: &str) -> String {
    let sql = "insert into renos.users (name, email, password_hash) values";
    api.query(&format!("{sql} ('{name}', '{name}@rendetalje.dk', '!') returning id")).await
}

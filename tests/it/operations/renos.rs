//! Leads, bookings, mail and invoices.

mod calendar;
mod drafts;
mod invoices;
mod law;
mod mail;
mod overview;
mod people;
mod plans;
mod sales;
mod security;
mod subcontractors;
mod timer;

use serde_json::{Value, json};

use super::{at_once, call, delete, faults, put, read};
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

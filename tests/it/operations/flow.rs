//! Workflows, their runs, what starts them and what they use.

mod clock;
mod leads;
mod runs;
mod sms;
mod starts;
mod uses;
mod workflows;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tekup_db::domain::{self, Output};

use super::{at_once, call, faults, opened, sealing};
use crate::support::{Answer, Api, Person, tekup_with};

/// The service and the Flow API, which calls it.
async fn flow() -> (Api, Person) {
    let api = tekup_with(|_| {}).await;
    let app = api.person("flow_app", None, "11111111-1111-4111-8111-111111111111");
    (api, app)
}

/// The same, with a key for secrets.
async fn flow_with_key() -> (Api, Person) {
    let api = sealing().await;
    let app = api.person("flow_app", None, "11111111-1111-4111-8111-111111111111");
    (api, app)
}

/// A workflow of one node, in that state.
async fn workflow(api: &Api, status: &str) -> String {
    api.query(&format!(
        "insert into flow.workflows (name, owner, status, trigger, nodes, edges, retry_attempts)
         values ('Reminders', 'c1', '{status}', '{{}}', '[{{\"id\": \"a\"}}, {{\"id\": \"b\"}}]',
             '[{{\"from\": \"a\", \"to\": \"b\"}}]', 2)
         returning id"
    ))
    .await
}

/// A run of an active workflow: both ids.
async fn run(api: &Api, app: &Person) -> (String, String) {
    let workflow = workflow(api, "active").await;
    let run = call(app, &format!("/flow/workflows/{workflow}/execute"), json!({})).await.expect(201);
    (workflow, text(&run, "id"))
}

/// A step of a run that begins.
async fn begin(app: &Person, run: &str, step: &str) -> Answer {
    let input = json!({"step_id": step, "step_name": "A step", "step_type": "action"});
    call(app, &format!("/flow/executions/{run}/steps"), input).await
}

/// A field of an answer that is text.
fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

/// Statuses by how often they came.
fn counted(statuses: &[u16]) -> Vec<(u16, usize)> {
    let of = |status: u16| (status, statuses.iter().filter(|other| **other == status).count());
    statuses.iter().copied().collect::<BTreeSet<_>>().into_iter().map(of).collect()
}

/// The states that an answer says there are, and those that there would have to be.
fn states(answer: Answer) -> (Value, Value) {
    let answer = answer.expect(409).json();
    assert_eq!(answer["code"], "operation.invalid_state");
    (answer["details"]["current"].clone(), answer["details"]["allowed"].clone())
}

/// Fails unless the answer has the fields that the operation says, and no other.
fn is_as_described(operation: &str, answer: &Answer) {
    let operation = domain::all().find(|other| other.id == operation).expect("an operation");
    let Output::Value(schema) = operation.output else { panic!("{} answers with a row", operation.id) };
    let schema = serde_json::to_value(schema()).unwrap();
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&answer.json()), names(&schema["properties"]), "{}", operation.id);
}

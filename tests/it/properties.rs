//! What holds for every query string: sense or nonsense, it is answered; and both surfaces answer alike.

mod nonsense;
mod sense;

use futures_util::{StreamExt as _, stream};
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use proptest::{
    strategy::{Strategy, ValueTree as _},
    test_runner::TestRunner,
};

use crate::support::{Answer, Person, shapes, shapes_with};

/// Requests at a time.
const ABREAST: usize = 8;
/// Query strings of each kind.
const NONSENSE: usize = 3000;
const SENSE: usize = 1000;

/// What a URL can't hold as it is.
fn encode(query: &[u8]) -> String {
    const NOT_IN_A_QUERY: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>');
    percent_encode(query, NOT_IN_A_QUERY).to_string()
}

/// So many values, other ones each time: a failure names the one it is about.
fn some<T>(count: usize, strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::default();
    (0..count).map(|_| strategy.new_tree(&mut runner).expect("a value").current()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_query_string_is_answered_or_refused_and_none_breaks_the_service() {
    let api = shapes_with(|config| {
        config.api.aggregates = true;
        config.api.plans = true;
        config.api.transaction_end = tekup_db::config::TransactionEnd::Rollback;
    })
    .await;
    let requests = some(NONSENSE, nonsense::request());
    let answers = stream::iter(requests).map(|request| {
        let reader = &api.reader;
        async move {
            let nonsense::Request { method, path, body } = request;
            let answer = reader.send(method.clone(), &path, &[("content-type", "application/json")], body).await;
            (format!("{method} {path}"), answer)
        }
    });
    let answers: Vec<_> = answers.buffer_unordered(ABREAST).collect().await;
    let mut succeeded = 0;
    for (request, answer) in &answers {
        let status = answer.status.as_u16();
        assert!(matches!(status, 200..=299 | 400..=499), "{request}: {status} {}", answer.text());
        succeeded += usize::from(status < 300);
    }
    assert!(succeeded > answers.len() / 100, "only {succeeded} made sense: the generator is no test of what runs");
}

async fn get(person: &Person, base: &str, query: &str) -> Answer {
    person.get_with(&format!("{base}{}", encode(query.as_bytes())), &[("prefer", "count=exact")]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_surfaces_give_the_same_answer_to_every_query_that_makes_sense() {
    let api = shapes().await;
    let answers = stream::iter(some(SENSE, sense::query())).map(|query| {
        let reader = &api.reader;
        async move {
            let answers = (get(reader, "/shapes/", &query).await, get(reader, "/rest/v1/", &query).await);
            (query, answers)
        }
    });
    let answers: Vec<_> = answers.buffer_unordered(ABREAST / 2).collect().await;
    let mut rows = 0;
    for (query, (by_path, by_profile)) in &answers {
        assert_eq!((by_path.status, by_path.text()), (by_profile.status, by_profile.text()), "{query}");
        assert_eq!(by_path.header("content-range"), by_profile.header("content-range"), "{query}");
        // 416: there were fewer rows than were to be skipped.
        let makes_sense = by_path.status.is_success() || by_path.status == 416;
        assert!(makes_sense, "{query} makes sense: {} {}", by_path.status, by_path.text());
        rows += usize::from(by_path.status.is_success() && by_path.text() != "[]");
    }
    assert!(rows > answers.len() / 4, "only {rows} had rows: the generator is no test of what they hold");
}

//! Texts, their vectors, and the sync that brings them.

mod batches;

use serde_json::{Value, json};

use super::{at_once, call, faults, read};
use crate::support::{Api, Person, tekup_with};

const UPSERT: &str = "/vault/documents/upsert";

fn app(api: &Api) -> Person {
    api.person("vault_app", None, "sync")
}

fn text(path: &str, content: &str) -> Value {
    json!({"source": "test", "repository": "fjordklar/ops", "path": path, "content": content})
}

/// A vector that is one in a place and 0 elsewhere.
fn axis(place: usize) -> Vec<f64> {
    let mut vector = vec![0.0; 1536];
    vector[place] = 1.0;
    vector
}

async fn documents(api: &Api) -> i64 {
    api.query("select count(*) from vault.documents where source = 'test'").await
}

#[tokio::test]
async fn a_text_is_added_replaced_and_left_alone() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let mut first = text("a.md", "one");
    first["metadata"] = json!({"language": "da"});
    first["sha"] = json!("1");
    let inserted = call(&app, UPSERT, first.clone()).await.expect(200).json();
    assert_eq!((&inserted["outcome"], &inserted["sha"]), (&json!("inserted"), &json!("1")));
    let same = call(&app, UPSERT, first).await.expect(200).json();
    assert_eq!((&same["outcome"], &same["updated_at"]), (&json!("unchanged"), &inserted["updated_at"]));

    let updated = call(&app, UPSERT, text("a.md", "two")).await.expect(200).json();
    assert_eq!((&updated["outcome"], &updated["id"]), (&json!("updated"), &inserted["id"]));
    assert_eq!((&updated["metadata"], &updated["sha"]), (&json!({"language": "da"}), &json!("1")), "absent stays");
    assert_ne!(updated["content_md5"], inserted["content_md5"]);

    let mut metadata = text("a.md", "two");
    metadata["metadata"] = json!({});
    let emptied = call(&app, UPSERT, metadata).await.expect(200).json();
    assert_eq!((&emptied["outcome"], &emptied["metadata"]), (&json!("updated"), &json!({})));
    assert_eq!(documents(&api).await, 1);
}

#[tokio::test]
async fn many_texts_are_answered_in_the_order_given() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    call(&app, UPSERT, text("b.md", "b")).await.expect(200);
    call(&app, UPSERT, text("c.md", "c")).await.expect(200);
    let many = json!({"documents": [text("c.md", "new"), text("a.md", ""), text("b.md", "b")]});
    let answer = call(&app, UPSERT, many).await.expect(200).json();
    let found: Vec<_> = answer["documents"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["path"].as_str().unwrap(), one["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(found, [("c.md", "updated"), ("a.md", "inserted"), ("b.md", "unchanged")]);
}

#[tokio::test]
async fn texts_that_cannot_be_stored_are_refused_together() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let large = json!({"a": "x".repeat(262_144)});
    for (input, expected) in [
        (json!({"source": "test"}), vec!["repository", "path", "content"]),
        (json!({"documents": []}), vec!["documents"]),
        (json!({"documents": [text("a", "")], "path": "b"}), vec!["path"]),
        (json!({"documents": [text("a", "1"), text("b", "2"), text("a", "3")]}), vec!["documents[2].path"]),
        (json!({"documents": [text("a", "1"), {"source": ""}]}), vec!["repository", "path", "content", "source"]),
        (json!({"source": "test", "repository": "r", "path": "p", "content": "", "metadata": large}), vec!["metadata"]),
        (json!({"source": "test", "repository": "r", "path": "p", "content": "", "metadata": []}), vec!["metadata"]),
    ] {
        let refused = call(&app, UPSERT, input.clone()).await.expect(400);
        let found: Vec<_> = faults(&refused).iter().map(|field| field.replace("documents[1].", "")).collect();
        assert_eq!(found, expected, "{}", refused.text());
    }
    assert_eq!(documents(&api).await, 0);
}

#[tokio::test]
async fn a_text_that_many_bring_at_the_same_time_is_there_once() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let outcomes = std::sync::Mutex::new(Vec::new());
    let statuses = at_once(32, async |_| {
        let answer = call(&app, UPSERT, text("a.md", "same")).await;
        outcomes.lock().unwrap().push(answer.json()["outcome"].as_str().unwrap_or_default().to_owned());
        answer
    })
    .await;
    assert_eq!(statuses, [200; 32]);
    let outcomes = outcomes.into_inner().unwrap();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "inserted").count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "unchanged").count(), 31);
    assert_eq!(documents(&api).await, 1);
}

#[tokio::test]
async fn a_vector_is_stored_replaced_and_known_to_be_stale() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let document = call(&app, UPSERT, text("a.md", "one")).await.expect(200).json();
    let id = document["id"].as_str().unwrap();
    let path = format!("/vault/documents/{id}/embedding");
    let created = call(&app, &path, json!({"embedding": axis(1), "model": "m"})).await.expect(201).json();
    assert_eq!((&created["content_md5"], &created["model"]), (&document["content_md5"], &json!("m")));
    call(&app, UPSERT, text("a.md", "two")).await.expect(200);
    let late = json!({"embedding": axis(2), "content_md5": document["content_md5"]});
    let replaced = call(&app, &path, late).await.expect(200).json();
    assert_eq!((&replaced["content_md5"], &replaced["model"]), (&document["content_md5"], &json!(null)));
    let is_stale = format!(
        "select e.content_md5 <> d.content_md5 from vault.embeddings e join vault.documents d on d.id = e.document_id where d.id = '{id}'"
    );
    assert!(api.query::<bool>(&is_stale).await);
    call(&app, &path, json!({"embedding": axis(2)})).await.expect(200);
    assert!(!api.query::<bool>(&is_stale).await);

    let with = |value: f64| {
        let mut vector = axis(0);
        vector[7] = value;
        vector
    };
    for (input, expected) in [
        (json!({"embedding": axis(0)[1..]}), "embedding"),
        (json!({"embedding": vec![0; 1536]}), "embedding"),
        (json!({"embedding": with(1e-300)}), "embedding[7]"),
        (json!({"embedding": with(-9e-16)}), "embedding[7]"),
        (json!({"embedding": with(1.1e15)}), "embedding[7]"),
        (json!({"embedding": axis(0), "content_md5": "Z".repeat(32)}), "content_md5"),
    ] {
        assert_eq!(faults(&call(&app, &path, input).await.expect(400)), [expected]);
    }
    let stored = format!("select (embedding <-> '{:?}') = 0 from vault.embeddings where document_id = '{id}'", axis(2));
    assert!(api.query::<bool>(&stored).await, "what was refused wrote nothing");
    let nobody = "/vault/documents/11111111-1111-1111-1111-111111111111/embedding";
    call(&app, nobody, json!({"embedding": axis(0)})).await.expect(404);
    call(&app, "/vault/documents/x/embedding", json!({"embedding": axis(0)})).await.expect(400);
    let statuses = at_once(32, async |_| call(&app, &path, json!({"embedding": axis(3)})).await).await;
    assert_eq!(statuses, [200; 32]);
}

#[tokio::test]
async fn of_those_who_begin_a_sync_one_does() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let path = "/vault/sync_status/report";
    let step = |status: &str| json!({"source": "test", "repository": "r", "status": status, "error_message": "why"});
    let statuses = at_once(32, async |_| call(&app, path, step("in_progress")).await).await;
    assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 31][..]));
    let refused = call(&app, path, step("in_progress")).await.expect(409).json();
    assert_eq!(refused["code"], "operation.invalid_state");
    assert_eq!(refused["details"]["current"], json!({"status": "in_progress"}));
    let mut forced = step("in_progress");
    forced["force"] = json!(true);
    call(&app, path, forced).await.expect(200);
    api.execute("update vault.sync_status set last_sync_at = now() - interval '61 minutes' where source = 'test'")
        .await;
    call(&app, path, step("in_progress")).await.expect(200);

    assert_eq!(call(&app, path, step("error")).await.expect(200).json()["error_message"], "why");
    call(&app, path, step("in_progress")).await.expect(200);
    let success = call(&app, path, step("success")).await.expect(200).json();
    assert_eq!((&success["status"], &success["error_message"]), (&json!("success"), &json!(null)));
    assert!(success["last_sync_at"].is_string());
    assert_eq!(faults(&call(&app, path, step("finished")).await.expect(400)), ["status"]);
}

#[tokio::test]
async fn a_search_finds_the_nearest_first_and_keeps_to_its_filters() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let mut near = axis(5);
    near[6] = 0.5;
    for (path, vector) in [("exact.md", axis(5)), ("near.md", near), ("far.md", axis(9))] {
        let document = call(&app, UPSERT, text(path, path)).await.expect(200).json();
        let path = format!("/vault/documents/{}/embedding", document["id"].as_str().unwrap());
        call(&app, &path, json!({"embedding": vector})).await.expect(201);
    }
    let found = async |mut input: Value| {
        input["embedding"] = json!(axis(5));
        let answer = call(&api.reader, "/vault/search", input).await.expect(200).json();
        let results = answer["results"].as_array().unwrap().clone();
        assert_eq!(answer["count"], results.len());
        results
    };
    let paths = |results: &[Value]| results.iter().map(|one| one["path"].clone()).collect::<Vec<_>>();
    let all = found(json!({"source": "test"})).await;
    assert_eq!(paths(&all), ["exact.md", "near.md"]);
    assert_eq!((&all[0]["content"], all[0]["similarity"].as_f64()), (&json!("exact.md"), Some(1.0)));
    assert_eq!(paths(&found(json!({"source": "test", "limit": 1})).await), ["exact.md"]);
    assert_eq!(paths(&found(json!({"source": "test", "threshold": -1})).await), ["exact.md", "near.md", "far.md"]);
    assert!(found(json!({"source": "test", "threshold": 1})).await.is_empty(), "similar is more than the threshold");
    assert!(found(json!({"source": "test", "repository": "other"})).await.is_empty());
    assert_eq!(found(json!({"source": "test", "include_content": false})).await[0].get("content"), None);
    for (input, expected) in [
        (json!({"embedding": vec![0; 1536]}), "embedding"),
        (json!({"embedding": axis(0), "limit": 101}), "limit"),
        (json!({"embedding": axis(0), "threshold": 1.5}), "threshold"),
    ] {
        assert_eq!(faults(&call(&api.reader, "/vault/search", input).await.expect(400)), [expected]);
    }
}

//! Vectors of many documents, what needs one, and figures.

use serde_json::{Value, json};

use super::*;

/// Stores texts of those paths and answers their ids.
async fn store(app: &Person, paths: &[&str]) -> Vec<String> {
    let documents: Vec<_> = paths.iter().map(|path| text(path, path)).collect();
    let answer = call(app, UPSERT, json!({"documents": documents})).await.expect(200).json();
    let ids = answer["documents"].as_array().unwrap().iter();
    ids.map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

fn all(list: &Value, field: &str) -> Vec<Value> {
    list.as_array().unwrap().iter().map(|one| one[field].clone()).collect()
}

async fn vectors(api: &Api) -> i64 {
    api.query(
        "select count(*) from vault.embeddings e join vault.documents d on d.id = e.document_id where d.source = 'test'",
    )
    .await
}

#[tokio::test]
async fn documents_without_a_vector_of_their_text_are_told_oldest_first() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let ids = store(&app, &["a.md", "b.md", "c.md"]).await;
    for (id, age) in ids.iter().zip([1, 3, 2]) {
        // The trigger says when a row was changed, so it has to be off for this.
        api.execute(&format!(
            "alter table vault.documents disable trigger documents_set_updated_at;
             update vault.documents set updated_at = now() - interval '{age} hours' where id = '{id}';
             alter table vault.documents enable trigger documents_set_updated_at;"
        ))
        .await;
    }
    let path = "/vault/documents/unindexed?source=test";
    let paths = async |path: &str| all(&read(&app, path).await.expect(200).json()["documents"], "path");
    assert_eq!(paths(path).await, ["b.md", "c.md", "a.md"]);
    assert_eq!(paths(&format!("{path}&limit=1&offset=1")).await, ["c.md"]);
    assert!(paths(&format!("{path}&repository=other")).await.is_empty());

    let embeddings: Vec<_> = ids.iter().map(|id| json!({"document_id": id, "embedding": axis(1)})).collect();
    call(&app, "/vault/embeddings/upsert", json!({"embeddings": embeddings})).await.expect(200);
    assert!(paths(path).await.is_empty());
    call(&app, UPSERT, text("c.md", &"æ".repeat(9_000))).await.expect(200);
    let stale = read(&app, path).await.expect(200).json()["documents"].clone();
    assert_eq!(all(&stale, "path"), ["c.md"]);
    assert_eq!(stale[0]["content"].as_str().unwrap().chars().count(), 8_000);
    let now = json!({"embeddings": [
        {"document_id": ids[2], "embedding": axis(1), "content_md5": stale[0]["content_md5"]}
    ]});
    call(&app, "/vault/embeddings/upsert", now).await.expect(200);
    assert!(paths(path).await.is_empty());
    for wrong in ["limit=0", "limit=501", "source="] {
        read(&app, &format!("/vault/documents/unindexed?{wrong}")).await.expect(400);
    }
}

#[tokio::test]
async fn vectors_of_many_are_stored_and_unknown_documents_told() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let ids = store(&app, &["a.md", "b.md"]).await;
    let path = "/vault/embeddings/upsert";
    let nobody = "11111111-1111-4111-8111-111111111111";
    call(&app, path, json!({"embeddings": [{"document_id": ids[0], "embedding": axis(1)}]})).await.expect(200);
    let many = json!({"embeddings": [
        {"document_id": ids[1], "embedding": axis(2), "model": "m"},
        {"document_id": nobody, "embedding": axis(2)},
        {"document_id": ids[0], "embedding": axis(3), "content_md5": "0".repeat(32)},
    ]});
    let answer = call(&app, path, many).await.expect(200).json();
    assert_eq!(answer["unknown"], json!([nobody]));
    assert_eq!(all(&answer["stored"], "document_id"), [ids[1].clone(), ids[0].clone()]);
    assert_eq!(all(&answer["stored"], "outcome"), ["inserted", "updated"]);
    assert_eq!(all(&answer["stored"], "model"), [json!("m"), json!(null)]);
    assert_eq!(answer["stored"][1]["content_md5"], "0".repeat(32));
    let kept =
        format!("select (embedding <-> '{:?}') = 0 from vault.embeddings where document_id = '{}'", axis(3), ids[0]);
    assert!(api.query::<bool>(&kept).await);

    let id = &ids[0];
    let mut small = axis(0);
    small[4] = 9e-16;
    for (wrong, field) in [
        (
            json!([{"document_id": id, "embedding": axis(1)}, {"document_id": id, "embedding": axis(1)}]),
            "embeddings[1].document_id",
        ),
        (json!([{"document_id": id, "embedding": vec![0; 1536]}]), "embeddings[0].embedding"),
        (json!([{"document_id": id, "embedding": small}]), "embeddings[0].embedding[4]"),
        (
            json!([{"document_id": id, "embedding": axis(1), "content_md5": "Z".repeat(32)}]),
            "embeddings[0].content_md5",
        ),
        (json!([{"document_id": "x", "embedding": axis(1)}]), "embeddings[0].document_id"),
        (json!([]), "embeddings"),
    ] {
        assert_eq!(faults(&call(&app, path, json!({"embeddings": wrong})).await.expect(400)), [field]);
    }
    assert!(api.query::<bool>(&kept).await, "what was refused wrote nothing");

    let both = json!({"embeddings": ids.iter().map(|id| json!({"document_id": id, "embedding": axis(5)})).collect::<Vec<_>>()});
    let other_way = json!({"embeddings": ids.iter().rev().map(|id| json!({"document_id": id, "embedding": axis(6)})).collect::<Vec<_>>()});
    let statuses =
        at_once(32, async |n| call(&app, path, if n % 2 == 0 { both.clone() } else { other_way.clone() }).await).await;
    assert_eq!((statuses, vectors(&api).await), (vec![200; 32], 2));
}

#[tokio::test]
async fn hashes_that_a_document_has_are_known() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    for (path, sha) in [("a.md", "one"), ("b.md", "two"), ("c.md", "one")] {
        let mut document = text(path, path);
        document["sha"] = json!(sha);
        call(&app, UPSERT, document).await.expect(200);
    }
    let path = "/vault/documents/known_hashes";
    let known = async |input: Value| call(&app, path, input).await.expect(200).json()["known"].clone();
    assert_eq!(known(json!({"hashes": ["two", "no", "one", "two"]})).await, json!(["two", "one"]));
    assert_eq!(known(json!({"hashes": ["one"], "source": "other"})).await, json!([]));
    for hashes in [json!([]), json!([""]), json!(vec!["a"; 1001])] {
        call(&app, path, json!({"hashes": hashes})).await.expect(400);
    }
}

#[tokio::test]
async fn figures_of_a_repository_and_of_the_whole() {
    let api = tekup_with(|_| {}).await;
    let app = app(&api);
    let before = read(&api.reader, "/vault/stats").await.expect(200).json();
    let ids = store(&app, &["a.md", "src/b.md", "src.d/Makefile", "c.tar.gz"]).await;
    for id in &ids[..3] {
        let path = format!("/vault/documents/{id}/embedding");
        call(&app, &path, json!({"embedding": axis(1)})).await.expect(201);
    }
    call(&app, UPSERT, text("a.md", "changed")).await.expect(200);
    let path = "/vault/repositories/fjordklar/ops/stats?source=test";
    let stats = read(&api.reader, path).await.expect(200).json();
    assert_eq!(stats["documents_by_extension"], json!({"md": 2, "none": 1, "gz": 1}));
    assert_eq!((&stats["total_documents"], &stats["indexed_documents"]), (&json!(4), &json!(2)));
    let size = "changed".len() + "src/b.md".len() + "src.d/Makefile".len() + "c.tar.gz".len();
    assert_eq!((&stats["total_size"], &stats["status"]), (&json!(size), &json!(null)));
    let report = json!({"source": "test", "repository": "fjordklar/ops", "status": "error", "error_message": "why"});
    call(&app, "/vault/sync_status/report", report).await.expect(200);
    let synced = read(&api.reader, path).await.expect(200).json();
    assert_eq!((&synced["status"], synced["last_sync_at"].is_string()), (&json!("error"), true));
    read(&api.reader, "/vault/repositories/fjordklar/nothing/stats").await.expect(404);
    let labelled = json!({"source": "test", "repository": "workspace", "path": "a", "content": "four"});
    call(&app, UPSERT, labelled).await.expect(200);
    let workspace = read(&api.reader, "/vault/repositories/workspace/stats").await.expect(200).json();
    assert_eq!((&workspace["repository"], &workspace["total_size"]), (&json!("workspace"), &json!(4)));
    read(&api.reader, "/vault/repositories/workspace/stats?source=other").await.expect(404);
    api.execute("delete from vault.documents where repository = 'workspace'").await;

    let list = read(&api.reader, "/vault/repositories?source=test").await.expect(200).json()["repositories"].clone();
    assert_eq!(all(&list, "repository"), ["fjordklar/ops"]);
    assert_eq!((&list[0]["total_documents"], &list[0]["error_message"]), (&json!(4), &json!("why")));
    let every = read(&api.reader, "/vault/repositories?limit=1000").await.expect(200).json()["repositories"].clone();
    let second = read(&api.reader, "/vault/repositories?limit=1&offset=1").await.expect(200).json();
    assert_eq!(second["repositories"][0], every[1]);
    let mut sorted = all(&every, "repository");
    sorted.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
    assert_eq!(sorted.len(), every.as_array().unwrap().len());

    let after = read(&api.reader, "/vault/stats").await.expect(200).json();
    let grown = |field: &str| after[field].as_i64().unwrap() - before[field].as_i64().unwrap();
    assert_eq!(["total_documents", "total_embeddings", "stale_embeddings"].map(grown), [4, 3, 1]);
    let states = |stats: &Value| stats["repositories_by_status"]["error"].as_i64().unwrap();
    assert_eq!(states(&after) - states(&before), 1);
    let unsynced = "insert into vault.documents (source, repository, path, content) values ('test', 'alone', 'a', '')";
    api.execute(unsynced).await;
    let alone = read(&api.reader, "/vault/stats").await.expect(200).json();
    assert_eq!(
        alone["repositories_by_status"]["never_synced"].as_i64().unwrap(),
        after["repositories_by_status"]["never_synced"].as_i64().unwrap() + 1
    );
}

//! `stats`, `reset`, `erd`, `studio` and `health`, as they are typed.

use std::process::{Command, Output, Stdio};

use sqlx::{Connection as _, PgConnection};
use tekup_db::db::stats::{self, Statements};

use crate::support::{self, TestDb};

async fn run(db: &TestDb, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tekup-db"));
    command.args(arguments).env_clear().env("DATABASE_URL", db.owner_url().expose()).envs(variables.iter().copied());
    command.stdin(Stdio::null());
    tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap()
}

fn said(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_of_a_database_are_printed() {
    let db = support::database().await;
    db.execute(
        "insert into vault.documents (source, repository, path, content) values ('local', 'a/b', 'c', 'd');
         update vault.documents set content = 'e'; select pg_stat_force_next_flush()",
    )
    .await;
    let output = run(&db, &["stats", "--schema", "vault", "--top", "2"], &[]).await;
    let text = said(&output.stdout);
    assert!(output.status.success(), "{}", said(&output.stderr));
    assert!(text.contains(&format!("database             {}, ", db.name())), "{text}");
    assert!(text.contains("vault.documents") && text.contains("and 1 smaller tables: --top 3 prints all"), "{text}");
    assert!(text.contains("CREATE EXTENSION pg_stat_statements"), "{text}");

    // A view of that name is somebody's, and runs nothing as the owner.
    db.execute(
        "create sequence vault.used;
         create view vault.pg_stat_statements as
         select d.oid as dbid, 'select 2' as query, nextval('vault.used') as calls, 1.5::float8 as mean_exec_time,
             3::float8 as total_exec_time, 4::bigint as rows
         from pg_database d",
    )
    .await;
    let stats = stats::run(&db.owner_url(), &["vault".to_owned()], 1).await.unwrap();
    assert!(matches!(stats.statements, Statements::Unavailable { .. }), "{:?}", stats.statements);
    assert_eq!(db.text("select is_called::text from vault.used").await, "false");
    let documents = stats.tables.iter().find(|table| table.name == "documents").unwrap();
    assert_eq!((documents.rows, documents.dead_rows), (1, 1), "{documents:?}");
    assert!(documents.bytes > 0 && documents.index_bytes > 0 && documents.last_vacuum.is_none());
    let json = run(&db, &["stats", "--json"], &[]).await;
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["database"]["name"], db.name());
    assert!(json["statements"]["unavailable"].is_string(), "{}", json["statements"]);
    assert!(json["tables"].as_array().unwrap().len() > 80);
    assert_eq!(run(&db, &["stats", "--schema", "nothing"], &[]).await.status.code(), Some(1));
}

/// A session that was just closed may be listed for a moment.
async fn reset(db: &TestDb, arguments: &[&str]) -> Output {
    let arguments = [&["reset"], arguments].concat();
    for _ in 0..50 {
        let output = run(db, &arguments, &[]).await;
        if !said(&output.stderr).contains("others are connected") {
            return output;
        }
    }
    panic!("somebody stays connected");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_development_database_is_made_anew() {
    let db = support::database().await;
    db.execute(
        "insert into vault.documents (source, repository, path, content) values ('local', 'a/b', 'c', 'd');
         create schema own; create table own.kept as select 1 as n; create table vault.planted ()",
    )
    .await;
    let asked = reset(&db, &[]).await;
    assert_eq!(asked.status.code(), Some(1));
    assert!(said(&asked.stdout).contains("  vault  1 rows\n"), "{}", said(&asked.stdout));
    assert!(said(&asked.stderr).contains("--yes"), "{}", said(&asked.stderr));
    assert_eq!(db.text("select count(*)::text from vault.documents").await, "1");

    db.execute("create view own.of_ours as select path from vault.documents").await;
    let refused = reset(&db, &["--yes"]).await;
    assert!(said(&refused.stderr).contains("view own.of_ours"), "{}", said(&refused.stderr));
    db.execute("drop view own.of_ours").await;

    let elsewhere = [("DATABASE_URL", "postgres://owner:hidden@db.example/tekup")];
    let refused = run(&db, &["reset", "--yes"], &elsewhere).await;
    assert!(said(&refused.stderr).contains("on db.example") && !said(&refused.stderr).contains("hidden"));

    let busy = PgConnection::connect(db.owner_url().expose()).await.unwrap();
    let refused = run(&db, &["reset", "--yes"], &[]).await;
    assert!(said(&refused.stderr).contains("others are connected"), "{}", said(&refused.stderr));
    busy.close().await.unwrap();

    let done = reset(&db, &["--yes", "--seed", "minimal"]).await;
    assert!(done.status.success(), "{}", said(&done.stderr));
    assert_eq!(db.text("select count(*)::text from vault.documents").await, "2", "the sample has two");
    assert_eq!(db.text("select coalesce(to_regclass('vault.planted')::text, 'gone')").await, "gone");
    assert_eq!(db.text("select count(*)::text from own.kept").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_drawn_from_any_database() {
    let db = support::shapes_database().await;
    let output = run(&db, &["erd", "--schema", "shapes"], &[("DB_SCHEMAS", "shapes")]).await;
    assert!(output.status.success(), "{}", said(&output.stderr));
    let text = said(&output.stdout);
    assert!(text.starts_with("erDiagram\n") && text.contains("--o{"), "{text}");
    assert_eq!(run(&db, &["erd", "--schema", "nothing"], &[("DB_SCHEMAS", "shapes")]).await.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_listens_is_said_at_once() {
    let db = support::empty().await;
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    for (command, path) in [("health", "health"), ("studio", "docs/")] {
        let output = run(&db, &[command], &[("PORT", &port)]).await;
        let error = said(&output.stderr);
        assert_eq!(output.status.code(), Some(1));
        assert!(error.contains(&format!("nothing listens at http://127.0.0.1:{port}/{path}")), "{error}");
        assert!(error.contains("tekup-db serve"), "{error}");
    }
}

#[test]
fn a_reader_that_has_gone_is_no_fault_to_report() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = Command::new(env!("CARGO_BIN_EXE_tekup-db"));
    command.args(["token", "--role", "renos_app"]).env_clear().env("JWT_SECRET", support::SECRET);
    let output = command.stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.success(), said(&output.stderr)), (false, ""));
}

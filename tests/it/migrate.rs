//! Migrations: all or one schema, twice, at once, changed, failing.

use tekup_db::{
    config::Secret,
    db::migrate::{self, MigrateError, MigrationState, Scope},
};

use crate::support;

#[tokio::test(flavor = "multi_thread")]
async fn migrating_again_changes_nothing() {
    let db = support::database().await;
    assert_eq!(migrate::run(&db.owner_url(), &Scope::All, None).await.unwrap(), []);
    let status = migrate::status(&db.owner_url(), &Scope::All).await.unwrap();
    assert!(status.len() > 15, "{status:?}");
    assert!(status.iter().all(|migration| matches!(migration.state, MigrationState::Applied(_))), "{status:?}");
    assert_eq!(status[0].file, "migrations/_extensions/0001_extensions.sql");
    let files = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for migration in status {
        assert!(files.join(&migration.file).is_file(), "{}", migration.file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_migrates_alone_with_what_it_needs() {
    let db = support::empty().await;
    let scope = Scope::Schema("vault".to_owned());
    let applied = migrate::run(&db.owner_url(), &scope, None).await.unwrap();
    assert!(applied.iter().any(|migration| migration.file.starts_with("migrations/vault/")));
    let schemas = "select string_agg(nspname, ' ' order by nspname) from pg_namespace \
        where nspname in ('vault', 'billy', 'crm', 'renos', 'flow', 'shared', 'tekup')";
    assert_eq!(db.text(schemas).await, "shared tekup vault");
    let ledgers = "select string_agg(oid::regclass::text, ' ' order by oid::regclass::text) from pg_class \
        where relname like '\\_sqlx%' and relkind = 'r'";
    let expected = "shared._sqlx_migrations tekup._sqlx_migrations_extensions tekup._sqlx_migrations_roles \
        vault._sqlx_migrations";
    assert_eq!(db.text(ledgers).await, expected);
    let error = migrate::run(&db.owner_url(), &Scope::Schema("none".to_owned()), None).await.unwrap_err();
    assert!(error.to_string().contains("vault, billy, crm, renos, flow"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_at_once_take_turns() {
    let db = support::empty().await;
    let runs = (0..4).map(|_| {
        let url = db.owner_url();
        tokio::spawn(async move { migrate::run(&url, &Scope::All, None).await })
    });
    let mut applied = Vec::new();
    for run in runs.collect::<Vec<_>>() {
        applied.push(run.await.unwrap().unwrap().len());
    }
    assert_eq!(applied.iter().filter(|applied| **applied > 0).count(), 1, "{applied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_changed_after_it_was_applied_is_named() {
    let db = support::database().await;
    db.execute("update vault._sqlx_migrations set checksum = 'x' where version = 1").await;
    let error = migrate::run(&db.owner_url(), &Scope::All, None).await.unwrap_err();
    assert!(matches!(&error, MigrateError::Changed(file) if file == "migrations/vault/0001_tables.sql"), "{error:?}");
    let status = migrate::status(&db.owner_url(), &Scope::All).await.unwrap();
    assert_eq!(status.iter().filter(|migration| migration.state == MigrationState::Changed).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_says_where_and_leaves_nothing() {
    let db = support::empty().await;
    // Something is in the way of the second statement or a later one.
    db.execute("create schema vault; create view vault.documents as select 1 as x").await;
    let error = migrate::run(&db.owner_url(), &Scope::All, None).await.unwrap_err();
    let MigrateError::Statement(fault) = &error else { panic!("{error:?}") };
    assert_eq!(fault.file, "migrations/vault/0001_tables.sql");
    assert!(fault.number > 1 && fault.line > 1 && fault.message.contains("documents"), "{fault:?}");
    assert_eq!(
        db.text("select count(*)::text from pg_class where relnamespace = 'vault'::regnamespace and relkind = 'r'")
            .await,
        "1"
    );
    db.execute("drop view vault.documents").await;
    let applied = migrate::run(&db.owner_url(), &Scope::All, None).await.unwrap();
    assert_eq!(applied[0].file, "migrations/vault/0001_tables.sql");
}

#[tokio::test(flavor = "multi_thread")]
async fn migrating_gives_the_login_role_its_password() {
    let db = support::database().await;
    let password = Secret::new("it's \\ a \"secret\"");
    migrate::run(&db.owner_url(), &Scope::All, Some(&password)).await.unwrap();
    let stored = db.text("select rolpassword from pg_authid where rolname = 'authenticator'").await;
    assert!(stored.starts_with("SCRAM-SHA-256$4096:"), "{stored}");
}

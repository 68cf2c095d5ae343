//! Sample data: repeatable, all or nothing, by the owner that a managed platform gives.

use tekup_db::db::{
    migrate::{self, Scope},
    seed::{self, Data, SeedError},
};

use crate::support::{self, TestDb};

/// The number of rows of every table, and a hash of them all.
async fn contents(db: &TestDb) -> String {
    db.execute(
        "create or replace function public.contents() returns text language plpgsql as $$
         declare t regclass; found text; found_all text = '';
         begin
             for t in select oid::regclass from pg_class where relkind = 'r' and relname <> '_sqlx_migrations'
                 and relnamespace::regnamespace::text in ('vault', 'billy', 'crm', 'renos', 'flow', 'shared') order by 1
             loop
                 execute format($f$select %L || count(*) || ' ' ||
                     coalesce(md5(string_agg(t::text, '' order by t::text collate \"C\")), '') from %s t$f$, t || ' ', t)
                     into found;
                 found_all = found_all || found || E'\n';
             end loop;
             return found_all;
         end $$",
    )
    .await;
    db.text("select public.contents()").await
}

fn demo(anchor: &str) -> Data {
    Data::Demo { anchor: Some(anchor.to_owned()), seed: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn seeding_again_changes_nothing() {
    let db = support::database().await;
    let mut files = Vec::new();
    seed::run(&db.owner_url(), &demo("2025-10-22"), |progress| files.push((progress.number, progress.file)))
        .await
        .unwrap();
    assert_eq!(files[0], (1, "00_prelude.sql"));
    assert!(files.len() > 20);
    let once = contents(&db).await;
    seed::run(&db.owner_url(), &demo("2025-10-22"), |_| {}).await.unwrap();
    assert_eq!(contents(&db).await, once);
}

#[tokio::test(flavor = "multi_thread")]
async fn minimal_data_is_repeatable() {
    let db = support::database().await;
    for _ in 0..2 {
        seed::run(&db.owner_url(), &Data::Minimal, |_| {}).await.unwrap();
        assert_eq!(db.text("select count(*)::text from vault.documents").await, "2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_keeps_nothing_and_says_where() {
    let db = support::database().await;
    let error = seed::run(&db.owner_url(), &demo("tomorrow or so"), |_| {}).await.unwrap_err();
    assert!(matches!(error, SeedError::Anchor(_)), "{error:?}");
    db.execute("alter table crm.tenants add constraint none check (false) not valid").await;
    let error = seed::run(&db.owner_url(), &demo("2025-10-22"), |_| {}).await.unwrap_err();
    let SeedError::Statement(fault) = error else { panic!("{error:?}") };
    assert!(fault.file.starts_with("50_crm") && fault.line > 1 && fault.message.contains("none"), "{fault:?}");
    assert_eq!(db.text("select count(*)::text from shared.users").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_is_no_superuser_migrates_and_seeds() {
    let db = support::empty().await;
    let name = db.name();
    let role = format!("{name}_owner");
    db.execute(&format!(
        "create role {role} login createrole; create extension vector; alter database {name} owner to {role};
         grant create on schema public to {role}; grant tekup_owner to {role}"
    ))
    .await;
    migrate::run(&db.url(&role), &Scope::All, None).await.unwrap();
    seed::run(&db.url(&role), &demo("2025-10-22"), |_| {}).await.unwrap();
    assert_ne!(db.text("select count(*)::text from crm.contacts").await, "0");
    let error = seed::run(&db.login_url(), &demo("2025-10-22"), |_| {}).await.unwrap_err();
    assert!(error.to_string().contains("permission denied"), "{error}");
}

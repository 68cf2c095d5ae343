//! A login that requests can't be run safely with is refused at the start.

use std::time::Duration;

use tekup_db::db::{Control, UnsafeLogin};

use crate::support::{self, TestDb};

/// What is wrong with a login role, if anything is.
async fn fault(db: &TestDb, role: &str, anon: Option<&str>) -> Option<UnsafeLogin> {
    let database = db.database_at(&db.url(role), |_| {});
    database.verify(anon.map(Into::into).as_ref()).await.err()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_login_role_of_the_migrations_is_safe() {
    let db = support::empty().await;
    assert_eq!(db.database().verify(Some(&"anon".into())).await.unwrap().name, "authenticator");
    assert_eq!(db.database().verify(None).await.unwrap().name, "authenticator");
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_that_are_too_powerful_are_refused() {
    let db = support::empty().await;
    let superuser = fault(&db, "postgres", Some("anon")).await.unwrap();
    assert!(matches!(superuser, UnsafeLogin::TooPowerful { .. }), "{superuser:?}");
    assert!(superuser.to_string().contains("is a superuser"), "{superuser}");
    let role = format!("{}_bypass", db.name());
    db.execute(&format!("create role {role} login bypassrls; grant anon to {role}")).await;
    let bypass = fault(&db, &role, Some("anon")).await.unwrap();
    assert!(bypass.to_string().contains("has BYPASSRLS"), "{bypass}");
    db.execute(&format!("drop role {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_anonymous_role_must_exist_and_be_granted() {
    let db = support::empty().await;
    let missing = fault(&db, "authenticator", Some("nobody-of-that-name")).await.unwrap();
    assert!(matches!(missing, UnsafeLogin::NoAnonymousRole(_)), "{missing:?}");
    let role = format!("{}_plain", db.name());
    db.execute(&format!("create role {role} login")).await;
    let alone = fault(&db, &role, None).await.unwrap();
    assert!(matches!(alone, UnsafeLogin::NoRoles(_)), "{alone:?}");
    let refused = fault(&db, &role, Some("anon")).await.unwrap();
    assert!(refused.to_string().contains(&format!("GRANT anon TO {role}")), "{refused}");
    db.execute(&format!("drop role {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_do_too_much_proves_nothing() {
    let db = support::empty().await;
    let role = format!("{}_mighty", db.name());
    db.execute(&format!(
        "create role {role}; grant select on pg_authid to {role};
         create role {role}_login login; grant {role} to {role}_login"
    ))
    .await;
    let unrestricted = fault(&db, &format!("{role}_login"), Some(&role)).await.unwrap();
    assert!(matches!(unrestricted, UnsafeLogin::Unrestricted(_)), "{unrestricted:?}");
    db.execute(&format!("drop owned by {role}; drop role {role}, {role}_login")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_asked_says_why() {
    let db = support::empty().await;
    let database = db.database_at(&tekup_db::config::Secret::new("postgres://nobody:secret@127.0.0.1:1/x"), |_| {});
    let error = database.verify(None).await.unwrap_err().to_string();
    assert!(error.contains("refused") && !error.contains("secret"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pools_that_do_not_fit_are_refused_with_the_size_that_does() {
    let db = support::empty().await;
    let control = Control::new(&db.login_url(), Duration::from_secs(5)).unwrap();
    let limited =
        async |limit: u32| db.execute(&format!("alter database {} connection limit {limit}", db.name())).await;
    assert!(control.budget(10, 2).await.unwrap().is_ok(), "the server has enough");
    limited(30).await;
    assert!(control.budget(12, 2).await.unwrap().is_ok());
    let refused = control.budget(13, 2).await.unwrap().unwrap_err().to_string();
    assert!(refused.contains("gives 30: DB_POOL_SIZE up to 12 fits"), "{refused}");
    assert!(control.budget(13, 1).await.unwrap().is_ok() && control.budget(13, 0).await.unwrap().is_ok());
    let url = db.login_url();
    let refused = support::serve(&[("DATABASE_URL", url.expose()), ("DB_POOL_SIZE", "13")]).await;
    let refused = refused.err().expect("it does not start").to_string();
    assert!(refused.starts_with("DB_POOL_SIZE: 2 instances (DB_INSTANCES) of 13 connections"), "{refused}");
}

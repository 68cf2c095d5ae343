//! A copy that is interrupted goes on, and the owner of the target need not be a superuser.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use sqlx::{Connection as _, PgConnection};
use tekup_db::db::migrate::{self, Scope};

use super::{TENANT, contents, copied, demo, legacy, options, program, target, text};
use crate::support::{self, TestDb};

/// Starts the program while a table is locked, and ends it when it has come there.
async fn ended(source: &TestDb, target: &TestDb, signal: Signal) -> String {
    let mut lock = PgConnection::connect(target.owner_url().expose()).await.unwrap();
    sqlx::raw_sql("begin; lock table crm.deals in access share mode").execute(&mut lock).await.unwrap();
    let arguments = ["--organization", TENANT, "--schema", "crm"];
    let mut child = program(source, target, &arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // Tables without parents come first, and deals wait for contacts and companies.
    let mut said = Vec::new();
    for line in lines.map_while(Result::ok) {
        let is_there = line.starts_with("crm.contacts");
        said.push(line);
        if is_there {
            break;
        }
    }
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    lock.close().await.unwrap();
    said.push(text(&output));
    said.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_that_is_killed_goes_on() {
    let (source, target) = (legacy().await, target().await);
    for signal in [Signal::SIGKILL, Signal::SIGTERM] {
        let said = ended(&source, &target, signal).await;
        if signal == Signal::SIGTERM {
            assert!(said.contains("interrupted: tables that are copied stay"), "{said}");
        }
        // The server notices that its client has gone when it has waited for the table.
        assert_eq!(target.text("select count(*)::text from crm.deals").await, "0");
        assert_ne!(target.text("select count(*)::text from crm.contacts").await, "0");
    }
    let output = program(&source, &target, &["--organization", TENANT]).output().unwrap();
    let said = text(&output);
    assert!(output.status.success() && said.contains("crm.contacts  copied before"), "{said}");
    let wanted = contents(&demo().await).await;
    assert_eq!(contents(&target).await, wanted);
    let again = program(&source, &target, &["--organization", TENANT]).output().unwrap();
    assert!(again.status.success() && text(&again).contains("nothing to do: 80 tables"), "{}", text(&again));
    // What is gone since was not copied.
    target.execute("delete from crm.emails").await;
    let again = program(&source, &target, &["--organization", TENANT]).output().unwrap();
    assert!(again.status.success() && text(&again).contains("rows of 1 tables copied"), "{}", text(&again));
    assert_eq!(contents(&target).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_is_no_superuser_copies() {
    let (source, target) = (legacy().await, support::empty().await);
    let name = target.name();
    let role = format!("{name}_owner");
    target
        .execute(&format!(
            "create role {role} login createrole; create extension vector; alter database {name} owner to {role};
             grant create on schema public to {role}; grant tekup_owner to {role}"
        ))
        .await;
    let url = target.url(&role);
    migrate::run(&url, &Scope::All, None).await.unwrap();
    target.execute(&format!("insert into crm.tenants (id, name, slug) values ('{TENANT}', 'A', 'a')")).await;
    let (done, reported) = copied(&source.owner_url(), &url, &options()).await;
    let done = done.unwrap_or_else(|error| panic!("{error} {reported:#?}"));
    assert_eq!(done.copied.len(), 80);
    let (refused, _) = copied(&source.owner_url(), &target.login_url(), &options()).await;
    assert!(refused.unwrap_err().to_string().contains("permission denied"));
}

//! What is wrong is found before anything is written.

use tekup_db::db::copy::{CopyError, Map, Options};

use super::{TENANT, copied, faults, legacy, options, program, target, text};
use crate::support;

/// A database that somebody wrote by hand, with everything wrong.
const WRONG: &str = r#"
    create schema old;
    create table old."Person" ("Id" text, "companyId" text, mail varchar, "firstName" text, "lastName" text, status text,
        source text, tags text[], "customFields" json, owner text, "createdAt" text, fax text, "postalCode" text);
    create table old."Company" ("Id" text, name text, owner text);
    insert into old."Company" values ('k1', 'One', 'o'), ('k2', 'Two', 'o');
    insert into old."Person" ("Id", "companyId", mail, "firstName", "lastName", status, source, owner, "createdAt", fax) values
        ('p1', 'k1', 'A@x.dk', 'Ann', 'A', 'active', 'web', 'o', '2024-01-01 10:00', null),
        ('p2', 'gone', 'a@x.dk', 'Bo', null, 'nonsense', 'web', 'o', 'yesterday noon or so', '1234'),
        ('p3', null, null, 'Cy', 'C', 'active', 'web', 'o', '2024-01-03', null);
"#;

const MAP: &str = r#"{
    "crm.contacts": {"from": "old.Person", "columns": {
        "id": "Id", "company_id": "companyId", "email": {"from": "mail", "convert": "email"}, "first_name": "firstName",
        "last_name": "lastName", "custom_fields": "customFields", "created_at": "createdAt", "postal_code": "postalCode"}},
    "crm.companies": {"from": "old.Company", "columns": {"id": "Id"}}
}"#;

fn hand_written() -> Options {
    Options { map: Map::default().overridden(MAP).unwrap(), ..options() }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_is_named_and_nothing_is_written() {
    let (source, target) = (support::empty().await, target().await);
    source.execute(WRONG).await;
    let found = faults(&source, &target, &hand_written()).await;
    for expected in [
        "crm.contacts: created_at: invalid input syntax for type timestamp with time zone: \"yesterday noon or so\"",
        "crm.contacts: 1 rows have no last_name, which must not be null, such as p2",
        "crm.contacts: 1 rows have a fax that goes nowhere: map it, or list it under \"ignore\", such as p2",
        "crm.contacts: 1 rows have a company_id that is in no row of old.Company, such as gone",
        "crm.contacts: 1 keys are there more than once, and contacts_tenant_id_email_key wants them once, such as a@x.dk",
    ] {
        assert!(found.iter().any(|fault| fault == expected), "{expected}\n{found:#?}");
    }
    assert!(found.iter().any(|fault| fault.contains("1 rows break the rule contacts_status_check")), "{found:#?}");

    let (refused, _) = copied(&source.owner_url(), &target.owner_url(), &hand_written()).await;
    assert!(matches!(refused, Err(CopyError::Refused(faults)) if faults == found.len()), "{refused:?}");
    assert_eq!(target.text("select count(*)::text from crm.companies").await, "0");
    assert_eq!(target.text("select (to_regclass('tekup.copied_tables') is null)::text").await, "true");

    source
        .execute(
            r#"update old."Person" set "createdAt" = '2024-01-02', "lastName" = 'B', fax = null, "companyId" = 'k2',
                mail = 'b@x.dk', status = 'inactive' where "Id" = 'p2'"#,
        )
        .await;
    let (done, reported) = copied(&source.owner_url(), &target.owner_url(), &hand_written()).await;
    done.unwrap_or_else(|error| panic!("{error} {reported:#?}"));
    let rows = "select string_agg(concat_ws(' ', id, email, company_id, created_at, tags, custom_fields), ', ' order by id) from crm.contacts";
    assert_eq!(
        target.text(rows).await,
        "p1 a@x.dk k1 2024-01-01 10:00:00+00 {}, p2 b@x.dk k2 2024-01-02 00:00:00+00 {}, p3 2024-01-03 00:00:00+00 {}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_without_a_tenant_and_secrets_without_a_key_are_told() {
    let (source, target) = (legacy().await, support::database().await);
    source.execute(r#"update flow."FlowVariable" set value = 'in clear' where "isSecret""#).await;
    let found = faults(&source, &target, &Options { organization: None, ..options() }).await;
    assert!(
        found
            .iter()
            .any(|fault| fault.contains("crm.contacts: tenant_id has no source") && fault.contains("--organization"))
    );
    assert!(
        found.iter().any(|fault| fault.contains("flow.variables") && fault.contains("ENCRYPTION_KEY")),
        "{found:#?}"
    );
    let found = faults(&source, &target, &options()).await;
    let nobody =
        format!("crm.contacts: tenant_id gets {TENANT}, which is in no row of crm.tenants: add that row first");
    assert!(found.contains(&nobody), "{found:#?}");

    target.execute(&format!("insert into crm.tenants (id, name, slug) values ('{TENANT}', 'A', 'a')")).await;
    let flow = Options { schemas: vec!["flow".to_owned()], ..options() };
    let (done, _) = copied(&source.owner_url(), &target.owner_url(), &flow).await;
    let done = done.unwrap();
    let sealed = done.copied.iter().find(|copied| copied.table.table == "variables").unwrap().sealed;
    assert!(sealed > 0);
    let wrong =
        "select count(*)::text from flow.variables where is_secret and (value not like '%:%:%' or not encrypted)";
    assert_eq!(target.text(wrong).await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_with_rows_of_its_own_is_left_alone() {
    let (source, target) = (legacy().await, target().await);
    target
        .execute("insert into vault.sync_status (source, repository, status) values ('github', 'own', 'success')")
        .await;
    let vault = Options { schemas: vec!["vault".to_owned()], ..options() };
    let found = faults(&source, &target, &vault).await;
    assert_eq!(
        found,
        ["vault.sync_status: has rows that were not copied from this source: --replace empties it first"]
    );
    let (done, _) = copied(&source.owner_url(), &target.owner_url(), &Options { replace: true, ..vault }).await;
    assert_eq!(done.unwrap().copied.len(), 3);
    assert_eq!(target.text("select count(*)::text from vault.sync_status where repository = 'own'").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_says_what_is_wrong_and_fails() {
    let (source, target, empty) = (legacy().await, target().await, support::empty().await);
    let refused = |command: &mut std::process::Command, expected: &[&str]| {
        let output = command.output().unwrap();
        let said = text(&output);
        assert!(!output.status.success(), "{said}");
        for expected in expected {
            assert!(said.contains(expected), "{expected}: {said}");
        }
        assert!(!said.contains("s3cret"), "{said}");
    };
    refused(
        &mut program(&source, &target, &["--from", "nowhere:s3cret"]),
        &["URL of the source", "nothing was copied"],
    );
    let unreachable = ["--from", "postgres://a:s3cret@127.0.0.1:9/old"];
    refused(&mut program(&source, &target, &unreachable), &["127.0.0.1:9/old can't be reached", "nothing was copied"]);
    refused(&mut program(&source, &source, &[]), &["migrations are not applied"]);
    refused(&mut program(&target, &target, &[]), &["the same database"]);
    refused(&mut program(&empty, &target, &[]), &["none of the map's tables"]);
    refused(
        &mut program(&source, &target, &["--schema", "none"]),
        &["there are: billy, crm, flow, renos, shared, vault"],
    );
    refused(
        &mut program(&source, &target, &["--schema", "crm", "--schema", "reno"]),
        &["no table of the map is in the schema reno;", "nothing was copied"],
    );
    refused(&mut program(&source, &target, &["--organization", "x"]), &["is no UUID"]);
    refused(&mut program(&source, &target, &["--map", "/nowhere.json"]), &["/nowhere.json"]);
    refused(&mut program(&source, &target, &["--check"]), &["fault  crm.contacts: tenant_id", "faults are in the way"]);
    let output = program(&source, &target, &["--check", "--organization", TENANT]).output().unwrap();
    assert!(output.status.success() && text(&output).contains("nothing is in the way"), "{}", text(&output));
    assert_eq!(target.text("select count(*)::text from crm.contacts").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_whom_rules_hide_rows_from_is_told() {
    let (source, target) = (legacy().await, target().await);
    let name = source.name();
    source
        .execute(&format!(
            "create role {name}_reader login; grant usage on schema vault to {name}_reader;
             grant select on all tables in schema vault to {name}_reader;
             alter table vault.documents enable row level security"
        ))
        .await;
    let vault = Options { schemas: vec!["vault".to_owned()], ..options() };
    let (refused, reported) = copied(&source.url(&format!("{name}_reader")), &target.owner_url(), &vault).await;
    assert!(matches!(refused, Err(CopyError::Refused(_))), "{refused:?}");
    assert!(format!("{reported:?}").contains("row-level security"), "{reported:?}");
}

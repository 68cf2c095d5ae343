//! Another database's rows: from the old layout whole, and what happens where something is wrong.

mod faults;
mod resume;

use std::{
    collections::BTreeMap,
    process::{Command, Output},
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tekup_db::{
    config::Secret,
    db::copy::{self, CopyError, Map, Options, Progress, Summary},
};

use crate::support::{self, TestDb};

const LEGACY: &str = include_str!("../../src/db/copy/legacy.json");
const TO_LEGACY: &str = include_str!("../fixtures/legacy.sql");
/// A tenant of the demo data.
const TENANT: &str = "11111111-1111-4111-8111-111111111111";

/// The demo data in the layout of the former clients' databases.
async fn legacy() -> TestDb {
    let db = support::demo_database().await;
    db.execute(&format!("select set_config('tekup.map', $map${LEGACY}$map$, false); {TO_LEGACY}")).await;
    db
}

/// A migrated database with nothing but a tenant.
async fn target() -> TestDb {
    let db = support::database().await;
    db.execute(&format!("insert into crm.tenants (id, name, slug) values ('{TENANT}', 'A company', 'a-company')"))
        .await;
    db
}

/// The demo data, as far as the old layout can hold it: a day had one figure, whoever's.
async fn demo() -> TestDb {
    let db = support::demo_database().await;
    db.execute(
        "delete from crm.metrics as m using crm.metrics as other
         where m.date = other.date and m.metric = other.metric and m.tenant_id > other.tenant_id",
    )
    .await;
    db
}

fn options() -> Options {
    Options { map: Map::legacy().unwrap(), organization: Some(TENANT.to_owned()), ..Options::default() }
}

fn sealing(clear: &str) -> Option<String> {
    Some(format!("{}:{}:{}", "a".repeat(32), "b".repeat(32), hex::encode(clear)))
}

/// Copies, and gives what was reported.
async fn copied(source: &Secret, target: &Secret, options: &Options) -> (Result<Summary, CopyError>, Vec<Progress>) {
    let mut reported = Vec::new();
    let done = copy::run((source, target), options, Some(&sealing), &mut |progress| reported.push(progress)).await;
    (done, reported)
}

/// Looks, and gives the faults.
async fn faults(source: &TestDb, target: &TestDb, options: &Options) -> Vec<String> {
    let mut found = Vec::new();
    let mut report = |progress| {
        if let Progress::Found(finding) = progress
            && finding.is_fault
        {
            found.push(format!("{}: {}", finding.table, finding.text));
        }
    };
    let ends = (source.owner_url(), target.owner_url());
    let summary = copy::check((&ends.0, &ends.1), options, false, &mut report).await.unwrap();
    assert_eq!(summary.faults, found.len());
    found
}

/// The program itself.
fn program(source: &TestDb, target: &TestDb, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tekup-db"));
    command.arg("copy").args(arguments).env_clear();
    command.env("SOURCE_DATABASE_URL", source.owner_url().expose()).env("DATABASE_URL", target.owner_url().expose());
    command.envs([("ENCRYPTION_KEY", "key"), ("ENCRYPTION_SALT", "salt")]);
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A hash of all rows of each table that is copied, in the columns that the old layout has; times in milliseconds, as it has them.
async fn contents(db: &TestDb) -> BTreeMap<String, String> {
    let mut connection = PgConnection::connect(db.owner_url().expose()).await.unwrap();
    let map: serde_json::Value = serde_json::from_str(LEGACY).unwrap();
    let names: Vec<&str> = map.as_object().unwrap().keys().map(String::as_str).collect();
    let mut contents = BTreeMap::new();
    for name in names {
        let columns: String =
            sqlx::query_scalar(include_str!("copy/columns.sql")).bind(name).fetch_one(&mut connection).await.unwrap();
        let hash = format!(
            "select count(*) || ' ' || coalesce(md5(string_agg(t::text, E'\\n' order by t::text collate \"C\")), '') \
             from (select {columns} from {name}) as t"
        );
        let hash: String = sqlx::query_scalar(AssertSqlSafe(hash)).fetch_one(&mut connection).await.unwrap();
        contents.insert(name.to_owned(), hash);
    }
    contents
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_of_the_old_layout_arrives() {
    let (source, target) = (legacy().await, target().await);
    let before = target.text(STATE).await;
    let (done, reported) = copied(&source.owner_url(), &target.owner_url(), &options()).await;
    let summary = done.unwrap_or_else(|error| panic!("{error}\n{reported:#?}"));
    assert_eq!((summary.copied.len(), summary.kept), (80, 0));
    let demo = demo().await;
    let (wanted, found) = (contents(&demo).await, contents(&target).await);
    let differing: Vec<_> = wanted.iter().filter(|(name, hash)| found.get(*name) != Some(hash)).collect();
    assert!(differing.is_empty(), "{differing:#?} {found:#?}");
    assert!(summary.copied.iter().map(|copied| copied.rows).sum::<u64>() > 10_000);
    // Triggers are on again, row security is forced, and nothing else was left.
    assert_eq!(target.text(STATE).await, before);
    let tenants = "select count(distinct tenant_id) || ' ' || min(tenant_id::text) from crm.contacts";
    assert_eq!(target.text(tenants).await, format!("1 {TENANT}"));

    let (again, _) = copied(&source.owner_url(), &target.owner_url(), &options()).await;
    assert_eq!(again.unwrap(), Summary { copied: Vec::new(), kept: 80, faults: 0 });
    let replaced = Options { replace: true, schemas: vec!["vault".to_owned()], ..options() };
    let (replaced, _) = copied(&source.owner_url(), &target.owner_url(), &replaced).await;
    assert_eq!(replaced.unwrap().copied.len(), 3);
    assert_eq!(contents(&target).await, found);
}

/// What a copy must leave as it was: triggers, and what rules of rows bind.
const STATE: &str = "select md5(string_agg(line, E'\\n' order by line)) from (
    select concat_ws(' ', tgrelid::regclass, tgname, tgenabled) as line from pg_trigger where not tgisinternal
    union all select concat_ws(' ', oid::regclass, relforcerowsecurity, relrowsecurity) from pg_class
        where relkind = 'r' and relnamespace::regnamespace::text not in ('pg_catalog', 'information_schema', 'tekup')) as lines";

#[tokio::test(flavor = "multi_thread")]
async fn the_map_names_what_the_schemas_have() {
    let target = target().await;
    let source = support::database().await;
    // A map whose tables come from the target's own layout: whatever it names has to be there.
    let mut map: serde_json::Value = serde_json::from_str(LEGACY).unwrap();
    let tables = map.as_object().unwrap();
    let there = "select string_agg(name, ' ' order by name) from (
        select relnamespace::regnamespace || '.' || relname as name from pg_class
        where relkind = 'r' and relname <> '_sqlx_migrations'
            and relnamespace::regnamespace::text in ('vault', 'billy', 'renos', 'crm', 'flow', 'shared')) as tables";
    let there = target.text(there).await;
    let newer: Vec<_> = there.split(' ').filter(|name| !tables.contains_key(*name)).collect();
    assert_eq!(
        newer,
        [
            "crm.cleaning_jobs",
            "crm.tenants",
            "crm.users",
            "flow.leads",
            "flow.sms_tracking",
            "renos.employee_counters",
            "renos.invoice_counters",
            "renos.invoice_payments",
            "shared.api_keys",
            "shared.idempotency_keys",
            "shared.sessions",
        ],
        "a table is in the map, or was never in the old layout"
    );
    for (name, entry) in map.as_object_mut().unwrap() {
        entry["from"] = name.as_str().into();
    }
    let options = Options { map: Map::default().overridden(&map.to_string()).unwrap(), ..options() };
    // Names that were other ones are not found; every other is.
    let found = faults(&source, &target, &options).await;
    let (renamed, rest): (Vec<_>, Vec<_>) = found.iter().partition(|fault| fault.contains("has no column"));
    assert_eq!(renamed.len(), 109, "{renamed:#?}");
    assert!(rest.iter().all(|fault| fault.contains("has no source, and no default")), "{rest:#?}");
}

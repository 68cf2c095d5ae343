//! `verify`: a database of ours has nothing to find; each check finds what it is for, and what mends it does.

mod faults;

use std::{future::pending, process::Command};

use tekup_db::{
    config::Secret,
    db::verify::{self, CHECKS, Finding, Manifest, Report, Request, Severity, VerifyError},
};

use self::faults::{MENDED, TOLD};
use crate::support::{self, TestDb};

const SCHEMAS: [&str; 6] = ["vault", "billy", "renos", "crm", "flow", "shared"];

fn request(checks: &[&str]) -> Request {
    Request {
        checks: checks.iter().map(ToString::to_string).collect(),
        schemas: SCHEMAS.map(str::to_owned).to_vec(),
        anon_role: Some("anon".to_owned()),
        manifest: None,
        days_counted: None,
    }
}

async fn looked(url: &Secret, request: &Request) -> Result<Report, VerifyError> {
    verify::run(url, request, pending(), &mut |_| {}).await
}

async fn found(db: &TestDb, check: &str) -> Vec<Finding> {
    looked(&db.owner_url(), &request(&[check])).await.unwrap().findings
}

fn objects(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.object.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_check_finds_its_fault_and_what_mends_it_does() {
    let db = support::demo_database().await;
    // Drift takes a while, and has a test of its own.
    let all: Vec<_> =
        CHECKS.iter().map(|check| check.name).filter(|name| !["manifest", "drift"].contains(name)).collect();
    let report = looked(&db.owner_url(), &request(&all)).await.unwrap();
    let bad: Vec<_> = report.findings.iter().filter(|finding| finding.severity > Severity::Info).collect();
    assert!(bad.is_empty(), "{bad:#?}");

    for (check, sql, wanted) in MENDED {
        db.execute(sql).await;
        let findings = found(&db, check).await;
        match *wanted {
            // An id is made anew for each test.
            [""] => assert_eq!(findings.len(), 1, "{findings:#?}"),
            wanted => assert_eq!(objects(&findings), wanted, "{check}"),
        }
        for finding in findings {
            let mend = finding.mend.unwrap_or_else(|| panic!("{check} of {}", finding.object));
            db.execute(&mend).await;
        }
        let left = found(&db, check).await;
        assert!(left.is_empty(), "{check}: {left:#?}");
    }
    for (check, sql, wanted) in TOLD {
        db.execute(sql).await;
        let findings = found(&db, check).await;
        assert_eq!(objects(&findings), *wanted, "{check}");
        assert!(findings.iter().all(|finding| finding.mend.is_none()), "{findings:#?}");
    }
    // Each partition of what is referred to has some of the rows.
    db.execute(
        "create table crm.planted_of (id int primary key) partition by range (id);
         create table crm.planted_low partition of crm.planted_of for values from (0) to (9);
         create table crm.planted_high partition of crm.planted_of for values from (9) to (19);
         create table crm.planted_refers (id int references crm.planted_of on delete cascade);
         insert into crm.planted_of values (1), (10); insert into crm.planted_refers values (1), (10)",
    )
    .await;
    assert!(!objects(&found(&db, "orphans").await).contains(&"crm.planted_refers (id)"));
    bypassing_roles(&db).await;
    unused_indexes(&db).await;
    // A check that the database refuses is a finding of its own.
    db.execute("drop table crm.deal_products").await;
    let findings = found(&db, "invoice-sums").await;
    assert!(findings[0].why.contains("deal_products") && findings[0].severity == Severity::Error, "{findings:#?}");
}

/// Roles are the cluster's: here alone, none is such.
async fn bypassing_roles(db: &TestDb) {
    let role = format!("{}_bypass", db.name());
    db.execute(&format!("create role {role} bypassrls")).await;
    assert_eq!(found(db, "bypass-roles").await, []);
    let mut anonymous = request(&["bypass-roles"]);
    anonymous.anon_role = Some(role.clone());
    let findings = looked(&db.owner_url(), &anonymous).await.unwrap().findings;
    assert_eq!(objects(&findings), [format!("role {role}")]);
    let login = format!("{role}_login");
    db.execute(&format!("create role {login} login; grant {role} to {login}")).await;
    assert_eq!(
        objects(&found(db, "bypass-roles").await),
        [format!("role {role}")],
        "any login role may be the service's"
    );
    db.execute(&format!("drop role {login}; grant {role} to authenticator")).await;
    let findings = found(db, "bypass-roles").await;
    assert_eq!(objects(&findings), [format!("role {role}")]);
    db.execute(findings[0].mend.as_ref().unwrap()).await;
    assert_eq!(found(db, "bypass-roles").await, []);
    db.execute(&format!("drop role {role}")).await;
}

async fn unused_indexes(db: &TestDb) {
    db.execute(
        "create schema \"Own\"; create table \"Own\".t (a int, b int unique, c int references \"Own\".t (b));
         create index planted_idx on \"Own\".t (a); create index of_key on \"Own\".t (c)",
    )
    .await;
    db.execute("select count(*) from \"Own\".t; select pg_stat_force_next_flush()").await;
    let mut request = request(&["unused-indexes"]);
    request.schemas = vec!["Own".to_owned()];
    assert_eq!(looked(&db.owner_url(), &request).await.unwrap().findings, [], "the server has just been started");
    request.days_counted = Some(0);
    let findings = looked(&db.owner_url(), &request).await.unwrap().findings;
    assert_eq!(objects(&findings), ["\"Own\".planted_idx"]);
    db.execute(findings[0].mend.as_ref().unwrap()).await;
    assert_eq!(looked(&db.owner_url(), &request).await.unwrap().findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_are_compared_with_what_migrations_make() {
    let db = support::database().await;
    db.execute("create database tekup_verify_throwaway_1000000000_1").await;
    db.execute(
        "drop index renos.leads_lower_email_idx;
         drop policy own_tenant on crm.deals;
         alter policy own_tenant on crm.tasks using (true);
         alter table crm.deals alter column currency set default 'EUR', alter column owner drop not null,
             drop constraint deals_probability_check, add column \"Planted\" text not null default 'x';
         alter table crm.deals alter column stage type varchar(100);
         drop trigger deals_set_updated_at on crm.deals;
         create or replace function renos.read_customer(customer text) returns renos.customers language plpgsql as
             $$ begin return null; end $$;
         create function crm.planted() returns integer language sql return 1;
         create rule swallowed as on delete to crm.deals do instead nothing;
         revoke update (title) on crm.deals from crm_app; grant delete on shared.users to crm_app",
    )
    .await;
    let drift = found(&db, "drift").await;
    let of = |severity| -> Vec<&str> {
        drift.iter().filter(|finding| finding.severity == severity).map(|finding| finding.object.as_str()).collect()
    };
    let mut wrong = of(Severity::Error);
    wrong.sort_unstable();
    assert_eq!(
        wrong,
        [
            "column crm.deals.stage",
            "constraint deals_probability_check on crm.deals",
            // Its text names the column's type.
            "constraint deals_stage_check on crm.deals",
            "default crm.deals.currency",
            "function renos.read_customer(text)",
            "grant UPDATE of columns on crm.deals to crm_app",
            "index renos.leads_lower_email_idx",
            "not null crm.deals.owner",
            "policy own_tenant on crm.deals",
            "policy own_tenant on crm.tasks",
            "trigger deals_set_updated_at on crm.deals",
        ]
    );
    let mut more = of(Severity::Warning);
    more.sort_unstable();
    assert_eq!(
        more,
        [
            "column crm.deals.\"Planted\"",
            "function crm.planted()",
            "grant DELETE on shared.users to crm_app",
            "rule swallowed on crm.deals"
        ]
    );

    for finding in &drift {
        if let Some(mend) = &finding.mend {
            db.execute(mend).await;
        }
    }
    let left = found(&db, "drift").await;
    // Columns are not dropped for anybody.
    assert_eq!(objects(&left), ["column crm.deals.\"Planted\""]);
    let throwaways =
        "select count(*)::text from pg_database where datname like 'tekup\\_verify\\_throwaway\\_1000000000%'";
    assert_eq!(db.text(throwaways).await, "0", "what a run left behind is dropped by the next");
    stopped(&db).await;
    unable(&db).await;
}

/// Whatever it is stopped by, nothing is left behind.
async fn stopped(db: &TestDb) {
    let ours = format!(
        "select count(*)::text from pg_database where datname ~ '^tekup_verify_throwaway_[0-9]+_{}'",
        std::process::id()
    );
    let count = async || db.text(&ours).await;
    let stop = async { while count().await == "0" {} };
    let request = request(&["drift"]);
    let stopped = verify::run(&db.owner_url(), &request, Box::pin(stop), &mut |_| {}).await;
    assert!(matches!(stopped, Err(VerifyError::Stopped)), "{stopped:?}");
    assert_eq!(db.text(&ours.replace("count(*)", "coalesce(string_agg(datname, ' '), '')")).await, "");
}

/// Who may not see is refused, who may not create a database is told what was not looked at.
async fn unable(db: &TestDb) {
    let role = format!("{}_owner", db.name());
    db.execute(&format!("create role {role} login")).await;
    let blind = looked(&db.url(&role), &request(&["sequences"])).await;
    assert!(matches!(blind, Err(VerifyError::Blind(_))), "{blind:?}");
    // Migrations would make the role a member again: what is the cluster's is told, and left as it is.
    db.execute(&format!("alter role {role} bypassrls createdb; grant postgres to {role}")).await;
    let findings = looked(&db.url(&role), &request(&["drift"])).await.unwrap().findings;
    assert_eq!(objects(&findings), [format!("membership of {role} in tekup_owner").as_str(), "the schemas"]);
    assert_eq!(findings[0].mend, Some(format!("grant tekup_owner to {role}")));
    db.execute(&format!("alter role {role} nobypassrls nocreatedb")).await;
    db.execute(&format!(
        "grant postgres, tekup_owner to {role}; create schema own; create table own.parent (id int primary key);
         create table own.child (id int references own.parent); alter table own.parent enable row level security, force row level security"
    ))
    .await;
    let mut own = request(&["orphans"]);
    own.schemas = vec!["own".to_owned()];
    let hidden = looked(&db.url(&role), &own).await;
    assert!(matches!(&hidden, Err(VerifyError::Hidden { tables, .. }) if tables == "own.parent"), "{hidden:?}");
    db.execute("create policy whole on own.parent using (true)").await;
    assert_eq!(looked(&db.url(&role), &own).await.unwrap().findings, []);
    let findings = looked(&db.url(&role), &request(&["drift"])).await.unwrap().findings;
    assert!(findings[0].why.contains("may not create databases"), "{findings:#?}");
    assert_eq!(findings[0].severity, Severity::Info);
    db.execute(&format!("alter role {role} createdb")).await;
    let findings = looked(&db.url(&role), &request(&["drift"])).await.unwrap().findings;
    assert!(findings[0].why.contains("vector"), "{findings:#?}");
    assert_eq!(findings[0].severity, Severity::Info);
    db.execute(&format!("drop role {role}")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_compared_with_a_manifest() {
    let db = support::database().await;
    let manifest = r#"{"version": 1, "tables": [
        {"schema": "vault", "name": "documents", "rows": 0, "checksum": "x"},
        {"schema": "crm", "name": "deals", "rows": 71},
        {"schema": "crm", "name": "planted", "rows": 0},
        {"schema": "crm", "name": "gone", "rows": 1}, {"schema": "elsewhere", "name": "t", "rows": 1}]}"#;
    // A backup counts what is of the table itself.
    db.execute(
        "create table crm.planted (id int); create table crm.heir () inherits (crm.planted); insert into crm.heir values (1)",
    )
    .await;
    let mut request = request(&["manifest"]);
    assert!(matches!(request.chosen(), Err(VerifyError::NoManifest)));
    request.manifest = Some(serde_json::from_str::<Manifest>(manifest).unwrap());
    let findings = looked(&db.owner_url(), &request).await.unwrap().findings;
    let told: Vec<_> = findings.iter().map(|finding| format!("{}: {}", finding.object, finding.why)).collect();
    assert_eq!(
        told,
        ["crm.deals: it has 0 rows; the manifest has 71", "crm.gone: the manifest has it, and it is not there"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_says_how_bad_it_is() {
    let db = support::database().await;
    let run = async |arguments: &[&str]| {
        let url = db.owner_url();
        let output = Command::new(env!("CARGO_BIN_EXE_tekup-db"))
            .arg("verify")
            .args(arguments)
            .env_clear()
            .env("DATABASE_URL", url.expose())
            .output()
            .unwrap();
        let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), said(output.stdout), said(output.stderr))
    };
    let sound = run(&["--check", "sequences", "--check", "foreign-key-indexes", "--schema", "flow"]).await;
    assert_eq!((sound.0, sound.1.as_str()), (Some(0), "0 errors, 0 warnings, 0 notes of 2 checks\n"), "{}", sound.2);
    db.execute("drop index flow.leads_duplicate_of_idx_partial").await;
    assert_eq!(run(&["--check", "foreign-key-indexes"]).await.0, Some(3));
    db.execute("alter table crm.deals disable row level security").await;
    let (code, told, _) = run(&["--check", "foreign-key-indexes", "--check", "row-security"]).await;
    assert_eq!(code, Some(4));
    assert!(told.starts_with("error    row-security  crm.deals\n"), "{told}");
    let (code, json, _) = run(&["--json", "--check", "row-security"]).await;
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &report["errors"], &report["findings"][0]["object"]), (Some(4), &1.into(), &"crm.deals".into()));

    assert_eq!(run(&["--chekc"]).await.0, Some(2), "warnings have a code of their own");
    for (arguments, word) in [
        (&["--check", "nothing"][..], "orphans"),
        (&["--schema", "nothing"], "vault, billy"),
        (&["--check", "manifest"], "--manifest"),
        (&["--manifest", "/nowhere"], "/nowhere"),
    ] {
        let (code, _, refused) = run(arguments).await;
        assert!(code == Some(1) && refused.contains(word), "{arguments:?}: {refused}");
    }
}

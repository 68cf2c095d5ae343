//! What operators ask and do: health in detail, figures, migrations, maintenance, and another key for secrets.

use std::{process::Command, sync::LazyLock};

use axum::http::Method;
use serde_json::{Value, json};
use tekup_db::{
    config::Secret,
    db::{maintain, migrate, reseal},
    domain::Sealer,
};
use tokio_postgres::NoTls;

use crate::support::{Api, TestDb, database, demo_database, tekup_with};

const OPERATORS: [(Method, &str); 4] = [
    (Method::GET, "/health/detail"),
    (Method::GET, "/metrics/summary"),
    (Method::GET, "/admin/migrations"),
    (Method::POST, "/admin/maintenance"),
];

#[tokio::test]
async fn only_liveness_is_open_to_all() {
    let api = tekup_with(|_| {}).await;
    let live = api.anonymous.get("/health/live").await.expect(200);
    assert_eq!(live.text(), api.anonymous.get("/live").await.expect(200).text());
    for (method, path) in OPERATORS {
        assert_eq!(
            api.anonymous.send(method.clone(), path, &[], "").await.expect(401).header("www-authenticate"),
            "Bearer"
        );
        for role in ["authenticated", "renos_app", "flow_app"] {
            let refused = api.person(role, None, "x").send(method.clone(), path, &[], "").await.expect(403).json();
            assert_eq!(refused["code"], "auth.operation_forbidden", "{path}");
        }
    }
    let of =
        async |caller: &crate::support::Person| caller.get("/openapi.json").await.expect(200).json()["paths"].clone();
    let (operators, others) = (of(&api.service).await, of(&api.reader).await);
    for (_, path) in OPERATORS {
        assert!(operators.get(path).is_some() && others.get(path).is_none(), "{path}");
    }
}

#[tokio::test]
async fn health_in_detail_says_what_is_missing() {
    let api = tekup_with(|_| {}).await;
    let healthy = api.service.get("/health/detail").await.expect(200).json();
    assert_eq!(
        (&healthy["status"], &healthy["database"], &healthy["errors"]),
        (&json!("healthy"), &json!("connected"), &json!([]))
    );
    assert_eq!(healthy["schemas"], json!(["billy", "crm", "flow", "renos", "shared", "vault"]));
    assert_eq!((&healthy["tables"]["vault"], &healthy["tables"]["billy"]), (&json!(3), &json!(8)));
    assert_eq!((&healthy["pool"]["max_size"], &healthy["pending_migrations"]), (&json!(4), &json!([])));
    assert!(healthy["server_version"].as_str().unwrap().starts_with(char::is_numeric), "{healthy}");

    api.execute(
        "drop schema vault cascade; drop extension vector cascade; delete from flow._sqlx_migrations where version = 3",
    )
    .await;
    let degraded = api.service.get("/health/detail").await.expect(200).json();
    assert_eq!(degraded["status"], "degraded");
    let errors: Vec<_> = degraded["errors"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for wanted in [
        "the schema vault is missing",
        "migrations/flow/0003_operations.sql is pending",
        "the extension vector is missing",
    ] {
        assert!(errors.contains(&wanted), "{errors:?}");
    }
    let migrations = api.service.get("/admin/migrations").await.expect(200).json();
    assert!(
        migrations["pending"].as_array().unwrap().contains(&json!({"file": "migrations/flow/0003_operations.sql"}))
    );
}

#[tokio::test]
async fn migrations_are_told_as_the_ledgers_have_them() {
    let api = tekup_with(|_| {}).await;
    let report = api.service.get("/admin/migrations").await.expect(200).json();
    let known = migrate::status(&api.owner_url(), &migrate::Scope::All).await.unwrap();
    assert_eq!((&report["pending"], &report["failed"]), (&json!([]), &json!([])));
    let files: Vec<_> = report["applied"].as_array().unwrap().iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(files, known.iter().map(|status| status.file.as_str()).collect::<Vec<_>>());
    assert!(report["applied"][0]["applied_at"].as_str().unwrap().starts_with("20"));
    api.execute("update crm._sqlx_migrations set checksum = 'x' where version = 2").await;
    let report = api.service.get("/admin/migrations").await.expect(200).json();
    assert_eq!(report["failed"][0]["file"], "migrations/crm/0002_last_contact.sql");
}

#[tokio::test]
async fn figures_are_told_as_json() {
    let api = tekup_with(|_| {}).await;
    api.service.get("/renos/leads?limit=1").await.expect(200);
    api.execute(
        "update billy.usage_metrics set date = current_date, call_count = 10, cache_hits = 8
         where id = (select id from billy.usage_metrics limit 1)",
    )
    .await;
    let report = api.service.get("/metrics/summary").await.expect(200).json();
    assert!(report["database"]["size_bytes"].as_i64().unwrap() > 1_000_000);
    assert!(report["database"]["schemas_bytes"]["renos"].as_i64().unwrap() > 100_000);
    let leads = report["database"]["tables"].as_array().unwrap().iter().find(|table| table["table"] == "audit_logs");
    assert!(leads.unwrap()["bytes"].as_i64().unwrap() > 0);
    assert!(report["queries"]["total"].as_u64().unwrap() > 0 && report["requests"]["total"].as_u64().unwrap() > 0);
    assert_eq!((&report["pool"]["max_size"], &report["pool"]["timeouts"].is_u64()), (&json!(4), &true));
    assert_eq!(report["database"]["billy_cache_hit_ratio"], json!(0.8));
    let again = api.service.get("/metrics/summary").await.expect(200).json();
    assert_eq!(
        again["database"]["measured_at"], report["database"]["measured_at"],
        "sizes are looked at once a minute"
    );
}

/// Rows that are past their time, and others that are not.
const AGED: &str = "
    insert into billy.cached_invoices (organization_id, billy_id, data, expires_at)
    select id, 'aged' || n, '{}', now() + (n - 2) * interval '1 hour'
    from billy.organizations, generate_series(1, 3) n where billy_organization_id = 'fjordklar-demo';
    update renos.invoices set status = 'draft' where status = 'sent';
    update renos.invoices set status = 'sent', due_date = now() - interval '3 days'
    where id in (select id from renos.invoices where status = 'draft' order by id limit 2);
    update renos.quotes set status = 'draft' where status = 'sent';
    insert into renos.undo_actions (type, entity_id, entity_type, before, after, performed_by, performed_at, expires_at)
    select 'booking_created', 'x', 'booking', '{}', '{}', 'x', now() - interval '3 days', now() - d * interval '13 hours'
    from generate_series(1, 4) d;";

async fn aged() -> Api {
    let api = tekup_with(|_| {}).await;
    // What the sample data leaves to do is done first.
    api.service.post("/admin/maintenance", json!({})).await.expect(200);
    api.execute(AGED).await;
    api
}

fn rows(report: &Value, job: &str) -> i64 {
    let jobs = report["jobs"].as_array().unwrap();
    jobs.iter().find(|done| done["job"] == job).unwrap_or_else(|| panic!("{report}"))["rows"].as_i64().unwrap()
}

#[tokio::test]
async fn jobs_touch_what_is_past_its_time_and_nothing_else() {
    let api = aged().await;
    let left = "select concat_ws(' ', (select count(*) from billy.cached_invoices where billy_id like 'aged%'),
        (select count(*) from renos.invoices where status = 'sent'), (select count(*) from renos.undo_actions where entity_id = 'x'))";
    let trial = api.service.post("/admin/maintenance", json!({"dry_run": true})).await.expect(200).json();
    assert_eq!(trial["jobs"].as_array().unwrap().len(), maintain::JOBS.len());
    for (job, count) in [("expired_cache", 2), ("overdue_invoices", 2), ("undo_actions", 3)] {
        assert_eq!(rows(&trial, job), count, "{trial}");
    }
    assert_eq!(api.query::<String>(left).await, "3 2 4");
    let one = api.service.post("/admin/maintenance", json!({"jobs": ["expired_cache"]})).await.expect(200).json();
    assert_eq!(
        (one["jobs"].as_array().unwrap().len(), &one["jobs"][0]["tables"]["billy.cached_invoices"]),
        (1, &json!(2))
    );
    assert_eq!(api.query::<String>(left).await, "1 2 4");
    let all = api.service.send(Method::POST, "/admin/maintenance", &[], "").await.expect(200).json();
    assert_eq!((rows(&all, "expired_cache"), rows(&all, "overdue_invoices"), rows(&all, "undo_actions")), (0, 2, 3));
    assert_eq!(api.query::<String>(left).await, "1 0 1");
    for wrong in [json!({"jobs": ["everything"]}), json!({"job": []}), json!({"jobs": "all"}), json!([1])] {
        let refused = api.service.post("/admin/maintenance", wrong).await.expect(400).json();
        assert_eq!(refused["code"], "operation.invalid_input");
    }
}

#[tokio::test]
async fn a_run_that_lasts_too_long_fails_with_its_steps() {
    let api = tekup_with(|_| {}).await;
    api.service.post("/admin/maintenance", json!({"jobs": ["overdue_runs"]})).await.expect(200);
    let workflow: String = api
        .query(
            "insert into flow.workflows (name, owner, status, trigger, nodes, edges, timeout)
             values ('Slow', 'c1', 'active', '{}', '[{\"id\": \"a\"}]', '[]', 60) returning id",
        )
        .await;
    api.execute(&format!(
        "insert into flow.executions (workflow_id, status, triggered_by, started_at)
         select '{workflow}', 'running', case n when 1 then 'new' else 'old' end, now() - (n - 1) * interval '61 seconds'
         from generate_series(1, 3) n;
         insert into flow.execution_steps (execution_id, step_id, step_name, step_type, status, started_at)
         select id, 'a', 'a', 'a', 'running', started_at from flow.executions where workflow_id = '{workflow}'"
    ))
    .await;
    let done = api.service.post("/admin/maintenance", json!({"jobs": ["overdue_runs"]})).await.expect(200).json();
    assert_eq!(rows(&done, "overdue_runs"), 2);
    let state: String = api
        .query(&format!(
            "select string_agg(concat_ws(' ', e.triggered_by, e.status, e.error, e.failed_step, s.status, s.error), ', '
                 order by e.triggered_by)
             from flow.executions e join flow.execution_steps s on s.execution_id = e.id where workflow_id = '{workflow}'"
        ))
        .await;
    let late = "old failed timeout a failed timeout";
    assert_eq!(state, format!("new running running, {late}, {late}"));
    let failures: i32 = api.query(&format!("select failure_count from flow.workflows where id = '{workflow}'")).await;
    assert_eq!(failures, 2);
}

#[tokio::test]
async fn one_instance_at_a_time_does_jobs() {
    let api = aged().await;
    let (client, connection) = tokio_postgres::connect(api.owner_url().expose(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("begin").await.unwrap();
    client.query_one(maintain::LOCK, &[]).await.unwrap();
    let refused = api.service.post("/admin/maintenance", json!({})).await.expect(409);
    assert_eq!((&refused.json()["code"], refused.header("retry-after")), (&json!("operation.conflict"), "10"));
    let beside = maintain::run(&api.owner_url(), &maintain::named(&[]).unwrap(), false, |_| {}).await;
    assert!(matches!(beside, Err(maintain::MaintainError::Busy)));
    assert_eq!(api.query::<i64>("select count(*) from billy.cached_invoices where billy_id like 'aged%'").await, 3);
    client.batch_execute("rollback").await.unwrap();
    api.service.post("/admin/maintenance", json!({})).await.expect(200);
}

#[tokio::test]
async fn a_job_of_many_rows_is_done_in_batches() {
    let db = database().await;
    db.execute(
        "insert into renos.undo_actions (type, entity_id, entity_type, before, after, performed_by, performed_at, expires_at)
         select 'booking_created', 'x', 'booking', '{}', '{}', 'x', now() - interval '4 days', now() - interval '3 days' from generate_series(1, 10001)",
    )
    .await;
    let jobs = maintain::named(&["undo_actions".to_owned()]).unwrap();
    let count = async || db.text("select count(*)::text from renos.undo_actions").await;
    for (is_trial, left) in [(true, "10001"), (false, "0")] {
        let mut touched = 0;
        maintain::run(&db.owner_url(), &jobs, is_trial, |done| touched = done.rows[0].1).await.unwrap();
        assert_eq!((touched, count().await.as_str()), (10_001, left));
    }
    assert_eq!(maintain::named(&["nothing".to_owned()]).err(), Some("nothing".to_owned()));
}

#[tokio::test]
async fn the_command_does_jobs_and_says_so() {
    let db = database().await;
    let command = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tekup-db"))
            .args(args)
            .env_clear()
            .env("DATABASE_URL", db.owner_url().expose())
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.success(), text(output.stdout), text(output.stderr))
    };
    let (is_done, told, _) = command(&["maintain", "--job", "expired_cache", "--job", "retention", "--dry-run"]);
    assert!(
        is_done && told.starts_with("expired_cache  would touch 0 rows in ") && told.contains("\nretention  "),
        "{told}"
    );
    let (is_done, _, told) = command(&["maintain", "--job", "everything"]);
    assert!(!is_done && told.contains("everything is no job") && told.contains("undo_actions"), "{told}");
    let (is_done, _, told) = command(&["rotate-encryption-key", "--new-key", "NEW_KEY", "--new-salt", "NEW_SALT"]);
    assert!(!is_done && told.contains("ENCRYPTION_KEY is not set"), "{told}");
}

static OLD: LazyLock<Sealer> = LazyLock::new(|| Sealer::new("development-only", "development-only"));
static NEW: LazyLock<Sealer> = LazyLock::new(|| Sealer::new("another key", "another salt"));

/// Secrets, with their place.
async fn secrets(db: &TestDb) -> Vec<String> {
    let all = "select string_agg(secret, ' ') from (
        select billy_api_key as secret from billy.organizations
        union all select secret from flow.webhooks where secret is not null
        union all select config ->> 'enc' from flow.integrations
        union all select value from flow.variables where encrypted) s";
    db.text(all).await.split(' ').map(str::to_owned).collect()
}

#[tokio::test]
async fn every_secret_is_sealed_anew_once() {
    let db = demo_database().await;
    db.execute("update flow.variables set value = 'no ciphertext' where key = 'sms_token'").await;
    db.execute("update flow.variables set value = value where key = 'mail_token'").await;
    let clear: String = db.text("select value from flow.variables where key = 'mail_token'").await;
    let clear = OLD.open(&clear).unwrap();
    let rotate = || {
        Command::new(env!("CARGO_BIN_EXE_tekup-db"))
            .args([
                "rotate-encryption-key",
                "--old-key",
                "OLD_KEY",
                "--old-salt",
                "OLD_SALT",
                "--new-key",
                "NEW_KEY",
                "--new-salt",
                "NEW_SALT",
            ])
            .env_clear()
            .envs([
                ("DATABASE_URL", db.owner_url().expose()),
                ("OLD_KEY", "development-only"),
                ("OLD_SALT", "development-only"),
            ])
            .envs([("NEW_KEY", "another key"), ("NEW_SALT", "another salt")])
            .output()
            .unwrap()
    };
    let first = rotate();
    let told = String::from_utf8_lossy(&first.stdout).into_owned();
    assert!(!first.status.success(), "one row opens with neither key");
    assert!(String::from_utf8_lossy(&first.stderr).contains("flow.variables.value "));
    for line in [
        "billy.organizations.billy_api_key  3 sealed anew, 0 already, 0 unreadable",
        "flow.webhooks.secret  4 sealed anew, 0 already, 0 unreadable",
        "flow.integrations.config  4 sealed anew, 0 already, 0 unreadable",
        "flow.variables.value  2 sealed anew, 0 already, 1 unreadable",
    ] {
        assert!(told.contains(line), "{told}");
    }
    db.execute("delete from flow.variables where key = 'sms_token'").await;
    let sealed = secrets(&db).await;
    assert_eq!(sealed.len(), 13);
    assert!(sealed.iter().all(|secret| NEW.open(secret).is_ok() && OLD.open(secret).is_err()));
    assert_eq!(NEW.open(&db.text("select value from flow.variables where key = 'mail_token'").await).unwrap(), clear);
    assert_eq!(db.text("select count(*)::text from shared.audit_logs where action = 'reseal_secret'").await, "13");

    let again = rotate();
    assert!(again.status.success());
    let told = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(told.contains("flow.variables.value  0 sealed anew, 2 already, 0 unreadable"), "{told}");
    assert_eq!(secrets(&db).await, sealed);
}

#[tokio::test]
async fn many_secrets_are_sealed_anew_in_batches() {
    let db = database().await;
    let sealed = OLD.seal("many").unwrap();
    db.execute(&format!(
        "insert into flow.integrations (name, type, config, owner)
         select 'n', 't', case when n % 2 = 0 then jsonb_build_object('enc', '{sealed}', 'more', n) else to_jsonb('{sealed}'::text) end, 'o'
         from generate_series(1, 250) n;
         insert into flow.integrations (name, type, config, owner) values ('n', 't', '{{\"clear\": 1}}', 'o')"
    ))
    .await;
    let reseal = |sealed: &str| match NEW.open(sealed) {
        Ok(_) => reseal::Resealed::Already,
        Err(_) => OLD
            .open(sealed)
            .map_or(reseal::Resealed::Unreadable, |clear| reseal::Resealed::Now(NEW.seal(&clear).unwrap())),
    };
    let mut steps = 0;
    let reports = reseal::run(&db.owner_url(), reseal, |_| steps += 1).await.unwrap();
    assert_eq!(
        (reports[2].place, reports[2].resealed, reports[2].unreadable.len()),
        ("flow.integrations.config", 250, 0)
    );
    assert_eq!(steps, 3, "a batch has a hundred rows");
    let kept = "select count(*) filter (where config ? 'enc' and config ? 'more') || ' '
        || count(*) filter (where jsonb_typeof(config) = 'string') || ' ' || count(*) filter (where config ? 'clear')
        from flow.integrations";
    assert_eq!(db.text(kept).await, "125 125 1");
    // One that lies about what it sealed is found out, and its batch is left as it was.
    let lies = |_: &str| reseal::Resealed::Now("00:00:00".to_owned());
    assert!(matches!(reseal::run(&db.owner_url(), lies, |_| {}).await, Err(reseal::ResealError::Unproven(..))));
    assert_eq!(db.text("select count(*)::text from flow.integrations where config ->> 'enc' = '00:00:00'").await, "0");
    let refused = reseal::run(&Secret::new("nowhere"), reseal, |_| {}).await;
    assert!(matches!(refused, Err(reseal::ResealError::Url)));
}

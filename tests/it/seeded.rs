//! The sample data: how much of it there is, that loading it again changes nothing, and the rows that others rely on.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tekup_db::db::seed::{self, Data};

use crate::support::{TestDb, database, demo_database};

/// Rows of each table: minimal, demo.
#[rustfmt::skip]
const ROWS: [(&str, i64, i64); 86] = [
    ("vault.documents", 2, 60),
    ("vault.embeddings", 0, 56),
    ("vault.sync_status", 1, 7),
    ("billy.organizations", 1, 3),
    ("billy.users", 1, 6),
    ("billy.cached_invoices", 0, 40),
    ("billy.cached_customers", 0, 25),
    ("billy.cached_products", 0, 12),
    ("billy.audit_logs", 0, 600),
    ("billy.usage_metrics", 0, 420),
    ("billy.rate_limits", 0, 12),
    ("renos.users", 1, 14),
    ("renos.team_members", 0, 8),
    ("renos.services", 0, 8),
    ("renos.labels", 0, 12),
    ("renos.customers", 0, 70),
    ("renos.leads", 0, 180),
    ("renos.quotes", 0, 120),
    ("renos.bookings", 0, 320),
    ("renos.breaks", 0, 250),
    ("renos.cleaning_plans", 0, 40),
    ("renos.cleaning_tasks", 0, 260),
    ("renos.cleaning_plan_bookings", 0, 150),
    ("renos.invoices", 0, 180),
    ("renos.invoice_line_items", 0, 330),
    ("renos.conversations", 0, 90),
    ("renos.email_threads", 0, 150),
    ("renos.email_messages", 0, 480),
    ("renos.email_responses", 0, 80),
    ("renos.email_ingest_runs", 0, 30),
    ("renos.escalations", 0, 8),
    ("renos.chat_sessions", 0, 25),
    ("renos.chat_messages", 0, 220),
    ("renos.notifications", 0, 250),
    ("renos.audit_logs", 0, 300),
    ("renos.security_events", 0, 25),
    ("renos.time_entries", 0, 420),
    ("renos.time_corrections", 0, 9),
    ("renos.quality_checklists", 0, 7),
    ("renos.quality_assessments", 0, 60),
    ("renos.photo_documentation", 0, 140),
    ("renos.data_export_requests", 0, 4),
    ("renos.data_deletion_requests", 0, 5),
    ("renos.consent_records", 0, 40),
    ("renos.privacy_policies", 0, 2),
    ("renos.analytics", 0, 720),
    ("renos.task_executions", 0, 200),
    ("renos.competitor_pricing", 0, 12),
    ("renos.customer_intelligence", 0, 35),
    ("renos.booking_validations", 0, 90),
    ("renos.overtime_logs", 0, 18),
    ("renos.learned_patterns", 0, 40),
    ("renos.undo_actions", 0, 6),
    ("renos.subcontractors", 0, 6),
    ("renos.subcontractor_services", 0, 16),
    ("renos.subcontractor_documents", 0, 14),
    ("renos.subcontractor_availability", 0, 60),
    ("renos.task_assignments", 0, 45),
    ("renos.subcontractor_reviews", 0, 24),
    ("renos.subcontractor_agreements", 0, 6),
    ("renos.push_subscriptions", 0, 5),
    ("crm.tenants", 1, 3),
    ("crm.users", 1, 11),
    ("crm.companies", 0, 45),
    ("crm.contacts", 0, 120),
    ("crm.deals", 0, 70),
    ("crm.deal_products", 0, 110),
    ("crm.activities", 0, 400),
    ("crm.emails", 0, 220),
    ("crm.tasks", 0, 90),
    ("crm.cleaning_jobs", 0, 80),
    ("crm.metrics", 0, 450),
    ("flow.workflows", 0, 8),
    ("flow.executions", 0, 240),
    ("flow.execution_steps", 0, 950),
    ("flow.execution_logs", 0, 2_000),
    ("flow.schedules", 0, 4),
    ("flow.webhooks", 0, 4),
    ("flow.integrations", 0, 4),
    ("flow.variables", 0, 14),
    ("flow.metrics", 0, 360),
    ("flow.leads", 0, 90),
    ("flow.sms_tracking", 0, 30),
    ("shared.users", 1, 18),
    ("shared.sessions", 0, 12),
    ("shared.audit_logs", 0, 150),
];

fn demo() -> Data {
    Data::Demo { anchor: Some("2025-10-22".to_owned()), seed: None }
}

/// Text of one value for each table of the list: `{}` is the table.
async fn of_each_table(database: &TestDb, expression: &str) -> BTreeMap<&'static str, String> {
    let each = ROWS.map(|(table, ..)| format!("'{table}', (select {expression} from {table} as t)"));
    // A function takes a hundred arguments at most.
    let parts: Vec<_> = each.chunks(40).map(|part| format!("jsonb_build_object({})", part.join(", "))).collect();
    let values = database.text(&format!("select ({})::text", parts.join(" || "))).await;
    let values: BTreeMap<String, String> = serde_json::from_str(&values).unwrap();
    ROWS.iter().map(|(table, ..)| (*table, values[*table].clone())).collect()
}

async fn counts(database: &TestDb) -> BTreeMap<&'static str, i64> {
    let counts = of_each_table(database, "count(*)::text").await;
    counts.into_iter().map(|(table, count)| (table, count.parse().unwrap())).collect()
}

/// What every row of every table says.
async fn sums(database: &TestDb) -> BTreeMap<&'static str, String> {
    of_each_table(database, "coalesce(md5(string_agg(md5(t::text), '' order by md5(t::text))), '')").await
}

#[tokio::test]
async fn the_minimal_data_is_nine_rows_and_again_changes_nothing() {
    let database = database().await;
    assert!(seed::is_empty(&database.owner_url()).await.unwrap());
    seed::run(&database.owner_url(), &Data::Minimal, |_| {}).await.unwrap();
    assert_eq!(counts(&database).await, ROWS.iter().map(|(table, minimal, _)| (*table, *minimal)).collect());
    assert_eq!(counts(&database).await.values().sum::<i64>(), 9);
    let before = sums(&database).await;
    seed::run(&database.owner_url(), &Data::Minimal, |_| {}).await.unwrap();
    assert_eq!(sums(&database).await, before);
}

#[tokio::test]
async fn the_demo_data_has_its_rows_and_the_minimal_data_adds_nothing() {
    let database = demo_database().await;
    assert_eq!(counts(&database).await, ROWS.iter().map(|(table, _, demo)| (*table, *demo)).collect());
    assert_eq!(counts(&database).await.values().sum::<i64>(), 12_308);
    let before = sums(&database).await;
    seed::run(&database.owner_url(), &Data::Minimal, |_| {}).await.unwrap();
    assert_eq!(sums(&database).await, before);
}

#[tokio::test]
async fn the_demo_data_takes_the_minimal_rows_for_its_own() {
    let database = database().await;
    seed::run(&database.owner_url(), &Data::Minimal, |_| {}).await.unwrap();
    seed::run(&database.owner_url(), &demo(), |_| {}).await.unwrap();
    assert_eq!(counts(&database).await, ROWS.iter().map(|(table, _, demo)| (*table, *demo)).collect());
}

/// But for one row: the undo that is still open is so for five minutes from the moment of loading.
#[tokio::test]
async fn the_same_anchor_gives_the_same_rows_in_another_database() {
    let (first, second) = (demo_database().await, database().await);
    seed::run(&second.owner_url(), &demo(), |_| {}).await.unwrap();
    let open = "delete from renos.undo_actions where undone_at is null and expires_at > '2025-10-24'";
    for database in [&first, &second] {
        database.execute(open).await;
        assert_eq!(database.text("select count(*)::text from renos.undo_actions").await, "5");
    }
    let (first, second) = (sums(&first).await, sums(&second).await);
    let differ: Vec<_> = first.iter().filter(|(table, sum)| second[*table] != **sum).map(|(table, _)| table).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

async fn rows(database: &TestDb, sql: &str) -> Value {
    let text = database.text(&format!("select coalesce(json_agg(r), '[]')::text from ({sql}) as r")).await;
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn samples_that_others_rely_on_are_exact() {
    let database = demo_database().await;
    let samples = [
        (
            "select email, company_name, tags,
                (select count(*) from renos.bookings b where b.customer_id = c.id and b.status = 'completed') as cleaned,
                (select count(*) from renos.invoices i where i.customer_id = c.id) as invoices
            from renos.customers c where name = 'Nordlys Tandklinik'",
            json!([{"email": "kontakt@nordlys-tandklinik.example", "company_name": "Nordlys Tandklinik",
                "tags": ["fast"], "cleaned": 30, "invoices": 7}]),
        ),
        (
            "select frequency, estimated_duration, square_meters,
                (select count(*) from renos.cleaning_tasks t where t.plan_id = p.id) as tasks
            from renos.cleaning_plans p where name = 'Ugentlig klinikrengøring'",
            json!([{"frequency": "weekly", "estimated_duration": 150, "square_meters": 140, "tasks": 6}]),
        ),
        (
            "select estimated_duration, time_variance, round(efficiency_score::numeric, 3)::text as efficiency,
                (select sum(extract(epoch from b.end_time - b.start_time))::int / 60 from renos.breaks b
                 where b.booking_id = j.id) as pauses
            from renos.bookings j where actual_duration = 195",
            json!([{"estimated_duration": 180, "time_variance": 15, "efficiency": "0.923", "pauses": 30}]),
        ),
        (
            "select i.subtotal::text, i.vat_amount::text, i.total::text, i.payment_method, i.status,
                (select json_agg(l.amount::text order by l.amount desc) from renos.invoice_line_items l
                 where l.invoice_id = i.id) as lines
            from renos.invoices i where invoice_number = 'INV-2024-001'",
            json!([{"subtotal": "1137.60", "vat_amount": "284.40", "total": "1422.00", "payment_method": "mobilepay",
                "status": "paid", "lines": ["837.60", "300.00"]}]),
        ),
        (
            "select i.subtotal::text, i.vat_amount::text, i.total::text,
                (select json_agg(l.amount::text order by l.amount desc) from renos.invoice_line_items l
                 where l.invoice_id = i.id) as lines
            from renos.invoices i where total = 698",
            json!([{"subtotal": "558.40", "vat_amount": "139.60", "total": "698.00", "lines": ["465.43", "92.97"]}]),
        ),
        (
            "select distinct estimated_hours::text, subtotal::text, total::text from renos.quotes where total = 2792",
            json!([{"estimated_hours": "8.00", "subtotal": "2233.60", "total": "2792.00"}]),
        ),
        (
            "select quantity, unit_price::text, discount::text, total::text from crm.deal_products where total = 67860",
            json!([{"quantity": 52, "unit_price": "1450.00", "discount": "10.00", "total": "67860.00"}]),
        ),
        (
            "select request_count from billy.rate_limits where endpoint = 'list_invoices' and request_count >= 100",
            json!([{"request_count": 100}]),
        ),
        (
            "select billy_id, expires_at > '2025-10-22 10:00Z' as is_good from billy.cached_invoices
            where billy_id in ('inv-demo-1', 'inv-demo-2') order by 1",
            json!([{"billy_id": "inv-demo-1", "is_good": true}, {"billy_id": "inv-demo-2", "is_good": false}]),
        ),
        (
            "select priority, estimated_value::text from renos.leads where status = 'qualified' and
                (priority, coalesce(estimated_value, 0)) in (('urgent', 1000), ('high', 50000), ('medium', 0), ('low', 9000))
            order by array_position('{urgent,high,medium,low}', priority)",
            json!([{"priority": "urgent", "estimated_value": "1000.00"}, {"priority": "high", "estimated_value": "50000.00"},
                {"priority": "medium", "estimated_value": null}, {"priority": "low", "estimated_value": "9000.00"}]),
        ),
        (
            "select value, workflow_id is null as is_global from flow.variables where key = 'company_name' order by 2 desc",
            json!([{"value": "Fjordklar Rengøring ApS", "is_global": true}, {"value": "Fjordklar Erhverv", "is_global": false}]),
        ),
    ];
    for (sql, expected) in samples {
        assert_eq!(rows(&database, sql).await, expected, "{sql}");
    }
}

/// The vector of a topic is a function of the files' own.
#[tokio::test]
async fn a_search_for_windows_finds_the_five_documents_of_that_topic() {
    let database = demo_database().await;
    let mut connection = PgConnection::connect(database.owner_url().expose()).await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    let files = [include_str!("../../src/seed/demo/00_prelude.sql"), include_str!("../../src/seed/demo/30_vault.sql")];
    for file in files {
        sqlx::raw_sql(AssertSqlSafe(file)).execute(&mut *transaction).await.unwrap();
    }
    let search = "select path from vault.match_documents(pg_temp.demo_topic('windows')::vector, 0.7, 100)";
    let mut paths: Vec<String> = sqlx::query_scalar(search).fetch_all(&mut *transaction).await.unwrap();
    paths.sort();
    let expected = [
        "content/windows.md",
        "handbook/window-count.md",
        "handbook/window-winter.md",
        "handbook/windows.md",
        "procedurer/vinduespudsning.md",
    ];
    assert_eq!(paths, expected);
}

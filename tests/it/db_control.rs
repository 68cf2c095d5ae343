//! The control plane: signs of life, figures, notifications that survive a lost connection.

use std::time::{Duration, Instant};

use tekup_db::{
    config::Secret,
    db::{Control, ControlError, Heard},
};

use crate::support::{self, Proxy};

const TIMEOUT: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_database_gives_no_sign_of_life() {
    let db = support::empty().await;
    let proxy = Proxy::start(&db.login_url(), Duration::ZERO).await;
    let control = Control::new(&proxy.url(&db.login_url()), TIMEOUT).unwrap();
    control.ping(TIMEOUT).await.unwrap();
    proxy.fall_silent();
    let started = Instant::now();
    let error = control.ping(Duration::from_millis(200)).await.unwrap_err();
    assert!(matches!(error, ControlError::Timeout(_)) && started.elapsed() < Duration::from_secs(1), "{error:?}");
    let error = Control::new(&Secret::new("host=x password=hush"), TIMEOUT).unwrap_err().to_string();
    assert!(!error.contains("hush"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_of_this_database() {
    let db = support::database().await;
    let statistics = Control::new(&db.login_url(), TIMEOUT).unwrap().statistics().await.unwrap();
    let schemas: Vec<_> = statistics.schema_sizes.iter().map(|(schema, _)| schema.as_str()).collect();
    assert_eq!(schemas, ["billy", "crm", "flow", "renos", "shared", "tekup", "vault"]);
    assert!(statistics.size > 1_000_000 && statistics.schema_sizes.iter().all(|(_, size)| *size > 0));
    assert!(statistics.connections.iter().any(|(state, count)| state == "active" && *count >= 1), "{statistics:?}");
    assert!(statistics.replication_lag.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_go_on_after_a_lost_connection() {
    let db = support::empty().await;
    let control = Control::new(&db.login_url(), TIMEOUT).unwrap();
    let mut notifications = control.listen("news");
    let listening = format!(
        "select count(*)::text from pg_stat_activity where datname = '{}' and query ilike 'listen%'",
        db.name()
    );
    let (heard, ()) = tokio::join!(notifications.next(), async {
        while db.text(&listening).await == "0" {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        db.execute("notify news, 'first'").await;
    });
    assert_eq!(heard, Heard::Payload("first".to_owned()));
    db.text(&listening.replace("count(*)", "count(pg_terminate_backend(pid))")).await;
    let heard = tokio::time::timeout(TIMEOUT, notifications.next()).await.unwrap();
    assert_eq!(heard, Heard::Resumed);
    let (heard, ()) = tokio::join!(notifications.next(), db.execute("notify news, 'second'"));
    assert_eq!(heard, Heard::Payload("second".to_owned()));
}

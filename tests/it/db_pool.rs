//! Round trips, waiting, lost connections, callers that go away.

use std::time::{Duration, Instant};

use tekup_db::db::{Access, Check, Database, DbError, PoolStatus, Transaction};

use crate::support::{self, Proxy, TestDb, identity, read, statement, text, write};

const DELAY: Duration = Duration::from_millis(5);

async fn database_at(db: &TestDb, proxy: &Proxy, pool_size: usize) -> Database {
    let url = proxy.url(&db.login_url());
    db.database_at(&url, |config| {
        config.pool_size = pool_size;
        config.connect_timeout = Duration::from_secs(1);
    })
}

/// Until something is so, or for five seconds.
async fn eventually(mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < Duration::from_secs(5), "it never was so");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_takes_one_round_trip() {
    let db = support::empty().await;
    db.execute("create table t (x int); grant all on t to authenticated").await;
    let proxy = Proxy::start(&db.login_url(), DELAY).await;
    let database = database_at(&db, &proxy, 1).await;
    let who = identity("authenticated");

    let mut full = read("select $1::text || x from t");
    full.main = statement("select $1::text || x from t", &["value"]);
    full.settings = vec![("request.headers".to_owned(), r#"{"a":"b"}"#.repeat(20))];
    full.pre_request = Some(statement("select set_config('response.status', '204', true)", &[]));
    full.count = Some(statement("select count(*) from t", &[]));
    full.reads_response_settings = true;
    full.resets_session = true;
    let mut checked = write("insert into t values (1) returning x");
    checked.check = Check::One;
    let cases = [("read", read("select 1"), 1, 2), ("full", full, 1, 2), ("checked", checked, 2, 3)];
    for (name, asked, prepared, unprepared) in cases {
        proxy.turns();
        database.run(&who, asked.clone()).await.unwrap();
        // Preparing takes another; connecting and the number of settings differ, so the first of all takes more.
        assert!(proxy.turns() >= unprepared, "{name}");
        let started = Instant::now();
        database.run(&who, asked).await.unwrap();
        let elapsed = started.elapsed();
        assert_eq!(proxy.turns(), prepared, "{name}");
        let bound = 2 * DELAY * u32::try_from(prepared).unwrap() + DELAY * 2;
        assert!(elapsed < bound.max(Duration::from_millis(100)), "{name} took {elapsed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unprepared_transaction_takes_one_round_trip_too() {
    let db = support::empty().await;
    let proxy = Proxy::start(&db.login_url(), DELAY).await;
    let database = db.database_at(&proxy.url(&db.login_url()), |config| config.statement_cache = 0);
    let asked = Transaction::new(Access::ReadOnly, statement("select $1::int + 1", &["1"]));
    for _ in 0..3 {
        database.run(&identity("anon"), asked.clone()).await.unwrap();
    }
    proxy.turns();
    database.run(&identity("anon"), asked).await.unwrap();
    assert_eq!(proxy.turns(), 1);
    let count = read("select count(*)::text from pg_prepared_statements");
    let outcome = database.run(&identity("anon"), count).await.unwrap();
    assert_eq!(text(&outcome.rows[0], 0), Some("0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_beyond_the_queue_are_refused_at_once() {
    let db = support::empty().await;
    let database = db.database_with(|config| {
        (config.pool_size, config.pool_max_waiting) = (1, 1);
        config.pool_acquire_timeout = Duration::from_millis(300);
    });
    let sleep = || {
        let database = database.clone();
        tokio::spawn(async move { database.run(&identity("anon"), read("select pg_sleep(1)")).await })
    };
    let running = sleep();
    eventually(async || database.pool_status() == PoolStatus { size: 1, idle: 0, waiting: 0, max_size: 1 }).await;
    let waiting = sleep();
    eventually(async || database.pool_status().waiting == 1).await;

    let started = Instant::now();
    let error = database.run(&identity("anon"), read("select 1")).await.unwrap_err();
    assert!(matches!(error, DbError::Busy { .. }), "{error:?}");
    assert_eq!((error.status(true), error.code()), (503, "PGRST003"));
    assert!(error.retry_after().is_some() && started.elapsed() < Duration::from_millis(100));

    // The one in the queue waits for as long as it may.
    assert!(matches!(waiting.await.unwrap(), Err(DbError::Busy { .. })));
    running.await.unwrap().unwrap();
    database.run(&identity("anon"), read("select 1")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_gives_its_place_back() {
    let db = support::empty().await;
    let database = db.database_with(|config| (config.pool_size, config.pool_max_waiting) = (1, 1));
    let sleep = |seconds| {
        let database = database.clone();
        let asked = read(&format!("select pg_sleep({seconds})"));
        tokio::spawn(async move { database.run(&identity("anon"), asked).await })
    };
    let running = sleep("0.5");
    eventually(async || database.pool_status().idle == 0 && database.pool_status().size == 1).await;
    for _ in 0..10 {
        let waiting = sleep("0");
        eventually(async || database.pool_status().waiting == 1).await;
        waiting.abort();
        eventually(async || database.pool_status().waiting == 0).await;
    }
    database.run(&identity("anon"), read("select 1")).await.unwrap();
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_whose_caller_has_gone_is_cancelled() {
    let db = support::empty().await;
    let database = db.database_with(|config| config.pool_size = 1);
    let running = format!(
        "select count(*)::text from pg_stat_activity where datname = '{}' and query like '%pg_sleep(%' \
        and state = 'active' and pid <> pg_backend_pid()",
        db.name()
    );
    for asked in [read("select pg_sleep(60)"), write("select pg_sleep(60)")] {
        let task = tokio::spawn({
            let database = database.clone();
            async move { database.run(&identity("anon"), asked).await }
        });
        eventually(async || db.text(&running).await == "1").await;
        task.abort();
        eventually(async || db.text(&running).await == "0").await;
        // Its place in the pool is free again.
        database.run(&identity("anon"), read("select 1")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_on_after_the_end() {
    let db = support::empty().await;
    let database = db.database();
    let running = format!(
        "select count(*)::text from pg_stat_activity where datname = '{}' and state = 'active' \
        and usename = 'authenticator'",
        db.name()
    );
    let tasks: Vec<_> = (0..3)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { database.run(&identity("anon"), read("select pg_sleep(60)")).await })
        })
        .collect();
    eventually(async || db.text(&running).await == "3").await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    let started = Instant::now();
    database.close(Duration::from_secs(5)).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(db.text(&running).await, "0");
    assert!(database.run(&identity("anon"), read("select 1")).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_that_nobody_noticed_fails_no_request() {
    let db = support::empty().await;
    db.execute("create table t (x int); grant all on t to authenticated").await;
    let database = db.database();
    let all = async |asked: fn() -> tekup_db::db::Transaction| {
        let calls = (0..4).map(|_| {
            let database = database.clone();
            tokio::spawn(async move { database.run(&identity("authenticated"), asked()).await })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
    };
    let end_all = format!(
        "select count(pg_terminate_backend(pid, 5000))::text from pg_stat_activity \
        where datname = '{}' and usename = 'authenticator'",
        db.name()
    );
    for asked in [|| read("select pg_sleep(0.1)"), || write("insert into t select 1 from pg_sleep(0.1)")] {
        all(asked).await;
        assert_eq!(database.pool_status().size, 4);
        assert_eq!(db.text(&end_all).await, "4");
        all(asked).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_the_server_cuts_off_is_unavailable() {
    let db = support::empty().await;
    let database = db.database();
    let who = identity("anon");
    let error = database.run(&who, read("select 1 / (select count(*) from generate_series(1, 2e9) x where x < 0)"));
    let end = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        db.text(&format!(
            "select count(pg_terminate_backend(pid))::text from pg_stat_activity \
            where datname = '{}' and usename = 'authenticator'",
            db.name()
        ))
        .await
    };
    let (error, _) = tokio::join!(error, end);
    let error = error.unwrap_err();
    assert!(matches!(error, DbError::Unavailable { .. }), "{error:?}");
    assert_eq!((error.status(true), error.code()), (503, "PGRST000"));
    assert!(error.retry_after().is_some());
    database.run(&identity("anon"), read("select 1")).await.unwrap();

    // The same code, raised by a function, is an error of the function.
    let raise = "do $$ begin raise 'no' using errcode = '57P01'; end $$";
    let error = database.run(&identity("anon"), write(raise)).await.unwrap_err();
    assert_eq!((error.status(true), error.code()), (503, "57P01"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_unavailable_at_once() {
    let db = support::empty().await;
    for url in ["postgres://authenticator@127.0.0.1:1/none", "postgres://authenticator@%2Fnowhere/none"] {
        let database = db.database_at(&tekup_db::config::Secret::new(url), |_| {});
        let started = Instant::now();
        let error = database.run(&identity("anon"), read("select 1")).await.unwrap_err();
        assert!(matches!(error, DbError::Unavailable { .. }), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_silent_holds_nobody_for_long() {
    let db = support::empty().await;
    let proxy = Proxy::start(&db.login_url(), Duration::ZERO).await;
    proxy.fall_silent();
    let database = db.database_at(&proxy.url(&db.login_url()), |config| {
        config.connect_timeout = Duration::from_millis(300);
        config.pool_acquire_timeout = Duration::from_millis(300);
    });
    let started = Instant::now();
    let calls = (0..20).map(|_| {
        let database = database.clone();
        tokio::spawn(async move { database.run(&identity("anon"), read("select 1")).await })
    });
    for call in calls.collect::<Vec<_>>() {
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.status(true), 503);
        assert!(error.retry_after().is_some());
    }
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_role_leaves_connections_to_the_others() {
    let db = support::empty().await;
    let database = db.database_with(|config| config.pool_size = 5);
    let slow: Vec<_> = (0..20)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { database.run(&identity("anon"), read("select pg_sleep(30)")).await })
        })
        .collect();
    eventually(async || database.pool_status().size >= 4 && database.pool_status().waiting > 0).await;
    let started = Instant::now();
    database.run(&identity("authenticated"), read("select 1")).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
    slow.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_grow_old() {
    let db = support::empty().await;
    let pid = read("select pg_backend_pid()::text");
    let database =
        db.database_with(|config| (config.pool_size, config.pool_max_lifetime) = (1, Duration::from_millis(200)));
    let first = database.run(&identity("anon"), pid.clone()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let second = database.run(&identity("anon"), pid).await.unwrap();
    assert_ne!(text(&first.rows[0], 0), text(&second.rows[0], 0));

    let database = db.database_with(|config| config.pool_idle_timeout = Duration::from_millis(200));
    database.run(&identity("anon"), read("select 1")).await.unwrap();
    assert_eq!(database.pool_status().size, 1);
    eventually(async || database.pool_status().size == 0).await;
}

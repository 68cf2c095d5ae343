//! What a transaction costs in the data plane: `cargo bench --bench database`. Service, load and database share the
//! machine, so the figures compare with each other and with nothing else.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sqlx::{Connection as _, PgConnection};
use tekup_db::{
    auth::Identity,
    config::Config,
    db::{
        Access, Check, Database, Transaction,
        local::{Keep, Local, LocalOptions},
    },
    sql::Statement,
};

const SCHEMA: &str = "
    create role authenticator login noinherit; create role anon; grant anon to authenticator;
    create table things (id int primary key, org text not null default 'a', name text not null, n numeric);
    insert into things select i, 'a', 'name ' || i, i / 7.0 from generate_series(1, 100000) i;
    create index on things (org); analyze things;
    alter table things enable row level security, force row level security;
    create policy p on things using (org = (select current_setting('app.current_org_id')));
    grant select, update on things to anon;";

const ONE: &str = "select id, name, n from public.things where id = $1";
const PAGE: &str = "select id, name, n from public.things where id > $1 order by id limit 20";

/// How long each case runs.
const TIME: Duration = Duration::from_secs(4);
/// How often each case runs alone.
const ROUNDS: u64 = 3000;
/// Connections, and callers.
const POOL: usize = 10;

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let data_dir = std::env::temp_dir().join(format!("tekup-bench-{}", std::process::id()));
    let options = LocalOptions { data_dir, bin: None, keep: Keep::Nothing };
    let local = Local::start(&options).await.expect("PostgreSQL");
    let mut owner = PgConnection::connect(local.owner_url().expose()).await.expect("the owner connects");
    sqlx::raw_sql(SCHEMA).execute(&mut owner).await.expect("a schema");
    let mut config = Config::read(&BTreeMap::<&str, &str>::new()).expect("the defaults are sound").database;
    config.pool_size = POOL;
    let prepared = Database::new(&local.login_url(), &config, Duration::from_secs(9)).expect("a pool");
    config.statement_cache = 0;
    let unprepared = Database::new(&local.login_url(), &config, Duration::from_secs(9)).expect("a pool");

    let one = transaction(ONE);
    let write = transaction("update public.things set n = n + 1 where id = $1 returning id");
    let cases = [
        ("one row", &prepared, one.clone()),
        ("one row, unprepared", &unprepared, one.clone()),
        ("one row, session reset", &prepared, Transaction { resets_session: true, ..one.clone() }),
        ("one row, response settings", &prepared, Transaction { reads_response_settings: true, ..one }),
        ("20 rows", &prepared, transaction(PAGE)),
        ("update", &prepared, Transaction { access: Access::ReadWrite, ..write.clone() }),
        ("update, checked", &prepared, Transaction { access: Access::ReadWrite, check: Check::One, ..write }),
    ];
    // One after the other in turn, so that whatever else the machine does meets them all; of each, the quick ones.
    let mut times = vec![Vec::new(); cases.len()];
    for id in 0..ROUNDS {
        for ((_, database, transaction), times) in cases.iter().zip(&mut times) {
            let started = Instant::now();
            call(database, transaction, id).await;
            times.push(started.elapsed());
        }
    }
    for ((name, database, transaction), mut times) in cases.into_iter().zip(times) {
        times.sort();
        let per_second = per_second(database, &transaction).await;
        println!("{name:<28} {per_second:>8.0} per second  {:>7.0?} alone", times[times.len() / 10]);
    }
    local.stop().await.expect("it stops");
}

fn transaction(text: &str) -> Transaction {
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let main = Statement { text: text.into(), parameters: Vec::new() };
    Transaction {
        settings: vec![
            setting("request.method", "GET"),
            setting("request.path", "/public/things"),
            setting("request.headers", r#"{"host": "localhost", "accept": "application/json", "user-agent": "bench"}"#),
            setting("request.cookies", "{}"),
            setting("search_path", "\"public\""),
        ],
        ..Transaction::new(Access::ReadOnly, main)
    }
}

/// Transactions per second of many callers.
async fn per_second(database: &Database, transaction: &Transaction) -> f64 {
    let done = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let callers = (0..POOL as u64).map(|caller| {
        let (database, transaction, done) = (database.clone(), transaction.clone(), done.clone());
        tokio::spawn(async move {
            let mut id = caller * 9973;
            while started.elapsed() < TIME {
                id = (id * 31 + 7) % 90_000;
                call(&database, &transaction, id).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller");
    }
    done.load(Ordering::Relaxed) as f64 / started.elapsed().as_secs_f64()
}

async fn call(database: &Database, transaction: &Transaction, id: u64) {
    let identity = Identity {
        role: "anon".into(),
        claims: r#"{"role":"anon","org_id":"a"}"#.into(),
        organisation: "a".into(),
        person: "me".into(),
        authenticated: true,
    };
    let mut transaction = transaction.clone();
    transaction.main.parameters = vec![Some((id + 1).to_string().into())];
    let outcome = database.run(&identity, transaction).await.expect("an outcome");
    assert!(!outcome.rows.is_empty());
}

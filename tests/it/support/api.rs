//! The service over a database of its own.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tekup_db::{
    auth::{Grant, mint},
    config::{Config, DatabaseSetting, Secret},
    http::{self, Service, StartError},
    telemetry::{self, Telemetry},
};
use tokio_postgres::{NoTls, types::FromSqlOwned};

use super::{Person, TestDb, database};

/// What the tests' tokens are signed with.
pub const SECRET: &str = "a secret of the tests, of more than 32 bytes";

/// The service in-process, and people who call it.
pub struct Api {
    /// What requests reach.
    pub running: Service,
    /// `authenticated`
    pub reader: Person,
    /// `authenticated`, for tests that write.
    pub writer: Person,
    /// `service_role`
    pub service: Person,
    /// No token.
    pub anonymous: Person,
    database: TestDb,
}

/// The service over the schema `shapes` alone.
pub async fn shapes() -> Api {
    shapes_with(|_| {}).await
}

/// The same, configured otherwise.
pub async fn shapes_with(change: impl Fn(&mut Config) + Send + Sync + 'static) -> Api {
    start(shapes_database().await, move |config| {
        config.api.schemas = vec!["shapes".into()];
        change(config);
    })
    .await
}

/// A database that has the schema `shapes` too.
pub async fn shapes_database() -> TestDb {
    let database = database().await;
    execute(&database, include_str!("../../fixtures/shapes.sql")).await;
    database
}

/// The service as an environment configures it, in which `JWT_SECRET` is that of [`token`].
pub async fn serve(env: &[(&str, &str)]) -> Result<Service, StartError> {
    let env: Vec<_> = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let read = move |settings: &[DatabaseSetting]| {
        let env = env.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Config::read_with(&env.chain([("JWT_SECRET", SECRET)]).collect::<BTreeMap<_, _>>(), settings)
    };
    http::start(Box::new(read), telemetry()).await
}

/// The service over the six schemas with the demo data.
pub async fn tekup_with(change: impl Fn(&mut Config) + Send + Sync + 'static) -> Api {
    start(super::demo_database().await, change).await
}

async fn start(database: TestDb, change: impl Fn(&mut Config) + Send + Sync + 'static) -> Api {
    let url = database.login_url();
    let read = move |settings: &[DatabaseSetting]| {
        let mut config = Config::read_with(&BTreeMap::from([("JWT_SECRET", SECRET)]), settings)?;
        config.database.url = Some(url.clone());
        config.database.pool_size = 4;
        change(&mut config);
        Ok(config)
    };
    let service = http::start(Box::new(read), telemetry()).await.expect("the service starts");
    let person = |token| Person::new(service.clone(), token);
    Api {
        reader: person(Some(token("authenticated", None, "ann"))),
        writer: person(Some(token("authenticated", None, "ann"))),
        service: person(Some(token("service_role", None, "op"))),
        anonymous: person(None),
        running: service,
        database,
    }
}

impl Api {
    /// A caller of that role, organisation and name.
    pub fn person(&self, role: &str, organisation: Option<&str>, name: &str) -> Person {
        Person::new(self.running.clone(), Some(token(role, organisation, name)))
    }

    /// URL of the owner, who is a superuser.
    pub fn owner_url(&self) -> Secret {
        self.database.owner_url()
    }

    /// One value, as the owner sees it.
    pub async fn query<T: FromSqlOwned>(&self, sql: &str) -> T {
        owner(&self.database).await.query_one(sql, &[]).await.expect("a query of the test").get(0)
    }

    /// Statements of the owner.
    pub async fn execute(&self, sql: &str) {
        execute(&self.database, sql).await;
    }
}

/// A token of the tests.
pub fn token(role: &str, organisation: Option<&str>, person: &str) -> String {
    static CONFIG: OnceLock<Config> = OnceLock::new();
    let config = CONFIG.get_or_init(|| Config::read(&BTreeMap::from([("JWT_SECRET", SECRET)])).expect("sound"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let grant = Grant { role, organisation, person: Some(person), lifetime: Some(3600), ..Grant::default() };
    mint(&config.auth, grant, now).expect("a token")
}

fn telemetry() -> Arc<Telemetry> {
    static TELEMETRY: OnceLock<Arc<Telemetry>> = OnceLock::new();
    let init = || {
        let env = BTreeMap::from([("LOG_LEVEL", "off"), ("LOG_FORMAT", "json")]);
        Arc::new(telemetry::init(&Config::read(&env).expect("sound").telemetry).expect("once"))
    };
    TELEMETRY.get_or_init(init).clone()
}

async fn owner(database: &TestDb) -> tokio_postgres::Client {
    let (client, connection) =
        tokio_postgres::connect(database.owner_url().expose(), NoTls).await.expect("the owner connects");
    tokio::spawn(connection);
    client
}

async fn execute(database: &TestDb, sql: &str) {
    let client = owner(database).await;
    let work = client.batch_execute(sql);
    tokio::time::timeout(Duration::from_secs(30), work).await.expect("in time").expect("statements of the test");
}

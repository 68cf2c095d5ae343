//! Migrations.
//!
//! In: the files of `migrations/`, which the binary holds. Out: schemas that are up to date, and word to the service
//! that they changed. Each schema has a ledger of its own. Forward only; each file is one transaction, so that a
//! failure leaves nothing half done. Two instances that start at once take turns.

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection,
    migrate::{MigrateError as SqlxError, Migration, Migrator},
    postgres::PgConnectOptions,
};

use super::script::{self, StatementError};
use crate::config::Secret;

/// Key of the advisory lock that a migrating instance holds.
pub(super) const LOCK: i64 = 0x7465_6b75_7064_6221;

/// What every schema needs first; their ledgers are in the schema `tekup`.
const FIRST: [&str; 3] = ["_extensions", "_roles", "shared"];

/// A folder of migrations.
struct Folder {
    name: &'static str,
    migrator: Migrator,
}

/// Every folder, in the order they are applied.
fn folders() -> [Folder; 8] {
    [
        Folder::new("_extensions", sqlx::migrate!("migrations/_extensions")),
        Folder::new("_roles", sqlx::migrate!("migrations/_roles")),
        Folder::new("shared", sqlx::migrate!("migrations/shared")),
        Folder::new("vault", sqlx::migrate!("migrations/vault")),
        Folder::new("billy", sqlx::migrate!("migrations/billy")),
        Folder::new("crm", sqlx::migrate!("migrations/crm")),
        Folder::new("renos", sqlx::migrate!("migrations/renos")),
        Folder::new("flow", sqlx::migrate!("migrations/flow")),
    ]
}

/// Which migrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All.
    All,
    /// Those of one schema, and what every schema needs.
    Schema(String),
}

/// A migration, as the ledger has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// `migrations/vault/0001_tables.sql`
    pub file: String,
    /// Its state.
    pub state: MigrationState,
}

/// Whether a migration is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// Applied at that moment.
    Applied(String),
    /// To be applied.
    Pending,
    /// Applied, and changed since.
    Changed,
}

/// Gives what the ledgers hold, to `service_role`: one row of JSON, a list of [`Applied`].
pub const APPLIED: &str = "select coalesce(json_agg(json_build_object('ledger', ledger, 'version', version, \
    'checksum', checksum, 'applied_at', applied_at::text)), '[]') from tekup.migrations_applied() where success";

/// A migration that a ledger holds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Applied {
    /// `vault._sqlx_migrations`
    ledger: String,
    version: i64,
    /// In hexadecimal digits.
    checksum: String,
    applied_at: String,
}

/// The state of every migration, by what the ledgers hold.
pub fn states(applied: &[Applied]) -> Vec<MigrationStatus> {
    let mut states = Vec::new();
    for folder in folders() {
        let table = folder.migrator.table_name.to_string();
        states.extend(folder.migrator.iter().map(|migration| {
            let of_file = applied.iter().find(|known| known.ledger == table && known.version == migration.version);
            let state = match of_file {
                None => MigrationState::Pending,
                Some(known) if known.checksum != hex::encode(&*migration.checksum) => MigrationState::Changed,
                Some(known) => MigrationState::Applied(known.applied_at.clone()),
            };
            MigrationStatus { file: folder.file(migration), state }
        }));
    }
    states
}

/// Why migrating failed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// There is no such folder.
    #[error("no schema {0:?} to migrate; there are {1}")]
    UnknownSchema(String, String),
    /// A file was changed after it was applied. The database is as that file once said.
    #[error("{0} was changed after it was applied: put it back as it was, and write the change as a new migration")]
    Changed(String),
    /// A statement failed; its file is not applied, those before it are.
    #[error(transparent)]
    Statement(#[from] StatementError),
    /// The database can't be reached, or refuses what every migration needs.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    /// sqlx can't keep the ledger.
    #[error("{file}: {source}")]
    Ledger {
        /// The folder.
        file: String,
        /// Why.
        source: SqlxError,
    },
}

impl Folder {
    fn new(name: &'static str, mut migrator: Migrator) -> Self {
        let schema = if name.starts_with('_') { "tekup" } else { name };
        let table = if name.starts_with('_') {
            format!("tekup._sqlx_migrations{name}")
        } else {
            format!("{name}._sqlx_migrations")
        };
        migrator.create_schema(schema);
        migrator.dangerous_set_table_name(table);
        // An older binary that starts beside a newer one finds migrations that it does not know.
        migrator.set_ignore_missing(true).set_locking(false);
        Self { name, migrator }
    }

    fn file(&self, migration: &Migration) -> String {
        self.file_of(migration.version, &migration.description)
    }

    fn file_of(&self, version: i64, description: &str) -> String {
        format!("migrations/{}/{version:04}_{}.sql", self.name, description.replace(' ', "_"))
    }

    fn migration(&self, version: i64) -> Option<&Migration> {
        self.migrator.iter().find(|migration| migration.version == version)
    }

    async fn run(&self, connection: &mut PgConnection) -> Result<(), MigrateError> {
        let Err(source) = self.migrator.run_direct(None, connection, false).await else { return Ok(()) };
        match source {
            SqlxError::VersionMismatch(version) => {
                let file = self.migration(version).map_or_else(|| self.name.to_owned(), |found| self.file(found));
                Err(MigrateError::Changed(file))
            }
            SqlxError::ExecuteMigration(error, version) => match self.migration(version) {
                Some(migration) => {
                    Err(diagnose(connection, &self.file(migration), migration.sql.as_str(), error).await)
                }
                None => Err(error.into()),
            },
            SqlxError::Execute(error) => Err(error.into()),
            source => Err(MigrateError::Ledger { file: format!("migrations/{}", self.name), source }),
        }
    }

    /// Whether it is of one of these schemas, or of what every schema needs.
    fn is_for(&self, schemas: &[String]) -> bool {
        FIRST.contains(&self.name) || schemas.iter().any(|schema| schema == self.name)
    }

    async fn has_ledger(&self, connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
        let table = &*self.migrator.table_name;
        sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL").bind(table).fetch_one(connection).await
    }

    async fn unknown(&self, connection: &mut PgConnection) -> Result<Vec<String>, MigrateError> {
        if !self.has_ledger(connection).await? {
            return Ok(Vec::new());
        }
        let select = format!("SELECT version, description FROM {} ORDER BY 1", self.migrator.table_name);
        let rows: Vec<(i64, String)> = sqlx::query_as(AssertSqlSafe(select)).fetch_all(connection).await?;
        let unknown = rows.into_iter().filter(|(version, _)| self.migration(*version).is_none());
        Ok(unknown.map(|(version, description)| self.file_of(version, &description)).collect())
    }

    async fn status(&self, connection: &mut PgConnection) -> Result<Vec<MigrationStatus>, MigrateError> {
        let table = &self.migrator.table_name;
        let rows: Vec<(i64, Vec<u8>, String)> = match self.has_ledger(connection).await? {
            false => Vec::new(),
            true => {
                let select = format!("SELECT version, checksum, installed_on::text FROM {table} WHERE success");
                sqlx::query_as(AssertSqlSafe(select)).fetch_all(connection).await?
            }
        };
        let state = |migration: &Migration| match rows.iter().find(|(version, ..)| *version == migration.version) {
            None => MigrationState::Pending,
            Some((_, checksum, _)) if *checksum != *migration.checksum => MigrationState::Changed,
            Some((.., at)) => MigrationState::Applied(at.clone()),
        };
        let status = |migration: &Migration| MigrationStatus { file: self.file(migration), state: state(migration) };
        Ok(self.migrator.iter().map(status).collect())
    }
}

/// Brings the schemas up to date, gives `authenticator` its password where one is configured, and tells the service to
/// read the catalog again. `url` is that of the schemas' owner.
///
/// # Errors
/// [`MigrateError`]. Files before the one that failed stay applied.
pub async fn run(url: &Secret, scope: &Scope, password: Option<&Secret>) -> Result<Vec<MigrationStatus>, MigrateError> {
    selected(scope)?;
    let mut connection = connect(url).await?;
    lock(&mut connection).await?;
    let mut status = apply(&mut connection, scope).await?;
    if let Some(password) = password {
        set_password(&mut connection, password).await?;
    }
    sqlx::raw_sql("NOTIFY pgrst, 'reload schema'").execute(&mut connection).await?;
    // The lock ends with the session.
    connection.close().await?;
    status.retain(|migration| migration.state == MigrationState::Pending);
    Ok(status)
}

/// Runs what is pending, and gives the state that every migration had before.
///
/// # Errors
/// [`MigrateError`]. Files before the one that failed stay applied.
pub(super) async fn apply(connection: &mut PgConnection, scope: &Scope) -> Result<Vec<MigrationStatus>, MigrateError> {
    let mut status = Vec::new();
    for folder in selected(scope)? {
        let before = folder.status(connection).await?;
        folder.run(connection).await?;
        status.extend(before);
    }
    Ok(status)
}

/// Names of the schemas that have migrations.
pub fn schemas() -> Vec<&'static str> {
    folders().iter().map(|folder| folder.name).filter(|name| !name.starts_with('_')).collect()
}

/// The state of the migrations of these schemas, and of what every schema needs. Schemas that have none are passed over.
///
/// # Errors
/// [`MigrateError`].
pub(super) async fn states_of(
    connection: &mut PgConnection,
    schemas: &[String],
) -> Result<Vec<MigrationStatus>, MigrateError> {
    let mut status = Vec::new();
    for folder in folders().iter().filter(|folder| folder.is_for(schemas)) {
        status.extend(folder.status(connection).await?);
    }
    Ok(status)
}

/// Migrations that the ledgers of these schemas hold and the program does not know, as their files would be called.
///
/// # Errors
/// [`MigrateError`].
pub(super) async fn unknown_of(connection: &mut PgConnection, schemas: &[String]) -> Result<Vec<String>, MigrateError> {
    let mut unknown = Vec::new();
    for folder in folders().iter().filter(|folder| folder.is_for(schemas)) {
        unknown.extend(folder.unknown(connection).await?);
    }
    Ok(unknown)
}

/// The state of every migration. `url` is that of the schemas' owner.
///
/// # Errors
/// [`MigrateError`].
pub async fn status(url: &Secret, scope: &Scope) -> Result<Vec<MigrationStatus>, MigrateError> {
    let folders = selected(scope)?;
    let mut connection = connect(url).await?;
    let mut status = Vec::new();
    for folder in &folders {
        status.extend(folder.status(&mut connection).await?);
    }
    connection.close().await?;
    Ok(status)
}

/// The files that make roles, with what belongs to the whole database: version, name and text. They may be run again.
pub(super) fn role_files() -> Vec<(i64, String, String)> {
    let folder = Folder::new("_roles", sqlx::migrate!("migrations/_roles"));
    let file = |migration: &Migration| (migration.version, folder.file(migration), migration.sql.as_str().to_owned());
    folder.migrator.iter().map(file).collect()
}

fn selected(scope: &Scope) -> Result<Vec<Folder>, MigrateError> {
    let folders = folders();
    if let Scope::Schema(schema) = scope
        && !folders.iter().any(|folder| folder.name == schema)
    {
        let names: Vec<_> = folders.iter().map(|folder| folder.name).filter(|name| !name.starts_with('_')).collect();
        return Err(MigrateError::UnknownSchema(schema.clone(), names.join(", ")));
    }
    let is_wanted = |folder: &Folder| match scope {
        Scope::All => true,
        Scope::Schema(schema) => FIRST.contains(&folder.name) || folder.name == schema,
    };
    Ok(folders.into_iter().filter(is_wanted).collect())
}

/// Statements of migrations are not for the log: they are long, and one is about a password.
async fn connect(url: &Secret) -> Result<PgConnection, MigrateError> {
    let options: PgConnectOptions = url.expose().parse().map_err(|_| MigrateError::Url)?;
    Ok(options.application_name("tekup-db migrate").disable_statement_logging().connect().await?)
}

/// Waits until no other instance migrates.
async fn lock(connection: &mut PgConnection) -> Result<(), MigrateError> {
    let try_lock = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK);
    if !try_lock.fetch_one(&mut *connection).await? {
        tracing::info!("another instance migrates: waiting for it");
        sqlx::query("SELECT pg_advisory_lock($1)").bind(LOCK).execute(connection).await?;
    }
    Ok(())
}

/// Only what the password is checked with goes to the server: not even its log can hold the password.
async fn set_password(connection: &mut PgConnection, password: &Secret) -> Result<(), MigrateError> {
    let verifier = postgres_protocol::password::scram_sha_256(password.expose().as_bytes());
    let alter = format!("ALTER ROLE authenticator PASSWORD '{verifier}'");
    sqlx::raw_sql(AssertSqlSafe(alter)).execute(connection).await?;
    Ok(())
}

/// Which statement of a file failed. An error says where only if parsing failed: the statements are run again, one by
/// one, and rolled back.
async fn diagnose(connection: &mut PgConnection, file: &str, text: &str, error: sqlx::Error) -> MigrateError {
    let Ok(mut transaction) = connection.begin().await else { return error.into() };
    match script::run(&mut transaction, file, text).await {
        Ok(Err(fault)) => fault.into(),
        Ok(Ok(())) | Err(_) => error.into(),
    }
}

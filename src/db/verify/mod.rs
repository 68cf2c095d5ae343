//! Whether a database is as it should be.
//!
//! In: which checks, of which schemas. Out: a [`Report`] of [`Finding`]s, each with what it is about, why it matters and,
//! where SQL alone can do it, the SQL that mends it. Three families: the data's integrity, the guard rails, and the schemas
//! against the migrations. Nothing is changed: every check is a read-only transaction. Refuses a role that row security
//! would hide rows from: it would find nothing where something is.

mod drift;
mod figures;
mod finding;
mod guards;
mod integrity;
mod manifest;
mod migrations;
mod policies;
mod sight;

use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

pub use finding::{Finding, Report, Severity};
pub use manifest::Manifest;

use super::{migrate::MigrateError, seed::Progress};
use crate::config::Secret;

/// Names come out qualified, and no plan is compiled: that takes seconds.
const WITHOUT_SEARCH_PATH: &str = "set transaction read only; \
    select pg_catalog.set_config('search_path', '', true), pg_catalog.set_config('jit', 'off', true)";

/// Statistics of use tell something about an index once they are of so many days.
const DAYS_COUNTED: i32 = 14;

/// Something that is looked at.
pub struct Check {
    /// `row-security`
    pub name: &'static str,
    /// How bad its findings are, at most.
    pub severity: Severity,
    /// What it looks for, in half a sentence.
    pub about: &'static str,
    ask: Ask,
}

/// How it is looked at.
enum Ask {
    /// Rows of object, why and mend; the parameters are the schemas, and the role of callers without a token.
    Rows(&'static str),
    /// The same, of one schema each, without a parameter.
    Each(&'static [(&'static str, &'static str)]),
    /// Rows of an object and a statement, which gives rows of why and mend.
    Written(&'static str),
    /// [`Ask::Rows`] with days as the second parameter.
    Counted(&'static str),
    /// Expressions of policies.
    Policies,
    /// A manifest that was given.
    Manifest,
    /// The ledgers.
    Migrations,
    /// A database made by migrations.
    Drift,
}

const fn check(name: &'static str, severity: Severity, ask: Ask, about: &'static str) -> Check {
    Check { name, severity, about, ask }
}

/// Every check, in the order in which they are made.
#[rustfmt::skip]
pub const CHECKS: &[Check] = &{
    use Ask::{Counted, Drift, Each, Manifest, Migrations, Policies, Rows, Written};
    use Severity::{Error, Info, Warning};
    [
        check("orphans", Error, Written(integrity::ORPHANS), "rows whose foreign key refers to nothing"),
        check("unvalidated-constraints", Warning, Rows(integrity::UNVALIDATED), "constraints that older rows may break"),
        check("sequences", Error, Written(integrity::SEQUENCES), "sequences that are behind their column"),
        check("invalid-indexes", Error, Rows(integrity::INVALID_INDEXES), "indexes that are not whole"),
        check("disabled-triggers", Error, Rows(integrity::DISABLED_TRIGGERS), "triggers that are off, those of foreign keys too"),
        check("stale-embeddings", Info, Each(&[("vault", integrity::STALE_EMBEDDINGS)]), "documents whose vector is missing or of an older text"),
        check("invoice-sums", Error, Each(figures::INVOICES), "amounts of invoices, payments and deals that their rows don't make"),
        check("derived-figures", Warning, Each(figures::DERIVED), "counts, means and sums that their rows don't make"),
        check(manifest::CHECK, Error, Manifest, "tables with another number of rows than a backup's manifest says (--manifest)"),
        check("row-security", Error, Rows(guards::ROW_SECURITY), "exposed tables without forced row security"),
        check("policy-settings", Warning, Policies, "row rules that ask for a setting once a row"),
        check("policy-indexes", Warning, Rows(guards::POLICY_INDEXES), "columns of row rules that no index starts with"),
        check("login-role", Warning, Rows(guards::LOGIN_ROLE), "whether authenticator is there, whose roles the guard rails take for callers"),
        check("bypass-roles", Error, Rows(guards::BYPASS_ROLES), "roles of requests that no row security binds"),
        check("view-security", Error, Rows(guards::VIEW_SECURITY), "exposed views that run as their owner"),
        check("public-functions", Error, Rows(guards::PUBLIC_FUNCTIONS), "functions that everybody may execute"),
        check("definer-functions", Error, Rows(guards::DEFINER_FUNCTIONS), "functions that run as their owner and find names as their caller says"),
        check("sensitive-columns", Error, Rows(guards::SENSITIVE_COLUMNS), "secrets that callers may read"),
        check("foreign-key-indexes", Warning, Rows(guards::FOREIGN_KEY_INDEXES), "foreign keys that no index starts with"),
        check("unused-indexes", Info, Counted(guards::UNUSED_INDEXES), "indexes that nothing has used for two weeks"),
        check(migrations::CHECK, Error, Migrations, "migrations that are pending, changed or unknown"),
        check(drift::CHECK, Error, Drift, "what is otherwise than migrations make it"),
    ]
};

/// What is to be looked at.
#[derive(Clone, Debug)]
pub struct Request {
    /// Names of checks; all where there are none.
    pub checks: Vec<String>,
    /// The schemas.
    pub schemas: Vec<String>,
    /// The role of callers without a token.
    pub anon_role: Option<String>,
    /// What tables are compared with.
    pub manifest: Option<Manifest>,
    /// Statistics of use count from so many days on; `None` is two weeks.
    pub days_counted: Option<i32>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// There is no such check.
    #[error("{0} is no check")]
    UnknownCheck(String),
    /// The check needs a manifest.
    #[error("the check `manifest` needs a manifest to compare with")]
    NoManifest,
    /// Row security would hide rows from the role.
    #[error(
        "the role {0:?} does not see every row: verify as the schemas' owner, who is a member of tekup_owner, or as a superuser"
    )]
    Blind(String),
    /// Row security hides rows of some tables from the role.
    #[error(
        "row security hides rows from the role {role:?} in {tables}: verify as a superuser, or give these tables a policy that \
         shows it every row; nothing was looked at"
    )]
    Hidden {
        /// The role.
        role: String,
        /// The tables, as SQL names them.
        tables: String,
    },
    /// Somebody wanted it to end. Nothing was changed, and nothing is left behind.
    #[error("stopped before all was looked at; nothing was changed")]
    Stopped,
    /// The ledgers can't be read.
    #[error("the ledgers of migrations can't be read: {0}")]
    Migrate(#[from] MigrateError),
    /// The database can't be reached.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl Request {
    /// The checks that are asked for.
    ///
    /// # Errors
    /// The first name that is no check's; `manifest` without a manifest.
    pub fn chosen(&self) -> Result<Vec<&'static Check>, VerifyError> {
        let known = |name: &String| CHECKS.iter().any(|check| check.name == name);
        if let Some(unknown) = self.checks.iter().find(|name| !known(name)) {
            return Err(VerifyError::UnknownCheck(unknown.clone()));
        }
        if self.manifest.is_none() && self.checks.iter().any(|name| name == manifest::CHECK) {
            return Err(VerifyError::NoManifest);
        }
        let is_chosen = |check: &&Check| match self.checks.as_slice() {
            [] => check.name != manifest::CHECK || self.manifest.is_some(),
            names => names.iter().any(|name| name == check.name),
        };
        Ok(CHECKS.iter().filter(is_chosen).collect())
    }
}

/// Makes the checks, one after the other. `url` is that of the schemas' owner. `progress` is called before each; `stop`
/// ends it early.
///
/// # Errors
/// [`VerifyError`]. A check that the database refuses is a finding, and the others are made.
pub async fn run(
    url: &Secret,
    request: &Request,
    stop: impl Future<Output = ()>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Report, VerifyError> {
    let checks = request.chosen()?;
    let options: PgConnectOptions = url.expose().parse().map_err(|_| VerifyError::Url)?;
    let options = options.application_name("tekup-db verify").disable_statement_logging();
    let mut connection = options.connect().await?;
    sight::demand(&mut connection, &request.schemas).await?;
    let mut stop = std::pin::pin!(stop);
    let mut report = Report::default();
    for (index, check) in checks.iter().enumerate() {
        progress(Progress { file: check.name, number: index + 1, total: checks.len() });
        let found = match &check.ask {
            Ask::Drift => drift::find(&mut connection, &options, &request.schemas, &mut stop).await,
            _ => tokio::select! {
                found = check.find(&mut connection, request) => found,
                () = &mut stop => return Err(VerifyError::Stopped),
            },
        };
        report.add(check.name, refused(check, found)?);
    }
    connection.close().await?;
    Ok(report)
}

/// What the database said no to becomes a finding: a table may be gone that the check reads.
fn refused(check: &Check, found: Result<Vec<Finding>, VerifyError>) -> Result<Vec<Finding>, VerifyError> {
    match found {
        Err(VerifyError::Database(error)) if error.as_database_error().is_some() => {
            let why = format!("the check can't be made: {error}");
            let object = "the check itself".to_owned();
            Ok(vec![Finding { severity: Severity::Error, check: check.name, object, why, mend: None }])
        }
        found => found,
    }
}

/// Object, why, mend.
type Row = (String, String, Option<String>);

impl Check {
    async fn find(&self, connection: &mut PgConnection, request: &Request) -> Result<Vec<Finding>, VerifyError> {
        let mut transaction = connection.begin().await?;
        sqlx::raw_sql(WITHOUT_SEARCH_PATH).execute(&mut *transaction).await?;
        let schemas = &request.schemas;
        let findings = match (&self.ask, &request.manifest) {
            (Ask::Manifest, Some(manifest)) => manifest::find(&mut transaction, schemas, manifest).await?,
            (Ask::Migrations, _) => migrations::find(&mut transaction, schemas).await?,
            // Drift has a transaction of its own.
            (Ask::Manifest | Ask::Drift, _) => Vec::new(),
            _ => self.rows(&mut transaction, request).await?.into_iter().map(|row| self.finding(row)).collect(),
        };
        transaction.rollback().await?;
        Ok(findings)
    }

    async fn rows(&self, connection: &mut PgConnection, request: &Request) -> Result<Vec<Row>, sqlx::Error> {
        let schemas = &request.schemas;
        let mut rows = Vec::new();
        match self.ask {
            Ask::Rows(sql) => {
                rows = sqlx::query_as(sql).bind(schemas).bind(&request.anon_role).fetch_all(connection).await?;
            }
            Ask::Counted(sql) => {
                let days = request.days_counted.unwrap_or(DAYS_COUNTED);
                rows = sqlx::query_as(sql).bind(schemas).bind(days).fetch_all(connection).await?;
            }
            Ask::Each(statements) => {
                for (_, sql) in statements.iter().filter(|(schema, _)| schemas.iter().any(|wanted| wanted == schema)) {
                    rows.extend(sqlx::query_as::<_, Row>(*sql).fetch_all(&mut *connection).await?);
                }
            }
            Ask::Written(sql) => {
                let written: Vec<(String, String)> =
                    sqlx::query_as(sql).bind(schemas).fetch_all(&mut *connection).await?;
                for (object, sql) in written {
                    let found: Vec<(String, Option<String>)> =
                        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&mut *connection).await?;
                    rows.extend(found.into_iter().map(|(why, mend)| (object.clone(), why, mend)));
                }
            }
            Ask::Policies => {
                let policies = sqlx::query_as(policies::POLICIES).bind(schemas).fetch_all(connection).await?;
                rows.extend(policies.into_iter().filter_map(asks_again));
            }
            Ask::Manifest | Ask::Migrations | Ask::Drift => {}
        }
        Ok(rows)
    }

    fn finding(&self, (object, why, mend): Row) -> Finding {
        Finding { severity: self.severity, check: self.name, object, why, mend }
    }
}

/// A policy that asks once a row, and its alteration.
fn asks_again((object, using, check, alter): (String, Option<String>, Option<String>, String)) -> Option<Row> {
    let once = |expression: &Option<String>| expression.as_deref().and_then(policies::once_per_statement);
    let clauses = [("using", once(&using)), ("with check", once(&check))];
    let clauses: Vec<_> =
        clauses.into_iter().filter_map(|(clause, once)| once.map(|text| format!(" {clause} ({text})"))).collect();
    let why = "it asks for a setting or the caller once for each row; in a sub-select it is asked once a statement";
    (!clauses.is_empty()).then(|| (object, why.to_owned(), Some(format!("{alter}{}", clauses.concat()))))
}

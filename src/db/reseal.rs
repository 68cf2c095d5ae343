//! Secrets under another key.
//!
//! In: the places where secrets are kept, and how one is sealed anew. Out: how many were, by place. Rows are taken in batches,
//! each a transaction; a row that is under the new key already is left alone, so that it can be stopped and run again. What
//! was written is read back and must open. It runs as the schemas' owner, and leaves an entry in the trail for each row.

use sqlx::{ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};

use crate::config::Secret;

/// Key of the advisory lock that a sealing instance holds.
const LOCK: i64 = 0x7465_6b75_7073_6561;
/// Rows of a batch.
const BATCH: usize = 100;

/// A column that secrets are kept in.
struct Place {
    name: &'static str,
    /// Rows after `$1` by their id, `$2` of them: id and sealed text.
    select: &'static str,
    /// Puts `$2` into the row `$1`, with an entry in the trail, and gives what is there then.
    update: &'static str,
}

/// One text of SQL for a column, its row's id, and its trail.
macro_rules! place {
    ($table:literal, $kind:literal, $id:literal, $schema:literal, $column:literal, $value:literal, $sealed:literal, $when:literal) => {
        Place {
            name: concat!($table, ".", $column),
            select: concat!(
                "SELECT id::text, ", $value, " FROM ", $table, " WHERE ($1::text IS NULL OR id > $1::", $id, ") AND ",
                $when, " ORDER BY ", $table, ".id LIMIT $2 FOR UPDATE"
            ),
            update: concat!(
                "WITH trail AS (INSERT INTO shared.audit_logs (service, action, resource_type, resource_id, success) VALUES ('",
                $schema, "', 'reseal_secret', '", $kind, "', $1, true)) UPDATE ", $table, " SET ", $column, " = ", $sealed,
                " WHERE id = $1::", $id, " RETURNING ", $value
            ),
        }
    };
}

const PLACES: [Place; 4] = [
    place!("billy.organizations", "organizations", "uuid", "billy", "billy_api_key", "billy_api_key", "$2", "true"),
    place!("flow.webhooks", "webhook", "text", "flow", "secret", "secret", "$2", "secret IS NOT NULL"),
    place!(
        "flow.integrations",
        "integration",
        "text",
        "flow",
        "config",
        "coalesce(config ->> 'enc', config #>> '{}')",
        "CASE WHEN config ? 'enc' THEN jsonb_set(config, '{enc}', to_jsonb($2::text)) ELSE to_jsonb($2::text) END",
        "(config ? 'enc' OR jsonb_typeof(config) = 'string')"
    ),
    place!("flow.variables", "variable", "text", "flow", "value", "value", "$2", "encrypted"),
];

/// What is to become of a sealed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resealed {
    /// It is under the new key.
    Already,
    /// It is this one from now on.
    Now(String),
    /// Neither key opens it.
    Unreadable,
}

/// What became of the secrets in one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// `flow.webhooks.secret`
    pub place: &'static str,
    /// Sealed anew.
    pub resealed: usize,
    /// Under the new key before.
    pub already: usize,
    /// Ids of the rows that neither key opens.
    pub unreadable: Vec<String>,
}

/// Why not all secrets are under the new key. Batches before stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The connection string is no URL that sqlx can read.
    #[error("the connection string is no URL of the form postgres://user:password@host:port/database")]
    Url,
    /// Somebody else does it.
    #[error("another instance seals secrets anew")]
    Busy,
    /// What was written does not open.
    #[error("{0}: the row {1} does not open after it was sealed anew; it was left as it was")]
    Unproven(&'static str, String),
    /// The database can't be reached, or refuses.
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Seals every secret anew. `progress` is called after each batch.
///
/// # Errors
/// [`ResealError`].
pub async fn run(
    url: &Secret,
    reseal: impl Fn(&str) -> Resealed,
    mut progress: impl FnMut(&Report),
) -> Result<Vec<Report>, ResealError> {
    let options: PgConnectOptions = url.expose().parse().map_err(|_| ResealError::Url)?;
    let mut connection = options.application_name("tekup-db reseal").disable_statement_logging().connect().await?;
    let is_ours: bool =
        sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(LOCK).fetch_one(&mut connection).await?;
    if !is_ours {
        return Err(ResealError::Busy);
    }
    let mut reports = Vec::new();
    for place in &PLACES {
        let mut report = Report { place: place.name, resealed: 0, already: 0, unreadable: Vec::new() };
        let mut last = None;
        while let Some(id) = batch(&mut connection, place, &reseal, last.as_deref(), &mut report).await? {
            last = Some(id);
            progress(&report);
        }
        reports.push(report);
    }
    // The lock ends with the session.
    connection.close().await?;
    Ok(reports)
}

/// Seals a batch anew, and gives the id of its last row.
async fn batch(
    connection: &mut PgConnection,
    place: &Place,
    reseal: &impl Fn(&str) -> Resealed,
    after: Option<&str>,
    report: &mut Report,
) -> Result<Option<String>, ResealError> {
    let mut transaction = connection.begin().await?;
    let select = sqlx::query_as(place.select).bind(after).bind(BATCH as i64);
    let rows: Vec<(String, String)> = select.fetch_all(&mut *transaction).await?;
    let last = rows.last().map(|(id, _)| id.clone());
    for (id, sealed) in rows {
        match reseal(&sealed) {
            Resealed::Already => report.already += 1,
            Resealed::Unreadable => report.unreadable.push(id),
            Resealed::Now(sealed) => {
                let update = sqlx::query_scalar(place.update).bind(&id).bind(&sealed);
                let kept: String = update.fetch_one(&mut *transaction).await?;
                if reseal(&kept) != Resealed::Already {
                    return Err(ResealError::Unproven(place.name, id));
                }
                report.resealed += 1;
            }
        }
    }
    transaction.commit().await?;
    Ok(last)
}

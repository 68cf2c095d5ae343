//! The schemas that are there, against those that migrations make.
//!
//! In: a connection of the schemas' owner. Out: what differs. The migrations are run in a database of the same server that
//! is made for it and dropped again, also when the run is stopped; where the role may create none, or migrations are pending
//! or can't be run there, a finding says that this was not looked at. So it is where roles are missing: they are the
//! cluster's, and the migrations would make them.

mod compare;
mod roles;
mod throwaway;

use sqlx::{Connection as _, PgConnection, postgres::PgConnectOptions};

pub(super) use compare::CHECK;

use self::{
    compare::{Item, differences},
    throwaway::Throwaway,
};
use super::{
    Finding, Severity, VerifyError, WITHOUT_SEARCH_PATH,
    migrations::{self, Standing},
};
use crate::db::migrate::{self, Scope};

const LISTING: &str = include_str!("listing.sql");

/// Schemas of ours that are in no folder of their own.
const BESIDE: [&str; 2] = ["auth", "tekup"];

/// Compares. `stop` ends it early; the database that was made is dropped then, too.
pub(super) async fn find(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
    schemas: &[String],
    stop: &mut (impl Future<Output = ()> + Unpin),
) -> Result<Vec<Finding>, VerifyError> {
    if migrations::standing(connection, schemas).await? != Standing::UpToDate {
        return Ok(skipped(
            "there are migrations that are not applied, or are not as they were when they were applied",
        ));
    }
    let mut missing = roles::missing(connection).await?;
    if !missing.is_empty() {
        missing.extend(skipped("roles are missing, and running the migrations would make them"));
        return Ok(missing);
    }
    let Some(throwaway) = Throwaway::create(connection).await? else {
        return Ok(skipped("the role may not create databases, and one is needed to run the migrations in"));
    };
    let wanted = tokio::select! {
        wanted = wanted(&throwaway, options, schemas) => wanted,
        () = stop => Err(VerifyError::Stopped),
    };
    throwaway.remove(connection).await?;
    match wanted {
        Ok(wanted) => Ok(differences(&list(connection, schemas).await?, &wanted)),
        // An owner who may create databases may still not create an extension in one.
        Err(VerifyError::Migrate(error)) => {
            Ok(skipped(&format!("migrations can't be run in a database of their own: {error}")))
        }
        Err(error) => Err(error),
    }
}

fn skipped(why: &str) -> Vec<Finding> {
    let why = format!("the schemas were not compared with what migrations make: {why}");
    vec![Finding { severity: Severity::Info, check: CHECK, object: "the schemas".to_owned(), why, mend: None }]
}

/// What the migrations make.
async fn wanted(
    throwaway: &Throwaway,
    options: &PgConnectOptions,
    schemas: &[String],
) -> Result<Vec<Item>, VerifyError> {
    let mut connection = throwaway.connect(options).await?;
    // Nothing of it has to outlive a crash.
    sqlx::raw_sql("set synchronous_commit = off").execute(&mut connection).await?;
    migrate::apply(&mut connection, &Scope::All).await?;
    let listed = list(&mut connection, schemas).await;
    connection.close().await?;
    listed
}

async fn list(connection: &mut PgConnection, schemas: &[String]) -> Result<Vec<Item>, VerifyError> {
    let ours = migrate::schemas();
    let compared: Vec<&str> =
        schemas.iter().map(String::as_str).filter(|schema| ours.contains(schema)).chain(BESIDE).collect();
    let mut transaction = connection.begin().await?;
    sqlx::raw_sql(WITHOUT_SEARCH_PATH).execute(&mut *transaction).await?;
    let items = sqlx::query_as(LISTING).bind(&compared).fetch_all(&mut *transaction).await?;
    transaction.rollback().await?;
    Ok(items)
}

//! Tables against a manifest of their rows.
//!
//! In: a backup's manifest, as JSON: `{"tables": [{"schema": …, "name": …, "rows": …}]}`; what else it has is not for this.
//! Out: tables whose number of rows is another.

use std::collections::HashMap;

use serde::Deserialize;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{Finding, Severity, VerifyError, integrity};

/// The check's name.
pub(super) const CHECK: &str = "manifest";

/// What was there at some time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Manifest {
    tables: Vec<Table>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Table {
    schema: String,
    name: String,
    rows: i64,
}

/// The tables of these schemas whose rows are not so many as the manifest says.
pub(super) async fn find(
    connection: &mut PgConnection,
    schemas: &[String],
    manifest: &Manifest,
) -> Result<Vec<Finding>, VerifyError> {
    let found: Vec<(String, String, String)> = sqlx::query_as(integrity::COUNTS).fetch_all(&mut *connection).await?;
    let counts: HashMap<_, _> = found.into_iter().map(|(schema, name, count)| ((schema, name), count)).collect();
    let mut findings = Vec::new();
    for table in manifest.tables.iter().filter(|table| schemas.contains(&table.schema)) {
        let why = match counts.get(&(table.schema.clone(), table.name.clone())) {
            None => "the manifest has it, and it is not there".to_owned(),
            Some(count) => {
                let rows: i64 = sqlx::query_scalar(AssertSqlSafe(count.clone())).fetch_one(&mut *connection).await?;
                if rows == table.rows {
                    continue;
                }
                format!("it has {rows} rows; the manifest has {}", table.rows)
            }
        };
        let object = format!("{}.{}", table.schema, table.name);
        findings.push(Finding { severity: Severity::Error, check: CHECK, object, why, mend: None });
    }
    Ok(findings)
}

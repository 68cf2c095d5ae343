//! Which tables have been copied, from where: `tekup.copied_tables` in the target.
//!
//! In: a table that was copied. Out: those that were. A table's entry is written in the transaction that fills the table, so
//! that what is listed is there, and what is not listed was rolled back.

use std::collections::BTreeMap;

use super::{Copied, CopyError, catalog::TableName, session::Session};

const CREATE: &str = "CREATE SCHEMA IF NOT EXISTS tekup; \
    CREATE TABLE IF NOT EXISTS tekup.copied_tables ( \
        schema_name text NOT NULL, table_name text NOT NULL, source text NOT NULL, rows bigint NOT NULL, \
        checksum text NOT NULL, copied_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (schema_name, table_name)); \
    COMMENT ON TABLE tekup.copied_tables IS 'Tables that tekup-db copy has filled, from where, and what it compared.'";

/// Makes the ledger.
///
/// # Errors
/// [`CopyError::Database`].
pub(super) async fn create(target: &Session) -> Result<(), CopyError> {
    target.run(CREATE).await
}

/// Where each table that was copied came from, and how many rows it had; nothing where nothing was ever copied.
///
/// # Errors
/// [`CopyError::Database`].
pub(super) async fn read(target: &Session) -> Result<BTreeMap<TableName, (String, i64)>, CopyError> {
    if !target.one::<bool>("SELECT to_regclass('tekup.copied_tables') IS NOT NULL").await? {
        return Ok(BTreeMap::new());
    }
    let select = "SELECT schema_name, table_name, source, rows FROM tekup.copied_tables";
    let rows = target.client.query(select, &[]).await.map_err(target.fault("reading what was copied before"))?;
    let text = |row: &tokio_postgres::Row, at: usize| row.get::<_, String>(at);
    Ok(rows.iter().map(|row| (TableName::new(&text(row, 0), &text(row, 1)), (text(row, 2), row.get(3)))).collect())
}

/// Enters a table, in the place of what was said of it before it was emptied.
///
/// # Errors
/// [`CopyError::Database`].
pub(super) async fn record(target: &Session, source: &str, copied: &Copied) -> Result<(), CopyError> {
    let insert = "INSERT INTO tekup.copied_tables (schema_name, table_name, source, rows, checksum) VALUES ($1, $2, $3, $4, $5) \
        ON CONFLICT (schema_name, table_name) DO UPDATE SET source = excluded.source, rows = excluded.rows, \
        checksum = excluded.checksum, copied_at = now()";
    let rows = i64::try_from(copied.rows).unwrap_or(i64::MAX);
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 5] =
        [&copied.table.schema, &copied.table.table, &source, &rows, &copied.checksum];
    target.client.execute(insert, &values).await.map_err(target.fault("noting that a table is copied"))?;
    Ok(())
}

/// Forgets tables.
///
/// # Errors
/// [`CopyError::Database`].
pub(super) async fn forget(target: &Session, tables: &[TableName]) -> Result<(), CopyError> {
    let (schemas, names): (Vec<_>, Vec<_>) =
        tables.iter().map(|name| (name.schema.as_str(), name.table.as_str())).unzip();
    let delete = "DELETE FROM tekup.copied_tables WHERE (schema_name, table_name) IN (SELECT * FROM unnest($1::text[], $2::text[]))";
    target.client.execute(delete, &[&schemas, &names]).await.map_err(target.fault("forgetting what was copied"))?;
    Ok(())
}

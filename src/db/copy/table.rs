//! One table, in one transaction.
//!
//! In: a table of the plan. Out: its rows in the target, compared with what the source sent, and an entry in the ledger: all of
//! it or nothing, with what stands in the way set aside as [`aside`] says.

use super::{
    Copied, CopyError, Options, Sealing, aside,
    catalog::{Column, Relation, identifier, literal},
    ledger,
    plan::Table,
    secrets,
    session::Session,
    transfer,
};

/// Copies a table.
///
/// # Errors
/// [`CopyError`]; the table is as it was then.
pub(super) async fn copy(
    source: &Session,
    target: &Session,
    (table, to, rows): (&Table, &Relation, u64),
    (options, sealing): (&Options, Option<&Sealing<'_>>),
    moved: impl FnMut(u64),
) -> Result<Copied, CopyError> {
    target.run("BEGIN; SET LOCAL lock_timeout = '1min'").await?;
    let copied = filled(source, target, (table, to, rows), (options, sealing), moved).await;
    let end = if copied.is_ok() { "COMMIT" } else { "ROLLBACK" };
    match (copied, target.run(end).await) {
        (Ok(copied), Ok(())) => Ok(copied),
        // Why it is rolled back says more than why that failed.
        (Err(error), _) | (Ok(_), Err(error)) => Err(error),
    }
}

async fn filled(
    source: &Session,
    target: &Session,
    (table, to, rows): (&Table, &Relation, u64),
    (options, sealing): (&Options, Option<&Sealing<'_>>),
    moved: impl FnMut(u64),
) -> Result<Copied, CopyError> {
    set_organisation(target, options).await?;
    let is_large = rows >= aside::LARGE;
    target.run_for("putting triggers, keys and indexes aside", &aside::opened(&table.name, to, is_large)).await?;
    if target.one::<bool>(&format!("SELECT EXISTS (SELECT FROM {})", table.name.sql())).await? {
        return Err(CopyError::Filled(table.name.clone()));
    }
    let sent = transfer::send(source, target, table, moved).await?;
    let written = transfer::read_back(target, table).await?;
    if sent != written {
        return Err(CopyError::Differs {
            table: table.name.clone(),
            sent: (sent.rows, sent.checksum()),
            written: (written.rows, written.checksum()),
        });
    }
    let sealed = match sealing {
        Some(sealing) => secrets::seal(target, table, sealing).await?,
        None => 0,
    };
    set_sequences(target, table, to).await?;
    target.run_for("putting triggers, keys and indexes back", &aside::closed(&table.name, to, is_large)).await?;
    let copied = Copied { table: table.name.clone(), rows: sent.rows, checksum: sent.checksum(), sealed };
    ledger::record(target, &source.place, &copied).await?;
    Ok(copied)
}

/// Sets sequences past what was copied, while no row is hidden.
async fn set_sequences(target: &Session, table: &Table, to: &Relation) -> Result<(), CopyError> {
    let may_count =
        |column: &&Column| column.is_identity || column.default.as_ref().is_some_and(|sql| sql.contains("nextval("));
    let relation = table.name.sql();
    for column in to.columns.iter().filter(may_count) {
        let sequence = "SELECT pg_get_serial_sequence($1, $2)";
        let row = target.client.query_one(sequence, &[&relation, &column.name]).await;
        let row = row.map_err(target.fault("looking for sequences"))?;
        if let Some(sequence) = row.get::<_, Option<String>>(0) {
            let (name, sequence) = (identifier(&column.name), literal(&sequence));
            let set =
                format!("SELECT setval({sequence}, greatest(max({name}), 1), max({name}) IS NOT NULL) FROM {relation}");
            target.run(&set).await?;
        }
    }
    Ok(())
}

/// The organisation that defaults ask for, to the end of the transaction.
///
/// # Errors
/// [`CopyError::Database`].
pub(super) async fn set_organisation(target: &Session, options: &Options) -> Result<(), CopyError> {
    let organisation = options.organization.as_deref().unwrap_or_default();
    let set = "SELECT set_config('app.current_org_id', $1, true)";
    target.client.query(set, &[&organisation]).await.map_err(target.fault("naming the organisation"))?;
    Ok(())
}

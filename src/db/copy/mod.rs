//! Another database's rows, copied into this one.
//!
//! In: a source, a migrated target, and a [`Map`] that says which column goes where. Out: the target's tables filled, each in a
//! transaction of its own, in the order of their foreign keys, by binary COPY. The source is looked at first ([`check`]), is
//! read in one snapshot, and is never written. Rows and checksums of both sides are compared before a table is committed; a
//! table that is there is not copied again, so that whoever is interrupted goes on. Refuses tables that have rows of their own.

mod aside;
mod catalog;
mod check;
mod convert;
mod error;
mod ledger;
mod map;
mod plan;
mod questions;
mod rows;
mod secrets;
pub(super) mod session;
mod table;
mod transfer;

pub use catalog::TableName;
pub use error::CopyError;
pub use map::{Map, MapError};
pub use plan::Finding;
pub use rows::Malformed;
pub use session::End;

use std::collections::{BTreeMap, BTreeSet};

use catalog::Relations;
use convert::Types;
use plan::Plan;
use session::Session;

use super::migrate::{self, MigrationState, Scope};
use crate::config::Secret;

/// Key of the advisory lock that a copying instance holds.
const LOCK: i64 = 0x7465_6b75_7063_6f70;

/// What is copied, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which column goes where.
    pub map: Map,
    /// Only tables of these schemas of the target; empty is all.
    pub schemas: Vec<String>,
    /// Whose rows they are where the source does not say so: the default of columns for the current organisation.
    pub organization: Option<String>,
    /// Empties the target's tables first.
    pub replace: bool,
}

/// Seals a secret; `None` where that is impossible.
pub type Sealing<'s> = dyn Fn(&str) -> Option<String> + Send + Sync + 's;

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A table of the source was looked at.
    Checked {
        /// The table that would be written.
        table: TableName,
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        total: usize,
    },
    /// Something was found.
    Found(Finding),
    /// A table was copied before.
    Kept(TableName),
    /// A table is copied.
    Started {
        /// The table.
        table: TableName,
        /// Rows to come.
        rows: u64,
    },
    /// So many of its rows are sent.
    Moved(u64),
    /// A table is copied.
    Copied(Copied),
}

/// A table that was copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// The table.
    pub table: TableName,
    /// Its rows.
    pub rows: u64,
    /// What both sides were compared by.
    pub checksum: String,
    /// Secrets that were in clear.
    pub sealed: u64,
}

/// What a copy came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Tables that were copied now.
    pub copied: Vec<Copied>,
    /// Tables that were copied before.
    pub kept: usize,
    /// Things that only a check would go on with.
    pub faults: usize,
}

/// Both ends, and what is known of them.
struct Ends {
    source: Session,
    target: Session,
    plan: Plan,
    from: Relations,
    to: Relations,
    /// Where tables that were copied before came from.
    kept: BTreeMap<TableName, String>,
    /// By the name of the table that would be written.
    rows: BTreeMap<TableName, u64>,
    faults: usize,
}

/// Looks whether a copy would succeed; writes nothing.
///
/// # Errors
/// [`CopyError`]: an end can't be reached, or used. What speaks against copying is reported, and counted in the summary.
pub async fn check(
    (source, target): (&Secret, &Secret),
    options: &Options,
    has_key: bool,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Summary, CopyError> {
    let mut ends = Ends::open(source, target, options, report).await?;
    ends.check(options, has_key, report).await?;
    Ok(Summary { copied: Vec::new(), kept: ends.kept_tables().count(), faults: ends.faults })
}

/// Copies what was not copied before.
///
/// # Errors
/// [`CopyError`]. Tables that were copied before it stay, and are not copied again.
pub async fn run(
    (source, target): (&Secret, &Secret),
    options: &Options,
    sealing: Option<&Sealing<'_>>,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Summary, CopyError> {
    let mut ends = Ends::open(source, target, options, report).await?;
    if !ends.target.one::<bool>(&format!("SELECT pg_try_advisory_lock({LOCK})")).await? {
        return Err(CopyError::Busy);
    }
    ends.check(options, sealing.is_some(), report).await?;
    if ends.faults > 0 {
        return Err(CopyError::Refused(ends.faults));
    }
    ledger::create(&ends.target).await?;
    if options.replace {
        ends.empty().await?;
    }
    let mut summary = Summary::default();
    for table in &ends.plan.tables {
        if ends.kept.contains_key(&table.name) {
            summary.kept += 1;
            report(Progress::Kept(table.name.clone()));
            continue;
        }
        let Some(to) = ends.to.get(&table.name) else { continue };
        let rows = ends.rows.get(&table.name).copied().unwrap_or_default();
        report(Progress::Started { table: table.name.clone(), rows });
        let moved = |rows| report(Progress::Moved(rows));
        let copied = table::copy(&ends.source, &ends.target, (table, to, rows), (options, sealing), moved).await;
        let copied = copied.map_err(|error| error.midway(&table.name, summary.copied.len(), options.replace))?;
        report(Progress::Copied(copied.clone()));
        summary.copied.push(copied);
    }
    ends.finish(&summary).await?;
    Ok(summary)
}

impl Ends {
    async fn open(
        source: &Secret,
        target_url: &Secret,
        options: &Options,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Self, CopyError> {
        let target = Session::target(target_url).await?;
        let scope = |status: &migrate::MigrationStatus| !matches!(status.state, MigrationState::Applied(_));
        let pending = migrate::status(target_url, &Scope::All).await?.into_iter().filter(scope).count();
        if pending > 0 {
            return Err(CopyError::NotMigrated(pending));
        }
        let source = Session::source(source).await?;
        same_database(&source, &target).await?;
        let map = chosen(options)?;
        let to = target.relations(map.tables.keys()).await?;
        let from = source.relations(map.tables.values().map(|entry| &entry.from)).await?;
        let types = types(&source).await?;
        let (mut plan, findings) = plan::plan(&map, &from, &to, &types);
        settle(&target, &mut plan, (&to, &types), options).await?;
        if plan.tables.is_empty() && findings.iter().all(|finding| !finding.is_fault) {
            return Err(CopyError::NothingThere(source.place.clone()));
        }
        let faults = findings.iter().filter(|finding| finding.is_fault).count();
        let behind = check::left_behind(&source, &options.map, &map).await?;
        findings.into_iter().chain(behind).for_each(|finding| report(Progress::Found(finding)));
        let kept = if options.replace { BTreeMap::new() } else { kept(&target, &plan).await? };
        Ok(Self { source, target, plan, from, to, kept, rows: BTreeMap::new(), faults })
    }

    fn kept_tables(&self) -> impl Iterator<Item = &plan::Table> {
        self.plan.tables.iter().filter(|table| self.kept.contains_key(&table.name))
    }

    /// Looks at each table that is to be copied.
    async fn check(
        &mut self,
        options: &Options,
        has_key: bool,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), CopyError> {
        let total = self.plan.tables.len();
        for (index, table) in self.plan.tables.iter().enumerate() {
            let mut findings = self.of_target(table, options).await?;
            if !self.kept.contains_key(&table.name) {
                let (found, rows) =
                    check::table(&self.source, &self.plan, table, (&self.from, &self.to), has_key).await?;
                findings.extend(found);
                if let Some(to) = self.to.get(&table.name) {
                    findings.extend(check::outer_keys(&self.source, &self.target, &self.plan, table, to).await?);
                }
                self.rows.extend(rows.map(|rows| (table.name.clone(), rows)));
            }
            self.faults += findings.iter().filter(|finding| finding.is_fault).count();
            findings.into_iter().for_each(|finding| report(Progress::Found(finding)));
            report(Progress::Checked { table: table.name.clone(), number: index + 1, total });
        }
        Ok(())
    }

    /// What speaks against it in the target.
    async fn of_target(&self, table: &plan::Table, options: &Options) -> Result<Vec<Finding>, CopyError> {
        let fault = |text| Finding { table: table.name.clone(), is_fault: true, text };
        if let Some(place) = self.kept.get(&table.name) {
            let text = format!("was filled from {place}, another source: --replace empties it first");
            return Ok(if *place == self.source.place { Vec::new() } else { vec![fault(text)] });
        }
        let Some(to) = self.to.get(&table.name) else { return Ok(Vec::new()) };
        self.target.run("BEGIN READ ONLY").await?;
        table::set_organisation(&self.target, options).await?;
        let texts = check::target(&self.target, &self.plan, table, to, options.replace).await;
        self.target.run("ROLLBACK").await?;
        Ok(texts?.into_iter().map(fault).collect())
    }

    /// Empties the tables that are to be copied, all at once.
    async fn empty(&self) -> Result<(), CopyError> {
        let names: Vec<_> = self.plan.tables.iter().map(|table| table.name.clone()).collect();
        let list = names.iter().map(TableName::sql).collect::<Vec<_>>().join(", ");
        self.target.run("BEGIN; SET LOCAL lock_timeout = '1min'").await?;
        let emptied = async {
            let bystanders = self.bystanders(&names).await?;
            self.target.run(&format!("TRUNCATE {list}{bystanders}")).await?;
            ledger::forget(&self.target, &names).await
        };
        let emptied = emptied.await;
        self.target.run(if emptied.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
        emptied
    }

    /// Tables that refer to those that are emptied, and have no rows: Postgres wants them named as well.
    async fn bystanders(&self, names: &[TableName]) -> Result<String, CopyError> {
        let (schemas, tables): (Vec<_>, Vec<_>) =
            names.iter().map(|name| (name.schema.as_str(), name.table.as_str())).unzip();
        let rows = self.target.client.query(include_str!("referring.sql"), &[&schemas, &tables]).await;
        let mut list = String::new();
        for row in rows.map_err(self.target.fault("looking for tables that refer to others"))? {
            let name = TableName::new(row.get(0), row.get(1));
            let table = name.sql();
            // Its owner is bound by the rules of rows until the transaction says otherwise.
            let active = format!("SELECT row_security_active({}::regclass)", catalog::literal(&table));
            let is_bound = self.target.one::<bool>(&active).await?;
            if is_bound {
                self.target.run(&format!("ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")).await?;
            }
            if may_have_rows(&self.target, &name).await? {
                return Err(CopyError::Referred(name));
            }
            if is_bound {
                self.target.run(&format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY")).await?;
            }
            list.push_str(&format!(", {table}"));
        }
        Ok(list)
    }

    /// Statistics for the planner.
    async fn finish(&self, summary: &Summary) -> Result<(), CopyError> {
        for copied in &summary.copied {
            self.target.run(&format!("ANALYZE {}", copied.table.sql())).await?;
        }
        Ok(())
    }
}

/// The map's tables that are to be copied.
fn chosen(options: &Options) -> Result<Map, CopyError> {
    let known: BTreeSet<_> = options.map.tables.keys().map(|name| name.schema.as_str()).collect();
    let unknown: Vec<_> = options.schemas.iter().map(String::as_str).filter(|schema| !known.contains(schema)).collect();
    if unknown.is_empty() {
        return Ok(options.map.clone().limited(&options.schemas));
    }
    let known = known.into_iter().collect::<Vec<_>>().join(", ");
    Err(CopyError::NoSchema { unknown: unknown.join(", "), known })
}

/// Where each table of the plan came from that was copied before. One that had rows and has none was emptied since: made anew,
/// as by a restore, or by hand.
async fn kept(target: &Session, plan: &Plan) -> Result<BTreeMap<TableName, String>, CopyError> {
    let mut kept = BTreeMap::new();
    let mut entries = ledger::read(target).await?;
    for table in &plan.tables {
        let Some((place, rows)) = entries.remove(&table.name) else { continue };
        if rows == 0 || may_have_rows(target, &table.name).await? {
            kept.insert(table.name.clone(), place);
        }
    }
    Ok(kept)
}

/// Whether a table has rows, or row security might hide those that it has.
async fn may_have_rows(target: &Session, table: &TableName) -> Result<bool, CopyError> {
    let (name, text) = (table.sql(), catalog::literal(&table.sql()));
    target.one(&format!("SELECT row_security_active({text}::regclass) OR EXISTS (SELECT FROM {name})")).await
}

/// Types that are not Postgres' own, with the schema that they are in.
async fn types(source: &Session) -> Result<Types, CopyError> {
    let select = "SELECT typname::text, nspname::text FROM pg_type JOIN pg_namespace AS n ON n.oid = typnamespace \
        WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND typrelid = 0";
    let rows = source.client.query(select, &[]).await.map_err(source.fault("reading types"))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Asks once for defaults that refer to a row that is there, as a tenant is: it is the same for all rows, and asking for each
/// would take longer than writing it.
async fn settle(
    target: &Session,
    plan: &mut Plan,
    (to, types): (&Relations, &Types),
    options: &Options,
) -> Result<(), CopyError> {
    target.run("BEGIN READ ONLY").await?;
    table::set_organisation(target, options).await?;
    let mut settled = Vec::new();
    for (index, table) in plan.tables.iter().enumerate() {
        let Some(to) = to.get(&table.name) else { continue };
        for key in questions::default_keys(table, to, plan) {
            let value: Option<String> = target.one(&format!("SELECT ({})::text", key.default)).await?;
            let column = to.column(key.column).zip(value);
            settled.extend(column.map(|(column, value)| (index, plan::Column::constant(column, &value, types))));
        }
    }
    target.run("ROLLBACK").await?;
    for (index, column) in settled {
        if let Some(table) = plan.tables.get_mut(index) {
            table.columns.push(column);
        }
    }
    Ok(())
}

/// The source is not the target by another name. Where a server does not tell who it is, nothing is refused.
async fn same_database(source: &Session, target: &Session) -> Result<(), CopyError> {
    let asked = "SELECT ARRAY[(SELECT system_identifier::text FROM pg_control_system()), current_database()::text]";
    target.run("BEGIN READ ONLY").await?;
    let one = target.ask(asked).await?;
    target.run("ROLLBACK").await?;
    match (one, source.ask(asked).await?) {
        (Ok(one), Ok(other)) if one == other => Err(CopyError::Same),
        _ => Ok(()),
    }
}

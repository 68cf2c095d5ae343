//! What is copied, in which order, and how each column is made.
//!
//! In: a map, and what both databases have. Out: a [`Plan`], tables after those that they refer to, and what speaks against
//! it. Refuses nothing itself: each thing that is wrong is a [`Finding`].

use std::collections::BTreeSet;

use super::{
    catalog::{self, Relation, Relations, TableName, identifier},
    convert::{self, Change, Types},
    map::{Map, Rule, Source},
};

/// Something about a table that has to be known before it is copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The table that would be written.
    pub table: TableName,
    /// Copying would fail, or lose something. Otherwise it is only worth knowing.
    pub is_fault: bool,
    /// What it is.
    pub text: String,
}

/// What is copied, in this order.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) tables: Vec<Table>,
}

/// A table that is copied.
#[derive(Clone, Debug)]
pub(super) struct Table {
    pub(super) name: TableName,
    pub(super) from: TableName,
    pub(super) columns: Vec<Column>,
    /// Columns that take their default.
    pub(super) defaults: Vec<DefaultColumn>,
    /// Columns of the source that go nowhere, and of which the map does not say so.
    pub(super) left: Vec<String>,
}

/// A column that is copied.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) name: String,
    /// Over the source's row `s`.
    pub(super) sql: String,
    /// The same, before null is replaced.
    pub(super) bare: String,
    /// The column of the source, where it is copied as it is.
    pub(super) plain: Option<String>,
    /// The target refuses null, and the source does not.
    pub(super) may_lack: bool,
    /// What null becomes, where it is a column that takes none.
    pub(super) instead: Option<String>,
    pub(super) change: Option<Change>,
}

/// A column that is not copied.
#[derive(Clone, Debug)]
pub(super) struct DefaultColumn {
    pub(super) name: String,
    /// As SQL of the target.
    pub(super) sql: Option<String>,
    /// The same in every row, and whoever computes it.
    pub(super) constant: Option<String>,
    pub(super) not_null: bool,
}

impl Column {
    /// The same value in every row.
    pub(super) fn constant(column: &catalog::Column, value: &str, types: &Types) -> Self {
        let sql = convert::constant(value, column, types);
        let (name, bare) = (column.name.clone(), sql.clone());
        Self { name, sql, bare, plain: None, may_lack: false, instead: None, change: None }
    }
}

impl Table {
    /// The rows as the target takes them.
    pub(super) fn select(&self) -> String {
        let columns: Vec<_> =
            self.columns.iter().map(|column| format!("{} AS {}", column.sql, identifier(&column.name))).collect();
        format!("SELECT {} FROM {} AS s", columns.join(", "), self.from.sql())
    }

    /// The rows as they will be in the target, as far as the source can tell.
    pub(super) fn rows(&self) -> String {
        let constants = self.defaults.iter().filter_map(|default| {
            default.constant.as_ref().map(|sql| format!("{sql} AS {}", identifier(&default.name)))
        });
        let constants: String = constants.map(|column| format!(", {column}")).collect();
        format!("SELECT s.*{constants} FROM ({}) AS s", self.select())
    }

    /// The columns that are written.
    pub(super) fn column_list(&self) -> String {
        catalog::identifiers(self.columns.iter().map(|column| &column.name))
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// Makes the plan.
pub(super) fn plan(map: &Map, source: &Relations, target: &Relations, types: &Types) -> (Plan, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut tables = Vec::new();
    for (name, entry) in &map.tables {
        let mut add = |is_fault, text| findings.push(Finding { table: name.clone(), is_fault, text });
        let Some(to) = target.get(name) else {
            add(true, "there is no such table here, the map notwithstanding".to_owned());
            continue;
        };
        let Some(from) = source.get(&entry.from) else {
            add(entry.is_wanted, format!("the source has no table {}: nothing is copied", entry.from));
            continue;
        };
        tables.push(table(name, entry, from, to, types, &mut add));
    }
    let (tables, circle) = ordered(tables, target);
    for table in &circle {
        let text = "is in a circle of tables that refer to each other: none of them can be first".to_owned();
        findings.push(Finding { table: table.name.clone(), is_fault: true, text });
    }
    (Plan { tables }, findings)
}

fn table(
    name: &TableName,
    entry: &Source,
    from: &Relation,
    to: &Relation,
    types: &Types,
    add: &mut impl FnMut(bool, String),
) -> Table {
    unknown(entry, from, to, add);
    let mut used = BTreeSet::new();
    let mut table = Table {
        name: name.clone(),
        from: entry.from.clone(),
        columns: Vec::new(),
        defaults: Vec::new(),
        left: Vec::new(),
    };
    let none = Rule::default();
    for column in to.columns.iter().filter(|column| !column.is_computed) {
        let rule = entry.columns.get(&column.name).unwrap_or(&none);
        if let Some(value) = &rule.constant {
            table.columns.push(Column::constant(column, value, types));
            continue;
        }
        let origin = rule.from.as_ref().unwrap_or(&column.name);
        match from.column(origin).filter(|_| !rule.is_default) {
            Some(origin) => {
                used.insert(origin.name.clone());
                table.columns.push(copied(origin, column, rule, types));
            }
            None => table.defaults.push(default(column, from, rule, entry, add)),
        }
    }
    let is_left = |name: &&String| !used.contains(*name) && !entry.ignored.contains(name);
    // What Postgres computes is no data.
    let stored = from.columns.iter().filter(|column| !column.is_computed).map(|column| &column.name);
    table.left = stored.filter(is_left).cloned().collect();
    table
}

/// What the map names and nobody has.
fn unknown(entry: &Source, from: &Relation, to: &Relation, add: &mut impl FnMut(bool, String)) {
    let names =
        |relation: &Relation| relation.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", ");
    for name in entry.columns.keys() {
        match to.column(name) {
            None => add(true, format!("the map names a column {name}; there are: {}", names(to))),
            Some(column) if column.is_computed => add(true, format!("{name} is computed by Postgres: leave it out")),
            Some(_) => {}
        }
    }
    for name in entry.ignored.iter().filter(|name| from.column(name).is_none()) {
        add(true, format!("the map ignores {name}, which {} has not; it has: {}", entry.from, names(from)));
    }
}

fn default(
    column: &catalog::Column,
    from: &Relation,
    rule: &Rule,
    entry: &Source,
    add: &mut impl FnMut(bool, String),
) -> DefaultColumn {
    if let Some(origin) = &rule.from
        && entry.is_wanted
    {
        let names: Vec<_> = from.columns.iter().map(|column| column.name.as_str()).collect();
        add(true, format!("{} has no column {origin}; it has: {}", entry.from, names.join(", ")));
    }
    let has_default = column.default.is_some() || column.is_identity;
    if column.not_null && !has_default {
        add(true, format!("{} has no source, and no default: give it a \"value\" in the map", column.name));
    } else if has_default && !rule.is_default {
        add(false, format!("{} has no source: it takes its default", column.name));
    }
    let constant = match &column.default {
        None if !column.is_identity => Some(format!("NULL::{}", column.type_text)),
        default => default.clone().filter(|sql| is_constant(sql)),
    };
    DefaultColumn { name: column.name.clone(), sql: column.default.clone(), constant, not_null: column.not_null }
}

fn copied(origin: &catalog::Column, column: &catalog::Column, rule: &Rule, types: &Types) -> Column {
    let written = convert::column(origin, column, rule, types);
    let may_lack = column.not_null && !(origin.not_null && (written.is_plain || !may_blank(rule)));
    let instead = column.default.clone().filter(|default| may_lack && is_constant(default));
    let sql = match &instead {
        Some(default) => format!("coalesce({}, {default})", written.sql),
        None => written.sql.clone(),
    };
    Column {
        name: column.name.clone(),
        plain: (written.is_plain && instead.is_none()).then(|| origin.name.clone()),
        sql,
        bare: written.sql,
        may_lack,
        instead,
        change: written.change,
    }
}

/// Whether a rule makes null of what is not.
fn may_blank(rule: &Rule) -> bool {
    use super::map::Convert::{Email, NullIfBlank};
    matches!(rule.convert, Some(Email | NullIfBlank))
}

/// Whether a default is the same wherever and whenever it is asked: nothing but literals and casts.
fn is_constant(sql: &str) -> bool {
    let outside: String = sql.split('\'').step_by(2).collect();
    let is_word = |word: &str| outside.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word);
    let is_moment = ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_USER", "SESSION_USER", "LOCALTIMESTAMP"];
    !is_moment.into_iter().any(is_word) && !outside.contains('(')
}

/// Puts tables after those that they refer to; the rest goes in circles. Who refers to itself may: keys are looked at when
/// all rows are there.
fn ordered(mut waiting: Vec<Table>, target: &Relations) -> (Vec<Table>, Vec<Table>) {
    let mut placed = Vec::new();
    loop {
        let names: BTreeSet<_> = waiting.iter().map(|table| table.name.clone()).collect();
        let waits = |table: &Table| {
            let keys = target.get(&table.name).map(|relation| relation.foreign_keys.as_slice()).unwrap_or_default();
            keys.iter().map(catalog::ForeignKey::parent).any(|parent| parent != table.name && names.contains(&parent))
        };
        let (ready, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|table| !waits(table));
        if ready.is_empty() {
            return (placed, rest);
        }
        placed.extend(ready);
        waiting = rest;
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

//! Two listings of schemas beside each other.
//!
//! In: what is there, and what migrations make. Out: what differs, with the SQL that mends it. Pure.

use std::collections::{BTreeMap, BTreeSet};

use crate::db::verify::finding::{Finding, Severity};

/// The check that the findings are of.
pub(in crate::db::verify) const CHECK: &str = "drift";

/// One thing of a listing; see `listing.sql`.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Item {
    /// `index`
    pub kind: String,
    /// `renos.leads_status_idx`
    pub name: String,
    /// What it goes with: `renos.leads`.
    pub part_of: Option<String>,
    /// How it is.
    pub definition: String,
    /// Makes it where it is missing.
    pub create: Option<String>,
    /// Makes it so where it is otherwise.
    pub replace: Option<String>,
    /// Takes it away.
    pub remove: Option<String>,
}

/// What differs between the database and what migrations make.
pub(super) fn differences(live: &[Item], wanted: &[Item]) -> Vec<Finding> {
    let (live_by_key, wanted_by_key) = (by_key(live), by_key(wanted));
    // What is no part of anything that is missing or added as a whole.
    let is_told = |item: &Item, others: &BTreeSet<&str>| item.part_of.as_deref().is_none_or(|of| others.contains(of));
    let (live_wholes, wanted_wholes) = (wholes(live), wholes(wanted));
    let mut findings = Vec::new();
    for item in wanted.iter().filter(|item| is_told(item, &live_wholes)) {
        match live_by_key.get(&key(item)) {
            None => findings.push(finding(item, Severity::Error, "is missing".to_owned(), item.create.clone())),
            Some(other) if other.definition != item.definition => {
                let why = format!("is {}; migrations make it {}", brief(&other.definition), brief(&item.definition));
                findings.push(finding(item, Severity::Error, why, item.replace.clone()));
            }
            Some(_) => {}
        }
    }
    for item in live.iter().filter(|item| is_told(item, &wanted_wholes) && !is_of_a_platform(item)) {
        if !wanted_by_key.contains_key(&key(item)) {
            let why = "is of no migration: write it as one, or take it away".to_owned();
            findings.push(finding(item, Severity::Warning, why, item.remove.clone()));
        }
    }
    findings
}

fn key(item: &Item) -> (&str, &str) {
    (&item.kind, &item.name)
}

fn by_key(items: &[Item]) -> BTreeMap<(&str, &str), &Item> {
    items.iter().map(|item| (key(item), item)).collect()
}

/// Names that others may be part of.
fn wholes(items: &[Item]) -> BTreeSet<&str> {
    items.iter().map(|item| item.name.as_str()).collect()
}

/// In the schema `auth` a managed platform has things of its own.
fn is_of_a_platform(item: &Item) -> bool {
    let of = item.part_of.as_deref().unwrap_or_default();
    item.name.starts_with("auth.") || of.starts_with("auth.") || item.name.contains(" on schema auth ")
}

fn finding(item: &Item, severity: Severity, why: String, mend: Option<String>) -> Finding {
    let object = format!("{} {}", item.kind, item.name);
    Finding { severity, check: CHECK, object, why, mend: mend.map(|sql| sql.trim_end().to_owned()) }
}

/// A definition in a line: bodies of functions are long, and only that they differ matters.
fn brief(definition: &str) -> String {
    match definition {
        "" => "plain".to_owned(),
        _ if definition.len() <= 200 => format!("`{}`", definition.split_whitespace().collect::<Vec<_>>().join(" ")),
        _ => "another text".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: &str, name: &str, part_of: Option<&str>, definition: &str) -> Item {
        let sql = |verb: &str| Some(format!("{verb} {name}"));
        Item {
            kind: kind.to_owned(),
            name: name.to_owned(),
            part_of: part_of.map(str::to_owned),
            definition: definition.to_owned(),
            create: sql("create"),
            replace: sql("replace"),
            remove: sql("remove"),
        }
    }

    #[test]
    fn what_is_missing_other_or_more_is_told_with_its_mend() {
        let column = |name: &str, definition: &str| item("column", name, Some("a.t"), definition);
        let wanted = [item("table", "a.t", None, ""), column("a.t.x", "text"), column("a.t.y", "text")];
        let live = [item("table", "a.t", None, ""), column("a.t.x", "integer"), column("a.t.z", "text")];
        let told: Vec<_> = differences(&live, &wanted).into_iter().map(|f| (f.severity, f.object, f.mend)).collect();
        let mend = |text: &str| Some(text.to_owned());
        assert_eq!(
            told,
            [
                (Severity::Error, "column a.t.x".to_owned(), mend("replace a.t.x")),
                (Severity::Error, "column a.t.y".to_owned(), mend("create a.t.y")),
                (Severity::Warning, "column a.t.z".to_owned(), mend("remove a.t.z")),
            ]
        );
        assert_eq!(differences(&wanted, &wanted), []);
    }

    #[test]
    fn parts_of_what_is_missing_are_not_told() {
        let default = item("default", "a.t.x", Some("a.t.x"), "now()");
        let column = item("column", "a.t.x", Some("a.t"), "text");
        let wanted = [item("table", "a.t", None, ""), column.clone(), default];
        let told = differences(&[wanted[0].clone(), column], &wanted);
        assert_eq!(told.iter().map(|finding| finding.object.as_str()).collect::<Vec<_>>(), ["default a.t.x"]);
        let told = differences(&[], &wanted);
        assert_eq!(told.iter().map(|finding| finding.object.as_str()).collect::<Vec<_>>(), ["table a.t"]);
    }
}

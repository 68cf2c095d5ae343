//! Which table and column of the old database goes where.
//!
//! In: JSON. Out: a [`Map`]. Refuses what is no map, and names of tables without a schema; whether there are such tables is
//! for the plan to say. The map that the binary holds, `legacy.json`, is that of the databases of the former clients; a file
//! replaces it table by table.
//!
//! A column that a table's entry does not mention comes from the column of the same name. Nothing in a map is SQL.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalog::TableName;

const LEGACY: &str = include_str!("legacy.json");

/// Why a map can't be used.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// It is no map.
    #[error("the map is not of the form that docs/MIGRATION_GUIDE.md describes: {0}")]
    Form(#[from] serde_json::Error),
    /// A name lacks its schema.
    #[error("{0:?} in the map is no name of the form schema.table")]
    Name(String),
}

/// Where each table comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Map {
    pub(super) tables: BTreeMap<TableName, Source>,
}

/// Where a table comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) from: TableName,
    /// Rules by the name of the column that is written.
    pub(super) columns: BTreeMap<String, Rule>,
    /// Columns of the source that are left behind, values and all.
    pub(super) ignored: Vec<String>,
    /// Named by the caller's own file: then it has to be there.
    pub(super) is_wanted: bool,
}

/// A table's entry.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    from: String,
    #[serde(default)]
    columns: BTreeMap<String, Rule>,
    #[serde(default)]
    ignore: Vec<String>,
}

/// Where a column comes from. All absent: the column of the same name, as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Rule {
    /// The column of the source.
    pub(super) from: Option<String>,
    /// The same value in every row, in Postgres' text form.
    pub(super) constant: Option<String>,
    /// The column's default, even where the source has a column of that name.
    pub(super) is_default: bool,
    /// How a value is rewritten.
    pub(super) convert: Option<Convert>,
    /// Values that are replaced by others, after they were rewritten.
    pub(super) values: BTreeMap<String, String>,
}

/// How values of a column are rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Convert {
    /// In lower case.
    Lower,
    /// An address of mail: trimmed, in lower case, null where it is blank.
    Email,
    /// Null where it is blank.
    NullIfBlank,
    /// A share of 1 becomes one of 100; what is more than 1 is one already.
    Percent,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Long {
    from: Option<String>,
    /// A null is refused, not taken for nothing.
    #[serde(default, deserialize_with = "present")]
    value: Option<Value>,
    #[serde(default)]
    default: bool,
    convert: Option<Convert>,
    #[serde(default)]
    values: BTreeMap<String, String>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl TryFrom<Value> for Rule {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        if let Value::String(from) = value {
            return Ok(Self { from: Some(from), ..Self::default() });
        }
        let long: Long = serde_json::from_value(value).map_err(|error| error.to_string())?;
        let constant = match long.value {
            None => None,
            Some(Value::String(text)) => Some(text),
            Some(Value::Null) => return Err("a value can't be null: leave the column to its \"default\"".to_owned()),
            Some(other) => Some(other.to_string()),
        };
        let origins = [long.from.is_some(), constant.is_some(), long.default];
        if origins.into_iter().filter(|is_there| *is_there).count() > 1 {
            return Err("a column has one of \"from\", \"value\" and \"default\"".to_owned());
        }
        let is_rewritten = long.convert.is_some() || !long.values.is_empty();
        if is_rewritten && (constant.is_some() || long.default) {
            return Err("only a column of the source is rewritten".to_owned());
        }
        let Long { from, default, convert, values, .. } = long;
        Ok(Self { from, constant, is_default: default, convert, values })
    }
}

impl Map {
    /// The map of the former clients' databases.
    ///
    /// # Errors
    /// Never: a test reads it.
    pub fn legacy() -> Result<Self, MapError> {
        Self::default().with(LEGACY, false)
    }

    /// Puts a file's tables in the place of those of the same name; `null` takes a table out.
    ///
    /// # Errors
    /// [`MapError`].
    pub fn overridden(self, text: &str) -> Result<Self, MapError> {
        self.with(text, true)
    }

    fn with(mut self, text: &str, is_wanted: bool) -> Result<Self, MapError> {
        let name = |text: &str| TableName::read(text).ok_or_else(|| MapError::Name(text.to_owned()));
        let entries: BTreeMap<String, Option<Entry>> = serde_json::from_str(text)?;
        for (target, entry) in entries {
            let target = name(&target)?;
            match entry {
                None => drop(self.tables.remove(&target)),
                Some(Entry { from, columns, ignore }) => {
                    let source = Source { from: name(&from)?, columns, ignored: ignore, is_wanted };
                    self.tables.insert(target, source);
                }
            }
        }
        Ok(self)
    }

    /// Only the tables of some schemas; of all, where none is named.
    pub(super) fn limited(mut self, schemas: &[String]) -> Self {
        self.tables.retain(|name, _| schemas.is_empty() || schemas.contains(&name.schema));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Map, MapError> {
        Map::default().overridden(text)
    }

    #[test]
    fn the_map_of_the_former_clients_is_one() {
        let map = Map::legacy().unwrap();
        let contacts = &map.tables[&TableName::new("crm", "contacts")];
        assert_eq!(contacts.from, TableName::new("crm", "CrmContact"));
        assert_eq!(contacts.columns["first_name"].from.as_deref(), Some("firstName"));
        assert_eq!(contacts.columns["email"].convert, Some(Convert::Email));
        assert_eq!(map.tables.len(), 80);
        let crm = map.limited(&["crm".to_owned()]);
        assert_eq!(crm.tables.len(), 8);
    }

    #[test]
    fn a_file_replaces_table_by_table() {
        let text = r#"{"crm.contacts": {"from": "public.people", "columns": {"tenant_id": {"value": 7},
            "email": "Mail", "status": {"values": {"X": "active"}, "convert": "lower"}, "owner": {"default": true}},
            "ignore": ["fax"]}, "crm.deals": null}"#;
        let map = Map::legacy().unwrap().overridden(text).unwrap();
        assert!(!map.tables.contains_key(&TableName::new("crm", "deals")));
        let contacts = &map.tables[&TableName::new("crm", "contacts")];
        assert!(contacts.is_wanted && contacts.ignored == ["fax"] && contacts.columns.len() == 4);
        assert_eq!(contacts.columns["tenant_id"].constant.as_deref(), Some("7"));
        assert!(contacts.columns["owner"].is_default);
    }

    #[test]
    fn what_is_no_map_is_refused() {
        for (text, reason) in [
            ("[]", "invalid type"),
            (r#"{"contacts": {"from": "a.b"}}"#, "\"contacts\" in the map is no name"),
            (r#"{"crm.contacts": {"from": "b"}}"#, "\"b\" in the map is no name"),
            (r#"{"crm.contacts": {"from": "a.b", "sql": "x"}}"#, "unknown field `sql`"),
            (r#"{"crm.contacts": {"from": "a.b", "columns": {"a": {"expression": "now()"}}}}"#, "unknown field"),
            (r#"{"crm.contacts": {"from": "a.b", "columns": {"a": {"convert": "upper"}}}}"#, "unknown variant"),
            (r#"{"crm.contacts": {"from": "a.b", "columns": {"a": {"value": null}}}}"#, "can't be null"),
            (r#"{"crm.contacts": {"from": "a.b", "columns": {"a": {"from": "x", "value": 1}}}}"#, "has one of"),
            (r#"{"crm.contacts": {"from": "a.b", "columns": {"a": {"value": 1, "convert": "lower"}}}}"#, "rewritten"),
        ] {
            let error = read(text).map(|map| format!("{map:?}")).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}

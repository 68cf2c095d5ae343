//! What copying has to know of a database's tables, as values.
//!
//! In: the JSON that `catalog.sql` gives. Out: [`Relation`]s by name. Refuses nothing: a table that is not there is absent.

use std::{collections::BTreeMap, fmt};

use serde::Deserialize;

/// The statement that gives a list of [`Relation`].
pub(super) const SQL: &str = include_str!("catalog.sql");

/// A table of a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TableName {
    /// Its schema.
    pub schema: String,
    /// Its own name.
    pub table: String,
}

impl TableName {
    /// A name.
    pub(super) fn new(schema: &str, table: &str) -> Self {
        Self { schema: schema.to_owned(), table: table.to_owned() }
    }

    /// Reads `schema.table`: the schema ends at the first dot, nothing is quoted.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (schema, table) = text.split_once('.')?;
        (!schema.is_empty() && !table.is_empty()).then(|| Self::new(schema, table))
    }

    /// As SQL.
    pub(super) fn sql(&self) -> String {
        format!("{}.{}", identifier(&self.schema), identifier(&self.table))
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.table)
    }
}

/// A name as SQL, always quoted.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL, whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// Names as a list of SQL.
pub(super) fn identifiers<'n>(names: impl IntoIterator<Item = &'n String>) -> String {
    names.into_iter().map(|name| identifier(name)).collect::<Vec<_>>().join(", ")
}

/// Tables by their names.
pub(super) type Relations = BTreeMap<TableName, Relation>;

/// Reads the answer of [`SQL`].
///
/// # Errors
/// It is something else.
pub(super) fn read(text: &str) -> Result<Relations, serde_json::Error> {
    let relations: Vec<Relation> = serde_json::from_str(text)?;
    Ok(relations.into_iter().map(|relation| (TableName::new(&relation.schema, &relation.name), relation)).collect())
}

/// A table.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Relation {
    pub(super) schema: String,
    pub(super) name: String,
    /// Row security is forced on its owner.
    #[serde(default)]
    pub(super) is_forced: bool,
    /// Columns of the primary key.
    #[serde(default)]
    pub(super) key: Vec<String>,
    pub(super) columns: Vec<Column>,
    #[serde(default)]
    pub(super) uniques: Vec<Unique>,
    #[serde(default)]
    pub(super) checks: Vec<Check>,
    #[serde(default)]
    pub(super) foreign_keys: Vec<ForeignKey>,
    /// Indexes that can be dropped and made again.
    #[serde(default)]
    pub(super) indexes: Vec<Index>,
    /// Triggers that are not internal and not switched off.
    #[serde(default)]
    pub(super) triggers: Vec<Trigger>,
}

impl Relation {
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Column {
    pub(super) name: String,
    /// `character varying(255)`, `public.vector(1536)`
    #[serde(rename = "type")]
    pub(super) type_text: String,
    /// `varchar`, `_text`
    pub(super) type_name: String,
    /// An enum or an array of one.
    #[serde(default)]
    pub(super) is_enum: bool,
    /// The type is of `pg_catalog`.
    #[serde(default)]
    pub(super) is_builtin: bool,
    #[serde(default)]
    pub(super) not_null: bool,
    /// As SQL.
    #[serde(default)]
    pub(super) default: Option<String>,
    /// Postgres computes it: it can't be written.
    #[serde(default)]
    pub(super) is_computed: bool,
    #[serde(default)]
    pub(super) is_identity: bool,
}

impl Column {
    /// The type without the schema that an extension happens to be in.
    fn bare_type(&self) -> &str {
        match self.type_text.rsplit_once('.') {
            Some((_, bare)) if !self.is_builtin => bare,
            _ => &self.type_text,
        }
    }

    /// Whether a value of the other column is one of this as it is, on the wire too.
    pub(super) fn takes(&self, other: &Self) -> bool {
        let is_limited = self.type_text.contains('(');
        self.type_name == other.type_name
            && self.is_builtin == other.is_builtin
            && (!is_limited || self.bare_type() == other.bare_type())
    }
}

/// A unique index.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Unique {
    pub(super) name: String,
    /// Columns and expressions, as SQL.
    pub(super) keys: Vec<String>,
    /// Of a partial one, as SQL.
    #[serde(default)]
    pub(super) predicate: Option<String>,
    #[serde(default)]
    pub(super) nulls_are_equal: bool,
}

/// A check constraint.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Check {
    pub(super) name: String,
    /// As SQL, with bare names of columns.
    pub(super) expression: String,
}

/// A foreign key.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ForeignKey {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) referenced: Vec<String>,
    #[serde(default)]
    pub(super) is_valid: bool,
    /// As SQL; of a partition's, which follows the whole table's, there is none.
    #[serde(default)]
    pub(super) definition: Option<String>,
    #[serde(default)]
    pub(super) comment: Option<String>,
}

impl ForeignKey {
    /// The table that it refers to.
    pub(super) fn parent(&self) -> TableName {
        TableName::new(&self.schema, &self.table)
    }
}

/// An index of no constraint.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Index {
    pub(super) name: String,
    /// As SQL.
    pub(super) definition: String,
    #[serde(default)]
    pub(super) comment: Option<String>,
}

/// A trigger that is on.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Trigger {
    pub(super) name: String,
    /// `O` (origin), `A` (always), `R` (replica), as `pg_trigger.tgenabled` has it.
    pub(super) enabled: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_texts_are_quoted() {
        assert_eq!(TableName::new("crm", "Crm\"Contact").sql(), "\"crm\".\"Crm\"\"Contact\"");
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal("a\\'b"), "E'a\\\\''b'");
        assert_eq!(TableName::read("crm.a.b"), Some(TableName::new("crm", "a.b")));
        assert_eq!((TableName::read("crm"), TableName::read("crm."), TableName::read(".a")), (None, None, None));
    }

    #[test]
    fn a_type_takes_its_own_and_what_is_no_longer() {
        let column = |type_name: &str, type_text: &str, is_builtin| Column {
            type_name: type_name.to_owned(),
            type_text: type_text.to_owned(),
            is_builtin,
            ..Column::default()
        };
        let (text, limited) = (column("text", "text", true), column("varchar", "character varying(255)", true));
        let unlimited = column("varchar", "character varying", true);
        assert!(text.takes(&text) && limited.takes(&limited) && unlimited.takes(&limited));
        assert!(!limited.takes(&unlimited) && !text.takes(&limited));
        let vector = column("vector", "public.vector(1536)", false);
        assert!(vector.takes(&column("vector", "extensions.vector(1536)", false)));
        assert!(!vector.takes(&column("vector", "extensions.vector(3)", false)));
        assert!(!vector.takes(&column("_float4", "real[]", true)));
    }
}

//! A catalog drawn as an entity diagram, in Mermaid's language.
//!
//! In: a [`Catalog`] and the schemas wanted. Out: the text of an `erDiagram`: each table with its columns, their types and
//! keys, and a line for each foreign key, those that leave the schemas too. Refuses nothing: it can't fail. Views have no
//! keys and are left out. Everything but columns is sorted by name, so equal catalogs make equal texts.

mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::{
    catalog::{Cardinality, Catalog, Column, Link, Relation},
    name::{ColumnName, QualifiedName, SchemaName},
};
use syntax::{attribute, entity, label};

/// The diagram of those of the catalog's schemas that are named. Of one schema alone, its tables go without its name.
pub fn mermaid(catalog: &Catalog, schemas: &[SchemaName]) -> String {
    let mut tables: Vec<_> = (catalog.relations.values())
        .filter(|relation| !relation.is_view() && schemas.contains(&relation.name.schema))
        .collect();
    tables.sort_by(|a, b| a.name.cmp(&b.name));
    let name = |table: &QualifiedName| match schemas {
        [only] if *only == table.schema => entity(None, table.name.as_str()),
        _ => entity(Some(table.schema.as_str()), table.name.as_str()),
    };
    let mut lines = vec!["erDiagram".to_owned()];
    for table in &tables {
        let keys = foreign_keys(catalog, table);
        lines.push(format!("    {} {{", name(&table.name)));
        lines.extend(table.columns.iter().map(|column| format!("        {}", line(table, column, &keys))));
        lines.push("    }".to_owned());
    }
    for table in &tables {
        let keys = foreign_keys(catalog, table);
        lines.extend(keys.iter().map(|key| {
            let columns: Vec<_> = key.columns.iter().map(|column| column.as_str()).collect();
            format!("    {} {} {} : {}", name(key.to), key.drawn(), name(&table.name), label(&columns.join(", ")))
        }));
    }
    lines.join("\n") + "\n"
}

/// A foreign key of a table.
struct ForeignKey<'c> {
    to: &'c QualifiedName,
    columns: Vec<&'c ColumnName>,
    /// A row may refer to nothing.
    is_optional: bool,
    /// No two rows refer to the same.
    is_unique: bool,
}

impl ForeignKey<'_> {
    /// How many of the one there are for one of the other, as Mermaid draws it.
    fn drawn(&self) -> &'static str {
        match (self.is_optional, self.is_unique) {
            (false, false) => "||--o{",
            (true, false) => "|o--o{",
            (false, true) => "||--o|",
            (true, true) => "|o--o|",
        }
    }
}

/// The foreign keys of a table to tables, in the order of names.
fn foreign_keys<'c>(catalog: &'c Catalog, table: &'c Relation) -> Vec<ForeignKey<'c>> {
    let is_nullable = |name: &ColumnName| table.column(name.as_str()).is_none_or(|column| column.nullable);
    let key = |link: &'c Link| {
        let (columns, is_unique) = match &link.cardinality {
            Cardinality::ManyToOne { columns, .. } => (columns, false),
            Cardinality::OneToOne { columns, is_parent: false, .. } => (columns, true),
            _ => return None,
        };
        let columns: Vec<_> = columns.iter().map(|(own, _)| own).collect();
        let is_optional = columns.iter().any(|column| is_nullable(column));
        (!link.from_view && !link.to_view).then_some(ForeignKey { to: &link.to, columns, is_optional, is_unique })
    };
    let mut keys: Vec<_> = catalog.links_from(&table.name).iter().filter_map(key).collect();
    keys.sort_by(|a, b| (a.to, &a.columns).cmp(&(b.to, &b.columns)));
    keys
}

/// A column with its type and the keys that it is of.
fn line(table: &Relation, column: &Column, keys: &[ForeignKey<'_>]) -> String {
    let is_foreign = keys.iter().any(|key| key.columns.contains(&&column.name));
    let is_unique = table.unique_keys.iter().any(|key| *key == [column.name.clone()]);
    let is_primary = table.primary_key.contains(&column.name);
    let marks: BTreeSet<_> = [
        is_primary.then_some((0, "PK")),
        is_foreign.then_some((1, "FK")),
        (is_unique && !is_primary).then_some((2, "UK")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let marks: Vec<_> = marks.into_iter().map(|(_, mark)| mark).collect();
    attribute(&column.ty.base, column.name.as_str(), &marks.join(", "), column.nullable)
}

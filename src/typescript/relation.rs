//! Tables and views: their rows, what may be written to them, and where their foreign keys lead.

use super::{
    routine,
    syntax::{Member, Presence, Syntax},
    value::{Values, Way, presence, sorted},
};
use crate::{
    catalog::{Cardinality, Column, Link, Relation},
    name::{ColumnName, ConstraintName},
};

/// What may not be written at all.
const NOTHING: Syntax = Syntax::Word("Record<string, never>");

/// A relation as a member of `Tables` or `Views`.
pub(super) fn member(values: &Values<'_>, relation: &Relation) -> Member {
    let computed = computed_fields(values, relation);
    let names = Syntax::literals(computed.iter().map(Member::key));
    let is_computed = !computed.is_empty();
    let row = relation.columns.iter().map(|column| values.member(column, Way::Out)).chain(computed);
    let mut members = vec![Member::new("Row", Syntax::Object(sorted(row)))];
    // The client knows a view that can't be written by these being absent.
    if !relation.is_view() || relation.insertable || relation.updatable {
        let write = |allowed, of: fn(&Values<'_>, &Column) -> Member| match allowed {
            true => Syntax::Object(sorted(relation.columns.iter().map(|column| of(values, column)))),
            false => NOTHING,
        };
        members.push(Member::new("Insert", write(relation.insertable, inserted)));
        members.push(Member::new("Update", write(relation.updatable, updated)));
    }
    members.push(Member::new("Relationships", relationships(values, relation)));
    if is_computed {
        members.push(Member::new("ComputedFields", names));
    }
    Member::new(relation.name.name.as_str(), Syntax::Object(members)).commented(relation.comment.as_deref())
}

fn inserted(values: &Values<'_>, column: &Column) -> Member {
    let is_required = !column.nullable && column.default.is_none() && !column.generated;
    written(values, column).present(presence(is_required))
}

fn updated(values: &Values<'_>, column: &Column) -> Member {
    written(values, column).present(Presence::Optional)
}

fn written(values: &Values<'_>, column: &Column) -> Member {
    match column.generated {
        true => Member::new(column.name.as_str(), Syntax::Word("never")).commented(column.comment.as_deref()),
        false => values.member(column, Way::In),
    }
}

/// Functions of a row that give a value. Those that give rows are embedded, and stand among the functions.
fn computed_fields(values: &Values<'_>, relation: &Relation) -> Vec<Member> {
    let is_link = |name: &str| {
        let computes =
            |link: &Link| matches!(&link.cardinality, Cardinality::Computed { function, .. } if function.name == *name);
        values.catalog.links_from(&relation.name).iter().any(computes)
    };
    let names = values.catalog.computed_fields.get(&relation.name).into_iter().flatten();
    names
        .filter(|name| !is_link(name) && relation.column(name).is_none())
        .map(|name| Member::new(name, routine::computed_value(values, relation, name)))
        .collect()
}

/// The foreign keys of a relation, or that a view shows, as far as one request can follow them: within its schema.
fn relationships(values: &Values<'_>, relation: &Relation) -> Syntax {
    let mut keys: Vec<_> = values
        .catalog
        .links_from(&relation.name)
        .iter()
        .filter(|link| link.to.schema == relation.name.schema)
        .filter_map(|link| Some((own_key(link)?, link)))
        .collect();
    keys.sort_by_key(|(key, _)| *key);
    Syntax::Tuple(keys.into_iter().map(|(key, link)| relationship(key, link)).collect())
}

/// A foreign key: its name, where it leads, and the columns by which it does.
type Key<'l> = (&'l ConstraintName, &'l str, &'l [(ColumnName, ColumnName)]);

/// The foreign key of a link whose start holds it.
fn own_key(link: &Link) -> Option<Key<'_>> {
    match &link.cardinality {
        Cardinality::ManyToOne { constraint, columns }
        | Cardinality::OneToOne { constraint, columns, is_parent: false } => {
            Some((constraint, link.to.name.as_str(), columns))
        }
        _ => None,
    }
}

fn relationship((constraint, to, columns): Key<'_>, link: &Link) -> Syntax {
    let names = |names: &mut dyn Iterator<Item = &ColumnName>| {
        Syntax::Tuple(names.map(|name| Syntax::literal(name.as_str())).collect())
    };
    let is_one_to_one = matches!(link.cardinality, Cardinality::OneToOne { .. });
    Syntax::Object(vec![
        Member::new("foreignKeyName", Syntax::literal(constraint.as_str())),
        Member::new("columns", names(&mut columns.iter().map(|(own, _)| own))),
        Member::new("isOneToOne", Syntax::Word(if is_one_to_one { "true" } else { "false" })),
        Member::new("referencedRelation", Syntax::literal(to)),
        Member::new("referencedColumns", names(&mut columns.iter().map(|(_, other)| other))),
    ])
}

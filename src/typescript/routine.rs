//! Functions: what they take and what they give.

use std::collections::BTreeMap;

use super::{
    syntax::{Member, Syntax},
    value::{Values, presence, qualified, sorted},
};
use crate::{
    catalog::{Builtin, Cardinality, Link, Parameter, Relation, Routine, Wire},
    name::{QualifiedName, SchemaName},
};

/// Functions of a schema as members of `Functions`; overloads are a union.
pub(super) fn members(values: &Values<'_>, schema: &SchemaName) -> Vec<Member> {
    let mut functions: BTreeMap<&str, (Option<&str>, Vec<Syntax>)> = BTreeMap::new();
    let routines = values.catalog.routines.iter().filter(|(name, _)| name.schema == *schema);
    for routine in routines.flat_map(|(_, overloads)| overloads) {
        if let Some(arguments) = arguments(values, routine) {
            let (comment, overloads) = functions.entry(routine.name.name.as_str()).or_default();
            *comment = comment.or(routine.comment.as_deref());
            overloads.push(function(values, routine, arguments));
        }
    }
    // Their one argument may be without a name: then nobody calls them, but they are embedded all the same.
    for link in values.catalog.links.values().flatten() {
        if let Cardinality::Computed { function, to_one } = &link.cardinality
            && function.schema == *schema
            && of_row(values, function, &link.from).is_none()
        {
            let (_, overloads) = functions.entry(function.name.as_str()).or_default();
            overloads.extend(embedded(values, link, *to_one));
        }
    }
    let members = functions.into_iter().filter(|(_, (_, overloads))| !overloads.is_empty());
    members
        .map(|(name, (comment, mut overloads))| {
            overloads.sort_by_key(ToString::to_string);
            Member::new(name, Syntax::Union(overloads)).commented(comment)
        })
        .collect()
}

/// What a computed field is: the value of a function of the relation's row; `unknown` where the function isn't exposed.
pub(super) fn computed_value(values: &Values<'_>, relation: &Relation, name: &str) -> Syntax {
    let named = values.catalog.routines.keys().filter(|routine| routine.name == *name);
    let mut functions: Vec<_> = named.filter_map(|routine| of_row(values, routine, &relation.name)).collect();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    functions.first().map_or(Syntax::Word("unknown"), |routine| values.of(&routine.returns.ty).or_null())
}

/// The function of that name whose one argument is a row of a relation.
fn of_row<'c>(values: &Values<'c>, name: &QualifiedName, relation: &QualifiedName) -> Option<&'c Routine> {
    values.catalog.routines(name).iter().find(|routine| row_argument(routine).as_ref() == Some(relation))
}

fn row_argument(routine: &Routine) -> Option<QualifiedName> {
    match routine.parameters.as_slice() {
        [Parameter { ty, .. }] if ty.kind == 'c' => qualified(&ty.base),
        _ => None,
    }
}

/// `None` for a function that takes a whole body of another type than JSON, which the client doesn't send.
fn arguments(values: &Values<'_>, routine: &Routine) -> Option<Syntax> {
    match routine.parameters.as_slice() {
        [] => Some(Syntax::Word("never")),
        [body] if body.name.is_empty() => match body.ty.wire() {
            Wire::Plain(Builtin::Json | Builtin::Jsonb) => Some(Syntax::Word("Record<string, unknown>")),
            _ => None,
        },
        parameters => Some(Syntax::Object(sorted(parameters.iter().map(|parameter| {
            Member::new(&parameter.name, values.of(&parameter.ty)).present(presence(parameter.required))
        })))),
    }
}

fn function(values: &Values<'_>, routine: &Routine, arguments: Syntax) -> Syntax {
    let returns = &routine.returns;
    let one = match returns.composite && !returns.columns.is_empty() {
        true => values.row(&returns.columns),
        false => values.of(&returns.ty),
    };
    let argument = row_argument(routine);
    let links = argument.iter().flat_map(|from| values.catalog.links_from(from));
    let is_to_one = |link: &Link| matches!(&link.cardinality, Cardinality::Computed { function, to_one: true } if *function == routine.name);
    let to_one = !returns.set || links.into_iter().any(is_to_one);
    let mut members =
        vec![Member::new("Args", arguments), Member::new("Returns", if to_one { one } else { one.array() })];
    if values.catalog.relation(&returns.name).is_some() && returns.name.schema == routine.name.schema {
        let from = argument.as_ref().map_or("*", |from| from.name.as_str());
        let rows = Rows { from, to: returns.name.name.as_str(), to_one, set: returns.set };
        members.push(rows.member());
    }
    Syntax::Object(members)
}

/// A function that only embeds.
fn embedded(values: &Values<'_>, link: &Link, to_one: bool) -> Option<Syntax> {
    let row = values.row(&values.catalog.relation(&link.to)?.columns);
    let rows = Rows { from: link.from.name.as_str(), to: link.to.name.as_str(), to_one, set: !to_one };
    Some(Syntax::Object(vec![
        Member::new("Args", Syntax::Object(vec![Member::new("", values.path(&link.from)?)])),
        Member::new("Returns", if to_one { row } else { row.array() }),
        rows.member(),
    ]))
}

/// Where the rows that a function gives are from, which the client embeds by.
struct Rows<'n> {
    from: &'n str,
    to: &'n str,
    to_one: bool,
    set: bool,
}

impl Rows<'_> {
    fn member(&self) -> Member {
        let word = |is| Syntax::Word(if is { "true" } else { "false" });
        let options = vec![
            Member::new("from", Syntax::literal(self.from)),
            Member::new("to", Syntax::literal(self.to)),
            Member::new("isOneToOne", word(self.to_one)),
            Member::new("isSetofReturn", word(self.set)),
        ];
        Member::new("SetofOptions", Syntax::Object(options))
    }
}

//! The answer to `introspect.sql` and what becomes of it.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde::Deserialize;

use super::{
    Catalog, Composite, Enum, MediaHandler, Relation, Roles, Routine, Schema, Server, link,
    views::{View, Views},
};
use crate::name::{ColumnName, ConstraintName, QualifiedName, RoleName};

/// The document as it comes.
#[derive(Deserialize)]
pub(super) struct Document {
    server: Server,
    schemas: Vec<Schema>,
    relations: Vec<Relation>,
    #[serde(default)]
    enums: Vec<Enum>,
    #[serde(default)]
    composites: Vec<Composite>,
    routines: Vec<Routine>,
    keys: Vec<Key>,
    views: Vec<View>,
    computed: Vec<Computed>,
    computed_fields: Vec<ComputedFields>,
    representations: Vec<Representation>,
    media_handlers: Vec<MediaHandler>,
    roles: Vec<Role>,
}

/// A primary or foreign key of any schema.
#[derive(Deserialize)]
pub(super) struct Key {
    pub name: ConstraintName,
    #[serde(flatten)]
    pub own: Side,
    /// What a foreign key points at.
    pub foreign: Option<Foreign>,
}

/// The far side of a foreign key.
#[derive(Deserialize)]
pub(super) struct Foreign {
    #[serde(flatten)]
    pub side: Side,
    /// The near side's columns are a primary or unique key as well.
    pub unique: bool,
}

/// A relation and columns of it, in the key's order.
#[derive(Deserialize)]
pub(super) struct Side {
    pub relation: QualifiedName,
    pub oid: u32,
    pub columns: Vec<(i16, ColumnName)>,
}

/// A function from a row of one relation to rows of another.
#[derive(Deserialize)]
pub(super) struct Computed {
    pub function: QualifiedName,
    pub from: QualifiedName,
    pub to: QualifiedName,
    pub to_one: bool,
}

/// Functions of a row of a relation.
#[derive(Deserialize)]
struct ComputedFields {
    relation: QualifiedName,
    names: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Representation {
    source: String,
    target: String,
    function: QualifiedName,
}

#[derive(Deserialize)]
struct Role {
    name: RoleName,
    superuser: bool,
    #[serde(default)]
    inherits: Vec<RoleName>,
}

impl Document {
    pub fn into_catalog(self) -> Catalog {
        let views = Views::new(&self.views, &self.schemas);
        let mut relations: HashMap<_, _> =
            self.relations.into_iter().map(|relation| (relation.name.clone(), relation)).collect();
        for key in self.keys.iter().filter(|key| key.foreign.is_none()) {
            if let Some(relation) = relations.get_mut(&key.own.relation) {
                relation.primary_key = key.own.columns.iter().map(|(_, name)| name.clone()).collect();
                relation.primary_key.sort_unstable();
            }
        }
        // Of several keys in one view PostgREST names the last first.
        for key in self.keys.iter().rev().filter(|key| key.foreign.is_none()) {
            for shown in views.showing(&key.own) {
                if let Some(relation) = relations.get_mut(shown.view) {
                    // A column that the view shows twice counts as the first.
                    relation
                        .primary_key
                        .extend(shown.columns.iter().filter_map(|names| names.first().cloned().cloned()));
                }
            }
        }
        let links = link::derive(&relations, &self.keys, &views, self.computed);
        Catalog {
            links,
            relations,
            enums: self.enums.into_iter().map(|ty| (ty.name.clone(), ty)).collect(),
            composites: self.composites.into_iter().map(|ty| (ty.name.clone(), ty)).collect(),
            server: self.server,
            routines: overloads(self.routines),
            representations: (self.representations.into_iter())
                .map(|cast| ((cast.source, cast.target), cast.function))
                .collect(),
            computed_fields: self.computed_fields.into_iter().map(|fields| (fields.relation, fields.names)).collect(),
            media_handlers: self.media_handlers,
            roles: roles(&self.roles),
            schemas: self.schemas,
        }
    }
}

/// Routines by name, in the order in which PostgREST tries and lists them (`instance Ord Routine`).
fn overloads(routines: Vec<Routine>) -> HashMap<QualifiedName, Vec<Routine>> {
    let mut by_name: HashMap<_, Vec<Routine>> = HashMap::new();
    for routine in routines {
        by_name.entry(routine.name.clone()).or_default().push(routine);
    }
    for overloads in by_name.values_mut() {
        overloads.sort_by(|a, b| {
            let parameters = |routine: &Routine| -> Vec<(String, String)> {
                routine.parameters.iter().map(|p| (p.name.clone(), p.ty.label().to_owned())).collect()
            };
            (a.parameters.len().cmp(&b.parameters.len()))
                .then_with(|| a.comment.cmp(&b.comment))
                .then_with(|| parameters(a).cmp(&parameters(b)))
        });
    }
    by_name
}

/// Memberships followed to their end.
fn roles(roles: &[Role]) -> Roles {
    let direct: HashMap<&RoleName, &[RoleName]> =
        roles.iter().map(|role| (&role.name, role.inherits.as_slice())).collect();
    let all = |name: &RoleName| {
        let mut reached = HashSet::from([name.clone()]);
        let mut pending = vec![name];
        while let Some(name) = pending.pop() {
            for role in direct.get(name).copied().unwrap_or_default() {
                if reached.insert(role.clone()) {
                    pending.push(role);
                }
            }
        }
        reached
    };
    Roles {
        inherits: roles.iter().map(|role| (role.name.clone(), all(&role.name))).collect(),
        superusers: roles.iter().filter(|role| role.superuser).map(|role| role.name.clone()).collect(),
    }
}

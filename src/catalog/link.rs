//! Links between relations, derived from the foreign keys that the database reports.
//!
//! In: keys, the views that show them, functions from rows to rows. Out: for each exposed relation its [`Link`]s to
//! exposed relations. PostgREST: references/api/resource_embedding; which links there are, and in what order, is its
//! doing (SchemaCache.hs).

use std::collections::{HashMap, HashSet};

use super::{
    Relation,
    document::{Computed, Foreign, Key},
    views::{Shown, Views},
};
use crate::name::{ColumnName, ConstraintName, QualifiedName, SchemaName};

/// A way from one relation to another. The order is the one in which PostgREST lists them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// Where it starts.
    pub from: QualifiedName,
    /// Where it leads.
    pub to: QualifiedName,
    /// `from` and `to` are the same relation.
    pub is_self: bool,
    /// How many rows may be there, and through what.
    pub cardinality: Cardinality,
    /// `from` is a view (the key is that of its base table).
    pub from_view: bool,
    /// `to` is a view.
    pub to_view: bool,
}

/// Cardinality and the columns it goes by; each pair is (column of `from`, column of `to`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cardinality {
    /// `to` holds the key.
    OneToMany {
        /// The foreign key.
        constraint: ConstraintName,
        /// Joined columns.
        columns: Vec<(ColumnName, ColumnName)>,
    },
    /// `from` holds the key.
    ManyToOne {
        /// The foreign key.
        constraint: ConstraintName,
        /// Joined columns.
        columns: Vec<(ColumnName, ColumnName)>,
    },
    /// A key that is unique on its own side.
    OneToOne {
        /// The foreign key.
        constraint: ConstraintName,
        /// Joined columns.
        columns: Vec<(ColumnName, ColumnName)>,
        /// `to` holds the key.
        is_parent: bool,
    },
    /// Through a junction table whose primary key covers both of its foreign keys.
    ManyToMany(Junction),
    /// A function of one argument, a row of `from`, that gives rows of `to`.
    Computed {
        /// The function.
        function: QualifiedName,
        /// One row at most (`ROWS 1` or not a set).
        to_one: bool,
    },
}

/// The table between two others.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Junction {
    /// The table.
    pub relation: QualifiedName,
    /// Its key to `from`.
    pub from_constraint: ConstraintName,
    /// Its key to `to`.
    pub to_constraint: ConstraintName,
    /// (column of `from`, column of the junction).
    pub from_columns: Vec<(ColumnName, ColumnName)>,
    /// (column of `to`, column of the junction).
    pub to_columns: Vec<(ColumnName, ColumnName)>,
}

impl Link {
    /// At most one row is at the other end.
    pub fn is_to_one(&self) -> bool {
        matches!(
            self.cardinality,
            Cardinality::ManyToOne { .. } | Cardinality::OneToOne { .. } | Cardinality::Computed { to_one: true, .. }
        )
    }

    /// The schema in which a request finds it: that of the function, or of the relation it leads to.
    pub fn schema(&self) -> &SchemaName {
        match &self.cardinality {
            Cardinality::Computed { function, .. } => &function.schema,
            _ => &self.to.schema,
        }
    }

    /// Read from the other end. Many-to-many links come in both directions as they are, computed ones in one.
    fn inverse(&self) -> Option<Self> {
        let swap = |columns: &[(ColumnName, ColumnName)]| columns.iter().cloned().map(|(a, b)| (b, a)).collect();
        let cardinality = match &self.cardinality {
            Cardinality::ManyToOne { constraint, columns } => {
                Cardinality::OneToMany { constraint: constraint.clone(), columns: swap(columns) }
            }
            Cardinality::OneToOne { constraint, columns, is_parent } => {
                Cardinality::OneToOne { constraint: constraint.clone(), columns: swap(columns), is_parent: !is_parent }
            }
            _ => return None,
        };
        Some(Self {
            from: self.to.clone(),
            to: self.from.clone(),
            is_self: self.is_self,
            cardinality,
            from_view: self.to_view,
            to_view: self.from_view,
        })
    }
}

/// All links between the relations given.
pub(super) fn derive(
    relations: &HashMap<QualifiedName, Relation>,
    keys: &[Key],
    views: &Views<'_>,
    computed: Vec<Computed>,
) -> HashMap<QualifiedName, Vec<Link>> {
    let mut links: Vec<_> = keys
        .iter()
        .filter_map(|key| Some((key, key.foreign.as_ref()?)))
        .flat_map(|(key, foreign)| by_key(key, foreign, views))
        .filter(|link| relations.contains_key(&link.from) && relations.contains_key(&link.to))
        .collect();
    let through = by_junction(relations, &links);
    let inverse: Vec<_> = links.iter().filter_map(Link::inverse).collect();
    links.extend(through);
    links.extend(inverse);
    // A function named like a relation takes the place of the links to that relation.
    let replaced: HashSet<_> = computed.iter().map(|c| (c.from.clone(), c.function.clone())).collect();
    if !replaced.is_empty() {
        links.retain(|link| !replaced.contains(&(link.from.clone(), link.to.clone())));
    }
    links.extend(computed.into_iter().map(Computed::into_link));

    let mut by_relation: HashMap<_, Vec<Link>> = HashMap::new();
    for link in links {
        by_relation.entry(link.from.clone()).or_default().push(link);
    }
    for links in by_relation.values_mut() {
        links.sort_unstable_by(|a, b| {
            let last = |link: &Link| matches!(link.cardinality, Cardinality::Computed { .. });
            last(a).cmp(&last(b)).then_with(|| a.cmp(b))
        });
    }
    by_relation
}

impl Computed {
    fn into_link(self) -> Link {
        Link {
            is_self: self.from == self.to,
            from: self.from,
            to: self.to,
            cardinality: Cardinality::Computed { function: self.function, to_one: self.to_one },
            from_view: false,
            to_view: false,
        }
    }
}

/// The link that a foreign key is, and the same between the views that show one of its ends or both.
fn by_key(key: &Key, foreign: &Foreign, views: &Views<'_>) -> Vec<Link> {
    let near: Vec<_> = key.own.columns.iter().map(|(_, name)| name).collect();
    let far: Vec<_> = foreign.side.columns.iter().map(|(_, name)| name).collect();
    let near_views: Vec<_> = views.showing(&key.own).flat_map(combinations).collect();
    let far_views: Vec<_> = views.showing(&foreign.side).flat_map(combinations).collect();
    let link = |from: &QualifiedName, to: &QualifiedName, is_self, near: &[&ColumnName], far: &[&ColumnName]| {
        let constraint = key.name.clone();
        let columns = near.iter().copied().cloned().zip(far.iter().copied().cloned()).collect();
        let cardinality = if foreign.unique {
            Cardinality::OneToOne { constraint, columns, is_parent: false }
        } else {
            Cardinality::ManyToOne { constraint, columns }
        };
        Link { from: from.clone(), to: to.clone(), is_self, cardinality, from_view: false, to_view: false }
    };
    let (from, to) = (&key.own.relation, &foreign.side.relation);
    let mut links = vec![link(from, to, key.own.oid == foreign.side.oid, &near, &far)];
    for (view, near) in &near_views {
        links.push(Link { from_view: true, ..link(view, to, false, near, &far) });
    }
    for (view, far) in &far_views {
        links.push(Link { to_view: true, ..link(from, view, false, &near, far) });
    }
    for (from, near) in &near_views {
        for (to, far) in &far_views {
            links.push(Link { from_view: true, to_view: true, ..link(from, to, from == to, near, far) });
        }
    }
    links
}

/// A key whose columns a view shows more than once is there in each combination of them.
fn combinations<'d>(shown: Shown<'_, 'd>) -> Vec<(&'d QualifiedName, Vec<&'d ColumnName>)> {
    let mut columns = vec![Vec::new()];
    for names in &shown.columns {
        columns = columns
            .iter()
            .flat_map(|chosen: &Vec<_>| names.iter().map(move |name| chosen.iter().copied().chain([*name]).collect()))
            .collect();
    }
    columns.into_iter().map(|columns| (shown.view, columns)).collect()
}

/// Links through a relation that points at both ends with columns of its primary key.
fn by_junction(relations: &HashMap<QualifiedName, Relation>, links: &[Link]) -> Vec<Link> {
    let mut pointing: HashMap<&QualifiedName, Vec<(&Link, &ConstraintName, &Vec<_>)>> = HashMap::new();
    for link in links {
        if let Cardinality::ManyToOne { constraint, columns } = &link.cardinality
            && let Some(relation) = relations.get(&link.from)
            && columns.iter().all(|(column, _)| relation.primary_key.contains(column))
        {
            pointing.entry(&link.from).or_default().push((link, constraint, columns));
        }
    }
    let swap = |columns: &[(ColumnName, ColumnName)]| {
        columns.iter().map(|(own, other)| (other.clone(), own.clone())).collect()
    };
    let mut through = Vec::new();
    for (relation, pointing) in pointing {
        for (one, from_constraint, from_columns) in &pointing {
            for (other, to_constraint, to_columns) in pointing.iter().filter(|(_, other, _)| other != from_constraint) {
                through.push(Link {
                    from: one.to.clone(),
                    to: other.to.clone(),
                    is_self: one.to == other.to,
                    cardinality: Cardinality::ManyToMany(Junction {
                        relation: relation.clone(),
                        from_constraint: (*from_constraint).clone(),
                        to_constraint: (*to_constraint).clone(),
                        from_columns: swap(from_columns),
                        to_columns: swap(to_columns),
                    }),
                    from_view: one.to_view,
                    to_view: other.to_view,
                });
            }
        }
    }
    through
}

//! Which link an embed means.
//!
//! In: the relation it starts from, the target and hint of `select=target!hint(…)`. Out: the one [`Link`] they mean;
//! refuses none and several. What a target and a hint may be is PostgREST's doing (Plan.hs, `findRel`).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Cardinality, Catalog, Junction, Link, LookupError, lookup::LookupFailure, suggest};
use crate::name::{ColumnName, QualifiedName, SchemaName};

impl Catalog {
    /// The link that leads from a relation to what a request embeds, found in the request's schema.
    ///
    /// A target is a relation, a computed relationship's function, a foreign key or its one column here. A hint is a
    /// foreign key, its one column on either side, or a junction. Where a relation links to itself, its name means the
    /// rows that point here, and the key's column the row pointed at.
    ///
    /// # Errors
    /// [`LookupFailure::NoLink`] and [`LookupFailure::AmbiguousLink`].
    pub fn resolve_embed(
        &self,
        from: &QualifiedName,
        schema: &SchemaName,
        target: &str,
        hint: Option<&str>,
    ) -> Result<&Link, LookupError> {
        let links: Vec<_> = self.links_from(from).iter().filter(|link| link.schema() == schema).collect();
        let meant: Vec<_> = links.iter().copied().filter(|link| link.is_meant(target, hint)).collect();
        match meant.as_slice() {
            [] => Err(self.no_link(from, schema, target, hint, &links)),
            [link] => Ok(link),
            links => Err(ambiguous(from, target, links)),
        }
    }

    fn no_link(
        &self,
        from: &QualifiedName,
        schema: &SchemaName,
        target: &str,
        hint: Option<&str>,
        links: &[&Link],
    ) -> LookupError {
        let origin = from.name.as_str();
        let using = hint.map(|hint| format!("' using the hint '{hint}")).unwrap_or_default();
        let (wrong, closest) = if links.is_empty() {
            let linked = self.links.iter().filter(|(_, links)| links.iter().any(|link| link.schema() == schema));
            let origins: BTreeSet<_> = linked.map(|(name, _)| name.name.as_str()).collect();
            (origin, suggest::closest(origins, origin, suggest::LOOSE))
        } else {
            // A target that is found needs no suggestion: then the hint is at fault.
            let mut targets: Vec<_> = links.iter().map(|link| link.to.name.as_str()).collect();
            targets.dedup();
            (target, suggest::closest(targets, target, suggest::LOOSE).filter(|(score, _)| *score < 1.0))
        };
        LookupError {
            failure: LookupFailure::NoLink,
            message: format!("Could not find a relationship between '{origin}' and '{target}' in the schema cache"),
            details: Some(Box::new(Value::String(format!(
                "Searched for a foreign key relationship between '{origin}' and '{target}{using}' in the schema \
                 '{schema}', but no matches were found."
            )))),
            hint: closest.map(|(_, closest)| format!("Perhaps you meant '{closest}' instead of '{wrong}'.")),
        }
    }
}

fn ambiguous(from: &QualifiedName, target: &str, links: &[&Link]) -> LookupError {
    let choices: Vec<_> = links.iter().map(|link| link.choice()).collect();
    LookupError {
        failure: LookupFailure::AmbiguousLink,
        message: format!(
            "Could not embed because more than one relationship was found for '{}' and '{target}'",
            from.name
        ),
        details: Some(Box::new(Value::Array(links.iter().map(|link| link.description()).collect()))),
        hint: Some(format!(
            "Try changing '{target}' to one of the following: {}. Find the desired relationship in the 'details' key.",
            choices.join(", ")
        )),
    }
}

impl Link {
    fn is_meant(&self, target: &str, hint: Option<&str>) -> bool {
        let leads_to_target = self.to.name == target;
        match (&self.cardinality, hint) {
            (Cardinality::Computed { function, .. }, _) => function.name == target,
            (Cardinality::OneToMany { .. }, None) if self.is_self => leads_to_target,
            (Cardinality::OneToMany { .. }, Some(hint)) if self.is_self => leads_to_target && self.is_to_column(hint),
            (Cardinality::ManyToOne { .. }, None) if self.is_self => self.is_from_column(target),
            _ if self.is_self => false,
            (_, None) => {
                leads_to_target || !self.to_view && (self.is_constraint(target) || self.is_from_column(target))
            }
            (_, Some(hint)) => {
                leads_to_target
                    && (self.is_constraint(hint)
                        || self.is_from_column(hint)
                        || self.is_to_column(hint)
                        || self.is_junction(hint))
            }
        }
    }

    /// Columns of a link that is a foreign key.
    fn columns(&self) -> &[(ColumnName, ColumnName)] {
        match &self.cardinality {
            Cardinality::OneToMany { columns, .. }
            | Cardinality::ManyToOne { columns, .. }
            | Cardinality::OneToOne { columns, .. } => columns,
            Cardinality::ManyToMany(_) | Cardinality::Computed { .. } => &[],
        }
    }

    fn is_from_column(&self, name: &str) -> bool {
        matches!(self.columns(), [(from, _)] if *from == name)
    }

    fn is_to_column(&self, name: &str) -> bool {
        matches!(self.columns(), [(_, to)] if *to == name)
    }

    fn is_constraint(&self, name: &str) -> bool {
        match &self.cardinality {
            Cardinality::OneToMany { constraint, .. }
            | Cardinality::ManyToOne { constraint, .. }
            | Cardinality::OneToOne { constraint, .. } => *constraint == name,
            Cardinality::ManyToMany(_) | Cardinality::Computed { .. } => false,
        }
    }

    fn is_junction(&self, name: &str) -> bool {
        matches!(&self.cardinality, Cardinality::ManyToMany(junction) if junction.relation.name == name)
    }

    /// How to ask for this link and no other.
    fn choice(&self) -> String {
        let hint = match &self.cardinality {
            Cardinality::OneToMany { constraint, .. }
            | Cardinality::ManyToOne { constraint, .. }
            | Cardinality::OneToOne { constraint, .. } => constraint.as_str(),
            Cardinality::ManyToMany(junction) => junction.relation.name.as_str(),
            Cardinality::Computed { .. } => return String::new(),
        };
        format!("'{}!{hint}'", self.to.name)
    }

    /// The link as an ambiguity's details describe it.
    fn description(&self) -> Value {
        let (cardinality, relationship) = match &self.cardinality {
            Cardinality::OneToMany { constraint, .. } => ("one-to-many", self.using(constraint.as_str())),
            Cardinality::ManyToOne { constraint, .. } => ("many-to-one", self.using(constraint.as_str())),
            Cardinality::OneToOne { constraint, .. } => ("one-to-one", self.using(constraint.as_str())),
            Cardinality::ManyToMany(junction) => ("many-to-many", junction.using()),
            Cardinality::Computed { .. } => return json!({}),
        };
        json!({
            "cardinality": cardinality,
            "embedding": format!("{} with {}", self.from.name, self.to.name),
            "relationship": relationship,
        })
    }

    fn using(&self, constraint: &str) -> String {
        let (from, to) =
            (list(self.columns().iter().map(|(from, _)| from)), list(self.columns().iter().map(|(_, to)| to)));
        format!("{constraint} using {}{from} and {}{to}", self.from.name, self.to.name)
    }
}

impl Junction {
    fn using(&self) -> String {
        let from = list(self.from_columns.iter().map(|(_, column)| column));
        let to = list(self.to_columns.iter().map(|(_, column)| column));
        format!("{} using {}{from} and {}{to}", self.relation.name, self.from_constraint, self.to_constraint)
    }
}

fn list<'c>(columns: impl Iterator<Item = &'c ColumnName>) -> String {
    format!("({})", columns.map(ColumnName::as_str).collect::<Vec<_>>().join(", "))
}

//! A field of the query resolved to a column, a computed field or the whole row.

use crate::{
    catalog::{Builtin, Catalog, Column, Relation, Wire},
    plan::PlanError,
    query::{Arrow, Field, JsonStep},
};

/// What a field is in the catalog.
#[derive(Clone, Debug, PartialEq)]
pub enum Target<'c> {
    /// A column.
    Column(&'c Column),
    /// A function of the row, written like a column. PostgREST: references/api/computed_fields.
    Computed(&'c str),
    /// The only column of a function that returns a scalar.
    Scalar,
    /// A key that an embed's select gives its rows.
    Key(String),
}

/// A target and a path into it.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldRef<'c> {
    /// What it starts from.
    pub target: Target<'c>,
    /// `->` and `->>` steps.
    pub path: Vec<JsonStep>,
}

impl<'c> FieldRef<'c> {
    /// A whole column.
    pub fn column(column: &'c Column) -> Self {
        Self { target: Target::Column(column), path: Vec::new() }
    }

    /// It is a function of the row.
    pub fn is_computed(&self) -> bool {
        matches!(self.target, Target::Computed(_))
    }

    /// The target's name.
    pub fn name(&self) -> &str {
        match &self.target {
            Target::Column(column) => column.name.as_str(),
            Target::Computed(name) => name,
            Target::Scalar => "pgrst_scalar",
            Target::Key(key) => key,
        }
    }

    /// The column's type as SQL names it, where it is a column.
    pub fn type_name(&self) -> Option<&'c str> {
        match self.target {
            Target::Column(column) => Some(&column.ty.name),
            _ => None,
        }
    }

    /// The same with a domain resolved to what it is over.
    pub fn base_type_name(&self) -> Option<&'c str> {
        match self.target {
            Target::Column(column) => Some(&column.ty.base),
            _ => None,
        }
    }

    /// The target is json or jsonb already, so that an arrow needs no `to_jsonb` and can use an index.
    pub fn is_json(&self) -> bool {
        matches!(self.type_name(), Some("json" | "jsonb"))
    }

    /// How its value comes.
    pub fn wire(&self) -> Wire {
        match (self.path.last().map(|step| step.arrow), &self.target) {
            (Some(Arrow::Text), _) => Wire::Plain(Builtin::Text),
            (Some(Arrow::Json), _) if self.type_name() == Some("json") => Wire::Plain(Builtin::Json),
            (Some(Arrow::Json), _) => Wire::Plain(Builtin::Jsonb),
            (None, Target::Column(column)) => column.ty.wire(),
            (None, Target::Computed(_) | Target::Scalar | Target::Key(_)) => Wire::Other,
        }
    }
}

/// The rows that fields are looked up in.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'c> {
    /// Catalog, for computed fields.
    pub catalog: &'c Catalog,
    /// The relation, where the rows are a relation's.
    pub relation: Option<&'c Relation>,
    /// Columns of the rows.
    pub columns: &'c [Column],
    /// The rows have one column that isn't a field of anything.
    pub scalar: bool,
    /// How deep the rows are embedded; 0 is the root.
    pub depth: usize,
    /// Name for error messages.
    pub name: &'c str,
}

impl<'c> Scope<'c> {
    /// Resolves a field, or says with Postgres' words that there is none.
    pub fn field(&self, field: &Field) -> Result<FieldRef<'c>, PlanError> {
        let path = field.path.clone();
        if let Some(column) = self.columns.iter().find(|column| column.name == field.name.as_str()) {
            return Ok(FieldRef { target: Target::Column(column), path });
        }
        let computed = self.relation.and_then(|relation| self.catalog.computed_field(relation, &field.name));
        match computed {
            Some(name) => Ok(FieldRef { target: Target::Computed(name), path }),
            None if self.scalar => Ok(FieldRef { target: Target::Scalar, path }),
            None => Err(self.missing(&field.name)),
        }
    }

    /// 42703 as Postgres words it; an embedded relation goes by its alias there, `clients_1`.
    fn missing(&self, column: &str) -> PlanError {
        let relation = match self.depth {
            0 => self.name.to_owned(),
            depth => format!("{}_{depth}", self.name),
        };
        let hint = closest(column, self.columns)
            .map(|near| format!("Perhaps you meant to reference the column \"{relation}.{near}\"."));
        PlanError::UndefinedColumn { relation, column: column.to_owned(), hint }
    }
}

/// The column whose name is nearest, if one is near enough: Postgres' rule (parse_relation.c,
/// `updateFuzzyAttrMatchState`) is an edit distance of 3 at most and no more than half of the name's length.
fn closest<'c>(name: &str, columns: &'c [Column]) -> Option<&'c str> {
    let mut near: Vec<_> = columns
        .iter()
        .map(|column| (edit_distance(name, column.name.as_str()), column.name.as_str()))
        .filter(|(distance, candidate)| *distance <= 3 && *distance <= candidate.len() / 2)
        .collect();
    near.sort_by_key(|(distance, _)| *distance);
    match near.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        [(_, candidate), ..] => Some(candidate),
        [] => None,
    }
}

/// Levenshtein's distance, all costs 1; names longer than an identifier can be are far from everything.
fn edit_distance(a: &str, b: &str) -> usize {
    if a.len() > 63 || b.len() > 63 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance_counts_insertions_deletions_and_substitutions() {
        assert_eq!(edit_distance("name", "name"), 0);
        assert_eq!(edit_distance("nam", "name"), 1);
        assert_eq!(edit_distance("nmae", "name"), 2);
        assert_eq!(edit_distance("", "abc"), 3);
        assert_eq!(edit_distance(&"x".repeat(100_000), "id"), usize::MAX);
    }
}

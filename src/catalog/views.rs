//! Which columns of which tables the views show.
//!
//! In: for each view the parse tree of its rule, reduced by `introspect.sql` to braces and, behind the nodes that carry
//! them, `~resno~resorigtbl~resorigcol`. Out: the views that show all columns of a key. What isn't understood shows
//! nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::Deserialize;

use super::{Schema, document::Side};
use crate::name::{ColumnName, QualifiedName};

/// A view as it comes.
#[derive(Deserialize)]
pub(super) struct View {
    oid: u32,
    relation: QualifiedName,
    columns: Vec<(i16, ColumnName)>,
    tree: String,
}

/// A column of a table or view: the relation's OID and the column's number.
type Origin = (u32, i16);

/// By column: the exposed views (by their index) that show it, and under which names.
pub(super) struct Views<'d> {
    views: &'d [View],
    shown: HashMap<Origin, BTreeMap<usize, Vec<&'d ColumnName>>>,
}

/// A view that shows a whole key: for each of its columns the names that it has there.
pub(super) struct Shown<'v, 'd> {
    pub view: &'d QualifiedName,
    pub columns: Vec<&'v [&'d ColumnName]>,
}

impl<'d> Views<'d> {
    pub fn new(views: &'d [View], exposed: &[Schema]) -> Self {
        let exposed: HashSet<_> = exposed.iter().map(|schema| &schema.name).collect();
        let origins: HashMap<u32, Vec<(i16, Origin)>> =
            views.iter().map(|view| (view.oid, targets(&view.tree))).collect();
        let mut shown: HashMap<Origin, BTreeMap<usize, Vec<&ColumnName>>> = HashMap::new();
        for (index, view) in views.iter().enumerate().filter(|(_, view)| exposed.contains(&view.relation.schema)) {
            let names: HashMap<_, _> = view.columns.iter().map(|(number, name)| (*number, name)).collect();
            for (number, origin) in origins.get(&view.oid).into_iter().flatten() {
                let Some(name) = names.get(number) else { continue };
                for origin in through(*origin, &origins) {
                    shown.entry(origin).or_default().entry(index).or_default().push(name);
                }
            }
        }
        Self { views, shown }
    }

    /// The exposed views that show every column of a key.
    pub fn showing(&self, key: &Side) -> impl Iterator<Item = Shown<'_, 'd>> {
        let columns: Vec<_> = key.columns.iter().map(|(number, _)| self.shown.get(&(key.oid, *number))).collect();
        let candidates = columns.first().copied().flatten().into_iter().flat_map(BTreeMap::keys);
        candidates.filter_map(move |index| {
            let names =
                columns.iter().map(|shown| Some(shown.as_ref()?.get(index)?.as_slice())).collect::<Option<_>>()?;
            Some(Shown { view: &self.views.get(*index)?.relation, columns: names })
        })
    }
}

/// A column and, as long as it is a view's that we know, what that shows in turn.
fn through(origin: Origin, origins: &HashMap<u32, Vec<(i16, Origin)>>) -> Vec<Origin> {
    let mut path = vec![origin];
    while let Some((relation, column)) = path.last()
        && let Some((_, next)) =
            origins.get(relation).and_then(|targets| targets.iter().find(|(number, _)| number == column))
        && !path.contains(next)
    {
        path.push(*next);
    }
    path
}

/// The outermost query's target list: (column number, what it shows), without those that show no column as it is.
fn targets(tree: &str) -> Vec<(i16, Origin)> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    // `{` QUERY `{` TARGETENTRY `{` expression `}` the numbers `}` …
    for part in tree.split_inclusive(['{', '}']) {
        let numbers = part.trim_end_matches(['{', '}']);
        if depth == 2 {
            found.extend(target(numbers).filter(|(_, (relation, _))| *relation != 0));
        }
        depth = if part.ends_with('{') { depth + 1 } else { depth.saturating_sub(1) };
    }
    found
}

fn target(numbers: &str) -> Option<(i16, Origin)> {
    let mut numbers = numbers.strip_prefix('~')?.split('~');
    let number = numbers.next()?.parse().ok()?;
    Some((number, (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_list_is_that_of_the_outermost_query() {
        // A range table entry with a subquery, then three targets, of which the second is an expression with one.
        let tree = "{{{{{}~1~99~1}}}{{}~1~10~2}{{{{{}~1~98~1}}}~2~0~0}{{}~3~11~7}}";
        assert_eq!(targets(tree), [(1, (10, 2)), (3, (11, 7))]);
    }

    #[test]
    fn a_tree_of_another_form_shows_nothing() {
        for tree in
            ["", "}}}}", "{{~1~2", "{{~~~}}", "{{~a~b~c}}", "{{}~99999999999~1~1}", "{{}~1~1~99999}", "{{}1~1~1}"]
        {
            assert_eq!(targets(tree), [], "{tree}");
        }
    }

    #[test]
    fn views_over_views_end_even_where_they_form_a_circle() {
        let origins = HashMap::from([(1, vec![(1, (2, 1))]), (2, vec![(1, (1, 1))])]);
        assert_eq!(through((1, 1), &origins), [(1, 1), (2, 1)]);
    }
}

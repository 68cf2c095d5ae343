//! Which schemas come after which.
//!
//! In: schemas, and which of them needs which. Out: groups of schemas, each after those that it needs. Schemas that need each
//! other are one group: their things can only be made together, in the dump's own order.

use std::collections::BTreeSet;

/// A pair: the first schema needs the second.
pub(super) type Need = (String, String);

/// Groups of schemas in the order in which they can be made; by name where it does not matter.
pub(super) fn groups(schemas: &[String], needs: &BTreeSet<Need>) -> Vec<Vec<String>> {
    let mut waiting: BTreeSet<String> = schemas.iter().cloned().collect();
    let mut groups = Vec::new();
    while let Some(next) = next_group(&waiting, needs) {
        waiting.retain(|schema| !next.contains(schema));
        groups.push(next);
    }
    groups
}

/// A group that needs nothing of what is waiting but itself: the smallest set of what one schema needs is closed.
fn next_group(waiting: &BTreeSet<String>, needs: &BTreeSet<Need>) -> Option<Vec<String>> {
    let reached = |schema: &String| {
        let mut reached = BTreeSet::from([schema.clone()]);
        loop {
            let more: Vec<_> = needs
                .iter()
                .filter(|(from, to)| reached.contains(from) && waiting.contains(to) && !reached.contains(to))
                .map(|(_, to)| to.clone())
                .collect();
            if more.is_empty() {
                return reached;
            }
            reached.extend(more);
        }
    };
    waiting.iter().map(reached).min_by_key(BTreeSet::len).map(|group| group.into_iter().collect())
}

/// A folder's name for a group: letters, digits and underscores.
pub(super) fn folder(group: &[String]) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    group.join("+").chars().map(|c| if is_plain(c) || c == '+' { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(schemas: &str, needs: &str) -> String {
        let schemas: Vec<_> = schemas.split(' ').map(str::to_owned).collect();
        let needs = needs.split(' ').filter_map(|need| need.split_once('>'));
        let needs = needs.map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
        groups(&schemas, &needs).iter().map(|group| group.join("+")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn schemas_come_after_those_they_need() {
        assert_eq!(of("a b c", ""), "a b c");
        assert_eq!(of("a b c", "a>b b>c"), "c b a");
        assert_eq!(of("a b c d", "a>b b>a b>c d>a"), "c a+b d");
        assert_eq!(of("a b", "a>other b>a"), "a b");
    }

    #[test]
    fn names_of_folders_are_plain() {
        assert_eq!(folder(&["my schema".to_owned(), "a/../b".to_owned()]), "my_schema+a____b");
    }
}

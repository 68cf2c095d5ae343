//! "Perhaps you meant": the known name that is closest to one that isn't known.
//!
//! In: names, and what was asked for. Out: at most one of the names. PostgREST has its suggestions from the Haskell
//! package fuzzyset 0.2.4, whose way of measuring this follows: candidates are those that share groups of three
//! letters, else of two; the fifty most alike by cosine are measured by edit distance.

use std::collections::BTreeMap;

/// How alike two names must at least be where nothing else is said.
pub(super) const LOOSE: f64 = 0.33;
/// How alike names of tables and functions must at least be.
pub(super) const CLOSE: f64 = 0.75;

/// The candidate that is most like `wanted`, with how alike they are: 1 is the same but for upper and lower case.
/// Of several that are equally alike it is the last.
pub(super) fn closest<'n>(
    candidates: impl IntoIterator<Item = &'n str>,
    wanted: &str,
    least: f64,
) -> Option<(f64, &'n str)> {
    let wanted = wanted.to_lowercase();
    let mut candidates: Vec<_> = candidates.into_iter().map(|name| (name.to_lowercase(), name)).collect();
    candidates.reverse();
    if let Some((_, name)) = candidates.iter().find(|(key, _)| *key == wanted) {
        return Some((1.0, name));
    }
    [3, 2].into_iter().find_map(|size| best(&candidates, &wanted, least, size))
}

fn best<'n>(candidates: &[(String, &'n str)], wanted: &str, least: f64, size: usize) -> Option<(f64, &'n str)> {
    let query = grams(wanted, size);
    let magnitude = norm(&query);
    let mut alike: Vec<_> = candidates
        .iter()
        .filter_map(|candidate| {
            let grams = grams(&candidate.0, size);
            let shared: f64 = grams.iter().filter_map(|(gram, count)| Some(query.get(gram)? * count)).sum();
            (shared > 0.0).then(|| (shared / (magnitude * norm(&grams)), candidate))
        })
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut best: Option<(f64, &str)> = None;
    for (_, (key, name)) in alike.into_iter().take(50) {
        let score = likeness(wanted, key, least);
        if score >= least && best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, name));
        }
    }
    best
}

/// Groups of up to three letters, and how often each is there.
type Grams = BTreeMap<[char; 3], f64>;

/// The groups in a name. Only letters, digits, spaces and commas count.
fn grams(name: &str, size: usize) -> Grams {
    let counts = |c: &char| c.is_alphanumeric() || c.is_whitespace() || *c == ',';
    let letters: Vec<char> = ['-'].into_iter().chain(name.chars().filter(counts)).chain(['-']).collect();
    let mut grams = Grams::new();
    for window in letters.windows(size) {
        let mut gram = ['\0'; 3];
        gram.iter_mut().zip(window).for_each(|(to, from)| *to = *from);
        *grams.entry(gram).or_default() += 1.0;
    }
    grams
}

fn norm(grams: &Grams) -> f64 {
    grams.values().map(|count| count * count).sum::<f64>().sqrt()
}

/// One less the share of letters to change; 0 without a closer look where it can't reach `least`.
fn likeness(a: &str, b: &str, least: f64) -> f64 {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let longest = a.len().max(b.len());
    let share = |letters: usize| 1.0 - letters as f64 / longest as f64;
    if longest == 0 {
        return 1.0;
    }
    if share(a.len().abs_diff(b.len())) < least { 0.0 } else { share(distance(&a, &b)) }
}

/// Levenshtein's distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut diagonal = std::mem::replace(&mut row[0], left);
        for (cell, y) in row[1..].iter_mut().zip(b) {
            left = (diagonal + usize::from(x != y)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suggested<'n>(names: &[&'n str], wanted: &str, least: f64) -> Option<&'n str> {
        closest(names.iter().copied(), wanted, least).map(|(_, name)| name)
    }

    #[test]
    fn distances_are_levenshteins() {
        for (a, b, expected) in
            [("", "", 0), ("kitten", "sitting", 3), ("abc", "", 3), ("", "abc", 3), ("flaw", "lawn", 2)]
        {
            let letters = |s: &str| s.chars().collect::<Vec<_>>();
            assert_eq!(distance(&letters(a), &letters(b)), expected, "{a} {b}");
        }
    }

    #[test]
    fn a_close_name_is_suggested_and_a_distant_one_is_not() {
        let names = ["projects", "clients", "project_invoices"];
        assert_eq!(suggested(&names, "projectx", CLOSE), Some("projects"));
        assert_eq!(suggested(&names, "projecxx", CLOSE), Some("projects"));
        assert_eq!(suggested(&names, "projxxxx", CLOSE), None);
        assert_eq!(suggested(&["films"], "film", LOOSE), Some("films"));
        assert_eq!(suggested(&["directors", "roles", "actors"], "role", LOOSE), Some("roles"));
        assert_eq!(suggested(&["directors", "roles", "actors"], "noclosealternative", LOOSE), None);
    }

    #[test]
    fn case_does_not_count() {
        assert_eq!(closest(["camelCase"], "CAMELCASE", CLOSE), Some((1.0, "camelCase")));
        assert_eq!(suggested(&["camelCase"], "CamelCas", CLOSE), Some("camelCase"));
    }

    #[test]
    fn lists_of_parameters_are_compared_too() {
        let lists = ["(name, param, val)", "(attr, id)"];
        assert_eq!(suggested(&lists, "(nam, pqaram, vall)", LOOSE), Some("(name, param, val)"));
        assert_eq!(suggested(&lists, "(param, val)", LOOSE), Some("(name, param, val)"));
        assert_eq!(suggested(&lists, "(attrs, id)", LOOSE), Some("(attr, id)"));
        assert_eq!(suggested(&lists, "(id)", LOOSE), Some("(attr, id)"));
        assert_eq!(suggested(&lists, "(noclosealternative)", LOOSE), None);
    }

    #[test]
    fn empty_and_odd_names_are_no_trouble() {
        let long = "x".repeat(100_000);
        for wanted in ["", "-", "æøå", "\u{0}", "_", &long] {
            assert_eq!(suggested(&["projects", ""], wanted, CLOSE).filter(|name| !name.is_empty()), None);
        }
        assert_eq!(suggested(&[], "projects", LOOSE), None);
        assert_eq!(suggested(&["kunder"], "kundær", LOOSE), Some("kunder"));
    }
}

//! The table of contents of a dump, as `pg_restore --list` prints it and `--use-list` takes it.
//!
//! In: the list, the schemas that the dump holds and those that are wanted. Out: the lines of the latter. Pure. A line is
//! `215; 1259 16400 TABLE vault documents postgres`: numbers, kind, schema or `-`, name, owner.

/// The lines that are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Selection {
    /// A list for `--use-list`.
    pub(super) list: String,
    /// What can't be restored by whoever restores, to be said.
    pub(super) left_out: Vec<String>,
}

/// Picks what is in the schemas `chosen` of `known`. Schemas themselves are not in it: they are made before everything else.
/// Default privileges that are set for another role than `role` are left out, since only that role may set them.
pub(super) fn select(list: &str, known: &[String], chosen: &[String], role: &str) -> Selection {
    let mut selection = Selection::default();
    for line in list.lines().filter(|line| !line.starts_with(';')) {
        let Some(entry) = Entry::read(line, known) else { continue };
        let is_chosen = chosen.iter().any(|schema| *schema == entry.schema);
        if !is_chosen || entry.kind == "SCHEMA" || (entry.schema == "public" && entry.is_comment_on_schema) {
            continue;
        }
        if entry.kind == "DEFAULT ACL" && entry.owner != role {
            selection
                .left_out
                .push(format!("default privileges that {} set in the schema {}", entry.owner, entry.schema));
            continue;
        }
        selection.list.push_str(line);
        selection.list.push('\n');
    }
    selection
}

/// A line taken apart, as far as it matters.
struct Entry<'l> {
    kind: &'l str,
    schema: &'l str,
    owner: &'l str,
    is_comment_on_schema: bool,
}

impl<'l> Entry<'l> {
    /// `None` where it is of no schema: it is the whole database's.
    fn read(line: &'l str, known: &'l [String]) -> Option<Self> {
        let text = line.splitn(4, ' ').nth(3)?;
        let owner = text.rsplit(' ').next()?;
        // A kind may be several words, all in capitals: the longest that a known schema follows.
        let ends = text.match_indices(' ').map(|(at, _)| at).filter(|at| is_kind(&text[..*at]));
        for end in ends.collect::<Vec<_>>().into_iter().rev() {
            let (kind, rest) = (&text[..end], &text[end + 1..]);
            let of_schema = rest.strip_prefix("- SCHEMA ");
            let (rest, is_about_schema) = match (kind, rest.strip_prefix("- ")) {
                ("SCHEMA", Some(name)) => (name, true),
                _ => (of_schema.unwrap_or(rest), of_schema.is_some()),
            };
            if let Some(schema) = longest(rest, known) {
                let is_comment_on_schema = kind == "COMMENT" && is_about_schema;
                return Some(Self { kind, schema, owner, is_comment_on_schema });
            }
        }
        None
    }
}

fn is_kind(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ')
}

/// The longest of the known names that a text begins with, as a word.
fn longest<'k>(text: &str, known: &'k [String]) -> Option<&'k str> {
    let begins = |name: &&String| text.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(' '));
    known.iter().filter(begins).max_by_key(|name| name.len()).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "\
;
; Archive created at 2026-11-28 03:09:06 UTC
6; 2615 16754 SCHEMA - auth postgres
4960; 0 0 ACL - SCHEMA auth postgres
4963; 0 0 COMMENT - SCHEMA my crm me
13; 2615 17593 SCHEMA - my crm me
5; 2615 2200 SCHEMA - public pg_database_owner
4980; 0 0 COMMENT - SCHEMA public pg_database_owner
215; 1259 16400 TABLE auth users postgres
216; 1259 16401 TABLE my crm deals me
217; 1259 16402 TABLE my deals me
5001; 0 16401 TABLE DATA my crm deals me
5002; 0 0 COMMENT my crm COLUMN deals.id me
5003; 2606 16500 FK CONSTRAINT auth users users_fkey postgres
5004; 826 16600 DEFAULT ACL auth DEFAULT PRIVILEGES FOR TABLES postgres
5005; 3466 16700 EVENT TRIGGER - tekup_reload_on_ddl postgres
5006; 1259 16800 TABLE public notes me
";

    fn known() -> Vec<String> {
        ["auth", "my", "my crm", "public"].map(str::to_owned).to_vec()
    }

    fn picked(chosen: &[&str], role: &str) -> (Vec<u32>, Vec<String>) {
        let chosen: Vec<_> = chosen.iter().map(|name| (*name).to_owned()).collect();
        let selection = select(LIST, &known(), &chosen, role);
        let number = |line: &str| line.split(';').next().unwrap().parse().unwrap();
        (selection.list.lines().map(number).collect(), selection.left_out)
    }

    #[test]
    fn a_schema_s_entries_are_picked() {
        assert_eq!(picked(&["my crm"], "me").0, [4963, 216, 5001, 5002]);
        assert_eq!(picked(&["my"], "me").0, [217]);
        assert_eq!(picked(&["auth"], "postgres").0, [4960, 215, 5003, 5004]);
        assert_eq!(picked(&["public"], "me").0, [5006]);
    }

    #[test]
    fn another_role_s_default_privileges_are_left_out_and_said() {
        let (numbers, left_out) = picked(&["auth"], "me");
        assert_eq!(numbers, [4960, 215, 5003]);
        assert_eq!(left_out, ["default privileges that postgres set in the schema auth"]);
    }
}

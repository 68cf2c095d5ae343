//! The table of contents of a dump.
//!
//! In: lines of `pg_restore --list`. Out: [`Entry`]s: what each is, of which schema, and what is done with it. Refuses nothing:
//! a kind that is not known is left out, and said.

/// Kinds that a migration recreates.
const KEPT: [&str; 33] = [
    "ACL",
    "AGGREGATE",
    "CHECK CONSTRAINT",
    "COLLATION",
    "COMMENT",
    "CONSTRAINT",
    "CONVERSION",
    "DEFAULT",
    "DOMAIN",
    "EXTENSION",
    "FK CONSTRAINT",
    "FUNCTION",
    "INDEX ATTACH",
    "INDEX",
    "MATERIALIZED VIEW",
    "OPERATOR CLASS",
    "OPERATOR FAMILY",
    "OPERATOR",
    "POLICY",
    "PROCEDURE",
    "ROW SECURITY",
    "RULE",
    "SEQUENCE OWNED BY",
    "SEQUENCE",
    "SHELL TYPE",
    "STATISTICS",
    "TABLE ATTACH",
    "TABLE",
    "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY",
    "TRIGGER",
    "TYPE",
    "VIEW",
];

/// Kinds of several words that no migration recreates; of those of one word the first is the kind.
const LEFT: [&str; 18] = [
    "ACCESS METHOD",
    "BLOB METADATA",
    "DATABASE PROPERTIES",
    "DEFAULT ACL",
    "EVENT TRIGGER",
    "FOREIGN DATA WRAPPER",
    "FOREIGN SERVER",
    "FOREIGN TABLE",
    "MATERIALIZED VIEW DATA",
    "PROCEDURAL LANGUAGE",
    "PUBLICATION TABLES IN SCHEMA",
    "PUBLICATION TABLE",
    "SECURITY LABEL",
    "SEQUENCE SET",
    "SUBSCRIPTION TABLE",
    "TABLE DATA",
    "TEXT SEARCH PARSER",
    "TEXT SEARCH TEMPLATE",
];

/// Ledgers of migrations, of ours and of Prisma's: they tell the story of the other database.
const LEDGERS: [&str; 2] = ["_sqlx_migrations", "_prisma_migrations"];

/// A line of the table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The whole line, as `pg_restore --use-list` takes it.
    pub(super) line: String,
    /// `FK CONSTRAINT`
    pub(super) kind: String,
    /// The schema it is in, or that it is about.
    pub(super) schema: Option<String>,
    /// Its name, with its table's before it, and its owner.
    pub(super) rest: String,
    /// It is of a foreign table, which no migration recreates, or of a view that is built on one.
    pub(super) is_foreign: bool,
}

/// What is done with an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a schema's file.
    Schema(String),
    /// In the file of extensions.
    Extensions,
    /// It is written anew: schemas are.
    Ours,
    /// In none.
    Nowhere,
}

impl Entry {
    /// Reads a line; a comment is none. `schemas` are all that the database has: a name may hold blanks.
    pub(super) fn read(line: &str, schemas: &[String]) -> Option<Self> {
        let (number, text) = line.split_once("; ")?;
        number.parse::<u32>().ok()?;
        let text = text.splitn(3, ' ').nth(2)?;
        let known = KEPT.iter().chain(&LEFT).filter(|kind| starts_with_word(text, kind)).max_by_key(|kind| kind.len());
        let kind = known.copied().or_else(|| text.split(' ').next())?;
        let after = text[kind.len()..].trim_start();
        let (schema, rest) = match after.strip_prefix("- ") {
            Some(rest) => (about(rest, schemas), rest),
            None => {
                let schema =
                    schemas.iter().filter(|schema| starts_with_word(after, schema)).max_by_key(|name| name.len());
                (schema.cloned(), schema.map_or(after, |schema| after[schema.len()..].trim_start()))
            }
        };
        Some(Self { line: line.to_owned(), kind: kind.to_owned(), schema, rest: rest.to_owned(), is_foreign: false })
    }

    /// Whether it makes a relation, or something of it: `TABLE deals me`, `COLUMN deals.id me`, `deals deals_key me`.
    pub(super) fn is_about(&self, schema: &str, relation: &str) -> bool {
        if self.schema.as_deref() != Some(schema) {
            return false;
        }
        let mut rest = self.rest.as_str();
        loop {
            if rest.strip_prefix(relation).is_some_and(|after| after.starts_with([' ', '.'])) {
                return true;
            }
            match rest.split_once(' ') {
                Some((word, after)) if word.bytes().all(|byte| byte.is_ascii_uppercase()) => rest = after,
                _ => return false,
            }
        }
    }

    /// Where it goes.
    pub(super) fn place(&self) -> Place {
        let is_ledger = self.rest.split([' ', '.']).any(|word| LEDGERS.iter().any(|ledger| word.starts_with(ledger)));
        match (self.kind.as_str(), &self.schema) {
            _ if self.is_foreign => Place::Nowhere,
            ("SCHEMA", _) => Place::Ours,
            ("EXTENSION", _) => Place::Extensions,
            (kind, Some(schema)) if KEPT.contains(&kind) && !is_ledger => Place::Schema(schema.clone()),
            _ => Place::Nowhere,
        }
    }
}

/// `SCHEMA crm postgres`: what is said of a schema is of that schema.
fn about(rest: &str, schemas: &[String]) -> Option<String> {
    let name = rest.strip_prefix("SCHEMA ")?;
    schemas.iter().filter(|schema| starts_with_word(name, schema)).max_by_key(|name| name.len()).cloned()
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Entry {
        Entry::read(line, &["crm".to_owned(), "my schema".to_owned(), "my".to_owned()]).unwrap()
    }

    #[test]
    fn lines_are_read() {
        let entry = read("4021; 2606 17012 FK CONSTRAINT crm deals deals_contact_id_fkey postgres");
        assert_eq!((entry.kind.as_str(), entry.schema.as_deref()), ("FK CONSTRAINT", Some("crm")));
        assert_eq!(entry.rest, "deals deals_contact_id_fkey postgres");
        assert_eq!(read("1; 1259 2 TABLE my schema odd table me").schema.as_deref(), Some("my schema"));
        let acl = read("5; 0 0 ACL - SCHEMA crm postgres");
        assert_eq!((acl.schema.as_deref(), acl.place()), (Some("crm"), Place::Schema("crm".to_owned())));
        assert_eq!(Entry::read("; a comment", &[]), None);
        assert_eq!(Entry::read("", &[]), None);
    }

    #[test]
    fn what_is_of_a_relation_is_told() {
        for line in [
            "1; 1259 2 FOREIGN TABLE crm far me",
            "1; 0 0 ACL crm TABLE far me",
            "1; 0 0 COMMENT crm COLUMN far.id me",
            "1; 2604 2 DEFAULT crm far id me",
        ] {
            assert!(read(line).is_about("crm", "far") && !read(line).is_about("my", "far"), "{line}");
        }
        for line in ["1; 1259 2 TABLE crm far_away me", "1; 0 0 ACL crm FUNCTION near(far integer) me"] {
            assert!(!read(line).is_about("crm", "far"), "{line}");
        }
    }

    #[test]
    fn what_no_migration_makes_goes_nowhere() {
        for line in [
            "1; 3466 2 EVENT TRIGGER - tekup_reload postgres",
            "1; 6104 2 PUBLICATION - all postgres",
            "1; 0 0 COMMENT - EXTENSION vector ",
            "1; 826 2 DEFAULT ACL crm DEFAULT PRIVILEGES FOR TABLES postgres",
            "1; 1259 2 TABLE crm _sqlx_migrations postgres",
            "1; 2606 2 CONSTRAINT crm _prisma_migrations _prisma_migrations_pkey postgres",
            "1; 0 0 SOMETHING crm new postgres",
        ] {
            assert_eq!(read(line).place(), Place::Nowhere, "{line}");
        }
        assert_eq!(read("1; 3079 2 EXTENSION - vector ").place(), Place::Extensions);
        assert_eq!(read("1; 2615 2 SCHEMA - crm postgres").place(), Place::Ours);
    }
}

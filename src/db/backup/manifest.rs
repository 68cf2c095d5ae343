//! The manifest of a backup.
//!
//! In: JSON beside a dump. Out: a [`Manifest`], a value. Refuses what is no manifest, and formats that are newer than it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The format that is written; each older one is still read.
pub const FORMAT: u32 = 1;

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The format of the manifest itself.
    pub format: u32,
    /// The version of tekup-db that made it.
    pub tool: String,
    /// The version of pg_dump that made the dump: `16.14`.
    pub pg_dump: String,
    /// When its snapshot was taken, RFC 3339 in UTC.
    pub created_at: String,
    /// The database's name.
    pub database: String,
    /// The server that it was made from.
    pub server: Server,
    /// The dump beside the manifest.
    pub dump: DumpFile,
    /// The schemas in it.
    pub schemas: Vec<Schema>,
    /// By ledger, the versions of the migrations that are applied.
    pub migrations: BTreeMap<String, Vec<i64>>,
    /// Roles that have grants or are in row rules.
    pub roles: Vec<String>,
    /// Extensions of the database.
    pub extensions: Vec<Extension>,
    /// Sequences, as they were at the start: those of the dump may be further on.
    pub sequences: Vec<Sequence>,
    /// Tables with what they hold.
    pub tables: Vec<Table>,
}

/// A PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Server {
    /// `16.14`
    pub version: String,
    /// `16`
    pub major: u32,
}

/// A dump in PostgreSQL's custom format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DumpFile {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// A schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// Its name.
    pub name: String,
    /// Schemas whose objects it is built on: types, functions, referenced tables.
    pub needs: Vec<String>,
}

/// An extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extension {
    /// `vector`
    pub name: String,
    /// The version that was installed; another will do.
    pub version: String,
    /// The schema that its objects are in.
    pub schema: String,
    /// Schemas that use it.
    pub needed_by: Vec<String>,
}

impl Extension {
    /// Whether one of these schemas uses it.
    pub fn is_needed(&self, schemas: &[String]) -> bool {
        self.needed_by.iter().any(|name| schemas.contains(name))
    }
}

/// A sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sequence {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// The last value that it gave; `None` where it gave none.
    pub last_value: Option<i64>,
    /// What it counts by.
    pub increment: i64,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// How many rows it has, those of its partitions not counted.
    pub rows: i64,
    /// The sum of its rows' hashes, whatever their order; computed columns are left out.
    pub checksum: String,
    /// A hash of row security, with names and roles of row rules.
    pub access: String,
    /// Its owner, who may be another where it is restored.
    pub owner: String,
    /// By role, what it may do: `SELECT`, `UPDATE(name)`, with a star where it may grant that. The owner is not in it.
    pub grants: BTreeMap<String, Vec<String>>,
}

impl Table {
    /// Whether others than the owners, here and there, may do the same.
    fn has_grants_of(&self, other: &Self) -> bool {
        let is_others = |(role, _): &(&String, &Vec<String>)| **role != self.owner && **role != other.owner;
        self.grants.iter().filter(is_others).eq(other.grants.iter().filter(is_others))
    }
}

/// Why it is no manifest.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is no JSON, or lacks something.
    #[error("it is no manifest of a backup, or is damaged: {0}")]
    Damaged(#[from] serde_json::Error),
    /// A newer version made it.
    #[error(
        "it is of format {0}, and this tekup-db knows {FORMAT} at most: use the version that made it ({1}), or a newer one"
    )]
    Newer(u32, String),
}

impl Manifest {
    /// Reads it.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn read(text: &str) -> Result<Self, ManifestError> {
        /// What every format has.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
            tool: String,
        }
        let head: Head = serde_json::from_str(text)?;
        match head.format > FORMAT {
            true => Err(ManifestError::Newer(head.format, head.tool)),
            false => Ok(serde_json::from_str(text)?),
        }
    }

    /// Writes it, a field a line.
    pub fn write(&self) -> String {
        serde_json::to_string_pretty(self).map_or_else(|_| String::new(), |text| text + "\n")
    }

    /// The names of its schemas.
    pub fn schema_names(&self) -> Vec<String> {
        self.schemas.iter().map(|schema| schema.name.clone()).collect()
    }

    /// How many rows there are in these schemas.
    pub fn rows(&self, schemas: &[String]) -> u64 {
        let of = self.tables.iter().filter(|table| schemas.contains(&table.schema));
        of.map(|table| u64::try_from(table.rows).unwrap_or_default()).sum()
    }

    /// What these schemas are built on that is in none of them.
    pub fn needs(&self, schemas: &[String]) -> Vec<String> {
        let chosen = self.schemas.iter().filter(|schema| schemas.contains(&schema.name));
        let mut needs: Vec<_> =
            chosen.flat_map(|schema| &schema.needs).filter(|name| !schemas.contains(name)).collect();
        needs.sort();
        needs.dedup();
        needs.into_iter().cloned().collect()
    }
}

/// What is otherwise than a manifest says, a line each.
pub fn differences(expected: &[&Table], found: &[Table]) -> Vec<String> {
    let mut lines = Vec::new();
    for table in expected {
        let name = format!("{}.{}", table.schema, table.name);
        let Some(other) = found.iter().find(|other| (&other.schema, &other.name) == (&table.schema, &table.name))
        else {
            lines.push(format!("{name} is missing"));
            continue;
        };
        if other.rows != table.rows {
            lines.push(format!("{name} has {} rows instead of {}", other.rows, table.rows));
        } else if other.checksum != table.checksum {
            lines.push(format!("{name} has {} rows, but not the same", other.rows));
        }
        if other.access != table.access || !other.has_grants_of(table) {
            lines.push(format!("{name} has other grants, or other row security"));
        }
    }
    lines
}

/// Sequences that are behind where they were, a line each.
pub fn behind(expected: &[&Sequence], found: &[Sequence]) -> Vec<String> {
    let mut lines = Vec::new();
    for sequence in expected {
        let Some(last) = sequence.last_value else { continue };
        let other = found.iter().find(|other| (&other.schema, &other.name) == (&sequence.schema, &sequence.name));
        let is_at = |value: i64| if sequence.increment < 0 { value <= last } else { value >= last };
        if !other.and_then(|other| other.last_value).is_some_and(is_at) {
            lines.push(format!("the sequence {}.{} is behind {last}", sequence.schema, sequence.name));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        let table = |schema: &str, name: &str, rows| Table {
            schema: schema.to_owned(),
            name: name.to_owned(),
            rows,
            checksum: "17".to_owned(),
            access: "a".to_owned(),
            owner: "me".to_owned(),
            grants: BTreeMap::from([("anon".to_owned(), vec!["SELECT".to_owned()])]),
        };
        let schema = |name: &str, needs: &[&str]| Schema {
            name: name.to_owned(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
        };
        Manifest {
            format: FORMAT,
            tool: "0.1.0".to_owned(),
            pg_dump: "16.14".to_owned(),
            created_at: "2026-01-02T03:04:05Z".to_owned(),
            database: "tekup".to_owned(),
            server: Server { version: "16.14".to_owned(), major: 16 },
            dump: DumpFile { bytes: 3, sha256: "00".to_owned() },
            schemas: vec![schema("auth", &[]), schema("crm", &["auth", "shared"]), schema("shared", &["auth"])],
            migrations: BTreeMap::from([("crm._sqlx_migrations".to_owned(), vec![1, 2])]),
            roles: vec!["anon".to_owned()],
            extensions: vec![Extension {
                name: "vector".into(),
                version: "0.8.0".into(),
                schema: "public".into(),
                needed_by: vec!["crm".into()],
            }],
            sequences: vec![Sequence { schema: "crm".into(), name: "s".into(), last_value: Some(7), increment: 1 }],
            tables: vec![table("crm", "deals", 3), table("shared", "users", 4)],
        }
    }

    #[test]
    fn a_manifest_is_read_as_it_was_written() {
        let manifest = manifest();
        assert_eq!(Manifest::read(&manifest.write()).unwrap(), manifest);
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let text = manifest().write();
        let newer = text.replacen("\"format\": 1", "\"format\": 2", 1);
        assert!(matches!(Manifest::read(&newer), Err(ManifestError::Newer(2, _))));
        // Of a newer one, no more is read than what every format has.
        assert!(matches!(Manifest::read(r#"{"format": 9, "tool": "2.0.0"}"#), Err(ManifestError::Newer(9, _))));
        for damaged in ["", "{}", &text[..text.len() / 2], &text.replacen("\"rows\": 3", "\"rows\": \"many\"", 1)] {
            assert!(matches!(Manifest::read(damaged), Err(ManifestError::Damaged(_))), "{damaged}");
        }
    }

    #[test]
    fn what_a_part_needs_is_what_is_not_in_it() {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(manifest().needs(&names(&["crm"])), names(&["auth", "shared"]));
        assert_eq!(manifest().needs(&names(&["auth", "crm", "shared"])), names(&[]));
        assert_eq!(manifest().rows(&names(&["crm"])), 3);
    }

    #[test]
    fn each_difference_is_named() {
        let manifest = manifest();
        let expected: Vec<_> = manifest.tables.iter().collect();
        assert_eq!(differences(&expected, &manifest.tables), Vec::<String>::new());
        let mut found = manifest.tables.clone();
        found[0].rows = 2;
        found[0].access = "b".to_owned();
        found[1].checksum = "18".to_owned();
        assert_eq!(
            differences(&expected, &found),
            [
                "crm.deals has 2 rows instead of 3",
                "crm.deals has other grants, or other row security",
                "shared.users has 4 rows, but not the same",
            ]
        );
        assert_eq!(differences(&expected[..1], &[]), ["crm.deals is missing"]);
        // Grants to who owns it here or there say nothing.
        let mut found = manifest.tables.clone();
        found[0].owner = "other".to_owned();
        found[0].grants.insert("me".to_owned(), vec!["SELECT".to_owned()]);
        assert_eq!(differences(&expected, &found), Vec::<String>::new());
        found[0].grants.insert("anon".to_owned(), vec!["SELECT*".to_owned()]);
        assert_eq!(differences(&expected, &found), ["crm.deals has other grants, or other row security"]);
    }

    #[test]
    fn a_sequence_may_be_further_on_and_not_behind() {
        let manifest = manifest();
        let expected: Vec<_> = manifest.sequences.iter().collect();
        let at = |last_value| Sequence { last_value, ..manifest.sequences[0].clone() };
        assert!(behind(&expected, &[at(Some(7))]).is_empty() && behind(&expected, &[at(Some(8))]).is_empty());
        for other in [vec![], vec![at(None)], vec![at(Some(6))]] {
            assert_eq!(behind(&expected, &other), ["the sequence crm.s is behind 7"]);
        }
    }
}

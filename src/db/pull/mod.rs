//! Another database's schemas, written as migrations.
//!
//! In: a database, and a folder that does not exist or is empty. Out: the folder, in our layout: extensions, roles, a folder for
//! each schema in the order in which they can be made, and the foreign keys between them last; with a README that says what was
//! left out. The source is only read. Refuses a folder with something in it, and programs older than the server. Nothing is
//! there unless all is: it is written beside, and renamed.

mod entry;
mod layout;
mod text;
mod tools;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use tokio::process::Command;

use super::{
    copy::{CopyError, session::Session},
    script,
};
use crate::config::Secret;
use entry::{Entry, Place};
use layout::Need;

/// Why nothing was pulled. The source is as it was, and the folder is not there.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    /// The URL can't be used.
    #[error("the URL of the source can't be used: {0}; nothing was written")]
    Url(String),
    /// The database can't be read.
    #[error(transparent)]
    Source(#[from] CopyError),
    /// No programs will do.
    #[error(
        "no pg_dump and pg_restore of version {server} or later were found ({}): run `make postgres`, install postgresql-client-{server}, \
         or set POSTGRES_BIN; nothing was written", looked_at.join("; ")
    )]
    NoTools {
        /// The server's version.
        server: u32,
        /// What was looked at.
        looked_at: Vec<String>,
    },
    /// A program failed.
    #[error("{program} failed: {said}; nothing was written")]
    Tool {
        /// Which.
        program: &'static str,
        /// What it said.
        said: String,
    },
    /// A schema is not there.
    #[error("the source has no schema {name}; it has: {there}")]
    NoSchema {
        /// The schema.
        name: String,
        /// What there is.
        there: String,
    },
    /// A schema's name has control characters.
    #[error(
        "the schema {0:?} has control characters in its name: rename it, or choose others with --schema; nothing was written"
    )]
    Name(String),
    /// What psql would run.
    #[error("psql would take a part of {0:?} for a command of its own, and run it here; nothing was written")]
    Command(String),
    /// The source has no schemas to pull.
    #[error("the source has nothing in any schema")]
    Empty,
    /// The folder has something in it.
    #[error("{} is not empty: name another folder with --out", .0.display())]
    NotEmpty(PathBuf),
    /// The folder can't be written.
    #[error("{}: {source}; nothing was written", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pulled {
    /// Files below the folder, in the order in which they have to be run.
    pub files: Vec<String>,
    /// What was left out, and why.
    pub left: Vec<String>,
}

/// What `facts.sql` gives.
#[derive(Debug, Deserialize)]
struct Facts {
    schemas: Vec<String>,
    needs: BTreeSet<Need>,
    /// Schema, `table name `, and the schema that is referred to.
    keys: Vec<(String, String, String)>,
    roles: Vec<String>,
    extension_schemas: Vec<String>,
    large_objects: i64,
    /// Schema and name of foreign tables, and of views that are built on them.
    foreign: Vec<(String, String)>,
}

/// Writes the migrations.
///
/// # Errors
/// [`PullError`].
pub async fn run(
    source: &Secret,
    programs: Option<&Path>,
    schemas: &[String],
    out: &Path,
) -> Result<Pulled, PullError> {
    let environment = tools::environment(source)?;
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) || out.is_file() {
        return Err(PullError::NotEmpty(out.to_owned()));
    }
    let session = Session::source(source).await?;
    let facts: Facts =
        serde_json::from_str(&session.one::<String>(include_str!("facts.sql")).await?).map_err(CopyError::from)?;
    let chosen = chosen(&facts, schemas)?;
    let snapshot: String = session.one("SELECT pg_export_snapshot()").await?;
    // Older ones can't dump extensions beside the schemas that are named.
    let oldest = if schemas.is_empty() { 0 } else { 14 };
    let bin = tools::find(programs, session.version().await?.unsigned_abs().max(oldest))?;
    let beside = Beside::make(out)?;
    let (file, list) = (beside.0.join("dump"), beside.0.join("list"));
    let dump = Dump { bin, file, list, environment, schemas: schemas.to_vec() };
    fill(&dump, &snapshot, (&facts, &chosen), (&beside.0, out)).await
}

/// Fills the folder beside, and puts it in its place.
async fn fill(
    dump: &Dump,
    snapshot: &str,
    (facts, chosen): (&Facts, &[String]),
    (beside, out): (&Path, &Path),
) -> Result<Pulled, PullError> {
    dump.make(snapshot).await?;
    let pulled = write(dump, facts, chosen, beside).await?;
    for path in [&dump.file, &dump.list] {
        fs::remove_file(path).map_err(|source| PullError::Folder { path: path.clone(), source })?;
    }
    // An empty folder may be in the place.
    let _ = fs::remove_dir(out);
    fs::rename(beside, out).map_err(|source| PullError::Folder { path: out.to_owned(), source })?;
    Ok(pulled)
}

/// The folder that is filled. Dropped, it is removed where it was not renamed: whatever failed, or stopped us.
struct Beside(PathBuf);

impl Beside {
    fn make(out: &Path) -> Result<Self, PullError> {
        let name = out.file_name().unwrap_or_default().to_string_lossy();
        let path = out.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        fs::create_dir_all(&path).map_err(|source| PullError::Folder { path: path.clone(), source })?;
        Ok(Self(path))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // Mostly it is in its place already.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn chosen(facts: &Facts, names: &[String]) -> Result<Vec<String>, PullError> {
    if let Some(name) = names.iter().find(|name| !facts.schemas.contains(name)) {
        return Err(PullError::NoSchema { name: name.clone(), there: facts.schemas.join(", ") });
    }
    let chosen = if names.is_empty() { facts.schemas.clone() } else { names.to_vec() };
    match chosen.iter().find(|name| name.contains(char::is_control)) {
        Some(name) => Err(PullError::Name(name.clone())),
        None => Ok(chosen),
    }
}

/// A dump in a file.
struct Dump {
    bin: PathBuf,
    file: PathBuf,
    list: PathBuf,
    environment: Vec<(&'static str, String)>,
    /// All where there are none.
    schemas: Vec<String>,
}

impl Dump {
    async fn make(&self, snapshot: &str) -> Result<(), PullError> {
        let mut command = Command::new(self.bin.join("pg_dump"));
        command.args(["--format=custom", "--schema-only", "--no-owner", "--no-tablespaces", "--no-password"]);
        command.arg("--encoding=UTF8");
        if !self.schemas.is_empty() {
            // Others are neither read nor locked. A pattern in quotes means the name itself.
            command.arg("--extension=*");
            command.args(self.schemas.iter().map(|name| format!("--schema=\"{}\"", name.replace('"', "\"\""))));
        }
        command
            .arg(format!("--snapshot={snapshot}"))
            .arg("--file")
            .arg(&self.file)
            .envs(self.environment.iter().cloned());
        said("pg_dump", command).await.map(drop)
    }

    /// Its table of contents.
    async fn contents(&self, facts: &Facts) -> Result<Vec<Entry>, PullError> {
        let mut command = Command::new(self.bin.join("pg_restore"));
        command.arg("--list").arg(&self.file);
        let text = said("pg_restore", command).await?;
        let mut entries: Vec<_> = text.lines().filter_map(|line| Entry::read(line, &facts.schemas)).collect();
        for entry in &mut entries {
            entry.is_foreign = facts.foreign.iter().any(|(schema, name)| entry.is_about(schema, name));
        }
        Ok(entries)
    }

    /// Some of its entries as SQL.
    async fn sql(&self, entries: &[&Entry]) -> Result<String, PullError> {
        let list: String = entries.iter().map(|entry| format!("{}\n", entry.line)).collect();
        fs::write(&self.list, list).map_err(|source| PullError::Folder { path: self.list.clone(), source })?;
        let mut command = Command::new(self.bin.join("pg_restore"));
        command.args(["--no-owner", "--file=-", "--use-list"]).arg(&self.list).arg(&self.file);
        Ok(script::without_commands(&said("pg_restore", command).await?))
    }
}

async fn said(program: &'static str, mut command: Command) -> Result<String, PullError> {
    let output = command.kill_on_drop(true).env("LC_ALL", "C").output().await;
    let output = output.map_err(|error| PullError::Tool { program, said: error.to_string() })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
    Err(PullError::Tool { program, said })
}

/// Writes the files of a dump into a folder.
async fn write(dump: &Dump, facts: &Facts, chosen: &[String], folder: &Path) -> Result<Pulled, PullError> {
    let entries = dump.contents(facts).await?;
    let groups = layout::groups(chosen, &facts.needs);
    let mut writer = Writer { folder, pulled: Pulled::default() };
    let of_extensions: Vec<_> = entries.iter().filter(|entry| entry.place() == Place::Extensions).collect();
    if !of_extensions.is_empty() {
        let made: String = facts.extension_schemas.iter().map(|name| make_schema(name)).collect();
        let text = text::migration("Extensions.", &format!("{made}{}", dump.sql(&of_extensions).await?))?;
        writer.file("_extensions", "0001_extensions.sql", text)?;
    }
    writer.file("_roles", "0001_roles.sql", roles(&facts.roles))?;
    let mut keys = Vec::new();
    for group in &groups {
        let is_ours = |entry: &&Entry| matches!(entry.place(), Place::Schema(schema) if group.contains(&schema));
        let (later, now): (Vec<_>, Vec<_>) =
            entries.iter().filter(is_ours).partition(|entry| leaves(entry, facts, group).is_some());
        if now.is_empty() && group == &["public".to_owned()] {
            continue;
        }
        let made: String = group.iter().map(|name| make_schema(name)).collect();
        let sql = if now.is_empty() { String::new() } else { dump.sql(&now).await? };
        let title = format!("The schema {}, as it was found.", group.join(", "));
        let text = text::migration(&title, &format!("{made}{sql}"))?;
        writer.file(&writer.unused(&layout::folder(group)), "0001_pulled.sql", text)?;
        keys.extend(later);
    }
    let is_reached = |entry: &&&Entry| leaves(entry, facts, &[]).is_none_or(|schema| chosen.contains(schema));
    let (keys, unreached): (Vec<_>, Vec<_>) = keys.iter().copied().partition(|entry| is_reached(&entry));
    if !keys.is_empty() {
        let text = text::migration("Foreign keys between schemas.", &dump.sql(&keys).await?)?;
        writer.file("_keys", "0001_keys.sql", text)?;
    }
    if writer.pulled.files.is_empty() {
        return Err(PullError::Empty);
    }
    writer.pulled.left = left(&entries, &unreached, facts, chosen);
    writer.readme()?;
    Ok(writer.pulled)
}

/// The schema that a foreign key refers to, where that is of another group.
fn leaves<'f>(entry: &Entry, facts: &'f Facts, group: &[String]) -> Option<&'f String> {
    if entry.kind != "FK CONSTRAINT" {
        return None;
    }
    let is_it =
        |key: &&(String, String, String)| entry.schema.as_ref() == Some(&key.0) && entry.rest.starts_with(&key.1);
    facts.keys.iter().find(is_it).map(|(_, _, to)| to).filter(|to| !group.contains(to))
}

fn make_schema(name: &str) -> String {
    format!("create schema if not exists \"{}\";\n", name.replace('"', "\"\""))
}

/// Roles that rights and rules name: as ours are, without a login, and only where they are not there.
fn roles(names: &[String]) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let literals: Vec<_> = names.iter().map(|name| format!("'{}'", name.replace('\'', "''"))).collect();
    Some(format!(
        "-- Roles that rights and rules of rows name. They belong to the cluster: those that are there stay as they are.\n\n\
         do $roles$\ndeclare\n    role_name text;\nbegin\n    foreach role_name in array array[{}] loop\n        \
         if not exists (select from pg_roles where rolname = role_name) then\n            \
         execute format('create role %I nologin', role_name);\n        end if;\n    end loop;\nend\n$roles$;\n",
        literals.join(", ")
    ))
}

/// What was left out, in words.
fn left(entries: &[Entry], unreached: &[&Entry], facts: &Facts, chosen: &[String]) -> Vec<String> {
    let mut left = vec!["owners of objects: whoever runs the files owns what they make".to_owned()];
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.place() == Place::Nowhere) {
        kinds.entry(&entry.kind).or_default().push(&entry.rest);
    }
    left.extend(kinds.iter().map(|(kind, names)| format!("{}: {}", kind.to_lowercase(), names.join("; "))));
    for key in unreached {
        left.push(format!("foreign key to a schema that was not chosen: {}", key.rest));
    }
    let needed = facts.needs.iter().filter(|(from, to)| chosen.contains(from) && !chosen.contains(to));
    left.extend(needed.map(|(from, to)| format!("the schema {to}, which {from} needs")));
    let others: Vec<_> = facts.schemas.iter().filter(|name| !chosen.contains(name)).map(String::as_str).collect();
    if !others.is_empty() {
        left.push(format!("schemas that were not chosen: {}", others.join(", ")));
        left.push("what is of no schema: event triggers, publications, casts".to_owned());
    }
    if !facts.roles.is_empty() {
        left.push("passwords, attributes and memberships of roles".to_owned());
    }
    if facts.large_objects > 0 {
        left.push(format!("{} large objects", facts.large_objects));
    }
    left.push("rows: tekup-db copy brings them".to_owned());
    left.iter().map(|left| text::line(left)).collect()
}

/// Writes files, and keeps their names.
struct Writer<'f> {
    folder: &'f Path,
    pulled: Pulled,
}

impl Writer<'_> {
    /// The name of a folder that nothing is in: those of two schemas may come out the same.
    fn unused(&self, name: &str) -> String {
        let is_used = |name: &str| self.pulled.files.iter().any(|file| file.starts_with(&format!("{name}/")));
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        names.find(|name| !is_used(name)).unwrap_or_default()
    }

    fn file(&mut self, folder: &str, name: &str, text: Option<String>) -> Result<(), PullError> {
        let Some(text) = text else { return Ok(()) };
        let path = self.folder.join(folder);
        fs::create_dir_all(&path).map_err(|source| PullError::Folder { path: path.clone(), source })?;
        let path = path.join(name);
        fs::write(&path, text).map_err(|source| PullError::Folder { path, source })?;
        self.pulled.files.push(format!("{folder}/{name}"));
        Ok(())
    }

    fn readme(&self) -> Result<(), PullError> {
        let mut text =
            "# Pulled migrations\n\nRun each file in a transaction of its own, in this order:\n\n".to_owned();
        for file in &self.pulled.files {
            // Writing to a string can't fail.
            let _ = writeln!(text, "    psql \"$DATABASE_URL\" -X -v ON_ERROR_STOP=1 -1 -f '{file}'");
        }
        text.push_str("\nLeft out:\n\n");
        for left in &self.pulled.left {
            let _ = writeln!(text, "- {left}");
        }
        let path = self.folder.join("README.md");
        fs::write(&path, text).map_err(|source| PullError::Folder { path, source })
    }
}

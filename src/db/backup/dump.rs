//! Making a backup.
//!
//! In: a database, and where to. Out: a dump and its manifest, both of one snapshot: the transaction that counts exports it, and
//! pg_dump reads in it at the same time. Refuses to make one of what the role sees in part only.

use std::{
    cell::RefCell,
    fs::{self, DirBuilder},
    io::{self, Read as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use sqlx::{Connection as _, PgConnection};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::{
    BackupOptions, ConnectError, Step, ToolError, chosen, connect,
    contents::{self, Visibility},
    figures, libpq,
    manifest::{DumpFile, FORMAT, Manifest, Schema},
    manifest_path,
    name::{Destination, Series},
    part::{self, Part},
    tools::{self, Tool},
};
use crate::config::Secret;

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Made {
    /// The dump; its manifest is beside it.
    pub file: PathBuf,
    /// What it holds.
    pub manifest: Manifest,
    /// Older ones of the series that went.
    pub removed: Vec<PathBuf>,
    /// Large objects that the database has and no backup holds.
    pub large_objects: i64,
}

/// Why there is no backup. Nothing of it is left, and those before are as they were.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database can't be reached.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The database refused something, or went away.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// There is no such schema.
    #[error("there is no schema {unknown} to back up; there are: {known}")]
    UnknownSchema {
        /// As it was given.
        unknown: String,
        /// Those there are.
        known: String,
    },
    /// There is nothing at all.
    #[error("the database {0} has no schema to back up: is it the right one?")]
    Empty(String),
    /// The role doesn't see everything, and what it doesn't see would be missing.
    #[error("{}", hidden(role, tables))]
    Hidden {
        /// Who asked.
        role: String,
        /// What it doesn't see.
        tables: Vec<String>,
    },
    /// A foreign table's server is in no dump of schemas, and the table could not be made again.
    #[error(
        "{} can't be brought back by a restore, since their server is of no schema: back up the other schemas (--schema), or drop \
         them first", .0.join(", ")
    )]
    Foreign(Vec<String>),
    /// No pg_dump, or it failed.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// There is no room.
    #[error("{} has no room for it: make some (`--keep` lets older backups go), or choose another place with --out", .0.display())]
    NoRoom(PathBuf),
    /// A file is there already.
    #[error("{} exists already and is not overwritten: remove it, or choose another name with --out", .0.display())]
    Exists(PathBuf),
    /// Something about the destination's files.
    #[error("{}: {error}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What.
        error: io::Error,
    },
    /// The backup is made, and older ones can't be removed.
    #[error("{} is made and whole, but older ones can't be removed: {error}", made.display())]
    Rotation {
        /// The new backup.
        made: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl BackupError {
    /// What is on the disk now, for whoever has to go on.
    pub fn state(&self) -> &'static str {
        match self {
            Self::Rotation { .. } => "the new backup is good; older ones may still be there",
            _ => "nothing was written, and older backups are as they were",
        }
    }
}

fn hidden(role: &str, tables: &[String]) -> String {
    let named = tables.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
    let more = if tables.len() > 3 { format!(" and {} more", tables.len() - 3) } else { String::new() };
    format!(
        "{role} does not see every row of {named}{more}, and a backup would lack them: connect as the schemas' owner, to whom \
         `tekup-db migrate` gives the role tekup_owner (otherwise an administrator runs: GRANT tekup_owner TO {role}), or as a \
         superuser"
    )
}

/// What `keep` and the like say, with the path that they are about.
fn file(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_owned();
    move |error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            BackupError::NoRoom(part::folder(&path).to_owned())
        }
        io::ErrorKind::AlreadyExists => BackupError::Exists(path.clone()),
        _ => BackupError::File { path: path.clone(), error },
    }
}

/// What is in the database, seen in one snapshot.
struct Contents {
    manifest: Manifest,
    names: Vec<String>,
    series: Series,
    is_bound: bool,
    large_objects: i64,
}

/// Makes a backup. `progress` is told what is read.
///
/// # Errors
/// [`BackupError`].
pub async fn run(url: &Secret, options: &BackupOptions, progress: impl FnMut(Step<'_>)) -> Result<Made, BackupError> {
    let mut connection = connect(url, "tekup-db backup").await?;
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
    let mut snapshot = connection.begin_with(begin).await?;
    sqlx::raw_sql(contents::SETTINGS).execute(&mut *snapshot).await?;
    let mut found = look(&mut snapshot, &options.schemas).await?;
    let tool = tools::find("pg_dump", options.bin.as_deref(), found.manifest.server.major)?;
    found.manifest.pg_dump.clone_from(&tool.version);
    let target = place(&options.out, &found.series)?;
    let part = Part::create(&target).map_err(file(&target))?;
    let manifest_part = Part::create(&manifest_path(&target)).map_err(file(&manifest_path(&target)))?;

    let exported: String =
        sqlx::query_scalar("SELECT pg_catalog.pg_export_snapshot()").fetch_one(&mut *snapshot).await?;
    let progress = RefCell::new(progress);
    let counting = async {
        let tables = figures::tables(&mut snapshot, &found.names, |step| progress.borrow_mut()(step)).await;
        tables.map_err(BackupError::from)
    };
    let dumping = dump(&tool, url, &found, &exported, part.path(), |step| progress.borrow_mut()(step));
    let (tables, ()) = tokio::try_join!(counting, dumping)?;
    found.manifest.tables = tables;
    snapshot.rollback().await?;
    found.manifest.dump = measured(part.path()).await.map_err(file(&target))?;
    keep(part, manifest_part, &target, &found.manifest)?;
    let removed = rotated(&target, &found.series, options.keep)?;
    Ok(Made { file: target, manifest: found.manifest, removed, large_objects: found.large_objects })
}

/// Everything but the tables' rows.
async fn look(snapshot: &mut PgConnection, named: &[String]) -> Result<Contents, BackupError> {
    let (server, database, role) = contents::server(snapshot).await?;
    let known = contents::schemas(snapshot).await?;
    if known.is_empty() {
        return Err(BackupError::Empty(database));
    }
    let names = chosen(named, &known);
    let names = names.map_err(|unknown| BackupError::UnknownSchema { unknown, known: known.join(", ") })?;
    let Visibility { is_bound, hidden } = contents::visibility(snapshot, &names).await?;
    if !hidden.is_empty() {
        return Err(BackupError::Hidden { role, tables: hidden });
    }
    let foreign = contents::foreign_tables(snapshot, &names).await?;
    if !foreign.is_empty() {
        return Err(BackupError::Foreign(foreign));
    }
    let needs = contents::needs(snapshot).await?;
    let schema = |name: &String| {
        let of_name = needs.iter().find(|schema| schema.name == *name);
        of_name.cloned().unwrap_or_else(|| Schema { name: name.clone(), needs: Vec::new() })
    };
    let manifest = Manifest {
        format: FORMAT,
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        pg_dump: String::new(),
        created_at: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        database: database.clone(),
        server,
        dump: DumpFile { bytes: 0, sha256: String::new() },
        schemas: names.iter().map(schema).collect(),
        migrations: contents::migrations(snapshot, &names).await?,
        roles: contents::roles(snapshot, &names).await?,
        extensions: contents::extensions(snapshot).await?,
        sequences: contents::sequences(snapshot, &names).await?,
        tables: Vec::new(),
    };
    let large_objects = contents::large_objects(snapshot).await?;
    let series = Series::new(&database, (names != known).then_some(&names));
    Ok(Contents { manifest, names, series, is_bound, large_objects })
}

/// The dump's path. A folder is made where it is missing, and what killed runs left there goes.
fn place(out: &Destination, series: &Series) -> Result<PathBuf, BackupError> {
    let folder = match out {
        Destination::File(path) => return Ok(path.clone()),
        Destination::Folder(folder) => folder,
    };
    // What is in it is for nobody else.
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(file(folder))?;
    for name in names(folder).map_err(file(folder))?.iter().filter(|name| series.has_part(name)) {
        let left = folder.join(name);
        part::sweep(&left).map_err(file(&left))?;
    }
    Ok(folder.join(series.file_name(Timestamp::now())))
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    Ok(entries.into_iter().filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// Lets pg_dump write the file.
async fn dump(
    tool: &Tool,
    url: &Secret,
    found: &Contents,
    snapshot: &str,
    target: &Path,
    mut progress: impl FnMut(Step<'_>),
) -> Result<(), BackupError> {
    let mut arguments = [
        "--format=custom",
        "--encoding=UTF8",
        "--verbose",
        "--strict-names",
        "--lock-wait-timeout=60s",
        "--no-password",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--snapshot={snapshot}"));
    if found.is_bound {
        // Every row is let through, as was found out; without this pg_dump refuses.
        arguments.push("--enable-row-security".to_owned());
    }
    // A pattern in quotes means the name itself.
    arguments.extend(found.names.iter().map(|name| format!("--schema=\"{}\"", name.replace('"', "\"\""))));
    let mut command = tool.command(arguments);
    command.arg("--file").arg(target);
    for name in libpq::IN_THE_WAY {
        command.env_remove(name);
    }
    command.envs(libpq::environment(url).ok_or(ConnectError::Url)?);
    let mut child = command.spawn().map_err(|error| tool.unusable(error))?;
    let mut said = String::new();
    if let Some(stderr) = child.stderr.take() {
        let mut lines = BufReader::new(stderr).lines();
        while let Some(line) = lines.next_line().await.map_err(|error| tool.unusable(error))? {
            if let Some(table) = line.strip_prefix("pg_dump: dumping contents of table ") {
                progress(Step { what: table.trim_matches('"'), done: 0, total: 0 });
            } else if line.contains("error:") || !said.is_empty() {
                said.push_str(&line);
                said.push('\n');
            }
        }
    }
    let status = child.wait().await.map_err(|error| tool.unusable(error))?;
    match status.success() {
        true => Ok(()),
        false if is_out_of_room(&said) => Err(BackupError::NoRoom(part::folder(target).to_owned())),
        false => Err(tool.failed(status, &said).into()),
    }
}

/// What the C library says of a write that finds no room; pg_dump is told to speak English.
fn is_out_of_room(said: &str) -> bool {
    let is_about_file = said.contains("could not write") || said.contains("could not close");
    is_about_file
        && ["No space left on device", "Disk quota exceeded", "File too large"].iter().any(|why| said.contains(why))
}

/// Length and hash of a file.
pub(super) async fn measured(path: &Path) -> io::Result<DumpFile> {
    let path = path.to_owned();
    let measure = move || {
        let (mut file, mut hash, mut bytes) = (fs::File::open(path)?, Sha256::new(), 0);
        let mut buffer = vec![0; 1 << 20];
        loop {
            match file.read(&mut buffer)? {
                0 => return Ok(DumpFile { bytes, sha256: hex::encode(hash.finalize()) }),
                count => {
                    bytes += count as u64;
                    hash.update(&buffer[..count]);
                }
            }
        }
    };
    tokio::task::spawn_blocking(measure).await.map_err(io::Error::other)?
}

/// Gives both files their names, the manifest last: a dump without one is not finished.
fn keep(part: Part, mut manifest_part: Part, target: &Path, manifest: &Manifest) -> Result<(), BackupError> {
    let beside = manifest_path(target);
    manifest_part.write(manifest.write().as_bytes()).map_err(file(&beside))?;
    part.keep().map_err(file(target))?;
    manifest_part.keep().map_err(|error| {
        // It was ours a moment ago.
        let _ = fs::remove_file(target);
        file(&beside)(error)
    })
}

/// Lets older backups of the series go; of each the dump first, so that what remains of it is never taken for one.
fn rotated(target: &Path, series: &Series, keep: Option<usize>) -> Result<Vec<PathBuf>, BackupError> {
    let Some(keep) = keep else { return Ok(Vec::new()) };
    let folder = part::folder(target);
    let latest = target.file_name().unwrap_or_default().to_string_lossy();
    let rotation = |error| BackupError::Rotation { made: target.to_owned(), error };
    let mut removed = Vec::new();
    for name in series.outdated(&names(folder).map_err(rotation)?, &latest, keep) {
        let dump = folder.join(name);
        for path in [&dump, &manifest_path(&dump)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(rotation(error)),
                Ok(()) | Err(_) => {}
            }
        }
        removed.push(dump);
    }
    Ok(removed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_room_is_told_from_other_failures() {
        assert!(is_out_of_room("pg_dump: error: could not write to output file: No space left on device"));
        assert!(is_out_of_room("pg_dump: error: could not close data file: Disk quota exceeded"));
        assert!(!is_out_of_room("pg_dump: error: query failed: could not extend file: No space left on device"));
        assert!(!is_out_of_room("pg_dump: error: could not write to output file: Input/output error"));
    }

    #[test]
    fn who_does_not_see_everything_is_told_what_to_do() {
        let tables: Vec<_> = ["a.a", "a.b", "a.c", "a.d"].map(str::to_owned).to_vec();
        let text = hidden("me", &tables);
        assert!(text.contains("a.a, a.b, a.c and 1 more") && text.contains("GRANT tekup_owner TO me"), "{text}");
    }
}

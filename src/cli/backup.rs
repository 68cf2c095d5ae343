//! `tekup-db backup`: writes the database to a file.

use std::{num::NonZeroUsize, path::PathBuf, time::Instant};

use super::{Failure, embedded, progress, terminal};
use crate::{
    config::Config,
    db::backup::{self, BackupOptions, Destination, Made},
};

/// Where backups go by themselves.
const FOLDER: &str = "backups/";

/// Options of `backup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Beside the dump, in PostgreSQL's custom format, its manifest is written: FILE.json. Keep both together. Neither passwords nor \
the keys that secrets are encrypted with are in a backup: keep those elsewhere. Whoever makes a backup has to see every row: \
the schemas' owner does.")]
pub struct Args {
    /// This schema alone; may be given more than once [default: all of the database]
    #[arg(long = "schema", value_name = "NAME")]
    schemas: Vec<String>,
    /// A file; or a folder, in which the backup gets a name by database and time
    #[arg(long, value_name = "PATH", default_value = FOLDER)]
    out: PathBuf,
    /// Let older backups of the same database and schemas in that folder go, but for the latest NUMBER; databases are told apart
    /// by their name alone, so let each server have a folder of its own
    #[arg(long, value_name = "NUMBER")]
    keep: Option<NonZeroUsize>,
}

/// Makes a backup, whole or not at all.
///
/// # Errors
/// The database can't be read in whole, or the file can't be written; nothing is left of it then, and older ones stay.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let out = destination(args.out);
    if let (Destination::File(path), Some(_)) = (&out, args.keep) {
        let path = path.display();
        return Err(
            format!("--keep is about the backups of a folder, and {path} is a file: give --out a folder").into()
        );
    }
    let options = BackupOptions {
        schemas: args.schemas,
        out,
        keep: args.keep.map(NonZeroUsize::get),
        bin: config.database.postgres_bin.clone(),
    };
    let (url, local) = embedded::owner_url(&config).await?;
    let started = Instant::now();
    let work = progress::tracked("backing up", async |report| backup::run(&url, &options, report).await);
    let work = async { work.await.map_err(|error| Failure::from(format!("{error}\n{}", error.state()))) };
    let made = terminal::until_stopped(work, || "nothing was written, and older backups are as they were").await;
    if let Some(local) = local {
        local.stop().await?;
    }
    print(&made?, started);
    Ok(())
}

/// A folder is one that is there, or that ends as one.
fn destination(path: PathBuf) -> Destination {
    let is_folder = path.is_dir() || path.as_os_str().as_encoded_bytes().ends_with(b"/");
    if is_folder { Destination::Folder(path) } else { Destination::File(path) }
}

fn print(made: &Made, started: Instant) {
    let manifest = &made.manifest;
    let rows: i64 = manifest.tables.iter().map(|table| table.rows).sum();
    println!("{}", made.file.display());
    println!("{}.json  its manifest: keep both together", made.file.display());
    println!(
        "{} schemas, {} tables, {rows} rows; {} bytes in {:.1} s",
        manifest.schemas.len(),
        manifest.tables.len(),
        manifest.dump.bytes,
        started.elapsed().as_secs_f64()
    );
    println!(
        "not in it: what is the server's or the whole database's (publications, casts, settings of roles and databases)"
    );
    if made.large_objects > 0 {
        println!("not in it: {} large objects, which belong to no schema", made.large_objects);
    }
    for path in &made.removed {
        println!("removed {}", path.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_told_from_a_file() {
        let folder = |path: &str| matches!(destination(path.into()), Destination::Folder(_));
        assert!(folder("/tmp") && folder("not/there/") && folder(FOLDER));
        assert!(!folder("not/there") && !folder("tekup.dump"));
    }
}

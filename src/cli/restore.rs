//! `tekup-db restore`: brings back what a backup holds.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

use super::{Failure, embedded, progress, terminal};
use crate::{
    config::{Config, Secret},
    db::backup::{self, COMMITTING, Manifest, RestoreError, RestoreOptions, Restored, Step},
};

/// Options of `restore`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
All of it is one transaction: what is in the target afterwards is what the manifest says, or what was there before. Roles that \
are missing are made without a password; run `tekup-db migrate` afterwards, which sets that of authenticator and brings older \
backups up to date.")]
pub struct Args {
    /// The dump; its manifest FILE.json is beside it
    file: PathBuf,
    /// The database to restore into; a password is better given by PGPASSWORD or PGPASSFILE than in it [default: DATABASE_URL, or
    /// the private PostgreSQL]
    #[arg(long, value_name = "URL", value_parser = secret, conflicts_with = "check")]
    into: Option<Secret>,
    /// This schema alone; may be given more than once [default: all of the backup]
    #[arg(long = "schema", value_name = "NAME", conflicts_with = "check")]
    schemas: Vec<String>,
    /// Drop what the target has of these schemas first
    #[arg(long, conflicts_with = "check")]
    clean: bool,
    /// Don't ask before dropping
    #[arg(long, requires = "clean")]
    yes: bool,
    /// Check that the backup is whole and can be read, and restore nothing
    #[arg(long)]
    check: bool,
}

/// Restores a backup, or checks it.
///
/// # Errors
/// The backup is not as it was made, the target holds something, or anything fails; the target is as it was then.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let bin = config.database.postgres_bin.clone();
    if args.check {
        let manifest = backup::check(&args.file, bin.as_deref()).await?;
        println!("{} is whole: {}", args.file.display(), about(&manifest));
        return Ok(());
    }
    let (url, local) = match args.into {
        Some(url) => (url, None),
        None => embedded::owner_url(&config).await?,
    };
    let options = RestoreOptions { file: args.file, schemas: args.schemas, clean: args.clean, bin };
    // A private PostgreSQL is nobody else's.
    terminal::confirm(&dropping(&options), args.yes || !args.clean || local.is_some())?;
    let started = Instant::now();
    let mut restored = restored(&url, &options).await;
    if let Ok(restored) = &mut restored {
        restored.notes.extend(gathered(&url, &restored.schemas).await);
    }
    if let Some(local) = local {
        local.stop().await?;
    }
    print(&restored?, started);
    Ok(())
}

/// Restores, until it is done or somebody stops it. Once the commit is under way, only the target knows how it ended.
async fn restored(url: &Secret, options: &RestoreOptions) -> Result<Restored, Failure> {
    let is_committing = AtomicBool::new(false);
    let work = progress::tracked("restoring", async |report| {
        let noted = |step: Step<'_>| {
            is_committing.fetch_or(step.what == COMMITTING, Ordering::Relaxed);
            report(step);
        };
        backup::restore(url, options, noted).await
    });
    let work = async { work.await.map_err(explained) };
    let meaning = || match is_committing.load(Ordering::Relaxed) {
        true => RestoreError::UNKNOWN,
        false => RestoreError::UNCHANGED,
    };
    terminal::until_stopped(work, meaning).await
}

/// Gathers statistics of what is restored already: whatever hinders that is no more than a note.
async fn gathered(url: &Secret, schemas: &[String]) -> Option<String> {
    let work = progress::tracked("gathering statistics", async |_| backup::analyze(url, schemas).await);
    let work = async { Ok(work.await) };
    match terminal::until_stopped(work, || "what was restored stays").await {
        Ok(note) => note,
        Err(error) => Some(format!("the statistics were not gathered, run ANALYZE: {error}")),
    }
}

/// A URL is never shown, since it may hold a password.
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

fn dropping(options: &RestoreOptions) -> String {
    let schemas =
        if options.schemas.is_empty() { "every schema of the backup".to_owned() } else { options.schemas.join(", ") };
    format!("--clean drops {schemas} in the target, with all that is in them")
}

fn explained(error: RestoreError) -> Failure {
    format!("{error}\n{}", error.state()).into()
}

fn about(manifest: &Manifest) -> String {
    format!(
        "{} of {}, made {} by tekup-db {} from PostgreSQL {}; {} tables, {} rows",
        manifest.schema_names().join(", "),
        manifest.database,
        manifest.created_at,
        manifest.tool,
        manifest.server.version,
        manifest.tables.len(),
        manifest.rows(&manifest.schema_names())
    )
}

fn print(restored: &Restored, started: Instant) {
    println!(
        "restored {}: {} tables, {} rows, all as the manifest says, in {:.1} s",
        restored.schemas.join(", "),
        restored.tables,
        restored.rows,
        started.elapsed().as_secs_f64()
    );
    for note in &restored.notes {
        println!("{note}");
    }
}

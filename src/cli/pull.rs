//! `tekup-db pull`: writes another database's schemas as migrations.

use std::path::PathBuf;

use super::{Failure, terminal};
use crate::{
    config::{Config, Secret},
    db::pull,
};

/// Options of `pull`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// postgres:// URL of the database to read; better in the variable, where it is not seen by whoever lists processes
    #[arg(long, value_name = "URL", env = "SOURCE_DATABASE_URL", hide_env_values = true)]
    from: String,
    /// Only this schema; may be given more than once
    #[arg(long = "schema", value_name = "NAME")]
    schemas: Vec<String>,
    /// Folder to make; one that is there has to be empty
    #[arg(long, value_name = "FOLDER", default_value = "pulled")]
    out: PathBuf,
}

/// Writes the folder, whole or not at all, and prints what is in it and what is not.
///
/// # Errors
/// The database can't be read, no pg_dump is as new as its server, or the folder can't be written.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let programs = config.database.postgres_bin.as_deref();
    let source = Secret::new(args.from);
    let work = async { pull::run(&source, programs, &args.schemas, &args.out).await.map_err(Failure::from) };
    let pulled = terminal::until_stopped(work, || "nothing was written").await?;
    for file in &pulled.files {
        println!("{}", args.out.join(file).display());
    }
    println!("left out:");
    for left in &pulled.left {
        println!("  {left}");
    }
    Ok(())
}

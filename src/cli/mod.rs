//! One command a file.

mod ask;
pub mod backup;
pub mod copy;
mod embedded;
pub mod erd;
pub mod health;
mod introspect;
pub mod maintain;
pub mod migrate;
pub mod openapi;
mod progress;
pub mod pull;
pub mod reset;
pub mod restore;
pub mod rotate_encryption_key;
pub mod seed;
pub mod serve;
pub mod stats;
pub mod studio;
mod table;
mod terminal;
pub mod token;
pub mod types;
pub mod verify;

use std::{io, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::config::{Config, OsEnv};

/// One PostgreSQL, served as JSON over HTTP.
#[derive(Debug, Parser)]
#[command(name = "tekup-db", version, about, max_term_width = 100)]
#[command(after_help = "Everything is configured by environment variables: see .env.example and the README.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API; without DATABASE_URL on a PostgreSQL of its own
    Serve(serve::Args),
    /// Bring the database's schemas up to date
    Migrate(migrate::Args),
    /// Load sample data
    Seed(seed::Args),
    /// Mint a token
    Token(token::Args),
    /// Ask a running service whether it is healthy
    Health(health::Args),
    /// Do what has to be done from time to time: what is past its time goes
    Maintain(maintain::Args),
    /// Print how large the database is, what it is busy with, and what is slow
    Stats(stats::Args),
    /// Say what is wrong with a database, and the SQL that mends it
    Verify(verify::Args),
    /// Make a development database anew: all its rows are lost
    Reset(reset::Args),
    /// Write all of the database to a file, with a manifest of what is in it
    Backup(backup::Args),
    /// Bring back what a backup holds, or check that it could
    Restore(restore::Args),
    /// Seal all secrets with another key
    RotateEncryptionKey(rotate_encryption_key::Args),
    /// Copy the rows of a database in the old layout, or of another, into this one
    Copy(copy::Args),
    /// Write the schemas of any database as migrations
    Pull(pull::Args),
    /// Print the OpenAPI document of everything that is exposed
    Openapi(openapi::Args),
    /// Print the exposed schemas as types of a client's language
    Types(types::Args),
    /// Print the exposed schemas as an entity diagram
    Erd(erd::Args),
    /// Print where the API can be looked at and tried in a browser
    Studio(studio::Args),
}

/// What a command fails with: a message for the person who typed it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

fn is_unread(failure: &Failure) -> bool {
    failure.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

impl Cli {
    /// Runs the command. Faults of the configuration and of the command go to standard error.
    pub fn run(self) -> ExitCode {
        match self.dispatch() {
            Ok(code) => code,
            // Nobody reads what was to be printed, as in `tekup-db stats | head`.
            Err(failure) if is_unread(&failure) => ExitCode::FAILURE,
            Err(failure) => {
                eprintln!("tekup-db: {failure}");
                ExitCode::FAILURE
            }
        }
    }

    /// The exit code is the command's own: success, or what its help says.
    fn dispatch(self) -> Result<ExitCode, Failure> {
        if let Command::Health(args) = self.command {
            return health::run(args).map(|()| ExitCode::SUCCESS);
        }
        let config = Config::read(&OsEnv)?;
        match self.command {
            Command::Token(args) => return token::run(args, &config).map(|()| ExitCode::SUCCESS),
            Command::Studio(args) => return studio::run(args, &config).map(|()| ExitCode::SUCCESS),
            _ => {}
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let done = match self.command {
                Command::Verify(args) => return verify::run(args, config).await,
                Command::Reset(args) => reset::run(args, config).await,
                Command::Stats(args) => stats::run(args, config).await,
                Command::Serve(args) => serve::run(args, config).await,
                Command::Migrate(args) => migrate::run(args, config).await,
                Command::Seed(args) => seed::run(args, config).await,
                Command::Maintain(args) => maintain::run(args, config).await,
                Command::Backup(args) => backup::run(args, config).await,
                Command::Restore(args) => restore::run(args, config).await,
                Command::RotateEncryptionKey(args) => rotate_encryption_key::run(args, config).await,
                Command::Copy(args) => copy::run(args, config).await,
                Command::Pull(args) => pull::run(args, config).await,
                Command::Openapi(args) => openapi::run(args, config).await,
                Command::Types(args) => types::run(args, config).await,
                Command::Erd(args) => erd::run(args, config).await,
                Command::Token(_) | Command::Health(_) | Command::Studio(_) => Ok(()),
            };
            done.map(|()| ExitCode::SUCCESS)
        })
    }
}

/// The exposed schemas that are named; all of them where none is.
///
/// # Errors
/// One of the names is no exposed schema's.
fn exposed(names: &[String], config: &Config) -> Result<Vec<String>, Failure> {
    let exposed: Vec<_> = config.api.schemas.iter().map(ToString::to_string).collect();
    match names.iter().find(|name| !exposed.contains(name)) {
        Some(unknown) => Err(format!("schema {unknown} is not exposed; these are: {}", exposed.join(", ")).into()),
        None if names.is_empty() => Ok(exposed),
        None => Ok(names.to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn the_guide_to_operations_has_every_command() {
        let guide = include_str!("../../docs/OPERATIONS.md");
        for command in super::Cli::command().get_subcommands() {
            let name = command.get_name();
            assert!(guide.contains(&format!("`tekup-db {name}`")), "docs/OPERATIONS.md lacks the command {name}");
        }
    }
}

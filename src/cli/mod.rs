//! One command a file.

pub mod copy;
mod embedded;
pub mod health;
mod introspect;
pub mod maintain;
pub mod migrate;
pub mod openapi;
mod progress;
pub mod pull;
pub mod rotate_encryption_key;
pub mod seed;
pub mod serve;
pub mod token;
pub mod types;

use std::process::ExitCode;

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
}

/// What a command fails with: a message for the person who typed it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Cli {
    /// Runs the command. Faults of the configuration and of the command go to standard error.
    pub fn run(self) -> ExitCode {
        match self.dispatch() {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => {
                eprintln!("tekup-db: {failure}");
                ExitCode::FAILURE
            }
        }
    }

    fn dispatch(self) -> Result<(), Failure> {
        if let Command::Health(args) = self.command {
            return health::run(args);
        }
        let config = Config::read(&OsEnv)?;
        if let Command::Token(args) = self.command {
            return token::run(args, &config);
        }
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            match self.command {
                Command::Serve(args) => serve::run(args, config).await,
                Command::Migrate(args) => migrate::run(args, config).await,
                Command::Seed(args) => seed::run(args, config).await,
                Command::Maintain(args) => maintain::run(args, config).await,
                Command::RotateEncryptionKey(args) => rotate_encryption_key::run(args, config).await,
                Command::Copy(args) => copy::run(args, config).await,
                Command::Pull(args) => pull::run(args, config).await,
                Command::Openapi(args) => openapi::run(args, config).await,
                Command::Types(args) => types::run(args, config).await,
                Command::Token(_) | Command::Health(_) => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}

//! `tekup-db migrate`: brings the schemas up to date, or says where they are.

use super::{Failure, embedded};
use crate::{
    config::Config,
    db::migrate::{self, MigrationState, MigrationStatus, Scope},
};

/// Options of `migrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this schema, and what every schema needs
    #[arg(long, global = true)]
    schema: Option<String>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print each migration and whether it is applied; fails where one is pending
    Status,
}

/// Applies what is pending. Safe when several instances do it at once: one does, the others wait.
///
/// # Errors
/// A migration fails, names file and statement, and leaves nothing half done; or, of `status`, some are pending.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let scope = args.schema.map_or(Scope::All, Scope::Schema);
    let (url, local) = embedded::owner_url(&config).await?;
    let done = match args.action {
        None => migrate::run(&url, &scope, config.database.authenticator_password.as_ref()).await.map(|applied| {
            print(&applied);
            println!("{} applied", applied.len());
            0
        }),
        Some(Action::Status) => migrate::status(&url, &scope).await.map(|status| {
            print(&status);
            status.iter().filter(|status| !matches!(status.state, MigrationState::Applied(_))).count()
        }),
    };
    if let Some(local) = local {
        local.stop().await?;
    }
    match done? {
        0 => Ok(()),
        pending => Err(format!("{pending} migrations are not applied as they are: run tekup-db migrate").into()),
    }
}

fn print(migrations: &[MigrationStatus]) {
    for MigrationStatus { file, state } in migrations {
        let state = match state {
            MigrationState::Applied(at) => format!("applied {at}"),
            MigrationState::Pending => "pending".to_owned(),
            MigrationState::Changed => "changed since it was applied".to_owned(),
        };
        println!("{file}  {state}");
    }
}

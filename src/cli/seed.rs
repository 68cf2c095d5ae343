//! `tekup-db seed`: loads sample data.

use super::{Failure, embedded};
use crate::{
    config::Config,
    db::seed::{self, Options, Profile},
};

/// Options of `seed`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// minimal: a handful of rows; demo: a cleaning company over twelve months, about 12,300 rows
    #[arg(value_enum)]
    profile: Profile,
    /// The day that all dates are relative to; today in Copenhagen by default
    #[arg(long, value_name = "YYYY-MM-DD")]
    anchor: Option<String>,
    /// Another seed gives other rows
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u32>,
}

/// Loads a profile in one transaction; again changes nothing.
///
/// # Errors
/// The database can't be reached, is not migrated, or refuses a row; nothing is loaded then.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let (url, local) = embedded::owner_url(&config).await?;
    let options = Options { anchor: args.anchor, seed: args.seed, ..Options::new(args.profile) };
    let done = seed::run(&url, &options).await;
    if let Some(local) = local {
        local.stop().await?;
    }
    Ok(done?)
}

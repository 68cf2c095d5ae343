//! `tekup-db seed`: loads sample data.

use super::{Failure, embedded, progress};
use crate::{
    config::Config,
    db::seed::{self, Data},
};

/// Options of `seed`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    profile: Profile,
}

#[derive(Debug, clap::Subcommand)]
enum Profile {
    /// A handful of rows
    Minimal,
    /// A cleaning company over twelve months: about 12,300 rows
    Demo {
        /// The day that all dates are relative to; today in Copenhagen by default
        #[arg(long, value_name = "YYYY-MM-DD")]
        anchor: Option<String>,
        /// Another number gives other rows
        #[arg(long, value_name = "NUMBER")]
        seed: Option<i64>,
    },
}

/// Loads a profile in one transaction; again changes nothing.
///
/// # Errors
/// The database can't be reached, is not migrated, or refuses a row; nothing is loaded then.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let data = match args.profile {
        Profile::Minimal => Data::Minimal,
        Profile::Demo { anchor, seed } => Data::Demo { anchor, seed },
    };
    let (url, local) = embedded::owner_url(&config).await?;
    let done = progress::shown("loading sample data", async |report| seed::run(&url, &data, report).await).await;
    if let Some(local) = local {
        local.stop().await?;
    }
    done?;
    println!("loaded");
    Ok(())
}

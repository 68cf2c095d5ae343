//! to come
use super::Failure;
use crate::config::Config;
/// Options.
#[derive(Debug, clap::Args)]
pub struct Args {}
/// Runs.
pub async fn run(_: Args, _: Config) -> Result<(), Failure> {
    Ok(())
}

//! `tekup-db openapi`: the document of everything that is exposed.

use super::{Failure, introspect};
use crate::{
    config::Config,
    http::openapi::{View, document},
};

/// Options of `openapi`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Describe one schema alone
    #[arg(long)]
    schema: Option<String>,
}

/// Prints the document as indented JSON. An embedded database is brought up to date first.
///
/// # Errors
/// The database can't be reached.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let catalog = introspect::catalog(&config).await?;
    let schema = args.schema.map(Into::into);
    let view = View { catalog: &catalog, role: None, schema: schema.as_ref() };
    println!("{}", serde_json::to_string_pretty(&document(&view, config.api.public_url.as_deref()))?);
    Ok(())
}

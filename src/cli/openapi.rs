//! `tekup-db openapi`: the document of everything that is exposed.

use super::{Failure, embedded};
use crate::{
    catalog::{Catalog, INTROSPECT},
    config::Config,
    db::{Control, migrate},
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
    let (url, local) = embedded::owner_url(&config).await?;
    if local.is_some() {
        migrate::run(&url, &migrate::Scope::All, None).await?;
    }
    let control = Control::new(&url, config.database.connect_timeout)?;
    let api = &config.api;
    let introspected = control.introspect(INTROSPECT, &api.schemas, &api.extra_search_path, &[]).await;
    control.close().await;
    if let Some(local) = local {
        local.stop().await?;
    }
    let catalog = Catalog::from_json(&introspected?)?;
    let schema = args.schema.map(Into::into);
    let view = View { catalog: &catalog, role: None, schema: schema.as_ref() };
    println!("{}", serde_json::to_string_pretty(&document(&view, api.public_url.as_deref()))?);
    Ok(())
}

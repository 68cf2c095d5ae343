//! The catalog of the configured database, for commands that describe it.

use super::{Failure, embedded};
use crate::{
    catalog::{Catalog, INTROSPECT},
    config::Config,
    db::{Control, migrate},
};

/// What the configured schemas hold. An embedded database is brought up to date first.
///
/// # Errors
/// The database can't be reached.
pub async fn catalog(config: &Config) -> Result<Catalog, Failure> {
    let (url, local) = embedded::owner_url(config).await?;
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
    Ok(Catalog::from_json(&introspected?)?)
}

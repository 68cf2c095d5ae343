//! `tekup-db types`: the exposed schemas as types of a client's language.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{Failure, introspect};
use crate::{catalog::Catalog, config::Config, name::SchemaName, typescript};

/// Options of `types`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    language: Language,
}

#[derive(Debug, clap::Subcommand)]
enum Language {
    /// The type `Database` of supabase-js: createClient<Database>(url, key)
    Typescript {
        /// This schema alone; may be given more than once [default: all that are exposed]
        #[arg(long = "schema", value_name = "NAME")]
        schemas: Vec<String>,
        /// Write a file, whole or not at all, instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Prints the types, or writes them to a file.
///
/// # Errors
/// The database can't be reached, a schema is not exposed, or the file can't be written; then it is as it was.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let Language::Typescript { schemas, out } = args.language;
    let catalog = introspect::catalog(&config).await?;
    let module = typescript::module(&catalog, &chosen(&catalog, &schemas)?);
    match out {
        Some(path) => write(&path, &module).map_err(|error| format!("{}: {error}", path.display()).into()),
        None => Ok(io::stdout().write_all(module.as_bytes())?),
    }
}

/// The schemas named, or all.
pub(super) fn chosen(catalog: &Catalog, names: &[String]) -> Result<Vec<SchemaName>, String> {
    let exposed: Vec<_> = catalog.schemas.iter().map(|schema| schema.name.clone()).collect();
    if let Some(unknown) = names.iter().find(|name| !exposed.iter().any(|schema| *schema == name.as_str())) {
        let exposed: Vec<_> = exposed.iter().map(SchemaName::as_str).collect();
        return Err(format!("schema {unknown} is not exposed; these are: {}", exposed.join(", ")));
    }
    Ok(if names.is_empty() { exposed } else { names.iter().map(|name| name.as_str().into()).collect() })
}

/// Beside the file first, then in its place.
pub(super) fn write(path: &Path, text: &str) -> io::Result<()> {
    let Some(name) = path.file_name() else { return Err(io::ErrorKind::IsADirectory.into()) };
    let mut beside = name.to_owned();
    beside.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(beside);
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // Nothing is left where nothing came of it; that it was never made is no fault.
        let _ = fs::remove_file(&beside);
    }
    written
}

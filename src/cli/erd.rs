//! `tekup-db erd`: the exposed schemas as an entity diagram.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use super::{Failure, introspect, types};
use crate::{config::Config, erd};

/// Options of `erd`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// This schema alone; may be given more than once [default: all that are exposed]
    #[arg(long = "schema", value_name = "NAME")]
    schemas: Vec<String>,
    /// The language to write it in
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
    /// Write a file, whole or not at all, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Languages of diagrams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// Mermaid's erDiagram, which GitHub and many editors draw
    Mermaid,
}

/// Prints the diagram, or writes it to a file.
///
/// # Errors
/// The database can't be reached, a schema is not exposed, or the file can't be written; then it is as it was.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let catalog = introspect::catalog(&config).await?;
    let schemas = types::chosen(&catalog, &args.schemas)?;
    let diagram = match args.format {
        Format::Mermaid => erd::mermaid(&catalog, &schemas),
    };
    match args.out {
        Some(path) => types::write(&path, &diagram).map_err(|error| format!("{}: {error}", path.display()).into()),
        None => Ok(io::stdout().write_all(diagram.as_bytes())?),
    }
}

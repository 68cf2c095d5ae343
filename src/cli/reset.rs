//! `tekup-db reset`: a development database, made anew.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use super::{Failure, embedded, progress};
use crate::{
    config::{Config, Secret},
    db::{
        migrate::{self, Scope},
        seed,
        wipe::{Contents, Target},
    },
};

/// Options of `reset`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The sample data to load afterwards
    #[arg(long, value_enum, default_value_t = Sample::None)]
    seed: Sample,
    /// Don't ask; needed where there is no terminal to ask on. A database elsewhere is refused all the same
    #[arg(long)]
    yes: bool,
}

/// Sample data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Sample {
    /// Nothing; `serve` loads the demo data into its own PostgreSQL where that is empty
    None,
    /// A handful of rows
    Minimal,
    /// A cleaning company over twelve months
    Demo,
}

/// Says what will be lost, asks, takes the schemas away, and makes them anew.
///
/// # Errors
/// The database is not this machine's, others are connected, the answer was no, or a step fails. What state the database
/// is in is said.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let (url, local) = embedded::owner_url(&config).await?;
    let done = reset(&url, &args, &config).await;
    if let Some(local) = local {
        local.stop().await?;
    }
    done
}

async fn reset(url: &Secret, args: &Args, config: &Config) -> Result<(), Failure> {
    let mut target = Target::open(url).await?;
    let contents = target.contents().await?;
    print!("{}", loss(&contents));
    if !args.yes {
        ask(&contents.database)?;
    }
    target.wipe().await?;
    let gone = "the schemas are gone; make them again with tekup-db migrate";
    let applied = migrate::run(url, &Scope::All, config.database.authenticator_password.as_ref()).await;
    let applied = applied.map_err(|error| format!("{error}; {gone}"))?;
    println!("{} migrations applied", applied.len());
    let data = match args.seed {
        Sample::None => return Ok(()),
        Sample::Minimal => seed::Data::Minimal,
        Sample::Demo => seed::Data::Demo { anchor: None, seed: None },
    };
    let loaded = progress::shown("loading sample data", async |report| seed::run(url, &data, report).await).await;
    loaded.map_err(|error| format!("{error}; the schemas are there and empty: load data with tekup-db seed"))?;
    println!("sample data loaded");
    Ok(())
}

/// What will be lost, a line for each schema.
fn loss(contents: &Contents) -> String {
    let lines: String = contents.rows.iter().map(|(schema, rows)| format!("  {schema}  {rows} rows\n")).collect();
    match contents.rows.is_empty() {
        true => format!("The database {} has none of our schemas.\n", contents.database),
        false => format!("Of the database {} these schemas will be lost:\n{lines}", contents.database),
    }
}

/// Asks for the name of the database.
fn ask(database: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err("there is no terminal to ask on: --yes does it without asking; nothing was changed".into());
    }
    print!("Type the name of the database to go on: ");
    io::stdout().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() == database {
        true => Ok(()),
        false => Err(format!("that is not {database}: nothing was changed").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_will_be_lost_is_said() {
        let contents = |rows| Contents { database: "tekup".to_owned(), rows };
        let said = loss(&contents(vec![("crm".to_owned(), 7), ("vault".to_owned(), 0)]));
        assert_eq!(said, "Of the database tekup these schemas will be lost:\n  crm  7 rows\n  vault  0 rows\n");
        assert_eq!(loss(&contents(Vec::new())), "The database tekup has none of our schemas.\n");
    }
}

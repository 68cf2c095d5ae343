//! `tekup-db copy`: brings another database's rows into this one.

use std::{
    fs,
    io::{IsTerminal as _, stderr},
    path::PathBuf,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, embedded};
use crate::{
    config::{Config, EncryptionConfig, Secret},
    db::copy::{self, Map, Options, Progress, Sealing, Summary},
    domain::Sealer,
};

/// Options of `copy`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// postgres:// URL of the database to copy from; better in the variable, where it is not seen by whoever lists processes
    #[arg(long, value_name = "URL", env = "SOURCE_DATABASE_URL", hide_env_values = true)]
    from: String,
    /// JSON file that says which table and column goes where, table by table instead of the map that is built in
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// Only the tables of this schema; may be given more than once
    #[arg(long = "schema", value_name = "NAME")]
    schemas: Vec<String>,
    /// Tenant that rows belong to where the source knows none
    #[arg(long, value_name = "UUID")]
    organization: Option<String>,
    /// Only look whether it would succeed; nothing is written
    #[arg(long)]
    check: bool,
    /// Empty the tables first that are to be filled
    #[arg(long, conflicts_with = "check")]
    replace: bool,
}

/// Looks at the source, and copies what was not copied before.
///
/// # Errors
/// An end can't be reached or used, the check finds a fault, or a table can't be copied; tables before it stay.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let from = Secret::new(args.from);
    let options = Options {
        map: map(args.map)?,
        schemas: args.schemas,
        organization: args.organization.map(|text| organization(&text)).transpose()?,
        replace: args.replace,
    };
    let sealer = config.encryption.as_ref().map(sealer).transpose()?;
    let seal = |clear: &str| sealer.as_ref()?.seal(clear).ok();
    let sealing: Option<&Sealing<'_>> = sealer.is_some().then_some(&seal as &Sealing<'_>);
    let (url, local) = embedded::owner_url(&config).await?;
    let mut screen = Screen::new();
    let started = Instant::now();
    let work = async {
        let mut report = |progress| screen.show(progress);
        match args.check {
            true => copy::check((&from, &url), &options, sealing.is_some(), &mut report).await,
            false => copy::run((&from, &url), &options, sealing, &mut report).await,
        }
    };
    let done = tokio::select! {
        done = work => done.map_err(Failure::from),
        () = interrupted() => Err(stopped(options.replace).into()),
    };
    screen.clear();
    if let Some(local) = local {
        local.stop().await?;
    }
    told(&done?, args.check, started.elapsed())
}

/// What is there when somebody stopped it.
fn stopped(is_replacing: bool) -> &'static str {
    match is_replacing {
        true => {
            "interrupted: tables that are copied stay, and those that were still to come may be empty now, by --replace; the \
            source is untouched. Run the same command without --replace to go on, or with it to start anew"
        }
        false => {
            "interrupted: tables that are copied stay, the one under way was rolled back; the source is untouched. Run the \
            same command again to go on"
        }
    }
}

fn told(summary: &Summary, is_check: bool, took: Duration) -> Result<(), Failure> {
    let rows: u64 = summary.copied.iter().map(|copied| copied.rows).sum();
    match (is_check, summary.faults, summary.copied.len()) {
        (true, 0, _) => println!("nothing is in the way"),
        (true, faults, _) => return Err(format!("{faults} faults are in the way of a copy").into()),
        (false, _, 0) => {
            println!("nothing to do: {} tables were copied before; --replace copies them anew", summary.kept)
        }
        (false, _, tables) => {
            println!("{rows} rows of {tables} tables copied and compared in {:.1} s", took.as_secs_f64());
        }
    }
    Ok(())
}

fn map(file: Option<PathBuf>) -> Result<Map, Failure> {
    let legacy = Map::legacy()?;
    let Some(path) = file else { return Ok(legacy) };
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    legacy.overridden(&text).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn organization(text: &str) -> Result<String, Failure> {
    match text.parse::<uuid::Uuid>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(format!("--organization {text}: is no UUID; a tenant's is in crm.tenants.id").into()),
    }
}

fn sealer(config: &EncryptionConfig) -> Result<Sealer, Failure> {
    Ok(Sealer::new(config.key.expose(), config.salt.expose()))
}

/// Waits for Ctrl-C or SIGTERM. Where neither can be waited for, they end the process, and Postgres rolls back.
async fn interrupted() {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

/// A bar on a terminal, and a line for each table.
struct Screen {
    bar: ProgressBar,
}

impl Screen {
    fn new() -> Self {
        let is_terminal = stderr().is_terminal();
        let target = if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar }
    }

    fn show(&mut self, progress: Progress) {
        match progress {
            Progress::Checked { table, number, total } => {
                self.bar.set_length(total as u64);
                self.bar.set_position(number as u64);
                self.bar.set_message(format!("looking at {table}"));
            }
            Progress::Found(finding) => {
                let kind = if finding.is_fault { "fault" } else { "note" };
                self.line(&format!("{kind}  {}: {}", finding.table, finding.text));
            }
            Progress::Kept(table) => self.line(&format!("{table}  copied before")),
            Progress::Started { table, rows } => {
                self.bar.set_length(rows);
                self.bar.set_position(0);
                self.bar.set_message(format!("copying {table}"));
            }
            Progress::Moved(rows) => self.bar.set_position(rows),
            Progress::Copied(copied) => {
                let sealed = match copied.sealed {
                    0 => String::new(),
                    sealed => format!(", {sealed} secrets sealed"),
                };
                self.line(&format!("{}  {} rows, checksum {}{sealed}", copied.table, copied.rows, copied.checksum));
            }
        }
    }

    fn line(&self, text: &str) {
        self.bar.suspend(|| println!("{text}"));
    }

    fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

//! `tekup-db stats`: prints how large a database is, what it is busy with, and what is slow in it.

use std::io::{self, Write};

use super::{
    Failure, embedded,
    table::{Align, aligned, size},
};
use crate::{
    config::Config,
    db::stats::{self, Statements, Stats},
};

/// Characters of a statement in the table; JSON has it whole.
const LONGEST: usize = 100;

/// Options of `stats`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this exposed schema, may be given more than once; all otherwise
    #[arg(long = "schema", value_name = "NAME")]
    schemas: Vec<String>,
    /// How many tables and statements to print; JSON has all tables
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    top: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Asks, and prints.
///
/// # Errors
/// A schema is not exposed, or the database can't be reached.
pub async fn run(args: Args, config: Config) -> Result<(), Failure> {
    let schemas = super::exposed(&args.schemas, &config)?;
    let (url, local) = embedded::owner_url(&config).await?;
    let asked = stats::run(&url, &schemas, args.top).await;
    if let Some(local) = local {
        local.stop().await?;
    }
    let stats = asked?;
    let text = if args.json { serde_json::to_string_pretty(&stats)? + "\n" } else { text(&stats, args.top) };
    Ok(io::stdout().write_all(text.as_bytes())?)
}

fn text(stats: &Stats, top: u32) -> String {
    [whole(stats), tables(stats, top as usize), statements(&stats.statements)].join("\n")
}

fn whole(stats: &Stats) -> String {
    let database = &stats.database;
    let busy: i64 = stats.connections.iter().map(|connections| connections.count).sum();
    let states: Vec<_> = stats.connections.iter().map(|of| format!("{} {}", of.count, of.state)).collect();
    let states = if states.is_empty() { String::new() } else { format!(" ({})", states.join(", ")) };
    let transaction = match (database.longest_transaction, &database.longest_transaction_state) {
        (Some(seconds), state) => format!("{seconds:.1} s, {}", state.as_deref().unwrap_or("state unknown")),
        (None, _) => "none".to_owned(),
    };
    let hits = database.cache_hit_rate.map_or_else(|| "unknown".to_owned(), |rate| format!("{:.1} %", rate * 100.0));
    format!(
        "database             {}, {}, PostgreSQL {}\ncache hit rate       {hits}\nconnections          {busy} of \
         {}{states}\nlongest transaction  {transaction}\n",
        database.name,
        size(database.bytes),
        database.version,
        database.max_connections,
    )
}

fn tables(stats: &Stats, top: usize) -> String {
    let heading = [
        ("table", Align::Left),
        ("rows", Align::Right),
        ("dead", Align::Right),
        ("size", Align::Right),
        ("indexes", Align::Right),
        ("last vacuum", Align::Left),
    ];
    let row = |table: &stats::TableStats| {
        vec![
            format!("{}.{}", table.schema, table.name),
            table.rows.to_string(),
            table.dead_rows.to_string(),
            size(table.bytes),
            size(table.index_bytes),
            table.last_vacuum.clone().unwrap_or_else(|| "never".to_owned()),
        ]
    };
    let rows: Vec<_> = stats.tables.iter().take(top).map(row).collect();
    let more = match stats.tables.len().saturating_sub(top) {
        0 => String::new(),
        more => format!("and {more} smaller tables: --top {} prints all\n", stats.tables.len()),
    };
    aligned(&heading, &rows) + &more
}

fn statements(statements: &Statements) -> String {
    let counted = match statements {
        Statements::Counted(counted) => counted,
        Statements::Unavailable { unavailable } => return format!("slow statements: none are known; {unavailable}\n"),
    };
    let heading = [
        ("total ms", Align::Right),
        ("mean ms", Align::Right),
        ("calls", Align::Right),
        ("rows", Align::Right),
        ("statement", Align::Left),
    ];
    let row = |of: &stats::SlowStatement| {
        let (total, mean) = (format!("{:.1}", of.total_ms), format!("{:.2}", of.mean_ms));
        vec![total, mean, of.calls.to_string(), of.rows.to_string(), brief(&of.query)]
    };
    aligned(&heading, &counted.iter().map(row).collect::<Vec<_>>())
}

/// A statement in one line, with a mark where it goes on.
fn brief(query: &str) -> String {
    let line = query.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_statements_say_that_they_go_on() {
        assert_eq!(brief("select\n   1"), "select 1");
        let long = brief(&"é ".repeat(80));
        assert!(long.chars().count() == LONGEST + 1 && long.ends_with('…'), "{long}");
    }
}

//! The command line: `tekup-db serve` and the commands a database needs over its life.

use std::process::ExitCode;

use clap::Parser as _;
use tekup_db::cli::Cli;

fn main() -> ExitCode {
    Cli::parse().run()
}

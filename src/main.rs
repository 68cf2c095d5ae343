//! The command line: `tekup-db serve` and the commands a database needs over its life.

use std::process::ExitCode;

use clap::Parser as _;
use tekup_db::cli::Cli;

/// A request allocates some hundred small values and frees them on whichever thread it ends: what this allocator is
/// made for, and where the system's spends a seventh of a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    Cli::parse().run()
}

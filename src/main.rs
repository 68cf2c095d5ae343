//! The command line: `tekup-db serve` and the commands a database needs over its life.

use std::process::ExitCode;

use clap::Parser as _;
use tekup_db::cli::Cli;

/// A request allocates some hundred small values and frees them on whichever thread it ends: what this allocator is
/// made for, and where the system's spends a seventh of a request.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    say_nothing_where_nobody_reads();
    Cli::parse().run()
}

/// `println!` panics when the reader of standard output has gone, as in `tekup-db types typescript | head`: it still ends
/// the command, in order, but is no fault to report. (SIGPIPE is no way: a service must outlive its clients.)
fn say_nothing_where_nobody_reads() {
    let tell = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !panic.payload_as_str().is_some_and(|reason| reason.starts_with("failed printing to stdout")) {
            tell(panic);
        }
    }));
}

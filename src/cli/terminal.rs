//! A question on the terminal, before what can't be undone; and an end to long work when somebody presses Ctrl-C.

use std::{
    future::Future,
    io::{self, BufRead as _, IsTerminal as _, Write as _},
};

use super::Failure;
use crate::http::server::stop_signal;

/// Asks whether to go on, and takes nothing but `yes` for it.
///
/// # Errors
/// The answer is another one; or nobody is there to ask, and `--yes` says so.
pub fn confirm(what: &str, is_confirmed: bool) -> Result<(), Failure> {
    if is_confirmed {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(format!("{what}: nobody is there to ask; --yes says so. Nothing was changed").into());
    }
    eprint!("{what}. Type yes to go on: ");
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err("nothing was changed".into()) }
}

/// Does work until it is done, or until SIGINT or SIGTERM, when it is dropped where it stands: it has to be of a kind that leaves
/// nothing half done then. `meaning` says what is there now; it is asked only when somebody stopped it.
///
/// # Errors
/// Those of the work; and `interrupted` with what that means.
pub async fn until_stopped<T>(
    work: impl Future<Output = Result<T, Failure>>,
    meaning: impl FnOnce() -> &'static str,
) -> Result<T, Failure> {
    let stop = stop_signal()?;
    tokio::select! {
        done = work => done,
        () = stop => Err(format!("interrupted: {}", meaning()).into()),
    }
}

//! Progress of long work: a bar on a terminal, plain lines elsewhere.

use std::{
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::db::{backup::Step, seed::Progress};

/// Between lines of progress where there is no terminal.
const LINES: Duration = Duration::from_secs(5);

/// Does `work`, which reports its steps, and shows how far it is.
pub async fn shown<T>(title: &'static str, work: impl AsyncFnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
    let (bar, is_terminal) = bar(title);
    let mut report = |step: Progress| {
        bar.set_length(step.total as u64);
        bar.set_position(step.number as u64);
        bar.set_prefix(step.file);
        if !is_terminal {
            eprintln!("{title}: {}/{} {}", step.number, step.total, step.file);
        }
    };
    let done = work(&mut report).await;
    bar.finish_and_clear();
    done
}

/// The same for work that counts tables, rows or statements. Elsewhere than on a terminal a line comes every few seconds.
pub async fn tracked<T>(title: &'static str, work: impl AsyncFnOnce(&mut dyn FnMut(Step<'_>)) -> T) -> T {
    let (bar, is_terminal) = bar(title);
    let mut last = Instant::now();
    let mut report = |step: Step<'_>| {
        if step.total > 0 {
            bar.set_length(step.total);
            bar.set_position(step.done);
        }
        bar.set_prefix(step.what.to_owned());
        if !is_terminal && last.elapsed() >= LINES {
            last = Instant::now();
            let count = if step.total > 0 { format!("{}/{} ", step.done, step.total) } else { String::new() };
            eprintln!("{title}: {count}{}", step.what);
        }
    };
    let done = work(&mut report).await;
    bar.finish_and_clear();
    done
}

/// A bar, and whether it is seen.
fn bar(title: &'static str) -> (ProgressBar, bool) {
    let is_terminal = std::io::stderr().is_terminal();
    let bar = ProgressBar::with_draw_target(
        None,
        if is_terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() },
    );
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len} {prefix}") {
        bar.set_style(style);
    }
    bar.set_message(title);
    bar.enable_steady_tick(Duration::from_millis(100));
    (bar, is_terminal)
}

//! Progress of long work: a bar on a terminal, plain lines elsewhere.

use std::{io::IsTerminal as _, time::Duration};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::db::seed::Progress;

/// Does `work`, which reports its steps, and shows how far it is.
pub async fn shown<T>(title: &'static str, work: impl AsyncFnOnce(&mut dyn FnMut(Progress)) -> T) -> T {
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

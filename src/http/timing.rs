//! How long each stage of a request took.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

/// A stage, as `Server-Timing` names it. PostgREST: references/observability, "Server-Timing header".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Who is it?
    Jwt,
    /// Text to tree.
    Parse,
    /// The tree against the catalog.
    Plan,
    /// In the database.
    Transaction,
    /// Rows to bytes.
    Response,
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Parse => "parse",
            Self::Plan => "plan",
            Self::Transaction => "transaction",
            Self::Response => "response",
        }
    }
}

/// Takes the time of each stage, from the end of the one before.
#[derive(Debug)]
pub struct Clock {
    last: Instant,
    laps: Vec<(Stage, Duration)>,
}

impl Clock {
    /// Starts now.
    pub fn start() -> Self {
        Self { last: Instant::now(), laps: Vec::with_capacity(5) }
    }

    /// A stage has ended.
    pub fn lap(&mut self, stage: Stage) {
        let now = Instant::now();
        self.laps.push((stage, now - self.last));
        self.last = now;
    }

    /// The value of `Server-Timing`, in milliseconds.
    pub fn header(&self) -> String {
        let mut text = String::new();
        for (stage, duration) in &self.laps {
            let separator = if text.is_empty() { "" } else { ", " };
            let _ = write!(text, "{separator}{};dur={:.1}", stage.name(), duration.as_secs_f64() * 1000.0);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn laps_are_listed_in_order() {
        let mut clock = Clock::start();
        clock.laps = vec![(Stage::Jwt, Duration::from_micros(450)), (Stage::Parse, Duration::from_millis(2))];
        assert_eq!(clock.header(), "jwt;dur=0.5, parse;dur=2.0");
    }
}

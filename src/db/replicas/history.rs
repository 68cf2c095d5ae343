//! How far behind a position is, in time.
//!
//! In: positions of the primary's log, each with a moment before it was asked for. Out: of a replica that has replayed up to
//! some position, a moment up to which it has all that was committed. One clock is enough for that, our own.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use super::Position;
use crate::config::LONGEST_LAG_MS;

/// How long samples are kept: a replica that is further behind is not measured.
const KEPT: Duration = Duration::from_millis(LONGEST_LAG_MS);

/// Samples of the primary's position, in the order of time and of position.
#[derive(Debug, Default)]
pub(super) struct History(VecDeque<(Instant, Position)>);

impl History {
    /// Adds a sample: all that was committed before `at` is before `position`.
    pub(super) fn add(&mut self, at: Instant, position: Position) {
        // It is another primary's log, and what was seen of the former one's may be lost.
        if self.0.back().is_some_and(|(_, last)| *last > position) {
            self.0.clear();
        }
        match self.0.back_mut() {
            Some((last, same)) if *same == position => *last = at,
            _ => self.0.push_back((at, position)),
        }
        while self.0.front().is_some_and(|(first, _)| at.saturating_duration_since(*first) > KEPT) {
            self.0.pop_front();
        }
    }

    /// The moment up to which everything is before that position.
    pub(super) fn as_of(&self, replayed: Position) -> Option<Instant> {
        self.0.iter().rev().find(|(_, position)| *position <= replayed).map(|(at, _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replica_has_what_was_committed_before_the_last_sample_that_it_has_reached() {
        let (mut history, start) = (History::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let position = |text: &str| text.parse::<Position>().unwrap();
        assert_eq!(history.as_of(position("9/0")), None);
        for (seconds, text) in [(0, "0/10"), (1, "0/20"), (2, "0/20"), (3, "0/30")] {
            history.add(at(seconds), position(text));
        }
        assert_eq!(history.as_of(position("0/F")), None);
        assert_eq!(history.as_of(position("0/10")), Some(at(0)));
        assert_eq!(history.as_of(position("0/2F")), Some(at(2)));
        assert_eq!(history.as_of(position("0/30")), Some(at(3)));
        history.add(at(64), position("0/40"));
        assert_eq!(history.as_of(position("0/3F")), None, "too old to say");
        history.add(at(65), position("0/5"));
        assert_eq!(history.as_of(position("0/4F")), Some(at(65)), "another primary");
        assert_eq!(history.0.len(), 1);
    }
}

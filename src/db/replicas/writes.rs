//! What callers wrote last, so that they find it again.
//!
//! In: that a caller has written. Out: whether a replica has that. Callers are told apart by a number; what is forgotten of
//! one, for want of room, is asked of all.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::Instant,
};

use lru::LruCache;

use super::{Position, Seen};

/// Callers that are remembered, those that wrote last.
const REMEMBERED: usize = 50_000;

/// What a replica must have to have a caller's writes. By default, that is nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Write {
    /// The log up to there.
    pub(super) position: Position,
    /// All that was committed up to then, where there is a write of which no position is known.
    pub(super) by: Option<Instant>,
}

impl Write {
    pub(super) fn is_in(&self, seen: &Seen) -> bool {
        seen.replayed >= self.position && self.by.is_none_or(|by| seen.as_of.is_some_and(|as_of| as_of > by))
    }

    /// One that is in a replica only where both are.
    fn and(self, other: Self) -> Self {
        Self { position: self.position.max(other.position), by: self.by.max(other.by) }
    }
}

/// The last write of each caller.
pub(super) struct Writes(Mutex<Known>);

struct Known {
    last: LruCache<u64, Write>,
    forgotten: Option<Write>,
}

impl Default for Writes {
    fn default() -> Self {
        let last = LruCache::new(NonZeroUsize::new(REMEMBERED).unwrap_or(NonZeroUsize::MIN));
        Self(Mutex::new(Known { last, forgotten: None }))
    }
}

impl Writes {
    /// A caller has written.
    pub(super) fn note(&self, caller: u64, write: Write) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let write = known.last.get(&caller).map_or(write, |before| before.and(write));
        if let Some((whose, forgotten)) = known.last.push(caller, write)
            && whose != caller
        {
            known.forgotten = Some(known.forgotten.map_or(forgotten, |before| before.and(forgotten)));
        }
    }

    /// Whether a replica has all that a caller has written.
    pub(super) fn are_in(&self, seen: &Seen, caller: u64) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = known.last.peek(&caller).into_iter();
        last.chain(&known.forgotten).all(|write| write.is_in(seen))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn seen(replayed: &str, as_of: Option<Instant>) -> Seen {
        Seen { replayed: replayed.parse().unwrap(), as_of }
    }

    #[test]
    fn a_caller_finds_what_it_wrote_and_others_do_not_wait() {
        let writes = Writes::default();
        let write = |position: &str| Write { position: position.parse().unwrap(), by: None };
        writes.note(1, write("0/20"));
        // Noted later, though it was over before.
        writes.note(1, write("0/10"));
        assert!(!writes.are_in(&seen("0/1F", None), 1) && writes.are_in(&seen("0/20", None), 1));
        assert!(writes.are_in(&seen("0/1", None), 2));
    }

    #[test]
    fn without_a_position_time_tells() {
        let (writes, now) = (Writes::default(), Instant::now());
        writes.note(1, Write { by: Some(now), ..Write::default() });
        let late = Some(now + Duration::from_millis(1));
        assert!(!writes.are_in(&seen("9/0", None), 1) && !writes.are_in(&seen("9/0", Some(now)), 1));
        assert!(writes.are_in(&seen("0/0", late), 1));
        // And both tell of both.
        writes.note(1, Write { position: "0/10".parse().unwrap(), by: None });
        assert!(!writes.are_in(&seen("9/0", None), 1) && writes.are_in(&seen("9/0", late), 1));
        assert!(!writes.are_in(&seen("0/F", late), 1));
    }

    #[test]
    fn what_is_forgotten_of_one_is_asked_of_all() {
        let writes = Writes::default();
        let position = |number: u64| format!("0/{number:X}").parse::<Position>().unwrap();
        for caller in 0..=REMEMBERED as u64 {
            writes.note(caller, Write { position: position(caller + 1), by: None });
        }
        assert!(!writes.are_in(&seen("0/0", None), u64::MAX), "the first caller's write is asked of all");
        assert!(writes.are_in(&seen("0/1", None), u64::MAX));
    }
}

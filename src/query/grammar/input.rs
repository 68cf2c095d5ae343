//! The parsing machine: a position in a text, and the combinators the grammar is written with.
//!
//! In: a text and a parser over it. Out: what the parser makes of it, or a [`QueryError::Parse`] worded as PostgREST
//! words it. The combinators keep Parsec's rules, since its messages depend on them: an alternative is tried only
//! where the one before it failed without moving; [`Input::attempt`] moves back on failure; what had been expected is
//! forgotten as soon as a character is read.
//!
//! Messages cost time and are wanted only on failure, so a text is first read without them and, if that fails, once
//! more with them. Nothing backtracks further than one item of a list, so time is linear in the text.

use super::error::{Aside, Expected, Failure, Message, place};
use crate::query::{MAX_ITEMS, QueryError};

/// A parser failed. Where it stopped is the input's position: unmoved means that an alternative may be tried.
#[derive(Debug)]
pub(super) struct Failed;

/// What a parser returns.
pub(super) type Parsed<T> = Result<T, Failed>;

/// A parser as one of several.
type Alternative<'a, 't, T> = dyn Fn(&mut Input<'t>) -> Parsed<T> + 'a;

/// A text being read.
pub(super) struct Input<'t> {
    text: &'t str,
    at: usize,
    explain: bool,
    failure: Failure,
    /// A limit that was met: final, whatever alternatives there are.
    refusal: Option<&'static str>,
    items: usize,
}

/// Reads `text` with `parser`; `what` names it in the error: `failed to parse {what} ({shown})`.
///
/// # Errors
/// [`QueryError::Parse`] where the parser fails.
pub(super) fn parse<T>(
    what: &str,
    shown: &str,
    text: &str,
    parser: impl Fn(&mut Input<'_>) -> Parsed<T>,
) -> Result<T, QueryError> {
    let mut input = Input::new(text, false);
    if let Ok(value) = parser(&mut input) {
        return Ok(value);
    }
    let source = format!("failed to parse {what} ({shown})");
    if let Some(details) = input.refusal {
        return Err(QueryError::Parse { message: place(&source, text, input.at), details: details.to_owned() });
    }
    let mut input = Input::new(text, true);
    let _ = parser(&mut input);
    Err(input.failure.word(&source, text))
}

impl<'t> Input<'t> {
    fn new(text: &'t str, explain: bool) -> Self {
        Self { text, at: 0, explain, failure: Failure::default(), refusal: None, items: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn advance(&mut self, c: char) {
        self.at += c.len_utf8();
        self.failure.forget();
    }

    fn note(&mut self, at: usize, message: Message) {
        if self.explain {
            self.failure.note(at, message);
        }
    }

    /// Notes that something would have been right here.
    pub(super) fn expect(&mut self, expected: Expected) {
        self.note(self.at, Message::Expected(expected));
    }

    /// Whether an alternative may be tried after a failure that began at `start`.
    fn may_retry(&self, start: usize) -> bool {
        self.at == start && self.refusal.is_none()
    }

    /// Ends the parsing: a limit of ours is met, and `details` says which.
    pub(super) fn refuse<T>(&mut self, details: &'static str) -> Parsed<T> {
        self.refusal = Some(details);
        Err(Failed)
    }

    /// A character that passes `test`.
    pub(super) fn satisfy(&mut self, test: impl Fn(char) -> bool) -> Parsed<char> {
        match self.peek() {
            Some(c) if test(c) => {
                self.advance(c);
                Ok(c)
            }
            met => {
                self.note(self.at, Message::Met(met));
                Err(Failed)
            }
        }
    }

    /// The character `wanted`.
    pub(super) fn char(&mut self, wanted: char) -> Parsed<char> {
        if self.peek() == Some(wanted) {
            self.advance(wanted);
            return Ok(wanted);
        }
        self.expect(Expected::Char(wanted));
        self.note(self.at, Message::Met(self.peek()));
        Err(Failed)
    }

    /// The text `wanted`. Half of it counts as moved, yet the failure is reported where it began.
    pub(super) fn string(&mut self, wanted: &'static str) -> Parsed<&'static str> {
        let start = self.at;
        for expected in wanted.chars() {
            match self.peek() {
                Some(c) if c == expected => self.advance(c),
                met => {
                    self.note(start, Message::Expected(Expected::Text(wanted)));
                    self.note(start, Message::Met(met));
                    return Err(Failed);
                }
            }
        }
        Ok(wanted)
    }

    /// The end of the text.
    pub(super) fn end(&mut self) -> Parsed<()> {
        self.expect(Expected::Name("end of input"));
        match self.peek() {
            None => {
                self.note(self.at, Message::Met(None));
                Ok(())
            }
            Some(c) => {
                self.note(self.at, Message::Unwanted(c));
                Err(Failed)
            }
        }
    }

    /// Succeeds where no character that passes `test` follows; `described` is how the test would word itself.
    pub(super) fn not_followed_by(&mut self, test: impl Fn(char) -> bool, described: Option<Expected>) -> Parsed<()> {
        match self.peek() {
            Some(c) if test(c) => {
                self.note(self.at + c.len_utf8(), Message::Unwanted(c));
                Err(Failed)
            }
            met => {
                self.note(self.at, Message::Met(met));
                if let Some(expected) = described {
                    self.expect(expected);
                }
                Ok(())
            }
        }
    }

    /// Runs `parser`; a failure moves back to where it began.
    pub(super) fn attempt<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let start = self.at;
        let before = self.failure.set_aside();
        let outcome = parser(self);
        if outcome.is_err() && self.refusal.is_none() {
            self.at = start;
        }
        self.remember(&before, start);
        outcome
    }

    /// Runs `parser`; while it has not moved, what it expects is worded as `name`.
    pub(super) fn label<T>(&mut self, name: &'static str, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let start = self.at;
        let before = self.failure.set_aside();
        let outcome = parser(self);
        if self.at == start && self.explain && (outcome.is_err() || !self.failure.is_silent()) {
            self.failure.describe(name);
        }
        self.remember(&before, start);
        outcome
    }

    /// Runs `parser` and, if it succeeds, moves back to where it began.
    pub(super) fn look_ahead<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        let start = self.at;
        let before = self.failure.set_aside();
        let outcome = parser(self);
        if outcome.is_ok() {
            self.at = start;
            self.failure.drop_back(&before);
        } else {
            self.remember(&before, start);
        }
        outcome
    }

    /// Puts what was known before a parser in front of what it found, unless it has moved on.
    fn remember(&mut self, before: &Aside, start: usize) {
        if self.at == start { self.failure.merge(before) } else { self.failure.replace(before) }
    }

    /// The first of `alternatives` that succeeds; one that fails after having moved ends the search.
    pub(super) fn choice<T>(&mut self, alternatives: &[&Alternative<'_, 't, T>]) -> Parsed<T> {
        let start = self.at;
        for alternative in alternatives {
            let outcome = alternative(self);
            if outcome.is_ok() || !self.may_retry(start) {
                return outcome;
            }
        }
        Err(Failed)
    }

    /// `parser`, or nothing.
    pub(super) fn optional<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<Option<T>> {
        let start = self.at;
        match parser(self) {
            Ok(value) => Ok(Some(value)),
            Err(Failed) if self.may_retry(start) => Ok(None),
            Err(Failed) => Err(Failed),
        }
    }

    /// `parser`, or nothing; no message speaks of what it looked for.
    pub(super) fn silently<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<Option<T>> {
        let explain = std::mem::replace(&mut self.explain, false);
        let found = self.optional(|input| input.attempt(parser));
        self.explain = explain;
        found
    }

    /// `parser` as often as it succeeds. What the last round might also have read is forgotten, as Parsec does.
    pub(super) fn many<T>(&mut self, mut parser: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut found = Vec::new();
        while let Some(one) = self.optional(&mut parser)? {
            found.push(one);
            self.failure.forget();
        }
        Ok(found)
    }

    /// `parser` as often as it succeeds, remembering what the last round might also have read.
    pub(super) fn many_remembering<T>(&mut self, mut parser: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut found = Vec::new();
        while let Some(one) = self.optional(&mut parser)? {
            found.push(one);
        }
        Ok(found)
    }

    /// Characters that pass `test`, as many as there are.
    pub(super) fn run(&mut self, test: impl Fn(char) -> bool) -> &'t str {
        let rest = &self.text[self.at..];
        let end = rest.find(|c| !test(c)).unwrap_or(rest.len());
        if end > 0 {
            self.at += end;
            self.failure.forget();
        }
        self.note(self.at, Message::Met(self.peek()));
        &rest[..end]
    }

    /// Characters that pass `test`, at least one.
    pub(super) fn run1(&mut self, test: impl Fn(char) -> bool) -> Parsed<&'t str> {
        let found = self.run(test);
        if found.is_empty() { Err(Failed) } else { Ok(found) }
    }

    /// `item`, and more of them, each after a `separator`.
    pub(super) fn separated<T, S>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Parsed<T>,
        mut separator: impl FnMut(&mut Self) -> Parsed<S>,
    ) -> Parsed<Vec<T>> {
        let first = item(self)?;
        let rest = self.many(|input| {
            separator(input)?;
            item(input)
        })?;
        let mut items = Vec::with_capacity(1 + rest.len());
        items.push(first);
        items.extend(rest);
        Ok(items)
    }

    /// `parser` between blanks.
    pub(super) fn lexeme<T>(&mut self, parser: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.blanks();
        let value = parser(self)?;
        self.blanks();
        Ok(value)
    }

    fn blanks(&mut self) {
        self.run(|c| c == ' ' || c == '\t');
    }

    /// Counts one item of a request; there may be [`MAX_ITEMS`] of each sort.
    pub(super) fn count(&mut self, refusal: &'static str) -> Parsed<()> {
        self.items += 1;
        if self.items > MAX_ITEMS { self.refuse(refusal) } else { Ok(()) }
    }
}

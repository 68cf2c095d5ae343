//! What a parser met and what it expected, and how that is worded.
//!
//! In: messages with the place they belong to. Out: PostgREST's `message` and `details`, character by character; its
//! specs assert them. The wording and the rules of merging are Parsec 3.1.18's, the library PostgREST parses with.

use crate::query::QueryError;

/// One thing known about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// What stood there; `None` is the end of the input.
    Met(Option<char>),
    /// What stood there and was looked for so as to refuse it; outweighs [`Message::Met`].
    Unwanted(char),
    /// What would have been right.
    Expected(Expected),
}

/// Something that would have been right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// This very text; worded in quotes.
    Text(&'static str),
    /// This very character; worded in quotes.
    Char(char),
    /// Something described.
    Name(&'static str),
}

/// What is known about the farthest place that any alternative reached. Frames lie on one stack, so that an alternative
/// is judged apart from what was known before it without anything being allocated.
#[derive(Debug, Default)]
pub(super) struct Failure {
    messages: Vec<Message>,
    /// Where the current frame begins.
    base: usize,
    /// The place that the current frame is about, as an offset in bytes.
    at: usize,
}

/// The frame below the current one.
#[derive(Debug)]
pub(super) struct Aside {
    base: usize,
    at: usize,
}

impl Failure {
    /// Adds a message: the farther place wins, equal places add up.
    pub(super) fn note(&mut self, at: usize, message: Message) {
        if self.is_silent() || at > self.at {
            self.forget();
            self.at = at;
        }
        if at == self.at {
            self.messages.push(message);
        }
    }

    /// Empties the current frame.
    pub(super) fn forget(&mut self) {
        self.messages.truncate(self.base);
    }

    /// Whether the current frame is empty.
    pub(super) fn is_silent(&self) -> bool {
        self.messages.len() == self.base
    }

    /// Begins a frame.
    pub(super) fn set_aside(&mut self) -> Aside {
        let aside = Aside { base: self.base, at: self.at };
        self.base = self.messages.len();
        aside
    }

    /// Ends a frame by adding it to the one below, by the rule of [`Failure::note`]; silence never wins.
    pub(super) fn merge(&mut self, before: &Aside) {
        let silent_before = before.base == self.base;
        if self.is_silent() || (!silent_before && before.at > self.at) {
            self.forget();
            self.at = before.at;
        } else if before.at < self.at {
            self.messages.drain(before.base..self.base);
        }
        self.base = before.base;
    }

    /// Ends a frame by putting it in the place of the one below.
    pub(super) fn replace(&mut self, before: &Aside) {
        self.messages.drain(before.base..self.base);
        self.base = before.base;
    }

    /// Ends a frame and drops it.
    pub(super) fn drop_back(&mut self, before: &Aside) {
        self.forget();
        (self.base, self.at) = (before.base, before.at);
    }

    /// Replaces every expectation of the current frame by one that describes them all.
    pub(super) fn describe(&mut self, name: &'static str) {
        let mut kept = self.base;
        for index in self.base..self.messages.len() {
            if !matches!(self.messages[index], Message::Expected(_)) {
                self.messages[kept] = self.messages[index];
                kept += 1;
            }
        }
        self.messages.truncate(kept);
        self.messages.push(Message::Expected(Expected::Name(name)));
    }

    /// Words it as PostgREST does; `source` says what could not be parsed and `text` is what was.
    pub(super) fn word(&self, source: &str, text: &str) -> QueryError {
        let at = if self.is_silent() { 0 } else { self.at };
        QueryError::Parse { message: place(source, text, at), details: self.details() }
    }

    fn details(&self) -> String {
        let unwanted = self.messages.iter().find_map(|message| match message {
            Message::Unwanted(c) => Some(show_char(*c)),
            _ => None,
        });
        let met = || {
            self.messages.iter().find_map(|message| match message {
                Message::Met(Some(c)) => Some(show_string(&c.to_string())),
                Message::Met(None) => Some("end of input".to_owned()),
                _ => None,
            })
        };
        let mut expected = Vec::new();
        for message in &self.messages {
            if let Message::Expected(one) = message {
                let worded = match one {
                    Expected::Text(text) => show_string(text),
                    Expected::Char(c) => show_string(&c.to_string()),
                    Expected::Name(name) => (*name).to_owned(),
                };
                if !expected.contains(&worded) {
                    expected.push(worded);
                }
            }
        }
        let unexpected = unwanted.or_else(met).map(|what| format!("unexpected {what}"));
        let expecting = match expected.split_last() {
            None => None,
            Some((only, [])) => Some(format!("expecting {only}")),
            Some((last, others)) => Some(format!("expecting {} or {last}", others.join(", "))),
        };
        match [unexpected, expecting].into_iter().flatten().collect::<Vec<_>>().join(" ") {
            nothing if nothing.is_empty() => "unknown parse error".to_owned(),
            details => details,
        }
    }
}

/// `"source" (line 1, column 5)`: Parsec's rendering of a place. A tab goes to the next multiple of eight.
pub(super) fn place(source: &str, text: &str, at: usize) -> String {
    let (line, column) = text[..at].chars().fold((1_usize, 1_usize), |(line, column), c| match c {
        '\n' => (line + 1, 1),
        '\t' => (line, column + 8 - (column - 1) % 8),
        _ => (line, column + 1),
    });
    format!("\"{source}\" (line {line}, column {column})")
}

/// A string as Haskell's `show` writes it.
fn show_string(text: &str) -> String {
    let escaped: String = text.chars().map(|c| if c == '"' { "\\\"".to_owned() } else { escape(c) }).collect();
    format!("\"{escaped}\"")
}

/// A character as Haskell's `show` writes it.
fn show_char(c: char) -> String {
    if c == '\'' { "'\\''".to_owned() } else { format!("'{}'", escape(c)) }
}

fn escape(c: char) -> String {
    const CONTROL: [&str; 32] = [
        "NUL", "SOH", "STX", "ETX", "EOT", "ENQ", "ACK", "a", "b", "t", "n", "v", "f", "r", "SO", "SI", "DLE", "DC1",
        "DC2", "DC3", "DC4", "NAK", "SYN", "ETB", "CAN", "EM", "SUB", "ESC", "FS", "GS", "RS", "US",
    ];
    match c {
        '\\' => "\\\\".to_owned(),
        '\u{7f}' => "\\DEL".to_owned(),
        ' '..='~' => c.to_string(),
        _ => match CONTROL.get(c as usize) {
            Some(name) => format!("\\{name}"),
            None => format!("\\{}", c as u32),
        },
    }
}

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

/// Messages about one place: the farthest that any alternative reached.
#[derive(Clone, Debug, Default)]
pub(super) struct Failure {
    /// Offset in bytes.
    at: usize,
    messages: Vec<Message>,
}

impl Failure {
    /// Messages about the place `at`.
    pub(super) fn new(at: usize, messages: &[Message]) -> Self {
        Self { at, messages: messages.to_vec() }
    }

    /// Adds what an alternative found later: the farther place wins, equal places add up, silence never wins.
    pub(super) fn merge(&mut self, later: Self) {
        if later.messages.is_empty() || (!self.messages.is_empty() && self.at > later.at) {
            return;
        }
        if self.messages.is_empty() || self.at < later.at {
            *self = later;
        } else {
            self.messages.extend(later.messages);
        }
    }

    /// Replaces every expectation by one that describes them all; silence stays silence where the parser succeeded.
    pub(super) fn describe(&mut self, name: &'static str) {
        self.messages.retain(|message| !matches!(message, Message::Expected(_)));
        self.messages.push(Message::Expected(Expected::Name(name)));
    }

    /// Whether nothing is known.
    pub(super) fn is_silent(&self) -> bool {
        self.messages.is_empty()
    }

    /// Words it as PostgREST does; `source` says what could not be parsed and `text` is what was.
    pub(super) fn word(&self, source: &str, text: &str) -> QueryError {
        QueryError::Parse { message: place(source, text, self.at), details: self.details() }
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

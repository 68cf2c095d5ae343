//! The part of TypeScript's syntax that is written, and its printing.

use std::fmt;

/// A type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// A word as it is: `string`, `never`, `Record<string, unknown>`.
    Word(&'static str),
    /// A string of its own.
    Literal(String),
    /// `Database["schema"]["section"]["name"]…`.
    Path(Vec<String>),
    /// `T[]`.
    Array(Box<Syntax>),
    /// `[A, B]`.
    Tuple(Vec<Syntax>),
    /// `A | B`; of nothing it is `never`.
    Union(Vec<Syntax>),
    /// Members between braces.
    Object(Vec<Member>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member {
    key: String,
    presence: Presence,
    value: Syntax,
    comment: Option<String>,
}

/// Whether a member has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// It has to.
    Required,
    /// It may be left out.
    Optional,
}

impl Member {
    /// A member that has to be there.
    pub fn new(key: impl Into<String>, value: Syntax) -> Self {
        Self { key: key.into(), presence: Presence::Required, value, comment: None }
    }

    /// With a comment, if there is one.
    pub fn commented(mut self, comment: Option<&str>) -> Self {
        self.comment = comment.map(str::to_owned);
        self
    }

    /// Required or optional.
    pub fn present(mut self, presence: Presence) -> Self {
        self.presence = presence;
        self
    }

    /// What members are sorted by.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl Syntax {
    /// A string of its own.
    pub fn literal(text: impl Into<String>) -> Self {
        Self::Literal(text.into())
    }

    /// One of some strings.
    pub fn literals<'s>(texts: impl Iterator<Item = &'s str>) -> Self {
        Self::Union(texts.map(Self::literal).collect())
    }

    /// An array of these.
    pub fn array(self) -> Self {
        Self::Array(Box::new(self))
    }

    /// This or null.
    pub fn or_null(self) -> Self {
        match self {
            Self::Union(mut types) => {
                types.push(Self::Word("null"));
                Self::Union(types)
            }
            other => Self::Union(vec![other, Self::Word("null")]),
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        match self {
            Self::Word(word) => f.write_str(word),
            Self::Literal(text) => f.write_str(&quoted(text)),
            Self::Path(steps) => {
                f.write_str("Database")?;
                steps.iter().try_for_each(|step| write!(f, "[{}]", quoted(step)))
            }
            Self::Array(element) if matches!(**element, Self::Union(_)) => {
                f.write_str("(")?;
                element.write(f, depth)?;
                f.write_str(")[]")
            }
            Self::Array(element) => {
                element.write(f, depth)?;
                f.write_str("[]")
            }
            Self::Tuple(types) => {
                f.write_str("[")?;
                separated(types, ", ", f, depth)?;
                f.write_str("]")
            }
            Self::Union(types) if types.is_empty() => f.write_str("never"),
            Self::Union(types) => separated(types, " | ", f, depth),
            // A type without any key, which `{}` is not.
            Self::Object(members) if members.is_empty() => f.write_str("{ [_ in never]: never }"),
            Self::Object(members) => {
                f.write_str("{\n")?;
                members.iter().try_for_each(|member| member.write(f, depth + 1))?;
                write!(f, "{}}}", indent(depth))
            }
        }
    }
}

impl fmt::Display for Syntax {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}

impl Member {
    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = indent(depth);
        if let Some(comment) = &self.comment {
            // A comment must not end before its end.
            let comment = comment.replace("*/", "*\\/");
            let lines: Vec<_> = comment.lines().map(str::trim_end).collect();
            match lines.as_slice() {
                [] => {}
                [line] => writeln!(f, "{indent}/** {line} */")?,
                lines => {
                    writeln!(f, "{indent}/**")?;
                    for line in lines {
                        writeln!(f, "{}", format!("{indent} * {line}").trim_end())?;
                    }
                    writeln!(f, "{indent} */")?;
                }
            }
        }
        let mark = if self.presence == Presence::Optional { "?" } else { "" };
        write!(f, "{indent}{}{mark}: ", key(&self.key))?;
        self.value.write(f, depth)?;
        f.write_str("\n")
    }
}

fn separated(types: &[Syntax], separator: &str, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
    types.iter().enumerate().try_for_each(|(place, ty)| {
        f.write_str(if place == 0 { "" } else { separator })?;
        ty.write(f, depth)
    })
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}

/// A key as it is where it is an identifier of ASCII, else as a string.
fn key(name: &str) -> String {
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '$';
    match name.starts_with(is_start) && name.chars().all(|c| is_start(c) || c.is_ascii_digit()) {
        true => name.to_owned(),
        false => quoted(name),
    }
}

/// A string of JSON is one of TypeScript.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

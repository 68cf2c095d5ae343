//! An SQL file as statements.
//!
//! In: a file's text. Out: its statements with their number and line. Knows what may hold a semicolon: quotes, dollar
//! quotes, comments, the actions of a rule in parentheses, and function bodies between `BEGIN ATOMIC` and `END`. Refuses nothing:
//! what is no SQL is for Postgres to refuse.

use sqlx::{
    AssertSqlSafe, PgConnection,
    postgres::{PgDatabaseError, PgErrorPosition},
};

/// A statement of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step<'f> {
    /// From 1.
    pub(super) number: usize,
    /// The line it starts at, from 1; comments before it don't count.
    pub(super) line: usize,
    /// Without its semicolon.
    pub(super) text: &'f str,
}

/// The statements of a file; empty ones are left out.
pub(super) fn steps(file: &str) -> Vec<Step<'_>> {
    let mut scanner = Scanner::new(file);
    let mut steps = Vec::new();
    let mut start = None;
    loop {
        let at = file.len() - scanner.rest.len();
        let Some(token) = scanner.next() else { break };
        match (token, start) {
            (Token::Blank, _) => {}
            (Token::End, Some(from)) => {
                push(&mut steps, file, from, at);
                start = None;
            }
            (Token::End, None) => {}
            (Token::Part, None) => start = Some(at),
            (Token::Part, Some(_)) => {}
        }
    }
    if let Some(from) = start {
        push(&mut steps, file, from, file.len());
    }
    steps
}

fn push<'f>(steps: &mut Vec<Step<'f>>, file: &'f str, from: usize, to: usize) {
    let line = 1 + file[..from].matches('\n').count();
    steps.push(Step { number: steps.len() + 1, line, text: file[from..to].trim_end() });
}

/// Whether psql would take something in a statement for a command of its own: a backslash outside of quotes and comments.
pub(super) fn has_command(statement: &str) -> bool {
    let mut scanner = Scanner::new(statement);
    loop {
        let is_command = scanner.rest.starts_with('\\');
        if is_command || scanner.next().is_none() {
            return is_command;
        }
    }
}

/// A script of pg_restore's without the `\restrict` and `\unrestrict` that newer versions put around it for psql. The same words
/// elsewhere may be a function's.
pub(super) fn without_commands(script: &str) -> String {
    // Not `lines`: a carriage return at the end of one is a function's, too.
    let mut lines: Vec<&str> = script.split('\n').collect();
    let first = lines.iter().position(|line| !line.trim().is_empty() && !line.starts_with("--")).unwrap_or_default();
    if let Some(key) = lines[first].strip_prefix("\\restrict ") {
        let end = format!("\\unrestrict {key}");
        lines.remove(first);
        if let Some(at) = lines.iter().rposition(|line| *line == end) {
            lines.remove(at);
        }
    }
    lines.join("\n")
}

/// A statement of a file that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, statement {number} (line {line}): {message}")]
pub struct StatementError {
    /// The file.
    pub file: String,
    /// The statement, from 1.
    pub number: usize,
    /// The line that the error is about, or where the statement starts.
    pub line: usize,
    /// What Postgres said, with its hint and context.
    pub message: String,
}

/// Runs a file's statements one after the other. The outer error is that of a connection.
pub(super) async fn run(
    connection: &mut PgConnection,
    file: &str,
    text: &str,
) -> Result<Result<(), StatementError>, sqlx::Error> {
    run_reporting(connection, file, text, |_, _| {}).await
}

/// The same; `progress` is called before each with how many are done, and how many there are.
pub(super) async fn run_reporting(
    connection: &mut PgConnection,
    file: &str,
    text: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<Result<(), StatementError>, sqlx::Error> {
    let steps = steps(text);
    let total = steps.len() as u64;
    for step in steps {
        progress(step.number as u64 - 1, total);
        let Err(error) = sqlx::raw_sql(AssertSqlSafe(step.text.to_owned())).execute(&mut *connection).await else {
            continue;
        };
        let reported = error.as_database_error().and_then(|error| error.try_downcast_ref::<PgDatabaseError>());
        let Some(reported) = reported else { return Err(error) };
        let line = step.line + lines_before(step.text, reported);
        let (file, message) = (file.to_owned(), explained(reported));
        return Ok(Err(StatementError { file, number: step.number, line, message }));
    }
    Ok(Ok(()))
}

/// Lines of a statement before the place that an error is about.
fn lines_before(text: &str, error: &PgDatabaseError) -> usize {
    let Some(PgErrorPosition::Original(position)) = error.position() else { return 0 };
    text.chars().take(position.saturating_sub(1)).filter(|c| *c == '\n').count()
}

/// What Postgres said, in one line.
fn explained(error: &PgDatabaseError) -> String {
    let mut text = format!("{} ({})", error.message(), error.code());
    for (title, more) in [("detail", error.detail()), ("hint", error.hint()), ("context", error.r#where())] {
        if let Some(more) = more {
            text.push_str(&format!("; {title}: {}", more.replace('\n', " ")));
        }
    }
    text
}

/// What a piece of a file is to the one question asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// White space or a comment.
    Blank,
    /// A part of a statement.
    Part,
    /// A semicolon that ends one.
    End,
}

struct Scanner<'f> {
    rest: &'f str,
    /// Open parentheses.
    parentheses: usize,
    /// Open BEGINs and CASEs of a routine's body.
    begins: usize,
    is_routine: bool,
    /// Words of the statement so far.
    words: usize,
}

impl<'f> Scanner<'f> {
    fn new(text: &'f str) -> Self {
        Self { rest: text, parentheses: 0, begins: 0, is_routine: false, words: 0 }
    }

    fn next(&mut self) -> Option<Token> {
        let first = self.rest.chars().next()?;
        let (length, token) = match first {
            ';' if self.begins == 0 && self.parentheses == 0 => {
                (self.is_routine, self.words) = (false, 0);
                (1, Token::End)
            }
            _ if first.is_whitespace() => (first.len_utf8(), Token::Blank),
            '-' if self.rest.starts_with("--") => (self.rest.find('\n').unwrap_or(self.rest.len()), Token::Blank),
            '/' if self.rest.starts_with("/*") => (comment(self.rest), Token::Blank),
            '\'' => (quoted(self.rest, '\'', false), Token::Part),
            '"' => (quoted(self.rest, '"', false), Token::Part),
            '$' => (dollar_quoted(self.rest), Token::Part),
            '(' => {
                self.parentheses += 1;
                (1, Token::Part)
            }
            ')' => {
                self.parentheses = self.parentheses.saturating_sub(1);
                (1, Token::Part)
            }
            _ if first.is_alphabetic() || first == '_' => (self.word(), Token::Part),
            _ => (first.len_utf8(), Token::Part),
        };
        self.rest = &self.rest[length..];
        Some(token)
    }

    /// A word; it may open or close a body, or be the prefix of a string with escapes.
    fn word(&mut self) -> usize {
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let length = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, after) = self.rest.split_at(length);
        if word.eq_ignore_ascii_case("e") && after.starts_with('\'') {
            return length + quoted(after, '\'', true);
        }
        self.words += 1;
        match word.to_ascii_lowercase().as_str() {
            // CREATE [OR REPLACE] FUNCTION
            "function" | "procedure" if self.words <= 4 => self.is_routine = true,
            "begin" if self.is_routine => self.begins += 1,
            "case" if self.begins > 0 => self.begins += 1,
            "end" => self.begins = self.begins.saturating_sub(1),
            _ => {}
        }
        length
    }
}

/// Comments nest.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        match rest {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// A doubled quote is one inside; where there are escapes, so is one after a backslash.
fn quoted(text: &str, quote: char, has_escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        let is_doubled = c == quote && characters.peek().is_some_and(|(_, next)| *next == quote);
        if is_doubled || (has_escapes && c == '\\') {
            characters.next();
        } else if c == quote {
            return at + 1;
        }
    }
    text.len()
}

/// `$tag$ … $tag$`; a lone `$` is one character.
fn dollar_quoted(text: &str) -> usize {
    let Some(length) = text[1..].find('$') else { return 1 };
    let tag = &text[..length + 2];
    let name = &tag[1..=length];
    if !name.chars().all(|c| c.is_alphanumeric() || c == '_') || name.starts_with(|c: char| c.is_ascii_digit()) {
        return 1;
    }
    text[tag.len()..].find(tag).map_or(text.len(), |at| at + 2 * tag.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(file: &str) -> Vec<&str> {
        steps(file).into_iter().map(|step| step.text).collect()
    }

    #[test]
    fn statements_end_at_semicolons() {
        let file = "-- a comment; with a semicolon\nselect 1;\n\nselect 2 ;;\n/* a /* nested; */ one; */ select 3";
        assert_eq!(texts(file), ["select 1", "select 2", "select 3"]);
        let steps = steps(file);
        assert_eq!(steps.iter().map(|step| (step.number, step.line)).collect::<Vec<_>>(), [(1, 2), (2, 4), (3, 5)]);
    }

    #[test]
    fn quotes_hide_semicolons() {
        assert_eq!(
            texts("select 'a;''b'; select \"c;\"\"d\"; select E'\\';'; select 1"),
            ["select 'a;''b'", "select \"c;\"\"d\"", "select E'\\';'", "select 1"]
        );
        assert_eq!(
            texts("do $$ begin; end $$; do $x$ $$; $x$; select $1; select 'é;'"),
            ["do $$ begin; end $$", "do $x$ $$; $x$", "select $1", "select 'é;'"]
        );
        assert_eq!(texts("select 'open; select 2"), ["select 'open; select 2"]);
    }

    #[test]
    fn bodies_hide_semicolons() {
        let body =
            "create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end";
        assert_eq!(
            texts(&format!("{body}; begin; select 1; end; select 2")),
            [body, "begin", "select 1", "end", "select 2"]
        );
    }
    #[test]
    fn parentheses_hide_semicolons() {
        let rule = "create rule r as on update to v do instead (select 1; select ')')";
        assert_eq!(texts(&format!("{rule}; select 2)")), [rule, "select 2)"]);
    }

    #[test]
    fn what_is_for_psql_is_taken_out() {
        let script = "--\n\\restrict abc\nSELECT '\r\n\\restrict me\n\\unrestrict me\n';\n\\unrestrict abc\n--";
        assert_eq!(without_commands(script), "--\nSELECT '\r\n\\restrict me\n\\unrestrict me\n';\n--");
        for script in ["", "SELECT 1;", "SELECT '\n\\restrict me\n';\n"] {
            assert_eq!(without_commands(script), script);
        }
    }

    #[test]
    fn commands_of_psql_are_seen() {
        for text in ["select 1\n\\! touch x", "a \"b\\\" \\q", "-- a\n\\q", "\\q"] {
            assert!(has_command(text), "{text}");
        }
        for text in ["select '\\q', \"\n\\q\", E'\\'\\q', $$\n\\q$$ -- \\q\n/* \\q */", ""] {
            assert!(!has_command(text), "{text}");
        }
    }
}

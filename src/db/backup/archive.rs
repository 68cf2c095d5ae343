//! A dump read by pg_restore: as text, which we run ourselves, so that all of a restore is one transaction.
//!
//! In: a file in PostgreSQL's custom format. Out: its table of contents, its statements, its rows. Nothing here knows a database.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdout},
};

use super::tools::{Tool, ToolError};
use crate::db::script;

/// So many bytes of rows are handed on at once, and a row more at most.
const PIECE: usize = 1 << 18;

/// A dump.
pub(super) struct Archive {
    tool: Tool,
    file: PathBuf,
}

/// What is before the rows, and after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// Types, functions, tables.
    Before,
    /// Indexes, keys, triggers, row security.
    After,
}

impl Archive {
    pub(super) fn new(tool: Tool, file: &Path) -> Self {
        Self { tool, file: file.to_owned() }
    }

    /// The table of contents.
    pub(super) async fn list(&self) -> Result<String, ToolError> {
        let mut command = self.tool.command(["--list"]);
        let child =
            command.arg(&self.file).stdout(Stdio::piped()).spawn().map_err(|error| self.tool.unusable(error))?;
        let output = child.wait_with_output().await.map_err(|error| self.tool.unusable(error))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => Err(self.tool.failed(output.status, &String::from_utf8_lossy(&output.stderr))),
        }
    }

    /// The statements of a section that are in the list.
    pub(super) async fn statements(&self, section: Section, list: &str) -> Result<String, ToolError> {
        let mut child = self.start(if section == Section::Before { "pre-data" } else { "post-data" }, list).await?;
        let mut text = Vec::new();
        if let Some(mut stdout) = child.stdout.take() {
            stdout.read_to_end(&mut text).await.map_err(|error| self.tool.unusable(error))?;
        }
        self.ended(child).await?;
        Ok(script::without_commands(&String::from_utf8_lossy(&text)))
    }

    /// The rows that are in the list.
    pub(super) async fn data(&self, list: &str) -> Result<Data<'_>, ToolError> {
        let mut child = self.start("data", list).await?;
        let stdout = child.stdout.take().map(|stdout| BufReader::with_capacity(PIECE, stdout));
        Ok(Data { archive: self, stdout, child })
    }

    async fn start(&self, section: &str, list: &str) -> Result<Child, ToolError> {
        let mut command = self.tool.command(["--no-owner", "--use-list=/dev/stdin", "--file=-"]);
        command.arg(format!("--section={section}")).arg(&self.file).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| self.tool.unusable(error))?;
        if let Some(mut stdin) = child.stdin.take() {
            // Where it ended before it read everything, its own words say why.
            let _ = stdin.write_all(list.as_bytes()).await;
        }
        Ok(child)
    }

    async fn ended(&self, child: Child) -> Result<(), ToolError> {
        let output = child.wait_with_output().await.map_err(|error| self.tool.unusable(error))?;
        match output.status.success() {
            true => Ok(()),
            false => Err(self.tool.failed(output.status, &String::from_utf8_lossy(&output.stderr))),
        }
    }
}

/// The section of rows, while pg_restore writes it.
pub(super) struct Data<'a> {
    archive: &'a Archive,
    stdout: Option<BufReader<ChildStdout>>,
    child: Child,
}

impl Data<'_> {
    /// The next statement; after one that [`is_copy`], its rows come first. `None` at the end.
    pub(super) async fn statement(&mut self) -> Result<Option<String>, ToolError> {
        let mut text = String::new();
        loop {
            let mut line = Vec::new();
            if self.line(&mut line).await? == 0 {
                return Ok((!text.trim().is_empty()).then_some(text));
            }
            let line = String::from_utf8_lossy(&line);
            let is_between = text.is_empty() && (line.trim().is_empty() || line.starts_with("--") || is_command(&line));
            if is_between {
                continue;
            }
            text.push_str(&line);
            if line.trim_end().ends_with(';') {
                return Ok(Some(text));
            }
        }
    }

    /// The next rows of a COPY, into an empty buffer: how many, and whether there are more.
    pub(super) async fn rows(&mut self, buffer: &mut Vec<u8>) -> Result<(u64, bool), ToolError> {
        let mut count = 0;
        while buffer.len() < PIECE {
            let start = buffer.len();
            let length = self.line(buffer).await?;
            match &buffer[start..] {
                b"\\.\n" => {
                    buffer.truncate(start);
                    return Ok((count, false));
                }
                [.., b'\n'] => count += 1,
                _ => {
                    let reason = format!("the rows end in the middle ({length} bytes into the last)");
                    return Err(ToolError::Failed { program: "pg_restore".to_owned(), reason });
                }
            }
        }
        Ok((count, true))
    }

    async fn line(&mut self, buffer: &mut Vec<u8>) -> Result<usize, ToolError> {
        let Some(stdout) = &mut self.stdout else { return Ok(0) };
        stdout.read_until(b'\n', buffer).await.map_err(|error| self.archive.tool.unusable(error))
    }

    /// Whether pg_restore got to its end.
    pub(super) async fn end(self) -> Result<(), ToolError> {
        let Self { archive, stdout, child } = self;
        drop(stdout);
        archive.ended(child).await
    }
}

/// Whether rows follow a statement.
pub(super) fn is_copy(statement: &str) -> bool {
    statement.starts_with("COPY ") && statement.trim_end().ends_with("FROM stdin;")
}

/// `\restrict` and `\unrestrict` are for psql.
fn is_command(line: &str) -> bool {
    line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_follow_a_copy() {
        assert!(is_copy("COPY renos.leads (id, name) FROM stdin;\n"));
        assert!(!is_copy("SELECT pg_catalog.setval('renos.numbers', 5, true);\n"));
    }
}

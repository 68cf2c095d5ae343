//! PostgreSQL's own programs: where one of a version that will do is, and running it.
//!
//! In: a program's name and the version it must have at least. Out: a [`Tool`]. Refuses where none is new enough, and says which
//! there are and how to get one.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
};

use tokio::process::Command;

use crate::db::local;

/// A program of a known version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tool {
    pub(super) path: PathBuf,
    /// `16.14`
    pub(super) version: String,
    major: u32,
}

/// Why a program of PostgreSQL's did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// None will do.
    #[error("{}", missing(program, *at_least, looked_at))]
    Missing {
        /// `pg_dump`
        program: &'static str,
        /// The major version that it must have at least.
        at_least: u32,
        /// What was found, and why it won't do.
        looked_at: Vec<String>,
    },
    /// It can't be started, or spoken to.
    #[error("{program}: {error}")]
    Unusable {
        /// `pg_dump`
        program: String,
        /// Why.
        error: std::io::Error,
    },
    /// It failed.
    #[error("{program} failed: {reason}")]
    Failed {
        /// `pg_dump`
        program: String,
        /// What it said.
        reason: String,
    },
}

fn missing(program: &str, at_least: u32, looked_at: &[String]) -> String {
    let looked_at = if looked_at.is_empty() { String::new() } else { format!(" (found {})", looked_at.join("; ")) };
    format!(
        "no {program} of PostgreSQL {at_least} or later was found{looked_at}: run `make postgres` in a checkout, install it (Debian \
         and Ubuntu: the package postgresql-client-{at_least}), or set POSTGRES_BIN to the folder that has it"
    )
}

/// The oldest that is new enough: it is the least likely to write what that version doesn't know.
pub(super) fn find(program: &'static str, configured: Option<&Path>, at_least: u32) -> Result<Tool, ToolError> {
    let folders = configured.map(Path::to_owned).into_iter().chain(local::folders_with(program));
    let (mut found, mut looked_at): (Vec<Tool>, Vec<String>) = (Vec::new(), Vec::new());
    for folder in folders {
        let path = folder.join(program);
        match version(&path) {
            Ok((major, version)) if major >= at_least => found.push(Tool { path, version, major }),
            Ok((_, version)) => looked_at.push(format!("{}: version {version}", path.display())),
            Err(reason) => looked_at.push(format!("{}: {reason}", path.display())),
        }
    }
    // The first of several of one version.
    found.into_iter().min_by_key(|tool| tool.major).ok_or(ToolError::Missing { program, at_least, looked_at })
}

fn version(path: &Path) -> Result<(u32, String), String> {
    let text = local::said(std::process::Command::new(path).arg("--version"))?;
    let version = local::version(&text).ok_or_else(|| format!("answers {text:?} to --version"))?;
    let major = version.split(|c: char| !c.is_ascii_digit()).next().and_then(|digits| digits.parse().ok());
    Ok((major.ok_or_else(|| format!("answers {text:?} to --version"))?, version))
}

impl Tool {
    /// How it is started: it speaks English, dies with whoever waits for it, and Ctrl-C is not for it.
    pub(super) fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(&self.path);
        command.args(arguments).env("LC_ALL", "C").kill_on_drop(true).process_group(0);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// It can't be started, or spoken to.
    pub(super) fn unusable(&self, error: std::io::Error) -> ToolError {
        ToolError::Unusable { program: self.path.display().to_string(), error }
    }

    /// What it said when it failed.
    pub(super) fn failed(&self, status: ExitStatus, said: &str) -> ToolError {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let reason = reason(&name, said);
        ToolError::Failed { program: name, reason: if reason.is_empty() { status.to_string() } else { reason } }
    }
}

/// The lines that say what went wrong, without the program's name; all of them where none says so.
fn reason(program: &str, said: &str) -> String {
    let lines: Vec<_> =
        said.lines().map(|line| line.strip_prefix(&format!("{program}: ")).unwrap_or(line).trim()).collect();
    let tells = |line: &&&str| ["error:", "detail:", "hint:", "fatal:"].iter().any(|start| line.starts_with(start));
    let telling: Vec<&str> = lines.iter().filter(tells).copied().collect();
    if telling.is_empty() { lines.join("; ") } else { telling.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_old_is_named_with_what_to_do() {
        let error = find("pg_dump", Some(Path::new("/nowhere")), 999).unwrap_err().to_string();
        for part in ["pg_dump of PostgreSQL 999", "/nowhere/pg_dump: ", "POSTGRES_BIN", "postgresql-client-999"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn the_reason_is_picked_out() {
        let said = "pg_dump: saving encoding\npg_dump: error: query failed: no\npg_dump: detail: Query was: x\n";
        assert_eq!(reason("pg_dump", said), "error: query failed: no; detail: Query was: x");
        assert_eq!(reason("pg_dump", "something\nelse\n"), "something; else");
    }
}

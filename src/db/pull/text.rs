//! A dump's text as a migration.
//!
//! In: what `pg_restore` writes. Out: its statements, without what is for a session of psql's: settings, the search path. Names in it are qualified, so it needs none. Refuses what psql would take for a command of its own, since that is
//! what people run the file with.

use super::PullError;
use crate::db::script;

/// Bodies of functions may name what comes later.
const FIRST: &str = "set local check_function_bodies = off;\n";

/// The statements as a file; `None` where there are none.
///
/// # Errors
/// [`PullError::Command`].
pub(super) fn migration(title: &str, dump: &str) -> Result<Option<String>, PullError> {
    let statements: Vec<_> =
        script::steps(dump).into_iter().map(|step| step.text).filter(|text| !is_setting(text)).collect();
    if let Some(statement) = statements.iter().find(|statement| script::has_command(statement)) {
        return Err(PullError::Command(statement.chars().take(200).collect()));
    }
    if statements.is_empty() {
        return Ok(None);
    }
    let body: String = statements.iter().map(|statement| format!("\n{statement};\n")).collect();
    Ok(Some(format!("-- {}\n\n{FIRST}{body}", line(title))))
}

/// A text as one line, whatever names are in it.
pub(super) fn line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn is_setting(statement: &str) -> bool {
    statement.starts_with("SET ") || statement.starts_with("SELECT pg_catalog.set_config('search_path'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_go_and_bodies_stay() {
        let dump = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET statement_timeout = 0;\nSELECT \
            pg_catalog.set_config('search_path', '', false);\n\nCREATE FUNCTION a.f() RETURNS int LANGUAGE sql\n    AS $$\nSET \
            x = 1;\nselect 1;\n$$;\n\nSET default_tablespace = '';\n\nCREATE TABLE a.t (\n    x integer\n);\n\n\\unrestrict abc\n";
        assert_eq!(
            migration("a", &script::without_commands(dump)).unwrap().unwrap(),
            "-- a\n\nset local check_function_bodies = off;\n\nCREATE FUNCTION a.f() RETURNS int LANGUAGE sql\n    AS $$\nSET \
            x = 1;\nselect 1;\n$$;\n\nCREATE TABLE a.t (\n    x integer\n);\n"
        );
        assert_eq!(migration("a", "SET x = 1;\n").unwrap(), None);
    }

    #[test]
    fn nothing_is_a_command_of_psql() {
        let file = migration("x\n\\! touch y\n--", "select '\r\n\\q';").unwrap().unwrap();
        assert!(file.starts_with("-- x \\! touch y --\n") && file.contains("select '\r\n\\q';"), "{file}");
        let refused = migration("a", "select 1;\n\\! touch y\n").unwrap_err().to_string();
        assert!(refused.contains("\\\\! touch y"), "{refused}");
    }
}

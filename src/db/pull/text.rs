//! A dump's text as a migration.
//!
//! In: what `pg_restore` writes. Out: its statements, without what is for a session of psql's: meta-commands, settings, the
//! search path. Names in it are qualified, so it needs none.

use crate::db::script;

/// Bodies of functions may name what comes later.
const FIRST: &str = "set local check_function_bodies = off;\n";

/// The statements as a file; `None` where there are none.
pub(super) fn migration(title: &str, dump: &str) -> Option<String> {
    let lines: Vec<_> = dump.lines().filter(|line| !is_meta(line)).collect();
    let text = lines.join("\n");
    let statements: Vec<_> =
        script::steps(&text).into_iter().map(|step| step.text).filter(|text| !is_setting(text)).collect();
    if statements.is_empty() {
        return None;
    }
    let body: String = statements.iter().map(|statement| format!("\n{statement};\n")).collect();
    Some(format!("-- {title}\n\n{FIRST}{body}"))
}

/// What newer versions put around a dump.
fn is_meta(line: &str) -> bool {
    line.starts_with("\\restrict ") || line.starts_with("\\unrestrict ")
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
            migration("a", dump).unwrap(),
            "-- a\n\nset local check_function_bodies = off;\n\nCREATE FUNCTION a.f() RETURNS int LANGUAGE sql\n    AS $$\nSET \
            x = 1;\nselect 1;\n$$;\n\nCREATE TABLE a.t (\n    x integer\n);\n"
        );
        assert_eq!(migration("a", "SET x = 1;\n"), None);
    }
}

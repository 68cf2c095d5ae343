//! Messages against PostgREST 16.2's own doctests and specs.

use super::error::Failure;
use super::filter;
use super::*;
use super::{name, select as selection};
use input::{Input, Parsed};

/// Runs one production on a text, as PostgREST's doctests do, and words the failure as `column: details`.
fn failure<T: std::fmt::Debug>(text: &str, production: impl Fn(&mut Input<'_>) -> Parsed<T>) -> String {
    match parse("", "", text, production) {
        Ok(value) => panic!("{text}: {value:?}"),
        Err(QueryError::Parse { message, details }) => {
            let column = message.rsplit("column ").next().unwrap().trim_end_matches(')');
            format!("{column}: {details}")
        }
        Err(other) => panic!("{text}: {other:?}"),
    }
}

#[test]
fn select_fails_in_parsecs_words() {
    const FIELD: &str = r#"expecting letter, digit, "-", "->>", "->", "::", ".", ")", "," or end of input"#;
    for (text, expected) in [
        ("id,clients(name[])", format!("16: unexpected '[' {FIELD}")),
        ("name!hint", format!("5: unexpected '!' {FIELD}")),
        ("*!hint", r#"2: unexpected '!' expecting ")", "," or end of input"#.to_owned()),
        ("name::", "7: unexpected end of input expecting letter or digit".to_owned()),
        ("data->>-78xy", r#"11: unexpected 'x' expecting digit, "->", "::", ".", "," or end of input"#.to_owned()),
        ("data->>--34", r#"9: unexpected "-" expecting digit"#.to_owned()),
        (
            "data->(!@#$%^&*_d->>!@#$%^&*_e::integer",
            r#"7: unexpected "(" expecting "-", digit or any non reserved character different from: .,>()"#.to_owned(),
        ),
    ] {
        let select = |input: &mut Input<'_>| {
            let items = selection::forest(input, 0)?;
            surplus(input).map(|()| items)
        };
        assert_eq!(failure(text, select), expected, "{text}");
    }
}

#[test]
fn parts_of_select_fail_in_parsecs_words() {
    assert_eq!(
        failure(":", |input| name::field_name(input).map(drop)),
        r#"1: unexpected ":" expecting field name (* or [a..z0..9_$])"#
    );
    assert_eq!(failure("rel->jsonpath(*)", selection::relation), "6: unexpected '>'");
    assert_eq!(failure("rel->jsonpath!hint(*)", selection::relation), "6: unexpected '>'");
    assert_eq!(failure("rel(*)", selection::spread), r#"1: unexpected "r" expecting "...""#);
    assert_eq!(failure("alias:...rel(*)", selection::spread), r#"1: unexpected "a" expecting "...""#);
    assert_eq!(failure("...rel->jsonpath(*)", selection::spread), "9: unexpected '>'");
    let indices = r#"7: unexpected 'x' expecting digit, "->", "::", ".", "," or end of input"#;
    assert_eq!(failure("->>-78xy", name::json_path), indices);
    assert_eq!(failure("->>--34", name::json_path), r#"5: unexpected "-" expecting digit"#);
    assert_eq!(failure("->>-xy-4", name::json_path), r#"5: unexpected "x" expecting digit"#);
}

#[test]
fn filters_fail_in_parsecs_words() {
    const OPERATOR: &str = "expecting operator (eq, gt, ...)";
    const ANY: &str = r#"expecting "not" or operator (eq, gt, ...)"#;
    for (text, expected) in [
        ("noop.0", format!("1: unexpected \"o\" {ANY}")),
        ("val", format!("1: unexpected \"v\" {ANY}")),
        ("0", format!("1: unexpected \"0\" {ANY}")),
        ("fts().value", format!("5: unexpected \")\" {OPERATOR}")),
        ("eq().value", format!("4: unexpected \")\" {OPERATOR}")),
        ("is().value", format!("3: unexpected \"(\" {OPERATOR}")),
        ("in().value", format!("3: unexpected \"(\" {OPERATOR}")),
    ] {
        assert_eq!(failure(text, |input| filter::operation(input, filter::whole_value)), expected, "{text}");
    }
}

#[test]
fn order_fails_in_parsecs_words() {
    const MODIFIERS: &str = r#"expecting "asc", "desc", "nullsfirst" or "nullslast""#;
    const NULLS: &str = r#"expecting "nullsfirst" or "nullslast""#;
    for (text, expected) in [
        (
            "clients(name,id)",
            r#"8: unexpected '(' expecting letter, digit, "-", "->>", "->", delimiter (.), "," or end of input"#
                .to_owned(),
        ),
        ("id.ac", format!("4: unexpected \"c\" {MODIFIERS}")),
        ("id.descc", r#"8: unexpected 'c' expecting delimiter (.), "," or end of input"#.to_owned()),
        ("id.nulsfist", format!("4: unexpected \"n\" {MODIFIERS}")),
        ("id.nullslasttt", r#"13: unexpected 't' expecting "," or end of input"#.to_owned()),
        ("id.smth34", format!("4: unexpected \"s\" {MODIFIERS}")),
        ("id.asc.nlsfst", format!("8: unexpected \"l\" {NULLS}")),
        ("id.asc.nullslasttt", r#"17: unexpected 't' expecting "," or end of input"#.to_owned()),
        ("id.asc.smth34", format!("8: unexpected \"s\" {NULLS}")),
    ] {
        assert_eq!(failure(text, super::order::order), expected, "{text}");
    }
}

#[test]
fn logic_fails_in_parsecs_words() {
    const MEMBER: &str =
        "expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator (and, or)";
    for (text, expected) in [
        ("or()", format!("4: unexpected \")\" {MEMBER}")),
        ("or(id.in.1,2,id.eq.3)", r#"10: unexpected "1" expecting "(""#.to_owned()),
        ("or)(", r#"3: unexpected ")" expecting "(""#.to_owned()),
        ("and(ord(id.eq.1,id.eq.1),id.eq.2)", r#"7: unexpected "d" expecting "(""#.to_owned()),
        ("or(id.eq.1,not.xor(id.eq.2,id.eq.3))", r#"16: unexpected "x" expecting logic operator (and, or)"#.to_owned()),
    ] {
        assert_eq!(failure(text, |input| filter::logic_tree(input, 0)), expected, "{text}");
    }
}

#[test]
fn messages_name_the_text_and_the_place() {
    let error = |result: Result<(), QueryError>| match result.unwrap_err() {
        QueryError::Parse { message, details } => (message, details),
        other => panic!("{other:?}"),
    };
    for (result, message, details) in [
        (
            super::order("id.asc.nullslasttt").map(drop),
            "\"failed to parse order (id.asc.nullslasttt)\" (line 1, column 17)",
            "unexpected 't' expecting \",\" or end of input",
        ),
        (
            operation("noop.0").map(drop),
            "\"failed to parse filter (noop.0)\" (line 1, column 1)",
            "unexpected \"o\" expecting \"not\" or operator (eq, gt, ...)",
        ),
        (
            columns("columns parameter", "").map(drop),
            "\"failed to parse columns parameter ()\" (line 1, column 1)",
            "unexpected end of input expecting field name (* or [a..z0..9_$])",
        ),
        (
            logic_tree(false, Logic::Or, "()").map(drop),
            "\"failed to parse logic tree (())\" (line 1, column 4)",
            "unexpected \")\" expecting field name (* or [a..z0..9_$]), negation operator (not) or logic operator \
             (and, or)",
        ),
        (
            integer("limit parameter", "abc").map(drop),
            "\"failed to parse limit parameter (abc)\" (line 1, column 1)",
            "unexpected \"a\" expecting \"-\" or digit",
        ),
        (
            operation("is.null\u{e9}").map(drop),
            "\"failed to parse filter (is.nullé)\" (line 1, column 8)",
            "unexpected '\\233' expecting end of input",
        ),
        (
            select("a,\tb!").map(drop),
            "\"failed to parse select parameter (a,\tb!)\" (line 1, column 10)",
            "unexpected '!' expecting letter, digit, \"-\", \"->>\", \"->\", \"::\", \".\", \")\", \",\" or end of input",
        ),
        (
            operation("in.(a,\n").map(drop),
            "\"failed to parse filter (in.(a,\n)\" (line 2, column 1)",
            "unexpected end of input expecting \",\" or \")\"",
        ),
    ] {
        assert_eq!(error(result), (message.to_owned(), details.to_owned()));
    }
}

#[test]
fn characters_are_shown_as_haskell_shows_them() {
    use super::error::Message;
    for (message, expected) in [
        (Message::Met(Some('"')), r#"unexpected "\"""#),
        (Message::Met(Some('\'')), r#"unexpected "'""#),
        (Message::Unwanted('\''), r"unexpected '\''"),
        (Message::Unwanted('"'), "unexpected '\"'"),
        (Message::Met(Some('\\')), r#"unexpected "\\""#),
        (Message::Met(Some('\u{7f}')), r#"unexpected "\DEL""#),
        (Message::Met(Some('\u{1}')), r#"unexpected "\SOH""#),
        (Message::Met(Some('\n')), r#"unexpected "\n""#),
        (Message::Met(Some('é')), r#"unexpected "\233""#),
        (Message::Met(None), "unexpected end of input"),
    ] {
        let mut failure = Failure::default();
        failure.note(0, message);
        let QueryError::Parse { details, .. } = failure.word("", "") else { panic!() };
        assert_eq!(details, expected);
    }
    let QueryError::Parse { details, .. } = Failure::default().word("", "") else { panic!() };
    assert_eq!(details, "unknown parse error");
}

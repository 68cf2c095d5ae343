//! No input is too deep, too long or too slow.

use std::time::{Duration, Instant};

use super::*;

/// Far more than a debug build needs, far less than anything quadratic takes.
const PATIENCE: Duration = Duration::from_secs(3);

fn nested(open: &str, inner: &str, close: &str, depth: usize) -> String {
    format!("{}{inner}{}", open.repeat(depth), close.repeat(depth))
}

fn details(text: &str) -> String {
    let start = Instant::now();
    let result = read(Kind::RelationRead, text);
    assert!(start.elapsed() < PATIENCE, "{:?} for {} bytes", start.elapsed(), text.len());
    match result {
        Err(QueryError::Parse { details, .. }) => details,
        other => panic!("{other:?}"),
    }
}

#[test]
fn embeds_are_bounded_in_depth() {
    let select = |depth| format!("select={}", nested("a(", "*", ")", depth));
    assert!(read(Kind::RelationRead, &select(50)).is_ok());
    for depth in [51, 10_000, 300_000] {
        assert_eq!(details(&select(depth)), "embedded resources may be nested 50 levels deep at most");
        assert!(details(&format!("select={}", "...a(".repeat(depth))).contains("50 levels"));
    }
}

#[test]
fn logic_is_bounded_in_depth() {
    let logic = |depth| format!("and=({})", nested("or(", "a.eq.1", ")", depth));
    assert!(read(Kind::RelationRead, &logic(100)).is_ok());
    for depth in [101, 10_000, 300_000] {
        assert_eq!(details(&logic(depth)), "logic may be nested 100 levels deep at most");
        assert!(details(&format!("or=({}", "not.and(".repeat(depth))).contains("100 levels"));
    }
}

#[test]
fn json_paths_are_bounded_in_length() {
    let path = |steps| format!("a{}", "->b".repeat(steps));
    for (prefix, suffix) in [("select=", ""), ("", "=eq.1"), ("order=", ""), ("and=(", ".eq.1)")] {
        let text = |steps| format!("{prefix}{}{suffix}", path(steps));
        assert!(read(Kind::RelationRead, &text(100)).is_ok());
        for steps in [101, 100_000] {
            assert_eq!(details(&text(steps)), "a JSON path may have 100 steps at most");
        }
    }
}

#[test]
fn requests_are_bounded_in_size() {
    let list = |item: &str, count: usize| vec![item; count].join(",");
    for (prefix, item, suffix, what) in [
        ("select=", "a", "", "select items"),
        ("select=a(", "b", ")", "select items"),
        ("order=", "a", "", "order terms"),
        ("and=(", "a.eq.1", ")", "conditions"),
        ("and=(", "count().eq.1", ")", "conditions"),
    ] {
        let text = |count| format!("{prefix}{}{suffix}", list(item, count));
        assert!(read(Kind::RelationRead, &text(990)).is_ok());
        for count in [1001, 100_000] {
            assert_eq!(details(&text(count)), format!("a request may have 1000 {what} at most"));
        }
    }
    for condition in ["a=eq.1&", "count()=eq.1&"] {
        assert!(details(&condition.repeat(1001)).contains("1000 conditions"), "{condition}");
    }
    assert!(details(&"a=eq.1&".repeat(10_001)).contains("10000 parameters"));
}

#[test]
fn long_texts_are_read_or_refused_at_once() {
    // Three times what an HTTP server takes for a URL; enough for anything quadratic to show.
    const LENGTH: usize = 200_000;
    for (prefix, repeated) in [
        ("a=eq.", "x"),
        ("a=in.(", "\"a\\\",b,"),
        ("a=in.(", "\"a,"),
        ("and=(", "a.eq.{x,"),
        ("and=(", "a.eq.\"x,"),
        ("and=(", "a.eq.{"),
        ("select=", "a-"),
        ("select=", "\""),
        ("select=", "a:"),
        ("select=", "a::"),
        ("select=", "..."),
        ("select=", "a b\t,"),
        ("select=", "\"a\\"),
        ("select=", "a(),"),
        ("order=", "a(b)"),
        ("order=", "a."),
        ("order=", "a.sum"),
        ("", "a.sum"),
        ("", "count("),
        ("and=(", "a.sum("),
        ("", "a."),
        ("", "%00"),
        ("", "&"),
        ("", "a=not."),
        ("", "a.order=b&"),
        ("select=a()&", "a.b=eq.1&"),
        ("", "="),
    ] {
        let text = format!("{prefix}{}", repeated.repeat(LENGTH / repeated.len()));
        for kind in [Kind::RelationRead, Kind::RoutineRead, Kind::Insert] {
            let start = Instant::now();
            let _ = read(kind, &text);
            assert!(start.elapsed() < PATIENCE, "{prefix}{repeated}…: {:?}", start.elapsed());
        }
    }
}

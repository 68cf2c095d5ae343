use super::*;

const KINDS: [Kind; 7] =
    [Kind::RelationRead, Kind::Insert, Kind::Update, Kind::Upsert, Kind::Delete, Kind::RoutineRead, Kind::RoutineCall];

#[test]
fn a_parameter_without_effect_is_refused() {
    use Kind::{Delete, Insert, RelationRead, RoutineCall, RoutineRead, Update, Upsert};
    for (text, accepted) in [
        ("select=id", KINDS.to_vec()),
        ("order=id", KINDS.to_vec()),
        ("columns=id", vec![Insert, Update, RoutineCall]),
        ("on_conflict=id", vec![Insert, Update]),
        ("limit=1", vec![RelationRead, RoutineRead, RoutineCall]),
        ("offset=1", vec![RelationRead, RoutineRead, RoutineCall]),
        ("id=eq.1", vec![RelationRead, Update, Upsert, Delete, RoutineRead, RoutineCall]),
        ("or=(id.eq.1)", vec![RelationRead, Update, Upsert, Delete, RoutineRead, RoutineCall]),
        ("select=a(*)&a.id=eq.1&a.or=(id.eq.1)&a.order=id", KINDS.to_vec()),
        ("select=a(*)&a.limit=1", vec![RelationRead, RoutineRead, RoutineCall]),
        ("id=1", vec![RoutineRead]),
        ("id", vec![]),
        ("select", vec![]),
        ("select=a&select=b", vec![]),
        ("order=a&order=b", vec![]),
        ("select=a(*)&a.order=id&\"a\".order=id", vec![]),
        ("limit=1&limit=1", vec![]),
        ("select=a(*)&a.limit=1&\"a\".limit=2", vec![]),
        ("select=a(*)&a.offset=1&\"a\".offset=2", vec![]),
        ("columns=a&columns=a", vec![]),
        ("on_conflict=a&on_conflict=a", vec![]),
    ] {
        for kind in KINDS {
            assert_eq!(read(kind, text).is_ok(), accepted.contains(&kind), "{kind:?} {text} {:?}", read(kind, text));
        }
    }
}

#[test]
fn the_refusal_names_the_parameter() {
    for (kind, text, name) in [
        (Kind::RelationRead, "columns=id", "columns"),
        (Kind::RelationRead, "a=eq.1&b", "b"),
        (Kind::Update, "a.limit=1", "a.limit"),
        (Kind::Insert, "select=c(*)&c.a=eq.1&b=eq.1", "b"),
        (Kind::Insert, "not.and=(a.eq.1)", "not.and"),
        (Kind::RelationRead, "order=a&order=b", "order"),
        (Kind::RoutineRead, "a->b=1", "a->b"),
        (Kind::RoutineRead, "a.b=1", "a.b"),
    ] {
        match read(kind, text) {
            Err(QueryError::Meaningless { name: found, .. }) => assert_eq!(found, name, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn a_put_has_no_range() {
    for text in ["limit=1", "id=eq.1&offset=1"] {
        assert_eq!(read(Kind::Upsert, text), Err(QueryError::PutRange), "{text}");
    }
    assert_eq!(read(Kind::Upsert, "limit=-1"), Err(QueryError::Range(RangeError::NegativeLimit)));
}

#[test]
fn a_path_must_name_an_embed() {
    for (text, path) in [
        ("clients.id=eq.1", "clients"),
        ("select=*,clients(*)&client.id=eq.1", "client"),
        ("select=*,clients(*,projects(*))&projects.id=eq.1", "projects"),
        ("select=*,clients(*)&clients.projects.order=id", "projects"),
        ("select=*,clients(*)&clients.projects.limit=1", "projects"),
        ("clients.or=(id.eq.1)", "clients"),
        ("order=clients(id)", "clients"),
        ("select=*,c:clients(*)&order=clients(id)", "clients"),
        ("select=c(*)&not.not.c.and=(id.eq.1)", "not"),
    ] {
        match read(Kind::RelationRead, text) {
            Err(QueryError::NotEmbedded { path: found, aliased: None }) => assert_eq!(found, path, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn bad_bounds_are_refused() {
    let negative = Err(QueryError::Range(RangeError::NegativeLimit));
    assert_eq!(read(Kind::RelationRead, "limit=-1"), negative);
    assert_eq!(read(Kind::RelationRead, "select=a(*)&a.limit=-99999999999999999999"), negative);
    for (text, message, details) in [
        ("limit=abc", "limit parameter (abc)\" (line 1, column 1)", "unexpected \"a\" expecting \"-\" or digit"),
        ("limit=", "limit parameter ()\" (line 1, column 1)", "unexpected end of input expecting \"-\" or digit"),
        ("offset=1.5", "offset parameter (1.5)\" (line 1, column 2)", "unexpected '.' expecting digit or end of input"),
    ] {
        let expected =
            QueryError::Parse { message: format!("\"failed to parse {message}"), details: details.to_owned() };
        assert_eq!(read(Kind::RelationRead, text), Err(expected), "{text}");
    }
}

#[test]
fn a_rest_is_not_ignored() {
    for text in [
        "id=in.(1,2)3",
        "id=is.nullable",
        "id)x=eq.1",
        "select=id)x",
        "and=(a.eq.1)x",
        "select=a::int::text",
        "select=a!b!c(*)",
        "select=a!inner!left(*)",
        "a).or=(b.eq.1)",
    ] {
        assert!(matches!(read(Kind::RelationRead, text), Err(QueryError::Parse { .. })), "{text}");
    }
    for text in ["columns=id)", "on_conflict=a,b!"] {
        assert!(matches!(read(Kind::Insert, text), Err(QueryError::Parse { .. })), "{text}");
    }
}

#[test]
fn the_first_failure_is_postgrests_first() {
    // Orders, logic, columns, select, filters, then on_conflict; whatever their order in the URL.
    let text = "on_conflict=!&a=nope&select=!&columns=!&and=!&order=!";
    let parts: Vec<&str> = text.split('&').collect();
    let expected =
        ["order (!)", "logic tree (!)", "columns parameter (!)", "select parameter (!)", "on_conflict parameter (!)"];
    for (wrong, expected) in [parts.len(), 5, 4, 3, 1].into_iter().zip(expected) {
        let text = parts[..wrong].iter().copied().filter(|part| !part.starts_with("a=")).collect::<Vec<_>>().join("&");
        let Err(QueryError::Parse { message, .. }) = read(Kind::Insert, &text) else { panic!("{text}") };
        assert!(message.contains(expected), "{text}: {message}");
    }
}

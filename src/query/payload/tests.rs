use super::*;

fn read(content_type: MediaType, kind: Kind, body: &str) -> Result<Payload, PayloadError> {
    Payload::read(Bytes::copy_from_slice(body.as_bytes()), &content_type, kind, None)
}

fn json(raw: &str, keys: &[&str], is_object: bool) -> Result<Payload, PayloadError> {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Ok(Payload::Json { raw: Bytes::copy_from_slice(raw.as_bytes()), keys, is_object })
}

#[test]
fn json_gives_the_set_of_its_keys() {
    for (body, expected) in [
        (r#"{"b":1,"a":[{"c":2}]}"#, json(r#"{"b":1,"a":[{"c":2}]}"#, &["a", "b"], true)),
        (r#" [{"b":1,"a":2},{"a":3,"b":4}] "#, json(r#" [{"b":1,"a":2},{"a":3,"b":4}] "#, &["a", "b"], false)),
        (r#"{"a":1,"a":2}"#, json(r#"{"a":1,"a":2}"#, &["a"], true)),
        (r#"[{"a":1,"a":2},{"a":3}]"#, json(r#"[{"a":1,"a":2},{"a":3}]"#, &["a"], false)),
        (r#"{"\u0061":"\\u0000"}"#, json(r#"{"\u0061":"\\u0000"}"#, &["a"], true)),
        ("{}", json("{}", &[], true)),
        ("[{},{}]", json("[{},{}]", &[], false)),
        ("[]", json("[]", &[], false)),
        ("5", json("[]", &[], false)),
        ("\"a\"", json("[]", &[], false)),
        ("null", json("[]", &[], false)),
        (r#"[{"a":1},{"b":1}]"#, Err(PayloadError::KeysDiffer)),
        (r#"[{"a":1},{}]"#, Err(PayloadError::KeysDiffer)),
        (r#"[{},{"a":1}]"#, Err(PayloadError::KeysDiffer)),
        (r#"[{"a":1,"b":1},{"a":1,"a":2}]"#, Err(PayloadError::KeysDiffer)),
        (r#"[{"a":1},[1,[2]]]"#, Err(PayloadError::KeysDiffer)),
        (r#"[[{"a":1}],{"a":1}]"#, Err(PayloadError::KeysDiffer)),
        ("[1]", Err(PayloadError::KeysDiffer)),
        ("[null]", Err(PayloadError::KeysDiffer)),
        (r#"[{"a":1},{"b":1}"#, Err(PayloadError::Json)),
        ("", Err(PayloadError::Json)),
        ("}{ x = 2", Err(PayloadError::Json)),
        (r#"{"a":1} x"#, Err(PayloadError::Json)),
        (r#"{"a":"\"#, Err(PayloadError::Json)),
        (r#"{"a":"\u0000"}"#, Err(PayloadError::Nul)),
        (r#"{"\u0000":1}"#, Err(PayloadError::Nul)),
        ("{\"a\":\"\0\"}", Err(PayloadError::Nul)),
    ] {
        assert_eq!(read(MediaType::Json, Kind::Insert, body), expected, "{body}");
    }
}

#[test]
fn json_is_bounded_in_depth() {
    let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    assert!(read(MediaType::Json, Kind::Insert, &nested(500)).is_ok());
    for depth in [501, 10_000, 1_000_000] {
        assert_eq!(read(MediaType::Json, Kind::Insert, &nested(depth)), Err(PayloadError::TooDeep));
        assert_eq!(read(MediaType::Json, Kind::Insert, &"[".repeat(depth)), Err(PayloadError::TooDeep));
    }
    let brackets_in_text = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(900), "{".repeat(900));
    assert!(read(MediaType::Json, Kind::Insert, &brackets_in_text).is_ok());
}

#[test]
fn columns_spare_the_reading() {
    let columns = ["b".to_owned(), "a".to_owned(), "b".to_owned()];
    let read = |body: &'static str, content_type: MediaType| {
        Payload::read(Bytes::from_static(body.as_bytes()), &content_type, Kind::Insert, Some(&columns))
    };
    assert_eq!(read(" {\"c\":1}", MediaType::Json), json(" {\"c\":1}", &["a", "b"], true));
    assert_eq!(read("[{\"c\":1}", MediaType::Json), json("[{\"c\":1}", &["a", "b"], false));
    assert_eq!(read("c\n1", MediaType::Csv), json(r#"[{"c":"1"}]"#, &["a", "b"], false));
    assert_eq!(read("\"\\u0000\"", MediaType::Json), Err(PayloadError::Nul));
}

#[test]
fn csv_becomes_json() {
    for (body, expected) in [
        ("a,b\nbar,baz\n", json(r#"[{"a":"bar","b":"baz"}]"#, &["a", "b"], false)),
        ("b,a\n1,2\r\n3,\"x,\"\"y\"", json(r#"[{"b":"1","a":"2"},{"b":"3","a":"x,\"y"}]"#, &["a", "b"], false)),
        ("a,b\nNULL,foo", json(r#"[{"a":null,"b":"foo"}]"#, &["a", "b"], false)),
        ("a,b\n,", json(r#"[{"a":"","b":""}]"#, &["a", "b"], false)),
        ("a,b\n", json("[]", &[], false)),
        ("", json("[]", &[], false)),
        ("a,b\nfoo,bar\nbaz", Err(PayloadError::FieldsDiffer)),
        ("a,b\nfoo,bar,baz", Err(PayloadError::FieldsDiffer)),
        ("a,b,a\n1,2,3", Err(PayloadError::ColumnTwice("a".to_owned()))),
        ("a\n\0", Err(PayloadError::Nul)),
    ] {
        assert_eq!(read(MediaType::Csv, Kind::Insert, body), expected, "{body}");
    }
}

#[test]
fn forms_become_objects_or_arguments() {
    let body = "a=%7B1,2%7D&b=x+y&c&a=last";
    let object = json(r#"{"a":"last","b":"x y","c":""}"#, &["a", "b", "c"], true);
    assert_eq!(read(MediaType::Form, Kind::Insert, body), object);
    let arguments = [("a", "{1,2}"), ("b", "x y"), ("c", ""), ("a", "last")];
    let form = Payload::Form(arguments.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
    assert_eq!(read(MediaType::Form, Kind::RoutineCall, body), Ok(form.clone()));
    assert_eq!(form.keys(), ["a", "b", "c"]);
    assert_eq!(read(MediaType::Form, Kind::Insert, "a=%00"), Err(PayloadError::Nul));
    assert_eq!(read(MediaType::Form, Kind::Insert, "a=%ff"), Err(PayloadError::Utf8));
}

#[test]
fn functions_take_raw_bodies_and_relations_do_not() {
    let raw = Ok(Payload::Raw(Bytes::from_static(b"<x/>")));
    for content_type in [MediaType::Text, MediaType::Xml, MediaType::OctetStream] {
        assert_eq!(read(content_type.clone(), Kind::RoutineCall, "<x/>"), raw);
        let refusal = Err(PayloadError::ContentType(content_type.mime()));
        assert_eq!(read(content_type, Kind::Insert, "<x/>"), refusal);
    }
    let refusal = read(MediaType::Other("image/png".to_owned()), Kind::RoutineCall, "").unwrap_err();
    assert_eq!(refusal.to_string(), "Content-Type not acceptable: image/png");
    let bytes = Payload::read(Bytes::from_static(b"\xff\0"), &MediaType::OctetStream, Kind::RoutineCall, None);
    assert_eq!(bytes, Ok(Payload::Raw(Bytes::from_static(b"\xff\0"))));
    let text = Payload::read(Bytes::from_static(b"\xff"), &MediaType::Text, Kind::RoutineCall, None);
    assert_eq!(text, Err(PayloadError::Utf8));
    assert_eq!(read(MediaType::Json, Kind::RoutineCall, ""), json("{}", &[], true));
}

#[test]
fn reads_and_deletes_have_no_payload() {
    for kind in [Kind::RelationRead, Kind::Delete, Kind::RoutineRead] {
        assert_eq!(read(MediaType::Other("x".to_owned()), kind, "nonsense"), Ok(Payload::None));
    }
}

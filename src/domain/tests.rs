//! What holds of every operation.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{check::KNOWN, *};

/// Operations that nobody needs a token for.
const OPEN: [&str; 1] = ["flow_click_sms"];

#[test]
fn names_and_paths_are_unique() {
    let (mut names, mut places) = (HashSet::new(), HashSet::new());
    for operation in all() {
        assert!(names.insert(operation.id), "{}", operation.id);
        let place = (operation.schema, operation.path, format!("{:?}", operation.method));
        assert!(places.insert(place), "{}", operation.id);
        assert!(operation.id.starts_with(&format!("{}_", operation.schema)), "{}", operation.id);
        assert!(operation.path.starts_with('/') && !operation.path.contains('-'), "{}", operation.path);
        assert!(!operation.callers.is_empty(), "{}", operation.id);
        assert_eq!(operation.callers.contains(&"anon"), OPEN.contains(&operation.id), "{}", operation.id);
    }
}

#[test]
fn every_example_is_an_input() {
    let sealer = Sealer::new("key", "salt");
    for operation in all() {
        let mut input: Value =
            serde_json::from_str(operation.example).unwrap_or_else(|error| panic!("{}: {error}", operation.id));
        for field in operation.path_fields() {
            let schema = &operation.input["properties"][field];
            let value = match (schema["format"].as_str(), schema["enum"][0].as_str()) {
                (Some("uuid"), _) => "11111111-1111-1111-1111-111111111111",
                (_, Some(first)) => first,
                _ => "x",
            };
            assert!(
                input.as_object_mut().unwrap().insert(field.to_owned(), json!(value)).is_none(),
                "{}",
                operation.id
            );
        }
        operation.parameter(input, Some(&sealer)).unwrap_or_else(|faults| panic!("{}: {faults:?}", operation.id));
    }
}

#[test]
fn every_schema_is_one_that_is_checked() {
    fn check(schema: &Value, at: &str) {
        let fields = schema.as_object().unwrap_or_else(|| panic!("{at}: {schema}"));
        for (word, value) in fields {
            assert!(KNOWN.contains(&word.as_str()), "{at}: {word}");
            match word.as_str() {
                "properties" => {
                    value.as_object().unwrap().iter().for_each(|(name, inner)| check(inner, &format!("{at}.{name}")))
                }
                "items" => check(value, at),
                "oneOf" => value.as_array().unwrap().iter().for_each(|inner| check(inner, at)),
                _ => {}
            }
        }
    }
    for operation in all() {
        check(&operation.input, operation.id);
        assert_eq!(operation.input["additionalProperties"], json!(false), "{}: unknown fields", operation.id);
    }
}

#[test]
fn a_step_is_between_states_that_there_are() {
    for operation in all() {
        if let Some(Transition { of, from, to }) = operation.transition {
            assert!(from.iter().chain([&to]).all(|state| of.states.contains(state)), "{}", operation.id);
        }
    }
}

#[test]
fn all_faults_come_at_once() {
    let schema = json!({
        "type": "object", "required": ["score", "name", "mail"], "additionalProperties": false,
        "properties": {
            "score": {"type": "integer", "minimum": 0, "maximum": 100},
            "name": {"type": ["string", "null"], "minLength": 2},
            "mail": {"type": "string", "format": "email"},
            "lines": {"type": "array", "minItems": 1, "items": {
                "type": "object", "required": ["price"], "properties": {"price": {"type": "number", "exclusiveMinimum": 0}}
            }},
            "kind": {"oneOf": [{"type": "null"}, {"type": "string", "enum": ["a", "b"]}]},
        },
    });
    let faults = |value: Value| -> Vec<String> {
        super::check::faults(&schema, &value).iter().map(|fault| format!("{}: {}", fault.field, fault.reason)).collect()
    };
    assert!(
        faults(json!({"score": 7, "name": null, "mail": "a@b.dk", "lines": [{"price": 1.5}], "kind": "b"})).is_empty()
    );
    assert!(faults(json!({"score": 7, "name": "Jo", "mail": "a@b.dk", "kind": null})).is_empty());
    let found = faults(json!({
        "score": 101, "name": "x", "mail": "a b@c", "lines": [{"price": 0}, {}], "kind": "c", "more": 1
    }));
    assert_eq!(
        found,
        [
            "score: must be 100 or less",
            "name: must have 2 characters or more",
            "mail: must be a mail address",
            "lines[0].price: must be more than 0",
            "lines[1].price: is required",
            "kind: must be one of a, b",
            "more: is no field of this operation",
        ]
    );
    assert_eq!(
        faults(json!({"score": 1, "name": " x ", "mail": "a@b.dk"})),
        ["name: must have 2 characters or more"],
        "blanks around a text are no text"
    );
    assert_eq!(faults(json!([])), [": must be an object"]);
    assert_eq!(
        faults(json!({"score": "7", "mail": 1})),
        ["name: is required", "score: must be a whole number", "mail: must be a string"]
    );
}

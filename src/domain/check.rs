//! An input against its JSON Schema: what is documented is what is enforced, and all faults come at once.
//!
//! Only the words that `utoipa` writes for the types of this crate are known (JSON Schema 2020-12); a test refuses any other.

use serde::Serialize;
use serde_json::{Map, Value};

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: `line_items[2].quantity`; empty is the input itself.
    pub field: String,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl Fault {
    /// A fault of a field.
    pub fn new(field: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// A schema with every `$ref` replaced by what it names.
pub(super) fn without_references(schema: Value, parts: &Map<String, Value>) -> Value {
    match schema {
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let name = reference.rsplit('/').next().unwrap_or_default();
                without_references(parts.get(name).cloned().unwrap_or_default(), parts)
            }
            None => fields.into_iter().map(|(key, value)| (key, without_references(value, parts))).collect(),
        },
        Value::Array(items) => items.into_iter().map(|item| without_references(item, parts)).collect(),
        other => other,
    }
}

/// Everything that is wrong with a value.
pub(super) fn faults(schema: &Value, value: &Value) -> Vec<Fault> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Value, value: &Value, field: &str, found: &mut Vec<Fault>) {
    if let Some(choices) = schema.get("oneOf").and_then(Value::as_array) {
        return one_of(choices, value, field, found);
    }
    if !has_type(schema, value) {
        found.push(Fault::new(field, format!("must be {}", expected(schema))));
        return;
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let allowed: Vec<_> = allowed.iter().map(plain).collect();
        found.push(Fault::new(field, format!("must be one of {}", allowed.join(", "))));
    }
    match value {
        Value::Object(fields) => object(schema, fields, field, found),
        Value::Array(items) => array(schema, items, field, found),
        Value::String(text) => string(schema, text, field, found),
        Value::Number(_) => number(schema, value.as_f64().unwrap_or(f64::NAN), field, found),
        Value::Null | Value::Bool(_) => {}
    }
}

/// One of several schemas has to fit: of an optional one, the faults of what isn't null.
fn one_of(choices: &[Value], value: &Value, field: &str, found: &mut Vec<Fault>) {
    let mut attempts = Vec::new();
    for choice in choices {
        let mut faults = Vec::new();
        check(choice, value, field, &mut faults);
        if faults.is_empty() {
            return;
        }
        if has_type(choice, value) {
            attempts.push(faults);
        }
    }
    match attempts.into_iter().min_by_key(Vec::len) {
        Some(faults) => found.extend(faults),
        None => {
            let expected: Vec<_> = choices.iter().map(expected).collect();
            found.push(Fault::new(field, format!("must be {}", expected.join(" or "))));
        }
    }
}

fn object(schema: &Value, fields: &Map<String, Value>, field: &str, found: &mut Vec<Fault>) {
    let none = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let path = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            found.push(Fault::new(path(name), "is required"));
        }
    }
    for (name, value) in fields {
        match known.get(name) {
            Some(schema) => check(schema, value, &path(name), found),
            None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                found.push(Fault::new(path(name), "is no field of this operation"));
            }
            None => {}
        }
    }
}

fn array(schema: &Value, items: &[Value], field: &str, found: &mut Vec<Fault>) {
    let count = items.len() as u64;
    if bound(schema, "minItems").is_some_and(|least| count < least) {
        found.push(Fault::new(field, format!("must have {} elements or more", schema["minItems"])));
    }
    if bound(schema, "maxItems").is_some_and(|most| count > most) {
        found.push(Fault::new(field, format!("must have {} elements or fewer", schema["maxItems"])));
        return;
    }
    if let Some(element) = schema.get("items") {
        for (index, item) in items.iter().enumerate() {
            check(element, item, &format!("{field}[{index}]"), found);
        }
    }
}

fn string(schema: &Value, text: &str, field: &str, found: &mut Vec<Fault>) {
    let length = text.chars().count() as u64;
    // Texts are stored trimmed: blanks are no text.
    if bound(schema, "minLength").is_some_and(|least| (text.trim().chars().count() as u64) < least) {
        found.push(Fault::new(field, format!("must have {} characters or more", schema["minLength"])));
    }
    if bound(schema, "maxLength").is_some_and(|most| length > most) {
        found.push(Fault::new(field, format!("must have {} characters or fewer", schema["maxLength"])));
    }
    if text.contains('\0') {
        found.push(Fault::new(field, "must not contain the character U+0000, which PostgreSQL cannot store"));
    }
    let reason = match schema.get("format").and_then(Value::as_str) {
        Some("uuid") if uuid::Uuid::try_parse(text).is_err() => "must be a UUID",
        Some("date") if text.parse::<jiff::civil::Date>().is_err() => "must be a date, as in 2026-01-31",
        Some("date-time") if text.parse::<jiff::Timestamp>().is_err() => {
            "must be a time with its zone, as in 2026-01-31T09:30:00Z"
        }
        Some("email") if !is_mail(text) => "must be a mail address",
        _ => return,
    };
    found.push(Fault::new(field, reason));
}

fn number(schema: &Value, number: f64, field: &str, found: &mut Vec<Fault>) {
    let limit = |name: &str| schema.get(name).and_then(Value::as_f64);
    if limit("minimum").is_some_and(|least| number < least) {
        found.push(Fault::new(field, format!("must be {} or more", schema["minimum"])));
    }
    if limit("exclusiveMinimum").is_some_and(|least| number <= least) {
        found.push(Fault::new(field, format!("must be more than {}", schema["exclusiveMinimum"])));
    }
    if limit("maximum").is_some_and(|most| number > most) {
        found.push(Fault::new(field, format!("must be {} or less", schema["maximum"])));
    }
}

fn bound(schema: &Value, name: &str) -> Option<u64> {
    schema.get(name).and_then(Value::as_u64)
}

fn has_type(schema: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    };
    match schema.get("type") {
        Some(Value::String(name)) => is(name),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).any(is),
        _ => true,
    }
}

fn expected(schema: &Value) -> String {
    let name = |name: &str| match name {
        "integer" => "a whole number".to_owned(),
        "array" => "an array".to_owned(),
        "object" => "an object".to_owned(),
        "null" => "null".to_owned(),
        other => format!("a {other}"),
    };
    match schema.get("type") {
        Some(Value::String(one)) => name(one),
        Some(Value::Array(several)) => {
            several.iter().filter_map(Value::as_str).map(name).collect::<Vec<_>>().join(" or ")
        }
        _ => "something else".to_owned(),
    }
}

/// A value as a sentence names it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Something before an `@` and a domain with a dot behind it, no blanks: what can be known without sending a mail.
fn is_mail(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    parts.is_some_and(|(local, domain)| {
        !local.is_empty()
            && !text.contains(char::is_whitespace)
            && domain.split('.').count() > 1
            && domain.split('.').all(|label| !label.is_empty())
    })
}

/// Words of JSON Schema that are checked, or say nothing that could be.
#[cfg(test)]
pub(super) const KNOWN: [&str; 17] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "oneOf",
    "format",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "description",
    "default",
];

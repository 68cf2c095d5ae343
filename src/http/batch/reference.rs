//! What a step says of the answers of earlier ones.
//!
//! In a body, `{"$ref": "0.body[0].id"}` stands for a value: of step 0, the member `body` (or `status`, or `headers`), of
//! that its first item, of that the member `id`. In a path, `$ref(0.body[0].id)` stands for a text, number or boolean,
//! percent-encoded. `{"$value": …}` is its content as it is, for data that looks like a reference.
//!
//! What is filled in is bounded: a short reference can stand for a long answer, and there can be many.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::http::request::encode;

const REF: &str = "$ref";
const VALUE: &str = "$value";
const IN_PATH: &str = "$ref(";

/// A place in an earlier answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reference {
    /// The step.
    pub(super) step: usize,
    way: Vec<Part>,
    text: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Member(String),
    Item(usize),
}

impl Reference {
    /// Reads one.
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("has {text:?} for a reference; write it as 0.body[0].id");
        let (step, mut rest) = text.split_once('.').ok_or_else(wrong)?;
        let step = number(step).ok_or_else(wrong)?;
        let mut way = Vec::new();
        let mut is_member = true;
        while is_member || !rest.is_empty() {
            if is_member {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let (name, behind) = rest.split_at(end);
                way.push(Part::Member(Some(name).filter(|name| !name.is_empty()).ok_or_else(wrong)?.to_owned()));
                rest = behind;
            } else {
                let (index, behind) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or_else(wrong)?;
                way.push(Part::Item(number(index).ok_or_else(wrong)?));
                rest = behind;
            }
            is_member = rest.starts_with('.');
            rest = rest.strip_prefix('.').unwrap_or(rest);
        }
        match way.first() {
            Some(Part::Member(member)) if ["body", "headers", "status"].contains(&member.as_str()) => {
                Ok(Self { step, way, text: text.to_owned() })
            }
            _ => Err(wrong()),
        }
    }

    /// The value there.
    fn find<'a>(&self, answers: &'a [Value]) -> Result<&'a Value, String> {
        let found = answers.get(self.step).and_then(|answer| {
            self.way.iter().try_fold(answer, |value, part| match part {
                Part::Member(name) => value.get(name),
                Part::Item(index) => value.get(index),
            })
        });
        found.ok_or_else(|| format!("refers to {}, where there is nothing", self.text))
    }
}

fn number(text: &str) -> Option<usize> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// Whether a body may have any.
pub(super) fn may_be_in(body: &str) -> bool {
    body.contains(REF) || body.contains(VALUE)
}

/// References in a path.
///
/// # Errors
/// One of them is none.
pub(super) fn in_path(path: &str) -> Result<Vec<Reference>, String> {
    let mut found = Vec::new();
    pieces(path, |reference, _| {
        found.push(reference);
        Ok(String::new())
    })?;
    Ok(found)
}

/// A path with its references replaced, of so many bytes at most.
///
/// # Errors
/// There is nothing there, or no text, number or boolean; or a text that would be more than one value of a list.
pub(super) fn fill_path(path: &str, answers: &[Value], most: usize) -> Result<String, String> {
    let mut length = path.len();
    let filled = pieces(path, |reference, is_in_list| {
        let value = reference.find(answers)?;
        let text = match value {
            Value::String(text) => text.clone(),
            scalar @ (Value::Number(_) | Value::Bool(_)) => scalar.to_string(),
            _ => return Err(format!("refers to {} in its path, which is no text, number or boolean", reference.text)),
        };
        length += text.len();
        if length > most {
            return Err(format!("has a path of more than {most} bytes, with what it refers to"));
        }
        if is_in_list && value.is_string() && text.contains([',', '(', ')', '"', '\\', '.', ':']) {
            let text = &reference.text;
            return Err(format!(
                "refers to {text} within parentheses, where its signs would mean something; filter by it alone"
            ));
        }
        Ok(encode(&text))
    })?;
    if filled.len() > most { Err(format!("has a path of more than {most} bytes")) } else { Ok(filled) }
}

/// A path with each reference replaced by what is made of it, and of whether it stands within parentheses.
fn pieces(path: &str, mut fill: impl FnMut(Reference, bool) -> Result<String, String>) -> Result<String, String> {
    let mut filled = String::with_capacity(path.len());
    let (mut rest, mut open) = (path, 0_usize);
    while let Some((before, behind)) = rest.split_once(IN_PATH) {
        let (text, behind) = behind.split_once(')').ok_or("has a reference in its path that no ) ends")?;
        let decoded = percent_decode_str(before).decode_utf8_lossy();
        open = (open + decoded.matches('(').count()).saturating_sub(decoded.matches(')').count());
        filled.push_str(before);
        filled.push_str(&fill(Reference::parse(text)?, open > 0)?);
        rest = behind;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// References in a body.
///
/// # Errors
/// One of them is none.
pub(super) fn in_body(body: Option<&Value>) -> Result<Vec<Reference>, String> {
    let mut found = Vec::new();
    let Some(body) = body else { return Ok(found) };
    write(body, &mut String::new(), usize::MAX, &mut |reference| {
        found.push(reference);
        Ok(Value::Null.to_string())
    })?;
    Ok(found)
}

/// A body with its references replaced, of so many bytes at most.
///
/// # Errors
/// There is nothing there.
pub(super) fn fill_body(body: &Value, answers: &[Value], most: usize) -> Result<String, String> {
    let mut out = String::new();
    write(body, &mut out, most, &mut |reference| reference.find(answers).map(Value::to_string))?;
    Ok(out)
}

fn write(
    value: &Value,
    out: &mut String,
    most: usize,
    fill: &mut impl FnMut(Reference) -> Result<String, String>,
) -> Result<(), String> {
    match value {
        Value::Object(fields) => match (fields.len(), fields.get(REF), fields.get(VALUE)) {
            (1, Some(Value::String(text)), _) => out.push_str(&fill(Reference::parse(text)?)?),
            (1, Some(_), _) => {
                return Err(format!("has a {REF} that is no text; data of that form goes into {{\"{VALUE}\": …}}"));
            }
            (1, _, Some(value)) => out.push_str(&value.to_string()),
            _ => {
                for (index, (name, value)) in fields.iter().enumerate() {
                    out.push(if index == 0 { '{' } else { ',' });
                    out.push_str(&Value::from(name.as_str()).to_string());
                    out.push(':');
                    write(value, out, most, fill)?;
                }
                out.push_str(if fields.is_empty() { "{}" } else { "}" });
            }
        },
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                write(item, out, most, fill)?;
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        other => out.push_str(&other.to_string()),
    }
    if out.len() > most { Err(format!("has a body of more than {most} bytes, with what it refers to")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answers() -> Vec<Value> {
        vec![
            json!({"status": 201, "headers": {"location": "/renos/leads?id=eq.a b"}, "body": [{"id": "a/b", "n": 1.5, "list": "x,id.gt.0"}]}),
        ]
    }

    #[test]
    fn a_reference_is_a_step_and_a_way_into_its_answer() {
        let part = |name: &str| Part::Member(name.to_owned());
        let read = Reference::parse("12.body[0].id").unwrap();
        assert_eq!((read.step, read.way), (12, vec![part("body"), Part::Item(0), part("id")]));
        assert_eq!(Reference::parse("0.status").unwrap().way, [part("status")]);
        assert_eq!(Reference::parse("0.body").unwrap().way, [part("body")]);
        for wrong in [
            "",
            "0",
            "0.",
            "x.body",
            "-1.body",
            "+1.body",
            "0.id",
            "0.body.",
            "0.body[",
            "0.body[x]",
            "0.body[0]id",
            "0[0]",
        ] {
            assert!(Reference::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn references_in_a_path_are_percent_encoded() {
        let fill = |path| fill_path(path, &answers(), 100);
        assert_eq!(fill("/renos/leads/$ref(0.body[0].id)/score").unwrap(), "/renos/leads/a%2Fb/score");
        assert_eq!(fill("/a?n=eq.$ref(0.body[0].n)&s=eq.$ref(0.status)").unwrap(), "/a?n=eq.1.5&s=eq.201");
        assert_eq!(fill("/a?b=cs.{$x}").unwrap(), "/a?b=cs.{$x}");
        assert_eq!(fill("/a?id=in.(1,$ref(0.body[0].id))").unwrap(), "/a?id=in.(1,a%2Fb)");
        for wrong in [
            "/$ref(0.body)",
            "/$ref(0.body[1].id)",
            "/$ref(0.body[0].id",
            "/$ref(1.body)",
            // More than one value, once it is in a list.
            "/a?id=in.(1,$ref(0.body[0].list))",
            "/a?or=%28id.eq.$ref(0.body[0].list),b.eq.1%29",
        ] {
            fill(wrong).unwrap_err();
        }
        assert_eq!(fill("/a?id=in.(1)&b=eq.$ref(0.body[0].list)").unwrap(), "/a?id=in.(1)&b=eq.x%2Cid.gt.0");
        fill_path(&"$ref(0.status)".repeat(8), &answers(), 100).unwrap_err();
    }

    #[test]
    fn references_in_a_body_are_values_and_what_looks_like_one_can_be_sent() {
        let body = json!({"lead": {"$ref": "0.body[0]"}, "list": [{"$ref": "0.status"}], "plain": {"$ref": 1, "x": 2},
            "schema": {"$value": {"$ref": "#/x"}}});
        let filled: Value = serde_json::from_str(&fill_body(&body, &answers(), 1000).unwrap()).unwrap();
        assert_eq!(
            filled,
            json!({"lead": {"id": "a/b", "n": 1.5, "list": "x,id.gt.0"}, "list": [201], "plain": {"$ref": 1, "x": 2},
            "schema": {"$ref": "#/x"}})
        );
        assert_eq!(in_body(Some(&body)).unwrap().len(), 2);
        for wrong in [json!({"$ref": "#/x"}), json!({"$ref": 1}), json!([{"$ref": "0.body[7]"}])] {
            fill_body(&wrong, &answers(), 1000).unwrap_err();
        }
        // Many short references to a long answer.
        let many = Value::from(vec![json!({"$ref": "0.body"}); 100]);
        assert!(fill_body(&many, &answers(), 1000).unwrap_err().contains("more than 1000 bytes"));
    }
}

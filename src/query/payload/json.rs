//! JSON: its keys, without building its values.

use std::collections::HashMap;
use std::fmt;

use bytes::Bytes;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{MAX_DEPTH, Payload, PayloadError, chosen, text};

/// Reads a JSON body; see [`Payload::read`]. A function called with an empty body is called with `{}`.
pub(super) fn read(body: Bytes, routine: bool, columns: Option<&[String]>) -> Result<Payload, PayloadError> {
    check(text(&body)?)?;
    if let Some(columns) = columns {
        let is_object = body.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
        return Ok(Payload::Json { raw: body, keys: chosen(Vec::new(), Some(columns)), is_object });
    }
    if body.is_empty() && routine {
        return Ok(Payload::Json { raw: Bytes::from_static(b"{}"), keys: Vec::new(), is_object: true });
    }
    let mut deserializer = serde_json::Deserializer::from_slice(&body);
    let shape = deserializer.deserialize_any(TopLevel).map_err(|_| PayloadError::Json)?;
    deserializer.end().map_err(|_| PayloadError::Json)?;
    match shape {
        Shape::Object(keys) => Ok(Payload::Json { raw: body, keys: chosen(keys, None), is_object: true }),
        Shape::Objects(keys) => Ok(Payload::Json { raw: body, keys: chosen(keys, None), is_object: false }),
        Shape::Differing => Err(PayloadError::KeysDiffer),
        // A scalar inserts nothing and has no keys; so it is at PostgREST.
        Shape::Scalar => Ok(Payload::Json { raw: Bytes::from_static(b"[]"), keys: Vec::new(), is_object: false }),
    }
}

/// Looks for what would hurt further on, in one pass over the text: depth, and `\u0000`.
fn check(text: &str) -> Result<(), PayloadError> {
    let bytes = text.as_bytes();
    let (mut depth, mut at, mut quoted) = (0_usize, 0, false);
    while let Some(byte) = bytes.get(at) {
        match (byte, quoted) {
            (b'"', _) => quoted = !quoted,
            (b'\\', true) => {
                if bytes[at + 1..].starts_with(b"u0000") {
                    return Err(PayloadError::Nul);
                }
                at += 1;
            }
            (b'[' | b'{', false) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(PayloadError::TooDeep);
                }
            }
            (b']' | b'}', false) => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    Ok(())
}

enum Shape {
    Object(Vec<String>),
    /// An array of objects with these keys, or an empty one.
    Objects(Vec<String>),
    /// An array whose elements are no objects or have different keys.
    Differing,
    Scalar,
}

/// Visits the whole document.
struct TopLevel;

/// Implements the scalar visits of a visitor, all with one value.
macro_rules! scalars {
    ($value:expr) => {
        fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("JSON")
        }
    };
}

impl<'de> Visitor<'de> for TopLevel {
    type Value = Shape;

    scalars!(Shape::Scalar);

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut keys = Vec::new();
        while let Some((key, IgnoredAny)) = map.next_entry()? {
            keys.push(key);
        }
        Ok(Shape::Object(keys))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let mut keys = KeySet::default();
        let mut uniform = true;
        while let Some(same) = seq.next_element_seed(&mut keys)? {
            uniform &= same;
        }
        let names = keys.names.into_keys().collect();
        Ok(if uniform { Shape::Objects(names) } else { Shape::Differing })
    }
}

/// The keys of the first object of an array, each with the number of the object it was last seen in.
#[derive(Default)]
struct KeySet {
    names: HashMap<String, usize>,
    objects: usize,
}

/// Visits one element: whether it is an object with the keys of the first.
impl<'de> DeserializeSeed<'de> for &mut KeySet {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut KeySet {
    type Value = bool;

    scalars!(false);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        while let Some(IgnoredAny) = seq.next_element()? {}
        Ok(false)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let first = self.objects == 0;
        self.objects += 1;
        let (mut seen, mut known) = (0, true);
        while let Some(same) = map.next_key_seed(Key { keys: self, first })? {
            match same {
                Sighting::New => seen += 1,
                Sighting::Again => {}
                Sighting::Unknown => known = false,
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(known && seen == self.names.len())
    }
}

/// Visits one key, without copying it unless it is the first object's.
struct Key<'k> {
    keys: &'k mut KeySet,
    first: bool,
}

enum Sighting {
    New,
    Again,
    Unknown,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Sighting;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Sighting, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Sighting;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: de::Error>(self, key: &str) -> Result<Sighting, E> {
        let object = self.keys.objects;
        Ok(match self.keys.names.get_mut(key) {
            Some(last) if *last == object => Sighting::Again,
            Some(last) => {
                *last = object;
                Sighting::New
            }
            None if self.first => {
                self.keys.names.insert(key.to_owned(), object);
                Sighting::New
            }
            None => Sighting::Unknown,
        })
    }
}

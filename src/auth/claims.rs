//! Claims: strict JSON, times, audience.
//!
//! In: the bytes that a verified signature covers. Out: [`Claims`], which may speak for a caller once
//! [`Claims::check`] passed. Refuses what is no object, anything given twice, times and audiences of the wrong type.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, value::RawValue};

use super::AuthError;

/// Clocks differ: PostgREST's leeway (Auth/Jwt.hs, `allowedSkewSeconds`).
const LEEWAY: u64 = 30;

/// A token's claims, as values and as they were written.
#[derive(Debug)]
pub(super) struct Claims<'t> {
    values: Value,
    /// Every claim's own text, in the token's order: numbers keep all their digits.
    texts: Vec<(String, &'t RawValue)>,
}

impl<'t> Claims<'t> {
    pub(super) fn parse(bytes: &'t [u8]) -> Result<Self, AuthError> {
        serde_json::from_slice(bytes).map_err(|error: serde_json::Error| {
            // Explained only where PostgREST would have taken the claims: it has no words for the rest.
            let lenient = serde_json::from_slice::<Map<String, Value>>(bytes);
            AuthError::ClaimsUnreadable(lenient.is_ok().then(|| error.to_string()))
        })
    }

    /// The claims as one JSON object.
    pub(super) fn values(&self) -> &Value {
        &self.values
    }

    /// A claim that is text and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_str().filter(|text| !text.is_empty())
    }

    /// Checks times and audience in PostgREST's order. A token without `exp` does not expire. `null` is no time,
    /// though PostgREST takes it for an absent one; for `aud` it documents that, so there it is.
    pub(super) fn check(&self, now: u64, audience: Option<&str>) -> Result<(), AuthError> {
        if self.expired(now)? {
            return Err(AuthError::Expired);
        }
        let latest = now.saturating_add(LEEWAY) as f64;
        if self.time("nbf")?.is_some_and(|time| latest < time) {
            return Err(AuthError::NotYetValid);
        }
        if self.time("iat")?.is_some_and(|time| latest < time) {
            return Err(AuthError::IssuedInFuture);
        }
        self.check_audience(audience)
    }

    /// `exp`, without leeway.
    pub(super) fn expires(&self) -> Result<Option<f64>, AuthError> {
        self.time("exp")
    }

    fn expired(&self, now: u64) -> Result<bool, AuthError> {
        Ok(self.expires()?.is_some_and(|time| over(time, now)))
    }

    fn time(&self, name: &'static str) -> Result<Option<f64>, AuthError> {
        match self.values.get(name) {
            None => Ok(None),
            Some(value) => value.as_f64().map(Some).ok_or(AuthError::TimeNotNumber(name)),
        }
    }

    fn check_audience(&self, ours: Option<&str>) -> Result<(), AuthError> {
        let named: Vec<&str> = match self.values.get("aud") {
            None | Some(Value::Null) => return Ok(()),
            Some(Value::String(one)) => vec![one],
            // Names nobody and excludes nobody (docs/references/auth.rst, "aud validation").
            Some(Value::Array(none)) if none.is_empty() => return Ok(()),
            Some(Value::Array(many)) => {
                many.iter().map(Value::as_str).collect::<Option<_>>().ok_or(AuthError::AudienceNotText)?
            }
            Some(_) => return Err(AuthError::AudienceNotText),
        };
        let accepted = ours.is_none_or(|ours| named.contains(&ours));
        if accepted { Ok(()) } else { Err(AuthError::NotInAudience) }
    }

    /// The claims as JSON text with `role` set to the role taken, every other claim as it was written.
    pub(super) fn with_role(&self, role: &str) -> String {
        let role = Value::from(role).to_string();
        let mut written: Vec<(&str, &str)> = self.texts.iter().map(|(name, raw)| (name.as_str(), raw.get())).collect();
        match written.iter_mut().find(|(name, _)| *name == "role") {
            Some((_, text)) => *text = &role,
            None => written.push(("role", &role)),
        }
        let members: Vec<String> =
            written.iter().map(|(name, text)| format!("{}:{text}", Value::from(*name))).collect();
        format!("{{{}}}", members.join(","))
    }
}

/// Whether a time lies behind, with leeway.
pub(super) fn over(expires: f64, now: u64) -> bool {
    now.saturating_sub(LEEWAY) as f64 > expires
}

impl<'de> Deserialize<'de> for Claims<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Top;
        impl<'de> Visitor<'de> for Top {
            type Value = Claims<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut values, mut texts) = (Map::new(), Vec::new());
                while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
                    let Unique(value) = serde_json::from_str(raw.get()).map_err(A::Error::custom)?;
                    insert_once(&mut values, name.clone(), value)?;
                    texts.push((name, raw));
                }
                Ok(Claims { values: Value::Object(values), texts })
            }
        }
        deserializer.deserialize_map(Top)
    }
}

fn insert_once<E: Error>(values: &mut Map<String, Value>, name: String, value: Value) -> Result<(), E> {
    match values.entry(name) {
        serde_json::map::Entry::Vacant(entry) => {
            entry.insert(value);
            Ok(())
        }
        serde_json::map::Entry::Occupied(entry) => Err(E::custom(format_args!("{:?} is given twice", entry.key()))),
    }
}

/// JSON in which no object has a member twice: readers differ in which of the two they take.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_bool<E>(self, value: bool) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Unique, E> {
                Ok(Unique(value.into()))
            }
            fn visit_unit<E>(self) -> Result<Unique, E> {
                Ok(Unique(Value::Null))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Unique, A::Error> {
                let mut values = Vec::new();
                while let Some(Unique(value)) = seq.next_element()? {
                    values.push(value);
                }
                Ok(Unique(Value::Array(values)))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let mut values = Map::new();
                while let Some((name, Unique(value))) = map.next_entry::<String, Unique>()? {
                    insert_once(&mut values, name, value)?;
                }
                Ok(Unique(Value::Object(values)))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

//! quick
use super::{Kind, media::MediaType};
use bytes::Bytes;
#[derive(Clone, Debug, PartialEq)]
pub enum Payload { Json { raw: Bytes, keys: Vec<String>, is_object: bool }, Raw(Bytes), Form(Vec<(String, String)>) }
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct PayloadError(pub String);
impl Payload {
    pub fn keys(&self) -> Vec<String> { match self { Self::Json { keys, .. } => keys.clone(), Self::Form(f) => { let mut k: Vec<_> = f.iter().map(|f| f.0.clone()).collect(); k.sort(); k.dedup(); k } Self::Raw(_) => vec![] } }
    pub fn read(body: Bytes, ct: &MediaType, kind: Kind, columns: Option<&[String]>) -> Result<Self, PayloadError> {
        let proc = kind == Kind::RoutineCall;
        let e = |s: &str| PayloadError(s.into());
        match ct {
            MediaType::Json => {
                let body = if body.is_empty() && proc { Bytes::from_static(b"{}") } else { body };
                let v: serde_json::Value = serde_json::from_slice(&body).map_err(|_| e("Empty or invalid json"))?;
                let is_object = v.is_object();
                let set = |o: &serde_json::Map<String, serde_json::Value>| { let mut k: Vec<String> = o.keys().cloned().collect(); k.sort(); k };
                if let Some(c) = columns { let mut c = c.to_vec(); c.sort(); c.dedup(); return Ok(Self::Json { raw: body, keys: c, is_object }); }
                match &v {
                    serde_json::Value::Object(o) => Ok(Self::Json { keys: set(o), raw: body, is_object }),
                    serde_json::Value::Array(a) if !a.is_empty() => { let sets: Option<Vec<_>> = a.iter().map(|x| x.as_object().map(set)).collect(); let sets = sets.ok_or_else(|| e("All object keys must match"))?; if sets.iter().any(|s| *s != sets[0]) { return Err(e("All object keys must match")); } Ok(Self::Json { raw: body, keys: sets[0].clone(), is_object }) }
                    _ => Ok(Self::Json { raw: Bytes::from_static(b"[]"), keys: vec![], is_object: false }),
                }
            }
            MediaType::UrlEncoded => { let s = String::from_utf8_lossy(&body).into_owned(); let f: Vec<(String, String)> = super::params::decode(&s).map_err(|x| PayloadError(x.to_string()))?.into_iter().map(|(k, v)| (k, v.unwrap_or_default())).collect(); if proc { return Ok(Self::Form(f)); } let m: serde_json::Map<String, serde_json::Value> = f.into_iter().map(|(k, v)| (k, v.into())).collect(); let mut keys: Vec<_> = m.keys().cloned().collect(); keys.sort(); Ok(Self::Json { raw: serde_json::Value::Object(m).to_string().into(), keys, is_object: true }) }
            MediaType::Text | MediaType::Xml | MediaType::OctetStream if proc => Ok(Self::Raw(body)),
            o => Err(PayloadError(format!("Content-Type not acceptable: {}", o.mime()))),
        }
    }
}

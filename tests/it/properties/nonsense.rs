//! Query strings of any kind: bytes, pieces of the grammar in any order, and sense with something wrong.

use axum::http::Method;
use proptest::{collection::vec, prelude::*, sample::select};

use super::{encode, sense};

#[derive(Clone, Debug)]
pub struct Request {
    pub method: Method,
    pub path: String,
    pub body: &'static str,
}

pub fn request() -> impl Strategy<Value = Request> {
    let resource = select(vec![
        "cities",
        "countries",
        "everything",
        "keys",
        "guarded",
        "big_cities",
        "secrets",
        "rpc/cities_of",
        "rpc/add",
        "rpc/over",
        "rpc/totals",
        "rpc/sum",
        "",
    ]);
    let anywhere = (resource.prop_map(str::to_owned), query());
    let method = prop_oneof![
        6 => Just(Method::GET),
        1 => select(vec![Method::HEAD, Method::POST, Method::PATCH, Method::PUT, Method::DELETE, Method::OPTIONS]),
    ];
    let body = select(vec!["{}", "[]", "[{\"id\": 900, \"name\": \"x\"}]", "{\"a\": 1}", ""]);
    (method, prop_oneof![anywhere, mutated()], body).prop_map(|(method, (resource, query), body)| Request {
        method,
        path: format!("/shapes/{resource}?{}", encode(&query)),
        body,
    })
}

fn query() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        1 => vec(any::<u8>(), 0..40),
        1 => "[ -~]{0,40}".prop_map(String::into_bytes),
        2 => pieces().prop_map(String::into_bytes),
    ]
}

fn pieces() -> impl Strategy<Value = String> {
    const PIECES: [&str; 60] = [
        "select=",
        "order=",
        "and=",
        "or=",
        "limit=",
        "offset=",
        "columns=",
        "on_conflict=",
        "&",
        "&",
        "=",
        "(",
        ")",
        ",",
        ".",
        ":",
        "::",
        "->",
        "->>",
        "!",
        "\"",
        "\\",
        "{",
        "}",
        "*",
        "-",
        " ",
        "%",
        "%00",
        "%ff",
        "...",
        "not.",
        "eq.",
        "in.",
        "is.",
        "null",
        "isdistinct.",
        "fts.",
        "like.",
        "(any)",
        "count()",
        "inner",
        "asc",
        "nullsfirst",
        "id",
        "name",
        "country",
        "population",
        "facts",
        "1",
        "é",
        "a",
        "sum()",
        "cities",
        "countries(",
        "::int",
        "::date",
        "cs.",
        "rivers",
        "mayors(*)",
    ];
    vec(select(PIECES.to_vec()), 0..16).prop_map(|pieces| pieces.concat())
}

/// A query that makes sense, with some bytes of it replaced, removed, doubled or put in.
fn mutated() -> impl Strategy<Value = (String, Vec<u8>)> {
    let change = (any::<prop::sample::Index>(), 0..4_u8, prop_oneof![any::<u8>(), select(b"().,:&=*!-\"".to_vec())]);
    (sense::query(), vec(change, 0..4)).prop_map(|(query, changes)| {
        let (relation, query) = query.split_once('?').unwrap_or_default();
        let mut bytes = query.as_bytes().to_vec();
        for (place, kind, byte) in changes {
            if bytes.is_empty() {
                break;
            }
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = byte,
                1 => drop(bytes.remove(place)),
                2 => bytes.insert(place, bytes[place]),
                _ => bytes.insert(place, byte),
            }
        }
        (relation.to_owned(), bytes)
    })
}

//! Any bytes as query string, header and body: nothing breaks, and what is read is written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tekup_db::query::{
    Kind, MediaType, Payload, Preferences, Query, Range, TargetNames,
    media::{Nulls, parse_accept},
};

const KINDS: [Kind; 7] =
    [Kind::RelationRead, Kind::Insert, Kind::Update, Kind::Upsert, Kind::Delete, Kind::RoutineRead, Kind::RoutineCall];
const BODIES: [MediaType; 7] = [
    MediaType::Json,
    MediaType::Csv,
    MediaType::Form,
    MediaType::Text,
    MediaType::Xml,
    MediaType::OctetStream,
    MediaType::Object(Nulls::Kept),
];

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    for kind in KINDS {
        for names in [TargetNames::Accepted, TargetNames::Refused] {
            if let Ok(query) = Query::read(kind, &text, names) {
                writes_itself(kind, query, &text);
            }
        }
        for body in &BODIES {
            let _ = Payload::read(bytes.to_vec().into(), body, kind, None);
        }
    }
    for media in parse_accept(&text) {
        let again = MediaType::parse(&media.mime());
        assert_eq!(again.mime(), media.mime(), "{text:?}");
    }
    let _ = MediaType::parse(&text);
    let _ = Range::from_header(Some(&text));
    for overriding in [true, false] {
        let _ = Preferences::read([&*text].into_iter(), overriding);
    }
});

/// What a query is written as is read as the same query.
fn writes_itself(kind: Kind, query: Query, text: &str) {
    let written = query.to_string();
    // What is written goes by the names that count.
    let query = Query { renamed: Vec::new(), ..query };
    assert_eq!(Query::read(kind, &written, TargetNames::Refused), Ok(query), "{text:?} is written {written:?}");
}

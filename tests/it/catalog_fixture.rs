//! `tests/fixtures/catalog.json`, which tests without a database read, is what introspection of the migrated database
//! reports. `UPDATE_CONTRACT=1` writes it anew.

use std::{collections::HashMap, fmt::Debug, fs, hash::Hash, path::Path, time::Duration};

use serde_json::Value;
use tekup_db::{
    catalog::{Catalog, INTROSPECT},
    db::Control,
};

use crate::support::database;

const FILE: &str = "tests/fixtures/catalog.json";
/// Smaller numbers are of objects that every database has.
const FIRST_OWN: u64 = 16_384;

async fn introspected() -> Value {
    let database = database().await;
    let control = Control::new(&database.owner_url(), Duration::from_secs(5)).unwrap();
    let schemas = ["vault", "billy", "renos", "crm", "flow", "shared"].map(Into::into);
    let document = control.introspect(INTROSPECT, &schemas, &["public".into()], &[]).await.unwrap();
    control.close().await;
    let mut document: Value = serde_json::from_str(&document).unwrap();
    leave_out_ledgers(&mut document);
    document
}

/// Which migrations were applied is no part of the domain: the ledgers are no relations of the catalog, but their keys
/// are among those that links are derived from.
fn leave_out_ledgers(document: &mut Value) {
    let is_ledger = |name: &Value| name == "_sqlx_migrations";
    let items = |document: &mut Value, part: &str, retain: &dyn Fn(&Value) -> bool| {
        document[part].as_array_mut().unwrap().retain(retain);
    };
    items(document, "keys", &|key| !is_ledger(&key["relation"][1]));
}

/// Roles are the cluster's, and the numbers of an extension's types the database's: neither is compared.
fn forget(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(forget),
        Value::Object(fields) => {
            let is_own = fields.get("oid").and_then(Value::as_u64).is_some_and(|oid| oid >= FIRST_OWN);
            if is_own && fields.contains_key("base") {
                fields["oid"] = FIRST_OWN.into();
            }
            fields.values_mut().for_each(forget);
        }
        _ => {}
    }
}

/// One element a line, so that a change of the database is a readable change of the file.
fn written(document: &Value) -> String {
    let part = |(key, value): (&String, &Value)| match value {
        Value::Array(items) if !items.is_empty() => {
            let items: Vec<_> = items.iter().map(Value::to_string).collect();
            format!("\"{key}\":[\n{}\n]", items.join(",\n"))
        }
        value => format!("\"{key}\":{value}"),
    };
    let parts: Vec<_> = document.as_object().unwrap().iter().map(part).collect();
    format!("{{\n{}\n}}\n", parts.join(",\n"))
}

#[tokio::test]
async fn the_catalog_fixture_is_that_of_the_migrated_database() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let mut found = introspected().await;
    if std::env::var_os("UPDATE_CONTRACT").is_some() {
        fs::write(&path, written(&found)).unwrap();
    }
    let mut committed = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    forget(&mut found);
    forget(&mut committed);
    let [found, committed] = [found, committed].map(|document| Catalog::from_json(&document.to_string()).unwrap());

    assert_eq!(committed.schemas, found.schemas);
    same(&committed.relations, &found.relations);
    assert_eq!(committed.enums, found.enums);
    assert_eq!(committed.composites, found.composites);
    same(&committed.routines, &found.routines);
    same(&committed.links, &found.links);
    same(&committed.representations, &found.representations);
    same(&committed.computed_fields, &found.computed_fields);
    assert_eq!(committed.media_handlers, found.media_handlers);
}

/// A failure shows what differs, not two catalogs.
fn same<K: Debug + Eq + Hash, V: Debug + PartialEq>(committed: &HashMap<K, V>, found: &HashMap<K, V>) {
    for (key, value) in found {
        assert_eq!(committed.get(key), Some(value), "{key:?}: UPDATE_CONTRACT=1 writes {FILE} anew");
    }
    for key in committed.keys() {
        assert!(found.contains_key(key), "{key:?} is no more: UPDATE_CONTRACT=1 writes {FILE} anew");
    }
}

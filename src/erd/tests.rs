//! Diagrams of the fixture, and of names that Mermaid does not take.

use super::{
    mermaid,
    syntax::{attribute, entity, label},
};
use crate::catalog::Catalog;

#[test]
fn names_that_are_no_words_are_quoted() {
    assert_eq!(entity(None, "leads"), "leads");
    assert_eq!(entity(None, "Odd \"name\""), "\"Odd 'name'\"");
    assert_eq!(entity(Some("crm"), "tenants"), "\"crm.tenants\"");
    assert_eq!(label("50%\n\\"), "\"50_ _\"");
}

#[test]
fn columns_have_type_name_keys_and_remarks() {
    assert_eq!(attribute("uuid", "id", "PK", false), "uuid id PK");
    assert_eq!(attribute("timestamp with time zone", "sent_at", "", true), "timestamptz sent_at \"null\"");
    assert_eq!(attribute("public.vector", "v", "", false), "vector v");
    assert_eq!(attribute("character varying[]", "tags", "", false), "varchar[] tags");
    assert_eq!(attribute("text", "2nd Column", "FK, UK", true), "text c_2nd_Column FK, UK \"2nd Column, null\"");
}

#[test]
fn every_table_and_foreign_key_of_a_schema_is_drawn() {
    let catalog = Catalog::from_json(include_str!("../../tests/fixtures/catalog.json")).unwrap();
    let all: Vec<_> = catalog.schemas.iter().map(|schema| schema.name.clone()).collect();
    for schema in &all {
        let text = mermaid(&catalog, std::slice::from_ref(schema));
        let tables =
            catalog.relations.values().filter(|table| table.name.schema == *schema && !table.is_view()).count();
        assert_eq!(text.lines().filter(|line| line.ends_with(" {")).count(), tables);
        assert_eq!(text, mermaid(&catalog, std::slice::from_ref(schema)));
    }
    let whole = mermaid(&catalog, &all);
    assert!(whole.starts_with("erDiagram\n    \""), "of several schemas, names are told with theirs");
}

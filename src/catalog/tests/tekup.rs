use super::{
    super::{Privilege, RelationKind, Wire},
    *,
};
use crate::name::RoleName;

/// What introspection answered on the migrated database.
fn catalog() -> Catalog {
    Catalog::from_json(include_str!("../../../tests/fixtures/catalog.json")).expect("the fixture is an answer")
}

#[test]
fn the_six_schemas_are_there_with_all_their_tables() {
    let catalog = catalog();
    let counts: Vec<_> = catalog
        .schemas
        .iter()
        .map(|schema| {
            (schema.name.as_str(), catalog.relations.keys().filter(|name| name.schema == schema.name).count())
        })
        .collect();
    assert_eq!(counts, [("vault", 3), ("billy", 8), ("renos", 53), ("crm", 11), ("flow", 11), ("shared", 5)]);
    assert!(catalog.relations.values().all(|relation| relation.kind == RelationKind::Table));
    assert!(catalog.relations.values().all(|relation| !relation.primary_key.is_empty()));
    assert!(catalog.schemas.iter().all(|schema| schema.comment.is_some()));
}

#[test]
fn every_link_can_be_gone_both_ways() {
    let catalog = catalog();
    for link in catalog.links.values().flatten() {
        assert!(links(&catalog, &link.to.to_string()).iter().any(|back| back.to == link.from), "{link:?}");
        assert!(catalog.relation(&link.from).is_some() && catalog.relation(&link.to).is_some());
    }
}

#[test]
fn columns_know_how_they_come() {
    let catalog = catalog();
    let column = |relation, column| {
        catalog.relation(&named(relation)).and_then(|relation| relation.column(column)).expect("the column exists")
    };
    assert!(matches!(column("vault.documents", "id").ty.wire(), Wire::Plain(_)));
    assert_eq!(column("vault.embeddings", "embedding").ty.wire(), Wire::Other);
    assert!(column("vault.documents", "id").default.is_some());
    assert!(!column("vault.documents", "id").nullable);
}

#[test]
fn a_function_that_returns_a_table_has_its_columns() {
    let catalog = catalog();
    let [search] = catalog.routines(&named("vault.match_documents")) else { panic!("one function") };
    assert!(search.returns.set && search.returns.composite);
    assert!(!search.returns.columns.is_empty());
    let required: Vec<_> =
        search.parameters.iter().map(|parameter| (parameter.name.as_str(), parameter.required)).collect();
    assert_eq!(required[0], ("query_embedding", true));
    assert!(required[1..].iter().all(|(_, required)| !required));
}

#[test]
fn rights_follow_grants_ownership_and_superusers() {
    let catalog = catalog();
    let documents = catalog.relation(&named("vault.documents")).expect("the relation exists");
    let may = |role: &str, privilege| catalog.roles.may(&RoleName::from(role), privilege, &documents.acl);
    assert!(may("vault_app", Privilege::Select));
    assert!(!may("anon", Privilege::Select));
    assert!(!may("nobody_of_that_name", Privilege::Select));
    assert!(may("postgres", Privilege::Delete));
}

#[test]
fn another_document_is_refused() {
    for text in ["", "null", "[]", "{}", r#"{"server": 1}"#] {
        assert!(Catalog::from_json(text).is_err(), "{text}");
    }
}

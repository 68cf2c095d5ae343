use super::*;

fn column(name: &str, type_name: &str) -> catalog::Column {
    let type_text = type_name.to_owned();
    catalog::Column {
        name: name.to_owned(),
        type_name: type_text.clone(),
        type_text,
        is_builtin: true,
        ..Default::default()
    }
}

fn relation(name: &TableName, columns: Vec<catalog::Column>, parents: &[&str]) -> Relation {
    let foreign_keys = parents
        .iter()
        .map(|parent| catalog::ForeignKey { schema: "a".to_owned(), table: (*parent).to_owned(), ..Default::default() })
        .collect();
    Relation { schema: name.schema.clone(), name: name.table.clone(), columns, foreign_keys, ..Default::default() }
}

fn relations(list: Vec<Relation>) -> Relations {
    list.into_iter().map(|relation| (TableName::new(&relation.schema, &relation.name), relation)).collect()
}

fn name(table: &str) -> TableName {
    TableName::new("a", table)
}

fn map(text: &str) -> Map {
    Map::default().overridden(text).unwrap()
}

#[test]
fn tables_come_after_those_they_refer_to() {
    let of = |table: &str, parents: &[&str]| relation(&name(table), vec![column("id", "text")], parents);
    let tables =
        relations(vec![of("x", &["y", "x"]), of("y", &["z"]), of("z", &["out"]), of("u", &["v"]), of("v", &["u"])]);
    let map = map(r#"{"a.x": {"from": "a.x"}, "a.y": {"from": "a.y"}, "a.z": {"from": "a.z"}, "a.u": {"from": "a.u"},
        "a.v": {"from": "a.v"}}"#);
    let (plan, findings) = plan(&map, &tables, &tables, &Types::new());
    assert_eq!(plan.tables.iter().map(|table| table.name.table.as_str()).collect::<Vec<_>>(), ["z", "y", "x"]);
    let circle: Vec<_> = findings.iter().map(|finding| (finding.table.table.as_str(), finding.is_fault)).collect();
    assert_eq!(circle, [("u", true), ("v", true)]);
}

#[test]
fn columns_are_found_by_the_map_and_by_name() {
    let default = |sql: &str| Some(sql.to_owned());
    let to = relation(
        &name("t"),
        vec![
            column("id", "text"),
            column("first_name", "text"),
            catalog::Column { not_null: true, default: default("'{}'::text[]"), ..column("tags", "_text") },
            catalog::Column { not_null: true, default: default("auth.org_uuid()"), ..column("tenant_id", "uuid") },
            catalog::Column { not_null: true, ..column("kind", "text") },
            catalog::Column { is_computed: true, ..column("hash", "text") },
            column("fixed", "text"),
        ],
        &[],
    );
    let from_name = TableName::new("old", "T");
    let from = relation(
        &from_name,
        vec![
            column("id", "text"),
            column("firstName", "text"),
            column("tags", "_text"),
            column("fax", "text"),
            column("note", "text"),
        ],
        &[],
    );
    let map = map(
        r#"{"a.t": {"from": "old.T", "columns": {"first_name": "firstName", "fixed": {"value": "it's"}}, "ignore": ["note"]}}"#,
    );
    let (plan, findings) = plan(&map, &relations(vec![from]), &relations(vec![to]), &Types::new());
    let table = &plan.tables[0];
    assert_eq!(
        table.select(),
        r#"SELECT s."id" AS "id", s."firstName" AS "first_name", coalesce(s."tags", '{}'::text[]) AS "tags", ('it''s')::text AS "fixed" FROM "old"."T" AS s"#
    );
    assert_eq!(table.left, ["fax"]);
    assert_eq!(table.defaults.iter().map(|default| default.name.as_str()).collect::<Vec<_>>(), ["tenant_id", "kind"]);
    let said: Vec<_> = findings.iter().map(|finding| (finding.is_fault, finding.text.as_str())).collect();
    assert_eq!(
        said,
        [
            (false, "tenant_id has no source: it takes its default"),
            (true, "kind has no source, and no default: give it a \"value\" in the map"),
        ]
    );
}

#[test]
fn names_that_nobody_has_are_faults() {
    let table = relation(&name("t"), vec![column("id", "text")], &[]);
    let tables = relations(vec![table]);
    let faults = |text: &str| -> Vec<String> {
        let (_, findings) = plan(&map(text), &tables, &tables, &Types::new());
        findings.into_iter().filter(|finding| finding.is_fault).map(|finding| finding.text).collect()
    };
    assert_eq!(faults(r#"{"a.none": {"from": "a.t"}}"#), ["there is no such table here, the map notwithstanding"]);
    assert_eq!(faults(r#"{"a.t": {"from": "a.none"}}"#), ["the source has no table a.none: nothing is copied"]);
    assert_eq!(
        faults(r#"{"a.t": {"from": "a.t", "columns": {"no": "id"}, "ignore": ["nor"]}}"#),
        ["the map names a column no; there are: id", "the map ignores nor, which a.t has not; it has: id"]
    );
    assert_eq!(faults(r#"{"a.t": {"from": "a.t", "columns": {"id": "no"}}}"#), ["a.t has no column no; it has: id"]);
}

#[test]
fn only_literals_are_constant() {
    for sql in ["'{}'::jsonb", "0", "25.00", "true", "'a (b)'::text", "ARRAY[]::text[]", "'-1'::integer", "(0)"] {
        assert_eq!(is_constant(sql), sql != "(0)", "{sql}");
    }
    for sql in ["now()", "shared.new_id()", "CURRENT_DATE", "CURRENT_TIMESTAMP"] {
        assert!(!is_constant(sql), "{sql}");
    }
}

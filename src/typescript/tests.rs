use serde_json::{Value, json};

use super::{
    syntax::{Member, Presence, Syntax},
    value::qualified,
    *,
};
use crate::name::QualifiedName;

/// What introspection answered on the migrated database.
fn tekup(schemas: &[&str]) -> String {
    let catalog = Catalog::from_json(include_str!("../../tests/fixtures/catalog.json")).expect("the fixture");
    let schemas: Vec<_> = schemas.iter().map(|schema| (*schema).into()).collect();
    module(&catalog, &schemas)
}

fn ty(name: &str, oid: u32, kind: &str) -> Value {
    json!({"name": name, "base": name, "oid": oid, "kind": kind})
}

fn column(name: &str, ty: Value) -> Value {
    json!({"name": name, "nullable": false, "type": ty, "generated": false})
}

fn mood() -> Value {
    json!({"name": "api.mood", "base": "api.mood", "oid": 0, "kind": "e", "labels": ["sad", "o\"k"]})
}

/// A schema with what the migrated database has not.
fn odd() -> Catalog {
    let relation = |name: &str, kind: &str, columns: Value, is_written: bool| {
        json!({
            "schema": "api", "name": name, "kind": kind, "columns": columns, "insertable": is_written,
            "updatable": is_written, "deletable": is_written, "has_triggers": false, "owner": "owner",
        })
    };
    let mut boxes = relation("boxes", "r", json!([]), true);
    boxes["comment"] = json!("Ends here */ let x\nand goes on");
    let mut nothing = column("nothing", ty("api.colour", 0, "b"));
    nothing["nullable"] = json!(true);
    boxes["columns"] = json!([
        column("z", ty("integer", 23, "b")),
        column("a b", mood()),
        column("moods", ty("api.mood[]", 0, "b")),
        column("nets", json!({"name": "inet[]", "base": "inet[]", "oid": 1041, "kind": "b", "element": 869})),
        column("span", ty("int4range", 3904, "r")),
        column("corner", ty("api.point", 0, "c")),
        column("place", ty("public.geometry", 0, "b")),
        nothing,
    ]);
    let shown = relation("shown", "v", json!([column("z", ty("integer", 23, "b"))]), false);
    let foreign = relation("foreign", "f", json!([column("z", ty("integer", 23, "b"))]), false);
    let routine = |name: &str, parameters: Value, returns: Value| {
        json!({
            "schema": "api", "name": name, "parameters": parameters, "volatility": "v", "variadic": false,
            "owner": "owner", "returns": returns,
        })
    };
    let parameter =
        |name: &str, ty: Value| json!({"name": name, "type": ty, "full_type": "", "required": true, "variadic": false});
    let scalar = |ty: Value, set: bool| {
        json!({
            "schema": "pg_catalog", "name": "x", "type": ty, "set": set, "composite": false, "composite_alias": false,
        })
    };
    let document = json!({
        "server": {"version_num": 160000, "version": "16.0", "time_zone": "UTC"},
        "schemas": [{"name": "api", "owner": "owner"}],
        "relations": [boxes, shown, foreign],
        "enums": [{"schema": "api", "name": "mood", "comment": "How it is", "labels": ["sad", "o\"k"]}],
        "composites": [{"schema": "api", "name": "point", "columns": [column("x", ty("integer", 23, "b"))]}],
        "routines": [
            routine("void", json!([]), scalar(ty("void", 2278, "p"), false)),
            routine("many", json!([]), scalar(ty("integer", 23, "b"), true)),
            routine("many", json!([parameter("n", ty("integer", 23, "b"))]), scalar(mood(), false)),
            routine("object", json!([parameter("", ty("jsonb", 3802, "b"))]), scalar(ty("json", 114, "b"), false)),
            routine("bytes", json!([parameter("", ty("bytea", 17, "b"))]), scalar(ty("json", 114, "b"), false)),
            routine("label", json!([parameter("box", ty("api.boxes", 0, "c"))]), scalar(ty("text", 25, "b"), false)),
        ],
        "keys": [], "views": [], "computed": [],
        "computed_fields": [{"relation": ["api", "boxes"], "names": ["label", "hidden"]}],
        "representations": [{"source": "api.colour", "target": "json", "function": ["api", "colour"]}],
        "media_handlers": [], "roles": [],
    });
    Catalog::from_json(&document.to_string()).expect("the document is whole")
}

fn api() -> String {
    module(&odd(), &["api".into()])
}

fn has(text: &str, lines: &[&str]) {
    let found = text.lines().map(str::trim).collect::<Vec<_>>();
    assert!(found.windows(lines.len()).any(|window| window == lines), "{lines:#?} are not in\n{text}");
}

#[test]
fn the_schemas_wanted_are_written_and_no_other() {
    let all = tekup(&["vault", "billy", "renos", "crm", "flow", "shared"]);
    let places: Vec<_> = ["billy", "crm", "flow", "renos", "shared", "vault"]
        .iter()
        .map(|schema| all.find(&format!("\n  {schema}: {{\n")).expect("each schema"))
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(!tekup(&["vault"]).contains("\n  renos: {"));
    assert_eq!(tekup(&["vault"]), tekup(&["vault"]));
}

#[test]
fn rows_are_what_json_has_of_them_and_writes_what_the_database_lets_be_written() {
    let vault = tekup(&["vault"]);
    has(&vault, &["sha: string | null"]);
    has(&vault, &["sha?: string | null"]);
    has(&vault, &["content_md5?: never"]);
    has(&vault, &["embedding: string"]);
    has(&vault, &["match_count?: number"]);
    has(&vault, &["query_embedding: string"]);
}

#[test]
fn foreign_keys_lead_where_a_request_can_follow_them() {
    has(
        &tekup(&["vault"]),
        &[
            "Relationships: [{",
            "foreignKeyName: \"embeddings_document_id_fkey\"",
            "columns: [\"document_id\"]",
            "isOneToOne: true",
            "referencedRelation: \"documents\"",
            "referencedColumns: [\"id\"]",
            "}]",
        ],
    );
}

#[test]
fn enums_and_composite_types_are_named_where_the_module_has_them() {
    let api = api();
    has(&api, &["/** How it is */", r#"mood: "sad" | "o\"k""#]);
    has(&api, &[r#""a b": Database["api"]["Enums"]["mood"]"#, r#"corner: Database["api"]["CompositeTypes"]["point"]"#]);
    has(&api, &[r#"moods: Database["api"]["Enums"]["mood"][]"#, "nets: string[]"]);
    has(&api, &["point: {", "x: number", "}"]);
    let other = Values { catalog: &odd(), schemas: &[] };
    let mood = serde_json::from_value(mood()).expect("a type");
    assert_eq!(other.of(&mood).to_string(), r#""sad" | "o\"k""#);
}

#[test]
fn what_is_not_known_is_unknown() {
    let api = api();
    has(&api, &["place: unknown", "span: string"]);
    // A domain's cast makes JSON of what is read, and nothing does of what is written.
    has(&api, &["nothing: Json | null"]);
    has(&api, &["nothing?: unknown | null"]);
}

#[test]
fn computed_fields_are_of_the_row_and_named_beside_it() {
    let api = api();
    has(&api, &["hidden: unknown", "label: string | null"]);
    has(&api, &[r#"ComputedFields: "hidden" | "label""#]);
    has(&api, &["Args: {", r#"box: Database["api"]["Tables"]["boxes"]["Row"]"#, "}", "Returns: string"]);
}

#[test]
fn what_cannot_be_written_takes_nothing() {
    let api = api();
    has(&api, &["Insert: Record<string, never>", "Update: Record<string, never>", "Relationships: []"]);
    has(&api, &["shown: {", "Row: {", "z: number", "}", "Relationships: []", "}"]);
}

#[test]
fn functions_are_overloaded_and_take_bodies_of_json() {
    let api = api();
    has(&api, &["void: {", "Args: never", "Returns: undefined", "}"]);
    has(&api, &["Args: never", "Returns: number[]", "} | {", "Args: {", "n: number", "}"]);
    has(&api, &["object: {", "Args: Record<string, unknown>", "Returns: Json", "}"]);
    assert!(!api.contains("bytes"), "a body of bytes is none that the client sends");
}

#[test]
fn a_comment_ends_where_it_ends() {
    has(&api(), &["/**", "* Ends here *\\/ let x", "* and goes on", "*/", "boxes: {"]);
}

#[test]
fn syntax_is_printed_with_keys_quoted_and_unions_in_arrays_bracketed() {
    let union = Syntax::literals(["a", "b"].into_iter());
    assert_eq!(union.clone().array().to_string(), r#"("a" | "b")[]"#);
    assert_eq!(union.or_null().to_string(), r#""a" | "b" | null"#);
    assert_eq!(Syntax::Union(vec![]).to_string(), "never");
    assert_eq!(Syntax::Object(vec![]).to_string(), "{ [_ in never]: never }");
    let member = |key: &str| Member::new(key, Syntax::Word("string")).present(Presence::Optional);
    let keys = Syntax::Object(["a1", "1a", "", "a-b", "é", "class", "\"", "$_"].map(member).into());
    let expected = ["a1", "\"1a\"", "\"\"", "\"a-b\"", "\"é\"", "class", "\"\\\"\"", "$_"];
    let lines: String = expected.iter().map(|key| format!("  {key}?: string\n")).collect();
    assert_eq!(keys.to_string(), format!("{{\n{lines}}}"));
}

#[test]
fn names_of_types_are_read_as_they_are_quoted() {
    let read = |text| qualified(text);
    assert_eq!(read("api.mood"), Some(QualifiedName::new("api", "mood")));
    assert_eq!(read(r#""a.b"."c ""d""""#), Some(QualifiedName::new("a.b", "c \"d\"")));
    for none in ["integer", "", ".", "a.", "a.b.c", "\"a", "\"a\"b.c", "timestamp without time zone"] {
        assert_eq!(read(none), None, "{none}");
    }
}

//! Statements as they are written, each a file under `tests/golden`. `UPDATE_GOLDEN=1` writes them anew.

use std::{fs, path::Path};

use tekup_db::{
    catalog::{Catalog, MediaHandler},
    name::QualifiedName,
    plan::{self, Arguments, Call, Context, Format, Limits, Mutation, Returning, WriteRequest},
    query::{Kind, Payload, Query, TargetNames, media::MediaType},
    sql::{self, Statement},
};

const CATALOG: &str = include_str!("../fixtures/catalog.json");

fn catalog() -> Catalog {
    Catalog::from_json(CATALOG).unwrap()
}

fn context<'c>(catalog: &'c Catalog, format: Format<'c>) -> Context<'c> {
    let limits = Limits { max_rows: Some(1000), max_streamed_rows: Some(1000), aggregates: true, safe_writes: true };
    // The owner reads every column.
    let role = &catalog.schemas[0].acl.owner;
    Context { catalog, role, limits, format, utc: true, mark: None, is_postgrest_alone: false }
}

fn query(kind: Kind, text: &str) -> Query {
    Query::read(kind, text, TargetNames::Accepted).unwrap()
}

fn read(name: (&str, &str), text: &str, format: Format<'_>) -> Statement {
    let catalog = catalog();
    let relation = catalog.relation(&QualifiedName::new(name.0, name.1)).unwrap();
    let query = query(Kind::RelationRead, text);
    sql::read(&plan::read(&context(&catalog, format), relation, &query).unwrap())
}

/// Compares a statement, a clause a line, and its parameters with the file.
fn golden(name: &str, statement: &Statement) {
    let mut text = statement.text.to_string();
    for clause in
        ["select ", "from ", "left join ", "join ", "where ", "group by ", "order by ", "limit ", "returning "]
    {
        text = text
            .replace(&format!(" {clause}"), &format!("\n{clause}"))
            .replace(&format!("({clause}"), &format!("(\n{clause}"));
    }
    text = text.replace("left\njoin", "left join").replace("distinct\nfrom", "distinct from");
    for (index, value) in statement.parameters.iter().enumerate() {
        let value = value.as_ref().map(|value| String::from_utf8_lossy(value).into_owned());
        text += &format!("\n-- ${} = {value:?}", index + 1);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{name}.sql"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, format!("{text}\n")).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap_or_default(), format!("{text}\n"), "{name}: UPDATE_GOLDEN=1 accepts it");
}

#[test]
fn a_page_of_one_relation_is_plain_columns() {
    let text = "select=id,title,value::text&status=eq.won&or=(value.gt.5,title.like.*x*)&order=value.desc&limit=20";
    golden("page", &read(("crm", "deals"), text, Format::JSON));
}

#[test]
fn embeds_are_lateral_joins() {
    let text = "select=id,companies(name),activities!inner(subject)&activities.order=subject&companies=not.is.null";
    golden("embeds", &read(("crm", "deals"), text, Format::JSON));
}

#[test]
fn aggregates_of_a_spread_are_taken_where_its_rows_come_together() {
    let text = "select=stage,value.sum(),...companies(companies:count(),industry)&order=companies(industry)";
    golden("spread_aggregates", &read(("crm", "deals"), text, Format::JSON));
}

#[test]
fn a_handler_makes_one_body_of_all_rows() {
    let handler = MediaHandler {
        function: QualifiedName::new("crm", "deals_pdf"),
        target: Some(QualifiedName::new("crm", "tenants")),
        accept: "application/pdf".to_owned(),
        media_type: "application/pdf".to_owned(),
    };
    golden("handler", &read(("crm", "tenants"), "", Format::Handler(&handler)));
}

#[test]
fn a_plan_is_asked_for_the_statement_itself() {
    let MediaType::Plan(wanted) = MediaType::parse("application/vnd.pgrst.plan+json; options=analyze|buffers") else {
        panic!("no plan");
    };
    golden("explain", &sql::explain(read(("crm", "deals"), "select=id&id=eq.1", Format::JSON), &wanted));
}

#[test]
fn rows_are_counted_whatever_the_page() {
    let catalog = catalog();
    let relation = catalog.relation(&QualifiedName::new("crm", "deals")).unwrap();
    let query = query(Kind::RelationRead, "select=id,activities!inner(id)&status=eq.won&limit=5&offset=10");
    let plan = plan::read(&context(&catalog, Format::JSON), relation, &query).unwrap();
    golden("count", &sql::count(&plan));
    golden("count_estimated", &sql::count_up_to(&plan, Some(1000)));
    golden("estimate", &sql::estimate(&plan));
}

#[test]
fn a_call_is_made_once_and_counted_beside_its_page() {
    let catalog = catalog();
    let name = QualifiedName::new("vault", "match_documents");
    let routine = &catalog.routines(&name)[0];
    let first = &routine.parameters[0].name;
    let query = query(Kind::RoutineRead, &format!("{first}=x&limit=3"));
    let call = Call { routine, arguments: Arguments::read(routine, &query, Payload::None) };
    let plan = plan::call(&context(&catalog, Format::JSON), call, &query).unwrap();
    golden("call", &sql::call(&plan));
    golden("call_counted", &sql::counted_call(&plan));
}

#[test]
fn an_update_of_nothing_reads_nothing() {
    let catalog = catalog();
    let relation = catalog.relation(&QualifiedName::new("crm", "deals")).unwrap();
    let query = query(Kind::Update, "id=eq.1&select=id");
    let request = WriteRequest {
        mutation: Mutation::Update,
        query: &query,
        body: "{}".into(),
        keys: Vec::new(),
        is_object: true,
        merge_duplicates: None,
        missing_default: false,
        returning: Returning::Rows,
    };
    golden("update_nothing", &sql::write(&plan::write(&context(&catalog, Format::JSON), relation, &request).unwrap()));
}

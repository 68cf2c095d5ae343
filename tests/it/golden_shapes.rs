//! The SQL of requests, as files: what changes in it is seen in review. `UPDATE_GOLDEN=1` writes them anew. Each
//! statement is also prepared by a real database.

mod requests;

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use bytes::Bytes;
use tekup_db::{
    catalog::{self, Catalog, INTROSPECT},
    db::Control,
    name::{QualifiedName, RoleName},
    plan::{self, Arguments, Call, Context, Format, Limits, Mutation, Returning, WriteRequest},
    query::{
        Kind, MediaType, Payload, Preferences, Query, TargetNames,
        media::Nulls,
        preferences::{Count, Missing, Representation, Resolution},
    },
    sql::{self, Statement},
};
use tokio_postgres::NoTls;

use crate::support::{TestDb, database};
use requests::{CASES, Case, JSON};

#[tokio::test]
async fn the_sql_of_each_request_is_the_committed_one_and_a_database_takes_it() {
    let database = database().await;
    database.execute(include_str!("../fixtures/shapes.sql")).await;
    let catalog = introspected(&database).await;
    let (client, connection) = tokio_postgres::connect(database.owner_url().expose(), NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("set search_path = shapes, public").await.unwrap();

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/shapes");
    let mut differ = Vec::new();
    for case in CASES {
        let statements = case.statements(&catalog);
        for statement in &statements {
            let prepared = client.prepare(&statement.text).await;
            let prepared = prepared.unwrap_or_else(|error| panic!("{}: {error:?}\n{}", case.file, statement.text));
            assert_eq!(prepared.params().len(), statement.parameters.len(), "{}", case.file);
        }
        let (path, text) = (folder.join(format!("{}.sql", case.file)), case.written(&statements));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&path, &text).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            differ.push(format!("{}:\n{text}", case.file));
        }
    }
    assert!(differ.is_empty(), "not the committed SQL (UPDATE_GOLDEN=1 writes it):\n{}", differ.join("\n"));
}

#[test]
fn every_golden_file_has_its_request() {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/shapes")).unwrap();
    let files: BTreeSet<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let cases: BTreeSet<_> = CASES.iter().map(|case| format!("{}.sql", case.file)).collect();
    assert_eq!(files, cases);
}

async fn introspected(database: &TestDb) -> Catalog {
    let control = Control::new(&database.owner_url(), Duration::from_secs(5)).unwrap();
    let document = control.introspect(INTROSPECT, &["shapes".into()], &["public".into()], &[]).await.unwrap();
    control.close().await;
    Catalog::from_json(&document).unwrap()
}

impl Case {
    fn parts(&self) -> (&str, &str, &str) {
        let (method, target) = self.request.split_once(' ').unwrap();
        let (resource, query) = target.split_once('?').unwrap_or((target, ""));
        (method, resource, query)
    }

    /// What the stages make of the request: its statement, and the one that counts where there is one.
    fn statements(&self, catalog: &Catalog) -> Vec<Statement> {
        let (method, resource, query) = self.parts();
        let role = RoleName::from("authenticated");
        let format = match MediaType::parse(self.accept) {
            MediaType::Csv => Format::Csv,
            MediaType::Object(nulls) => Format::Json { singular: true, strip_nulls: nulls == Nulls::Stripped },
            _ => Format::JSON,
        };
        let limits = Limits { max_rows: None, max_streamed_rows: None, aggregates: true, safe_writes: true };
        let context =
            Context { catalog, role: &role, limits, format, utc: true, mark: None, is_postgrest_alone: false };
        let prefer = Preferences::read(std::iter::once(self.prefer), false);
        match resource.strip_prefix("rpc/") {
            Some(name) => vec![self.call(&context, &prefer, method, name, query)],
            None if method == "GET" => read(&context, &prefer, resource, query),
            None => vec![self.write(&context, &prefer, method, resource, query)],
        }
    }

    fn write(&self, context: &Context<'_>, prefer: &Preferences, method: &str, name: &str, query: &str) -> Statement {
        let (mutation, kind) = match method {
            "POST" => (Mutation::Insert, Kind::Insert),
            "PATCH" => (Mutation::Update, Kind::Update),
            "PUT" => (Mutation::Upsert, Kind::Upsert),
            _ => (Mutation::Delete, Kind::Delete),
        };
        let query = Query::read(kind, query, TargetNames::Refused).unwrap();
        let body = Bytes::from_static(self.body.as_bytes());
        let (body, keys, is_object) =
            match Payload::read(body, &MediaType::Json, kind, query.columns.as_deref()).unwrap() {
                Payload::Json { raw, keys, is_object } => (raw, keys, is_object),
                _ => (Bytes::new(), Vec::new(), true),
            };
        let request = WriteRequest {
            mutation,
            query: &query,
            body,
            keys,
            is_object,
            merge_duplicates: prefer.resolution.map(|resolution| resolution == Resolution::MergeDuplicates),
            missing_default: prefer.missing == Some(Missing::Default),
            returning: match prefer.representation {
                Some(Representation::Full) => Returning::Rows,
                Some(Representation::HeadersOnly) => Returning::Key,
                _ => Returning::Nothing,
            },
        };
        let relation = context.catalog.resolve_relation(&shape(name)).unwrap();
        sql::write(&plan::write(context, relation, &request).unwrap())
    }

    fn call(&self, context: &Context<'_>, prefer: &Preferences, method: &str, name: &str, query: &str) -> Statement {
        let (kind, body) = match method {
            "GET" => (Kind::RoutineRead, catalog::Body::None),
            _ => (Kind::RoutineCall, catalog::Body::Json),
        };
        let query = Query::read(kind, query, TargetNames::Refused).unwrap();
        let payload = Payload::read(Bytes::from_static(self.body.as_bytes()), &MediaType::Json, kind, None).unwrap();
        let keys = payload.keys();
        let keys = keys.iter().chain(query.arguments.iter().map(|(name, _)| name)).map(String::as_str).collect();
        let routine = context.catalog.resolve_routine(&shape(name), &keys, body).unwrap();
        let call = Call { routine, arguments: Arguments::read(routine, &query, payload) };
        let plan = plan::call(context, call, &query).unwrap();
        match prefer.count {
            Some(Count::Exact) => sql::counted_call(&plan),
            _ => sql::call(&plan),
        }
    }

    /// The file: the request as comments, then each statement with its values.
    fn written(&self, statements: &[Statement]) -> String {
        let header = [
            ("", self.request),
            ("Prefer: ", self.prefer),
            ("Accept: ", if self.accept == JSON { "" } else { self.accept }),
            ("", self.body),
        ];
        let header = header.iter().filter(|(_, text)| !text.is_empty());
        let mut text: String = header.map(|(name, text)| format!("-- {name}{text}\n")).collect();
        for statement in statements {
            text += &format!("\n{};\n", lines(&statement.text));
            for (index, value) in statement.parameters.iter().enumerate() {
                let value = value.as_ref().map_or("NULL".into(), |value| String::from_utf8_lossy(value));
                text += &format!("-- ${} = {value}\n", index + 1);
            }
        }
        text
    }
}

fn read(context: &Context<'_>, prefer: &Preferences, name: &str, query: &str) -> Vec<Statement> {
    let query = Query::read(Kind::RelationRead, query, TargetNames::Refused).unwrap();
    let relation = context.catalog.resolve_relation(&shape(name)).unwrap();
    let plan = plan::read(context, relation, &query).unwrap();
    let mut statements = vec![sql::read(&plan)];
    statements.extend(prefer.count.map(|_| sql::count(&plan)));
    statements
}

fn shape(name: &str) -> QualifiedName {
    QualifiedName::new("shapes", name)
}

/// One clause a line, indented by how deep its parentheses are.
fn lines(sql: &str) -> String {
    const CLAUSES: [&str; 12] = [
        "from ",
        "where ",
        "order by ",
        "limit ",
        "offset ",
        "group by ",
        "having ",
        "returning ",
        "on conflict ",
        "left join ",
        "inner join ",
        "select ",
    ];
    let (mut text, mut depth, mut quote) = (String::new(), 0_usize, None);
    for (at, c) in sql.char_indices() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        let starts_clause =
            c == ' ' && quote.is_none() && CLAUSES.iter().any(|clause| sql[at + 1..].starts_with(clause));
        if starts_clause && !text.ends_with("distinct") && !text.ends_with("delete") {
            text.push('\n');
            text.extend(std::iter::repeat_n("  ", depth));
        } else {
            text.push(c);
        }
    }
    text
}

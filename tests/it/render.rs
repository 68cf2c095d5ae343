//! What `render` writes is what Postgres' own `to_json`, `json_agg` and `record_out` write.

mod values;

use bytes::Bytes;
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{TestCaseError, TestError, TestRunner},
};
use tekup_db::{
    catalog::{Builtin, Wire},
    db::Row,
    plan::{Layout, OutputColumn, Shape},
    render,
};
use tokio::runtime::Runtime;
use tokio_postgres::{
    Client, NoTls,
    types::{FromSql, Type},
};

/// Values that go to the database in one statement.
const BATCH: usize = 500;
/// Batches of each type.
const BATCHES: u32 = 6;

/// A connection in UTC, as the service's own are.
struct Postgres {
    runtime: Runtime,
    client: Client,
}

/// The binary form of any value.
struct Binary(Bytes);

impl<'a> FromSql<'a> for Binary {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(Bytes::copy_from_slice(raw)))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

impl Postgres {
    fn connect() -> Self {
        let runtime = Runtime::new().unwrap();
        let url = runtime.block_on(crate::support::empty()).owner_url();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url.expose(), NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("set time zone 'UTC'").await.unwrap();
            client
        });
        Self { runtime, client }
    }

    /// The rows of a statement over `$1`, an array of text; its last column is the text expected of them all.
    fn rows(&self, sql: &str, texts: &[Option<String>]) -> Vec<Row> {
        let rows =
            self.runtime.block_on(self.client.query(sql, &[&texts])).unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        let columns = |row: &tokio_postgres::Row| {
            (0..row.len()).map(|index| row.get::<_, Option<Binary>>(index).map(|binary| binary.0)).collect()
        };
        rows.iter().map(|row| Row::new(columns(row))).collect()
    }

    /// One text.
    fn text(&self, sql: &str, texts: &[Option<String>]) -> String {
        let row = self
            .runtime
            .block_on(self.client.query_one(sql, &[&texts]))
            .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        row.get(0)
    }
}

fn for_all<T: std::fmt::Debug>(values: impl Strategy<Value = T>, check: impl Fn(T) -> Result<(), TestCaseError>) {
    let config =
        ProptestConfig { cases: BATCHES, failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() };
    match TestRunner::new(config).run(&values, check) {
        Ok(()) => {}
        // The message names the one value that differs; the whole batch would hide it.
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(error) => panic!("{error}"),
    }
}

fn rendered(wire: Wire, layout: Layout, rows: &[Row]) -> String {
    let shape = Shape::Flat(vec![OutputColumn { key: "x".to_owned(), wire }]);
    let mut out = Vec::new();
    render::json(&shape, layout, rows, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn each_value_is_equal_to_to_json(
    postgres: &Postgres,
    wire: Wire,
    ty: &str,
    texts: &[String],
) -> Result<(), TestCaseError> {
    let sql = format!("select s::{ty}, to_json(s::{ty})::text from unnest($1::text[]) s");
    let texts: Vec<_> = texts.iter().cloned().map(Some).collect();
    let mut out = Vec::new();
    for (row, text) in postgres.rows(&sql, &texts).iter().zip(texts) {
        let expected = std::str::from_utf8(row.get(1).unwrap()).unwrap();
        let shape = Shape::Flat(vec![OutputColumn { key: "x".to_owned(), wire }]);
        out.clear();
        render::json(&shape, Layout::Array, std::slice::from_ref(row), &mut out).unwrap();
        prop_assert_eq!(std::str::from_utf8(&out).unwrap(), format!("[{{\"x\":{}}}]", expected), "{:?}", text);
    }
    Ok(())
}

#[test]
fn a_value_of_every_type_is_what_to_json_gives() {
    let postgres = Postgres::connect();
    for builtin in values::ALL {
        let ty = values::name(builtin);
        each_value_is_equal_to_to_json(&postgres, Wire::Plain(builtin), ty, &values::edges(builtin)).unwrap();
        for_all(vec(values::any(builtin), BATCH), |texts| {
            each_value_is_equal_to_to_json(&postgres, Wire::Plain(builtin), ty, &texts)
        });
    }
}

#[test]
fn an_array_of_every_type_is_what_to_json_gives() {
    let postgres = Postgres::connect();
    for builtin in values::ALL {
        let ty = format!("{}[]", values::name(builtin));
        let edges =
            ["{}", "{NULL}", "{{NULL},{NULL}}", "[5:6]={NULL,NULL}", "[-1:0][3:3]={{NULL},{NULL}}"].map(str::to_owned);
        each_value_is_equal_to_to_json(&postgres, Wire::Array(builtin), &ty, &edges).unwrap();
        for_all(vec(values::any_array(builtin), BATCH / 5), |texts| {
            each_value_is_equal_to_to_json(&postgres, Wire::Array(builtin), &ty, &texts)
        });
    }
}

#[test]
fn every_layout_is_what_json_agg_gives() {
    let postgres = Postgres::connect();
    let layouts = [
        (Layout::Array, "coalesce(json_agg(t), '[]')"),
        (Layout::Object, "coalesce(json_agg(t)->0, 'null')"),
        (Layout::Values, "coalesce(json_agg(t.x), '[]')"),
        (Layout::Value, "coalesce(json_agg(t.x)->0, 'null')"),
    ];
    for builtin in values::ALL {
        let name = values::name(builtin);
        let arrays = (Wire::Array(builtin), format!("{name}[]"), values::any_array(builtin));
        for (wire, ty, any) in [(Wire::Plain(builtin), name.to_owned(), values::any(builtin)), arrays] {
            let from = format!("from (select s::{ty} as x from unnest($1::text[]) s) t");
            for_all(vec(proptest::option::weighted(0.7, any), 0..5), |texts| {
                for (layout, expression) in layouts {
                    let rows = postgres.rows(&format!("select x {from}"), &texts);
                    let expected = postgres.text(&format!("select ({expression})::text {from}"), &texts);
                    prop_assert_eq!(rendered(wire, layout, &rows), expected, "{:?} {:?}", layout, texts);
                }
                Ok(())
            });
        }
    }
}

#[test]
fn what_the_database_rendered_is_laid_out_the_same() {
    let postgres = Postgres::connect();
    let texts = [r#"{192.168.0.1,NULL}"#, "{}"].map(|text| Some(text.to_owned()));
    let from = "from (select s::inet[] as x from unnest($1::text[] || null::text) s) t";
    let rows = postgres.rows(&format!("select to_json(x) {from}"), &texts);
    let documents = postgres.rows(&format!("select row_to_json(t) {from}"), &texts);
    let expected = |expression: &str| postgres.text(&format!("select {expression}::text {from}"), &texts);
    assert_eq!(rendered(Wire::Other, Layout::Array, &rows), expected("json_agg(t)"));
    assert_eq!(rendered(Wire::Other, Layout::Values, &rows), expected("json_agg(t.x)"));
    for (layout, expression) in [(Layout::Array, "json_agg(t)"), (Layout::Object, "(json_agg(t)->0)")] {
        let mut out = Vec::new();
        render::json(&Shape::Document, layout, &documents, &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected(expression));
    }
}

#[test]
fn a_row_of_all_types_has_its_keys_as_postgres_writes_them() {
    let postgres = Postgres::connect();
    let key = |builtin: &Builtin| format!("{builtin:?} \"\\\t\u{1}æ🐘");
    let ident = |builtin: &Builtin| format!("\"{}\"", key(builtin).replace('"', "\"\""));
    let columns = values::ALL.iter().map(|builtin| OutputColumn { key: key(builtin), wire: Wire::Plain(*builtin) });
    let shape = Shape::Flat(columns.collect());
    let list = |column: &dyn Fn((usize, &Builtin)) -> String| {
        values::ALL.iter().enumerate().map(column).collect::<Vec<_>>().join(", ")
    };
    let selected = list(&|(index, builtin)| {
        format!("($1::text[])[n + {}]::{} as {}", index + 1, values::name(*builtin), ident(builtin))
    });
    let from = format!(
        "from (select {selected} from generate_series(0, cardinality($1::text[]) - 1, {}) n) t",
        values::ALL.len()
    );
    let row: Vec<_> = values::ALL.iter().map(|builtin| proptest::option::of(values::any(*builtin))).collect();
    for_all(vec(row, 0..20), |rows| {
        let texts = rows.concat();
        let mut out = Vec::new();
        render::json(&shape, Layout::Array, &postgres.rows(&format!("select t.* {from}"), &texts), &mut out).unwrap();
        let expected = postgres.text(&format!("select coalesce(json_agg(t), '[]')::text {from}"), &texts);
        prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        Ok(())
    });
}

#[test]
fn csv_is_the_text_of_a_row() {
    let postgres = Postgres::connect();
    let header = ["a", "b c", "d"].map(str::to_owned);
    let from = "from (select ($1::text[])[n] as a, ($1::text[])[n + 1] as \"b c\", ($1::text[])[n + 2] as d
                from generate_series(1, cardinality($1::text[]), 3) n) t";
    let cell = proptest::option::weighted(0.8, values::any(Builtin::Text));
    for_all(vec(vec(cell, 3), 1..BATCH), |cells| {
        let texts = cells.concat();
        let expected = "string_agg(substring(t::text, 2, length(t::text) - 2), e'\\n')";
        let expected = format!("a,b c,d\n{}", postgres.text(&format!("select {expected} {from}"), &texts));
        let mut out = Vec::new();
        render::csv(&header, &postgres.rows(&format!("select t.* {from}"), &texts), &mut out);
        prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        Ok(())
    });
}

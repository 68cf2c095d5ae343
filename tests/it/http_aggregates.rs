//! Aggregates: distinct, in filters, in orders.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Api, shapes, shapes_with};

async fn aggregating() -> Api {
    shapes_with(|config| config.api.aggregates = true).await
}

/// A path whose query may be written as it reads.
fn path(text: &str) -> String {
    format!("/shapes/{}", text.replace(' ', "%20").replace('>', "%3E"))
}

async fn get(api: &Api, text: &str) -> Value {
    api.reader.get(&path(text)).await.expect(200).json()
}

/// The values under a key, in order.
fn values(rows: &Value, key: &str) -> Vec<Value> {
    rows.as_array().expect("rows").iter().map(|row| row[key].clone()).collect()
}

#[tokio::test]
async fn distinct_counts_equal_values_once() {
    let api = aggregating().await;
    api.execute("insert into shapes.cities (name, country, population, area) values ('Double', 'DK', 290598, 91)")
        .await;
    let text = "cities?select=all:country.count(),country.count(distinct),population.sum(distinct)&country=eq.DK";
    assert_eq!(get(&api, text).await, json!([{"all": 3, "count": 1, "sum": 472985}]));
    let text = "cities?select=country,area.avg(distinct)::int,m:area.max(distinct),l:area.min(distinct)&country=eq.DK";
    assert_eq!(get(&api, text).await, json!([{"country": "DK", "avg": 85, "m": 91.00, "l": 79.20}]));
    let text = "cities?select=...countries(code,name.count(distinct))&country=not.is.null&order=countries(code)";
    let rows = get(&api, text).await;
    assert_eq!(values(&rows, "count"), [1, 1, 1]);
    let text = "countries?select=cities(areas:area.count(distinct),rows:count())&code=eq.DK";
    assert_eq!(get(&api, text).await, json!([{"cities": [{"areas": 2, "rows": 3}]}]));
}

#[tokio::test]
async fn a_filter_on_an_aggregate_keeps_the_groups_that_pass() {
    let api = aggregating().await;
    for (filters, countries) in [
        ("population.sum()=gt.1000000", json!(["NO", "SE"])),
        ("population.sum()=not.gt.1000000", json!(["DK"])),
        ("population.sum()=is.null", json!([null])),
        ("population.avg()=lt.300000", json!(["DK"])),
        ("count()=gte.2", json!(["DK"])),
        ("count()=in.(2,3)", json!(["DK"])),
        ("country.count()=eq.0", json!([null])),
        ("name.count(distinct)=eq(any).{2}", json!(["DK"])),
        ("name.min()=like.*o*", json!(["NO", "SE"])),
        ("founded.max()=lt.1100-01-01", json!(["DK", "NO"])),
        ("population::text.max()=match.^29", json!(["DK"])),
        ("facts->>bridges.max()=eq.7", json!(["DK"])),
        ("full_name.count(distinct)=eq.2", json!(["DK"])),
        ("or=(count().gt.1,population.sum().gt.1500000)", json!(["DK", "SE"])),
        ("not.or=(count().gt.1,population.sum().is.null)", json!(["NO", "SE"])),
        ("count()=eq.1&population.sum()=lt.1200000&name=neq.Odense", json!(["DK", "NO"])),
    ] {
        let filters = filters.replace('{', "%7B").replace('}', "%7D").replace('^', "%5E");
        let rows = get(&api, &format!("cities?select=country&order=country&{filters}")).await;
        assert_eq!(Value::from(values(&rows, "country")), countries, "{filters}");
    }
    let shown = "cities?select=country,people:population.sum()&population.sum()=gt.1000000&order=country.desc";
    assert_eq!(
        get(&api, shown).await,
        json!([{"country": "SE", "people": 1515017}, {"country": "NO", "people": 1019513}])
    );
    let everything = get(&api, "countries?count()=eq.1&order=code&limit=1").await;
    assert_eq!(everything, json!([{"code": "DK", "name": "Denmark"}]));
}

#[tokio::test]
async fn an_embed_is_filtered_by_its_own_groups() {
    let api = aggregating().await;
    let sums =
        "countries?select=code,cities(population.sum())&cities.population.sum()=gt.500000&code=in.(DK,SE)&order=code";
    assert_eq!(
        get(&api, sums).await,
        json!([{"code": "DK", "cities": []}, {"code": "SE", "cities": [{"sum": 1515017}]}])
    );
    for (text, codes) in [
        ("countries?select=code,cities!inner()&cities.count()=gte.2", json!(["DK"])),
        ("countries?select=code,cities!inner()&cities.count()=eq.1", json!(["NO", "SE"])),
        (
            "countries?select=code,cities!inner()&cities.or=(count().gt.1,population.max().gt.1500000)",
            json!(["DK", "SE"]),
        ),
        ("countries?select=code,cities!inner()&cities.count()=eq.0", json!(["XX"])),
        ("countries?select=code,cities()&cities.population.sum()=gt.1&cities=is.null", json!(["XX"])),
        (
            "countries?select=code,big:cities!inner()&big.population=gt.200000&big.count()=eq.1",
            json!(["DK", "NO", "SE"]),
        ),
    ] {
        let rows = get(&api, &format!("{text}&order=code")).await;
        assert_eq!(Value::from(values(&rows, "code")), codes, "{text}");
    }
    let rivers = "rivers?select=name,cities!inner(population.sum())&cities.count()=gt.1";
    assert_eq!(get(&api, rivers).await, json!([{"name": "Å", "cities": [{"sum": 472985}]}]));
}

#[tokio::test]
async fn rows_are_ordered_by_an_aggregate() {
    let api = aggregating().await;
    let text = "cities?select=country&order=count().desc,population.sum().desc.nullslast";
    assert_eq!(values(&get(&api, text).await, "country"), [json!("DK"), json!("SE"), json!("NO"), json!(null)]);
    let text = "cities?select=country,count()&order=population.sum().asc.nullsfirst&limit=2";
    assert_eq!(get(&api, text).await, json!([{"country": null, "count": 1}, {"country": "DK", "count": 2}]));
    let text = "countries?select=code,cities(name,population.max())&cities.order=population.max().desc&code=eq.DK";
    assert_eq!(
        get(&api, text).await[0]["cities"],
        json!([{"max": 290598, "name": "Aarhus"}, {"max": 182387, "name": "Odense"}])
    );
}

#[tokio::test]
async fn the_groups_that_pass_are_counted() {
    let api = aggregating().await;
    let range = async |text: &str, count: &str| {
        let answer = api.reader.get_with(&path(text), &[("prefer", count)]).await;
        (answer.status.as_u16(), answer.header("content-range").to_owned())
    };
    let exact = "count=exact";
    let answered = |status: u16, range: &str| (status, range.to_owned());
    assert_eq!(range("cities?select=country&count()=eq.1&limit=2", exact).await, answered(206, "0-1/3"));
    assert_eq!(range("cities?select=country&count()=eq.1", exact).await, answered(200, "0-2/3"));
    assert_eq!(range("cities?select=population.sum()&count()=gt.99", exact).await, answered(200, "*/0"));
    assert_eq!(range("cities?select=country&count()=eq.1", "count=estimated").await, answered(200, "0-2/3"));
    let embedded = "countries?select=code,cities!inner()&cities.count()=gte.2";
    assert_eq!(range(embedded, exact).await, answered(200, "0-0/1"));
    let grouped_by_embed = "cities?select=countries!inner(name)&count()=gte.1&limit=1";
    assert_eq!(range(grouped_by_embed, exact).await, answered(206, "0-0/3"));
    let call = "rpc/cities_of?code=DK&select=name&population.sum()=gt.1&full_name.count()=eq.1&limit=1";
    assert_eq!(range(call, exact).await, answered(206, "0-0/2"));
}

#[tokio::test]
async fn other_formats_filter_groups_too() {
    let api = aggregating().await;
    let text = path("cities?select=country,count()&count()=gt.1&order=country");
    let csv = api.reader.get_with(&text, &[("accept", "text/csv")]).await.expect(200);
    assert_eq!(csv.text(), "country,count\nDK,2");
    let object = [("accept", "application/vnd.pgrst.object+json")];
    assert_eq!(api.reader.get_with(&text, &object).await.expect(200).text(), r#"{"country":"DK","count":2}"#);
    assert_eq!(get(&api, "rpc/names?count()=eq.1&order=count()").await.as_array().expect("values").len(), 4);
}

#[tokio::test]
async fn a_write_answers_with_groups_but_is_not_chosen_by_them() {
    let api = aggregating().await;
    for (method, text) in [
        (Method::PATCH, "cities?count()=gt.1"),
        (Method::DELETE, "cities?id=eq.1&population.sum()=gt.1"),
        (Method::PUT, "keys?a=eq.1&b=eq.1&count()=gt.1"),
        (Method::POST, "keys?or=(count().gt.1)"),
    ] {
        let headers = [("prefer", "return=representation")];
        let answer = api.writer.write(method.clone(), &path(text), &headers, json!({"a": 1})).await.expect(400).json();
        assert_eq!(answer["code"], "query.unknown_parameter", "{method}");
        assert_eq!(answer["details"], "an aggregate can't say which rows to write; filter by columns", "{method}");
    }
    assert_eq!(api.query::<i64>("select count(*) from shapes.cities").await, 5);
    let text = path("cities?select=name,rivers!inner()&rivers.count()=gte.1&id=in.(1,5)&order=name.max()");
    let changed = api.writer.patch(&text, json!({"tags": ["seen"]})).await.expect(200).json();
    assert_eq!(changed, json!([{"name": "Aarhus"}]));
    assert_eq!(api.query::<i64>("select count(*) from shapes.cities where tags = '{seen}'").await, 2);
}

#[tokio::test]
async fn what_would_be_wrong_is_refused() {
    let api = aggregating().await;
    let one = "A spread relation can't be filtered or ordered by an aggregate: its rows are not grouped where they are, \
               but with their parents.";
    let many = "Aggregates are not implemented for one-to-many or many-to-many spreads.";
    let mixed = "a logic group has filters on columns or on aggregates, not on both";
    let column = "count(distinct) needs a column before it, such as status.count(distinct)";
    for (text, code, details) in [
        ("cities?select=id,...countries(name.max())&countries.name.max()=eq.x", "PGRST127", one),
        ("cities?select=id,...countries(name)&countries.count()=gt.1", "PGRST127", one),
        ("cities?select=id,...countries(name)&countries.order=count()", "PGRST127", one),
        ("countries?select=code,...cities(name)&cities.count()=gt.1", "PGRST127", many),
        ("cities?select=country&or=(count().gt.1,id.eq.1)", "PGRST100", mixed),
        ("cities?select=count(distinct)", "PGRST100", column),
        ("cities?select=country&count(distinct)=gt.1", "PGRST100", column),
    ] {
        let answer = api.reader.get(&path(text)).await.expect(400).json();
        assert_eq!((&answer["code"], &answer["details"]), (&json!(code), &json!(details)), "{text}");
    }
    let unknown = api.reader.get(&path("cities?select=country&popluation.sum()=gt.1")).await.expect(400).json();
    assert_eq!(unknown["code"], "42703");
    assert_eq!(unknown["hint"], "Perhaps you meant to reference the column \"cities.population\".");
    let hidden = api.reader.get(&path("secrets?select=open&hidden.max()=eq.unseen")).await.expect(403).json();
    assert_eq!(hidden["code"], "42501");
}

#[tokio::test]
async fn nothing_aggregates_where_aggregates_are_off() {
    let api = shapes().await;
    for text in [
        "cities?select=name.count(distinct)",
        "cities?select=country&count()=gt.1",
        "cities?select=country&or=(population.sum().gt.1)",
        "cities?select=country&order=count()",
        "countries?select=code,cities(name)&cities.count()=gt.1",
        "countries?select=code,cities(name)&cities.order=population.max()",
        "rpc/cities_of?code=DK&count()=gt.1",
    ] {
        let answer = api.reader.get(&path(text)).await.expect(400).json();
        assert_eq!(answer["code"], "PGRST123", "{text}");
    }
}

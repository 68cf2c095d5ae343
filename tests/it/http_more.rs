//! No list is cut silently: what goes on is named, and how to go on.

use crate::support::{Api, Person, shapes, shapes_with};
use serde_json::{Value, json};

/// The address of the next page.
fn next(path: &str, link: &str) -> Option<String> {
    let query = link.strip_prefix("<?")?.strip_suffix(">; rel=\"next\"")?;
    Some(format!("{}?{query}", path.split('?').next()?))
}

/// All rows, by following the links; and how many pages there were.
async fn followed(caller: &Person, path: &str, headers: &[(&str, &str)]) -> (Vec<Value>, usize) {
    let (mut rows, mut path, mut pages) = (Vec::new(), path.to_owned(), 0);
    loop {
        let answer = caller.get_with(&path, headers).await.expect(200);
        pages += 1;
        assert!(pages < 50, "{path}");
        rows.extend(answer.json().as_array().unwrap().iter().cloned());
        match next(&path, answer.header("link")) {
            Some(next) => path = next,
            None => return (rows, pages),
        }
    }
}

async fn many() -> Api {
    let api = shapes().await;
    api.execute(
        "create table shapes.many (
             id int primary key, grp text, at timestamptz, half float4, hidden text, word text collate \"C\" not null unique
         );
         insert into shapes.many
             select n, case when n % 4 = 0 then null else 'g, \"' || n % 3 end, '2024-01-01Z'::timestamptz + n * interval '1 ms',
                    n / 3.0, 'h', chr(96 + n) || ')'
             from generate_series(1, 25) n;
         create view shapes.pairs as select m.id, m.grp from shapes.many m cross join generate_series(1, 2);
         grant select on shapes.many, shapes.pairs to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    api
}

#[tokio::test]
async fn a_page_that_goes_on_says_so_and_links_to_the_next_one() {
    let api = shapes().await;
    let page = api.reader.get("/shapes/cities?select=id&order=id&limit=2").await.expect(200);
    assert_eq!((page.json(), page.header("content-range")), (json!([{"id": 1}, {"id": 2}]), "0-1/*"));
    assert_eq!(page.header("more-rows"), ".");
    assert_eq!(page.header("link"), "<?id=gt.2&limit=2&order=id&select=id>; rel=\"next\"");
    for whole in ["order=id&limit=5", "order=id", "order=id&offset=3&limit=2", "order=id&limit=0", "id=eq.1&limit=1"] {
        let answer = api.reader.get(&format!("/shapes/cities?select=id&{whole}")).await.expect(200);
        assert_eq!((answer.header("link"), answer.header("more-rows")), ("", ""), "{whole}");
    }
}

#[tokio::test]
async fn following_the_links_gives_every_row_once_and_in_order() {
    let api = many().await;
    for query in [
        "select=id&order=id&limit=4",
        "select=id&order=id.desc&limit=7",
        "select=id&order=grp,id&limit=4",
        "select=id&order=grp.desc,id.desc&limit=4",
        "select=id&order=grp.nullsfirst,id&limit=4",
        "select=id&order=grp.desc.nullslast,id&limit=3",
        "select=id&order=at.desc,half,id&limit=6",
        "select=id&order=word.desc&limit=6",
        "select=id,grp,word&order=grp,word&limit=4&id=gt.2&or=(id.lt.20,id.gt.22)",
        "select=id&limit=4",
        "select=id&order=grp&limit=25",
    ] {
        let unlimited: Vec<_> = query.split('&').filter(|part| !part.starts_with("limit")).collect();
        let all = api.reader.get(&format!("/shapes/many?{}", unlimited.join("&"))).await.expect(200).json();
        for headers in [vec![], vec![("accept", "application/vnd.pgrst.array+json;nulls=stripped")]] {
            let (rows, pages) = followed(&api.reader, &format!("/shapes/many?{query}"), &headers).await;
            let ids = |rows: &[Value]| rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>();
            assert_eq!(ids(&rows), ids(all.as_array().unwrap()), "{query}");
            assert!(pages > 3 || query.contains("limit=25"), "{query}: {pages}");
        }
    }
}

#[tokio::test]
async fn a_link_goes_by_the_keys_of_the_order_where_they_tell_rows_apart() {
    let api = many().await;
    let link = async |path: &str, headers: &[(&str, &str)]| {
        api.reader.get_with(path, headers).await.expect(200).header("link").to_owned()
    };
    let at_words = link("/shapes/many?select=id&order=grp,word&limit=3", &[]).await;
    assert!(at_words.contains("or=%28") && !at_words.contains("offset"), "{at_words}");
    let second = next("/shapes/many", &at_words).unwrap();
    let third = link(&second, &[]).await;
    assert_eq!(third.matches("or=").count(), 1, "the condition of the page before is replaced: {third}");
    for by_offset in [
        "/shapes/many?order=grp&limit=3",
        "/shapes/many?limit=3",
        "/shapes/pairs?order=id&limit=3",
        "/shapes/cities?order=facts-%3Ebridges,id&limit=3",
        "/shapes/cities?select=name,countries(name)&order=id&limit=3",
        "/shapes/cities_of?limit=1",
    ] {
        let by_offset = by_offset.replace("/shapes/cities_of?", "/shapes/rpc/cities_of?code=DK&");
        let link = link(&by_offset, &[]).await;
        let expected = if by_offset.contains("rpc") { "offset=1" } else { "offset=3" };
        assert!(link.contains(expected), "{by_offset}: {link}");
    }
    let embedded = link("/shapes/cities?select=id,countries(name)&order=id&limit=3", &[]).await;
    assert!(embedded.contains("id=gt.3"), "{embedded}");
    let by_header = link("/shapes/cities?order=id", &[("range", "1-2")]).await;
    assert_eq!(by_header, "<?id=gt.3&limit=2&order=id>; rel=\"next\"");
    let csv = link("/shapes/many?select=grp&order=id&limit=2", &[("accept", "text/csv")]).await;
    assert!(csv.contains("id=gt.2"), "{csv}");
}

#[tokio::test]
async fn a_column_that_only_the_link_needs_is_not_shown() {
    let api = many().await;
    let path = "/shapes/many?select=grp&order=id&limit=1";
    assert_eq!(api.reader.get(path).await.expect(200).text(), r#"[{"grp":"g, \"1"}]"#);
    let csv = api.reader.get_with(path, &[("accept", "text/csv")]).await.expect(200);
    assert_eq!(csv.text(), "grp\n\"g, \"\"1\"");
}

#[tokio::test]
async fn related_rows_that_go_on_are_named_by_their_path() {
    let api = shapes().await;
    let all = api
        .reader
        .get("/shapes/countries?select=code,cities(id,rivers(id))&cities.order=id&code=eq.DK")
        .await
        .expect(200);
    assert_eq!(all.header("more-rows"), "");
    let path = "/shapes/countries?select=code,cities(id,rivers(id))&order=code&cities.order=id&code=eq.DK";
    let cut = api.reader.get(&format!("{path}&cities.limit=1")).await.expect(200);
    assert_eq!(cut.text(), r#"[{"code":"DK","cities":[{"id": 1, "rivers": [{"id": 1}]}]}]"#);
    assert_eq!((cut.header("more-rows"), cut.header("link")), ("cities", ""));
    let exact = api.reader.get(&format!("{path}&cities.limit=2")).await.expect(200);
    assert_eq!((exact.header("more-rows"), exact.text()), ("", all.text()));
    let deep = "/shapes/rivers?select=id,towns:cities(id,countries(all:cities(id)))&id=eq.1&towns.countries.all.limit=1&towns.countries.all.order=id";
    let deep = api.reader.get(deep).await.expect(200);
    assert_eq!(deep.header("more-rows"), "towns.countries.all");
    assert_eq!(deep.json()[0]["towns"][0]["countries"], json!({"all": [{"id": 1}]}));
    let spread = "/shapes/countries?select=code,...cities(id,name)&code=eq.DK&cities.limit=1&cities.order=id";
    let spread = api.reader.get(spread).await.expect(200);
    assert_eq!(spread.text(), r#"[{"code":"DK","id":[1],"name":["Aarhus"]}]"#);
    assert_eq!(spread.header("more-rows"), "cities");
    let csv = api.reader.get_with(&format!("{path}&cities.limit=1"), &[("accept", "text/csv")]).await.expect(200);
    assert_eq!((csv.text().matches("id").count(), csv.header("more-rows")), (2, "cities"));
    let one = [("accept", "application/vnd.pgrst.object+json")];
    let one = api.reader.get_with(&format!("{path}&cities.limit=1"), &one).await.expect(200);
    assert_eq!((one.json()["cities"].as_array().unwrap().len(), one.header("more-rows")), (1, "cities"));
}

#[tokio::test]
async fn the_services_own_limit_cuts_no_list_silently() {
    let api = shapes_with(|config| config.api.max_rows = Some(2)).await;
    let page = api.reader.get("/shapes/cities?select=id&order=id").await.expect(200);
    assert_eq!((page.json().as_array().unwrap().len(), page.header("more-rows")), (2, "."));
    let (rows, pages) = followed(&api.reader, "/shapes/cities?select=id&order=id", &[]).await;
    assert_eq!((rows.len(), pages), (5, 3));
    let (rows, pages) = followed(&api.reader, "/shapes/cities?select=id&order=id&limit=3", &[]).await;
    assert_eq!((rows.len(), pages), (5, 3), "a limit above the service's own is not what cuts");
    let embeds = api.reader.get("/shapes/countries?select=code,cities(id)&limit=1").await.expect(200);
    assert_eq!(embeds.header("more-rows"), ".", "two cities are no more than two");
    let functions = api.reader.get("/shapes/rpc/names").await.expect(200);
    assert_eq!((functions.json(), functions.header("more-rows")), (json!(["Denmark", "Norway"]), "."));
    assert_eq!(functions.header("link"), "<?offset=2>; rel=\"next\"");
    let counted = api.reader.get_with("/shapes/rpc/names", &[("prefer", "count=exact")]).await.expect(206);
    assert_eq!((counted.header("content-range"), counted.header("more-rows")), ("0-1/4", "."));
}

#[tokio::test]
async fn a_cut_is_an_error_where_that_is_preferred_and_nothing_is_written() {
    let api = shapes_with(|config| config.api.max_rows = Some(1)).await;
    let strict = ("prefer", "handling=strict, max-rows=fail");
    let refused = api.reader.get_with("/shapes/cities?select=id", &[strict]).await.expect(400).json();
    assert_eq!(
        (refused["code"].as_str(), refused["details"].as_str().unwrap().contains("of: . (")),
        (Some("query.max_rows"), true)
    );
    let path = "/shapes/countries?select=code,cities(id)&code=eq.DK";
    let refused = api.reader.get_with(path, &[strict]).await.expect(400).json();
    assert!(refused["details"].as_str().unwrap().contains("of: cities ("), "{refused}");
    // What the request itself limits is no accident.
    let asked = api.reader.get_with(&format!("{path}&cities.limit=1&limit=1"), &[strict]).await.expect(200);
    assert_eq!(asked.header("preference-applied"), "handling=strict, max-rows=fail");
    api.reader.get_with("/shapes/cities?select=id", &[("prefer", "max-rows=fail")]).await.expect(200);
    api.reader.get_with("/shapes/rpc/names", &[strict]).await.expect(400);

    let written = "handling=strict, max-rows=fail, return=representation";
    let body = json!({"name": "Danmark"});
    let patch = ("/shapes/countries?code=eq.DK&select=code,cities(id)", axum::http::Method::PATCH);
    api.writer.write(patch.1.clone(), patch.0, &[("prefer", written)], body.clone()).await.expect(400);
    let name = || api.query::<String>("select name from shapes.countries where code = 'DK'");
    assert_eq!(name().await, "Denmark");
    let lenient = api.writer.write(patch.1, patch.0, &[("prefer", "return=representation")], body).await.expect(200);
    assert_eq!((lenient.header("more-rows"), name().await.as_str()), ("cities", "Danmark"));
}

#[tokio::test]
async fn a_function_whose_rows_are_cut_changes_nothing_where_that_is_an_error() {
    let api = shapes_with(|config| config.api.max_rows = Some(1)).await;
    api.execute(
        "create function shapes.rename() returns setof shapes.countries language sql as
             $$ update shapes.countries set name = 'x' returning * $$;
         grant execute on function shapes.rename to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let strict = [("prefer", "handling=strict, max-rows=fail")];
    let refused =
        api.writer.write(axum::http::Method::POST, "/shapes/rpc/rename", &strict, json!({})).await.expect(400);
    assert_eq!(refused.json()["code"], "query.max_rows");
    assert_eq!(api.query::<i64>("select count(*) from shapes.countries where name = 'x'").await, 0);
    let affected = [("prefer", "handling=strict, max-affected=1")];
    api.writer.write(axum::http::Method::POST, "/shapes/rpc/rename", &affected, json!({})).await.expect(200);
}

#[tokio::test]
async fn a_link_goes_by_offset_where_filters_do_not_compare_as_rows_are_sorted() {
    let api = shapes().await;
    api.execute(
        "create table shapes.odd (id int primary key, meta jsonb not null unique, name text not null);
         create unique index on shapes.odd (name collate \"POSIX\");
         insert into shapes.odd values (1, 'null', 'a'), (2, '\"x\"', 'A'), (3, '{}', 'b'), (4, '[]', 'B');
         grant select on shapes.odd to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    for order in ["meta", "meta,id", "name", "name,id"] {
        let path = format!("/shapes/odd?select=id&order={order}&limit=1");
        let first = api.reader.get(&path).await.expect(200);
        let by_offset = first.header("link").contains("offset");
        assert_eq!(by_offset, order != "name,id", "{order}: {}", first.header("link"));
        assert_eq!(followed(&api.reader, &path, &[]).await.0.len(), 4, "{order}");
    }
}

#[tokio::test]
async fn an_order_by_many_terms_and_long_values_costs_little() {
    let api = shapes().await;
    api.execute("insert into shapes.rivers select n, repeat('x', 10000) from generate_series(10, 12) n").await;
    let order = ["name"; 900].join(",");
    let started = std::time::Instant::now();
    let answer =
        api.reader.get(&format!("/shapes/rivers?select=id&order={order},id&limit=1&id=gt.9")).await.expect(200);
    assert!(started.elapsed() < std::time::Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(answer.header("link").contains("gt.10") || answer.header("link").contains("offset=1"));
}

#[tokio::test]
async fn groups_are_the_same_whether_their_lists_are_cut_or_not() {
    let api = shapes_with(|config| config.api.aggregates = true).await;
    let path = "/shapes/mayors?select=count(),cities(country,rivers(id))&cities.rivers.limit=1";
    let counts = api.reader.get(path).await.expect(200).json();
    let total: i64 = counts.as_array().unwrap().iter().map(|row| row["count"].as_i64().unwrap()).sum();
    assert_eq!(total, 2, "{counts}");
    let nested = "/shapes/cities_rivers?select=count(),cities(countries(cities(country)))\
        &cities.countries.cities.limit=1&city=in.(1,2)";
    let nested = api.reader.get(nested).await.expect(200).json();
    assert_eq!((nested.as_array().unwrap().len(), nested[0]["count"].as_i64()), (1, Some(2)), "{nested}");
}

#[tokio::test]
async fn what_marks_cut_lists_is_told_nobody() {
    let api = shapes_with(|config| config.api.plans = true).await;
    let plan = [("accept", "application/vnd.pgrst.plan; options=verbose")];
    let path = "/shapes/countries?select=code,cities(id)&cities.limit=1";
    let plan = api.reader.get_with(path, &plan).await.expect(200).text();
    assert!(plan.contains("cities") && !plan.contains("::jsonb ELSE"), "{plan}");
    assert!(!plan.contains(api.running.app().mark.text()));
}

#[tokio::test]
async fn a_cut_that_is_not_seen_in_time_is_no_error_that_could_be_promised() {
    let api = shapes_with(|config| config.api.max_rows = Some(1)).await;
    api.execute(
        "create function shapes.rename() returns setof shapes.countries language sql as
             $$ update shapes.countries set name = 'x' returning * $$;
         grant execute on function shapes.rename to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let geo = [("accept", "application/geo+json"), ("prefer", "handling=strict, max-rows=fail")];
    let refused = api.writer.write(axum::http::Method::POST, "/shapes/rpc/rename", &geo, json!({})).await.expect(400);
    assert_eq!(refused.json()["code"], "query.max_rows");
    assert_eq!(api.query::<i64>("select count(*) from shapes.countries where name = 'x'").await, 0);
}

//! Reads of relations.

use crate::support::{shapes, shapes_with};
use serde_json::json;

#[tokio::test]
async fn select_gives_columns_aliases_casts_and_json_paths_in_the_order_asked_for() {
    let api = shapes().await;
    let answer = api
        .reader
        .get("/shapes/cities?id=eq.1&select=name,no:id::text,facts-%3Ebridges,facts-%3Emayor-%3E%3Ename")
        .await
        .expect(200);
    assert_eq!(answer.text(), r#"[{"name":"Aarhus","no":"1","bridges":7,"name":"Jo"}]"#);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("content-range"), "0-0/*");
}

#[tokio::test]
async fn rows_are_written_as_postgres_writes_them() {
    let api = shapes().await;
    let ours = api.reader.get("/shapes/everything?order=id").await.expect(200).text();
    let theirs: String = api.query("select json_agg(this.* order by id)::text from shapes.everything as this").await;
    assert_eq!(ours, theirs);
}

#[tokio::test]
async fn a_time_zone_asked_for_is_the_one_answered_in() {
    let api = shapes().await;
    let path = "/shapes/everything?id=eq.1&select=tz";
    let answer = api.reader.get_with(path, &[("prefer", "timezone=Asia/Tokyo")]).await.expect(200);
    assert_eq!(answer.text(), r#"[{"tz":"2024-01-02T10:04:05.6+09:00"}]"#);
    assert_eq!(answer.header("preference-applied"), "timezone=Asia/Tokyo");
    assert_eq!(api.reader.get(path).await.text(), r#"[{"tz":"2024-01-02T01:04:05.6+00:00"}]"#);
}

#[tokio::test]
async fn every_filter_operator_finds_what_it_should() {
    let api = shapes().await;
    let cases = [
        ("id=eq.1", vec![1]),
        ("id=neq.1", vec![2, 3, 4, 5]),
        ("id=gt.3", vec![4, 5]),
        ("id=gte.3", vec![3, 4, 5]),
        ("id=lt.2", vec![1]),
        ("id=lte.2", vec![1, 2]),
        ("id=in.(1,3)", vec![1, 3]),
        ("id=in.()", vec![]),
        ("id=not.in.(1,3)", vec![2, 4, 5]),
        ("name=like.*o*", vec![3, 4]),
        ("name=ilike.*O*", vec![2, 3, 4]),
        ("name=like(any).{A*,O*}", vec![1, 2, 4, 5]),
        ("name=like(all).{A*,*s}", vec![1, 5]),
        ("id=eq(any).{1,2}", vec![1, 2]),
        ("name=match.^[AO]", vec![1, 2, 4, 5]),
        ("name=imatch.^aar", vec![1]),
        ("country=is.null", vec![5]),
        ("country=not.is.null", vec![1, 2, 3, 4]),
        ("country=is.not_null", vec![1, 2, 3, 4]),
        ("country=isdistinct.DK", vec![3, 4, 5]),
        ("tags=cs.{capital}", vec![3, 4]),
        ("tags=cd.{capital,fjord}", vec![2, 3, 4, 5]),
        ("tags=ov.{fjord,harbour}", vec![1, 4]),
        ("name=fts.oslo", vec![4]),
        ("name=plfts(english).Oslo", vec![4]),
        ("name=phfts.oslo", vec![4]),
        ("name=wfts.oslo or aarhus", vec![1, 4]),
        ("facts->>bridges=eq.7", vec![1]),
        ("and=(id.gt.1,or(name.eq.Oslo,country.is.null))", vec![4, 5]),
        ("or=(id.eq.1,and(id.gt.3,name.like.A*))", vec![1, 5]),
        ("not.or=(id.eq.1,id.eq.2)", vec![3, 4, 5]),
        ("id=gt.1&id=lt.4", vec![2, 3]),
        ("full_name=eq.Oslo, NO", vec![4]),
    ];
    for (filter, expected) in cases {
        let filter =
            filter.replace(' ', "%20").replace('{', "%7B").replace('}', "%7D").replace('^', "%5E").replace('>', "%3E");
        let answer = api.reader.get(&format!("/shapes/cities?select=id&order=id&{filter}")).await.expect(200).json();
        let found: Vec<_> =
            answer.as_array().expect("rows").iter().map(|row| row["id"].as_i64().expect("an id")).collect();
        assert_eq!(found, expected, "{filter}");
    }
    let ranges = api.reader.get("/shapes/everything?select=id&r=adj.[5,9)").await.expect(200);
    assert_eq!(ranges.json(), json!([{"id": 1}]));
}

#[tokio::test]
async fn order_limit_offset_and_range_cut_the_same_page() {
    let api = shapes().await;
    let page = json!([{"id": 4}, {"id": 3}]);
    let by_query = api.reader.get("/shapes/cities?select=id&order=id.desc&limit=2&offset=1").await.expect(200);
    let by_header =
        api.reader.get_with("/shapes/cities?select=id&order=id.desc", &[("range", "1-2")]).await.expect(200);
    assert_eq!((by_query.json(), by_header.json()), (page.clone(), page));
    assert_eq!((by_query.header("content-range"), by_header.header("content-range")), ("1-2/*", "1-2/*"));
    let nulls =
        api.reader.get("/shapes/cities?select=id&order=population.desc.nullsfirst,id&limit=1").await.expect(200);
    assert_eq!(nulls.json(), json!([{"id": 5}]));
}

#[tokio::test]
async fn an_exact_count_says_how_much_of_the_whole_it_is() {
    let api = shapes().await;
    let count = [("prefer", "count=exact")];
    let part = api.reader.get_with("/shapes/cities?select=id&limit=2", &count).await.expect(206);
    assert_eq!(part.header("content-range"), "0-1/5");
    assert_eq!(part.header("preference-applied"), "count=exact");
    let none = api.reader.get_with("/shapes/cities?id=eq.99", &count).await.expect(200);
    assert_eq!(none.header("content-range"), "*/0");
    let beyond = api.reader.get_with("/shapes/cities?offset=50", &count).await.expect(416);
    assert_eq!(beyond.json()["code"], "PGRST103");
    let filtered = api
        .reader
        .get_with("/shapes/cities?select=id,countries!inner()&countries.code=eq.DK&limit=1", &count)
        .await
        .expect(206);
    assert_eq!(filtered.header("content-range"), "0-0/2");
}

#[tokio::test]
async fn a_single_object_is_one_row_or_an_error() {
    let api = shapes().await;
    let object = [("accept", "application/vnd.pgrst.object+json")];
    let one = api.reader.get_with("/shapes/cities?select=id&id=eq.1", &object).await.expect(200);
    assert_eq!(one.text(), r#"{"id":1}"#);
    assert_eq!(one.header("content-type"), "application/vnd.pgrst.object+json; charset=utf-8");
    let many = api.reader.get_with("/shapes/cities?select=id", &object).await.expect(406).json();
    assert_eq!(
        (many["code"].clone(), many["details"].clone()),
        (json!("PGRST116"), json!("The result contains 5 rows"))
    );
    api.reader.get_with("/shapes/cities?id=eq.99", &object).await.expect(406);
}

#[tokio::test]
async fn csv_has_a_header_and_quotes_as_postgres_does() {
    let api = shapes().await;
    let csv = [("accept", "text/csv")];
    let answer = api.reader.get_with("/shapes/cities?select=id,name,tags&order=id&limit=2", &csv).await.expect(200);
    assert_eq!(answer.text(), "id,name,tags\n1,Aarhus,\"{harbour,\"\"second, largest\"\"}\"\n2,Odense,{}");
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let bool_and_null = api.reader.get_with("/shapes/everything?select=b,t&order=id", &csv).await.expect(200);
    assert!(bool_and_null.text().starts_with("b,t\nt,"), "{}", bool_and_null.text());
}

#[tokio::test]
async fn csv_of_groups_is_ordered_by_their_values() {
    let api = shapes_with(|config| config.api.aggregates = true).await;
    let path = "/shapes/cities?select=country,count(),name.count()&order=country.nullsfirst";
    let answer = api.reader.get_with(path, &[("accept", "text/csv")]).await.expect(200);
    assert_eq!(answer.text(), "country,count,count\n,1,1\nDK,2,2\nNO,1,1\nSE,1,1");
}

#[tokio::test]
async fn nulls_can_be_left_out() {
    let api = shapes().await;
    let stripped = [("accept", "application/vnd.pgrst.array+json;nulls=stripped")];
    let answer =
        api.reader.get_with("/shapes/cities?select=id,country,facts&id=in.(2,5)&order=id", &stripped).await.expect(200);
    assert_eq!(answer.json(), json!([{"id": 2, "country": "DK", "facts": {}}, {"id": 5}]));
}

#[tokio::test]
async fn head_has_the_headers_and_no_body() {
    let api = shapes().await;
    let answer =
        api.reader.send(axum::http::Method::HEAD, "/shapes/cities", &[("prefer", "count=exact")], "").await.expect(200);
    assert_eq!((answer.header("content-range"), answer.body.len()), ("0-4/5", 0));
}

#[tokio::test]
async fn names_that_need_quoting_work_everywhere() {
    let api = shapes().await;
    let path = "/shapes/Odd%20%22Name%22%20%E2%82%AC?select=%22a%20b%22,select,%C3%BCn%C3%AFcode&%22a%20b%22=eq.1&order=select";
    let answer = api.reader.get(path).await.expect(200);
    assert_eq!(answer.text(), r#"[{"a b":1,"select":"x","ünïcode":"y"}]"#);
}

#[tokio::test]
async fn star_is_what_the_caller_may_read() {
    let api = shapes().await;
    assert_eq!(api.reader.get("/shapes/secrets").await.expect(200).text(), r#"[{"id":1,"open":"seen"}]"#);
    assert_eq!(api.reader.get("/shapes/secrets?select=hidden").await.expect(403).json()["code"], "42501");
    assert_eq!(api.service.get("/shapes/secrets").await.expect(200).json()[0]["hidden"], "unseen");
}

#[tokio::test]
async fn a_schema_is_chosen_by_path_or_by_profile() {
    let api = shapes().await;
    let by_profile =
        api.reader.get_with("/rest/v1/countries?code=eq.DK", &[("accept-profile", "shapes")]).await.expect(200);
    let by_path = api.reader.get("/shapes/countries?code=eq.DK").await.expect(200);
    assert_eq!(by_profile.body, by_path.body);
    assert_eq!(by_profile.header("content-profile"), "shapes");
    let unknown = api.reader.get_with("/rest/v1/countries", &[("accept-profile", "nope")]).await.expect(406).json();
    assert_eq!(unknown["code"], "PGRST106");
    assert_eq!(api.reader.get("/nope/countries").await.expect(406).json()["code"], "PGRST106");
}

#[tokio::test]
async fn options_says_what_a_resource_allows() {
    let api = shapes().await;
    let options = |path: &'static str| api.reader.send(axum::http::Method::OPTIONS, path, &[], "");
    assert_eq!(options("/shapes/cities").await.expect(200).header("allow"), "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE");
    assert_eq!(options("/shapes/rpc/add?a=1").await.header("allow"), "OPTIONS,GET,HEAD,POST");
}

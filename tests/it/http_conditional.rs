//! Tags of single rows: what a client has it need not read, and what it has not seen it does not overwrite.

use axum::http::Method;
use serde_json::json;

use crate::support::{Answer, Api, shapes, shapes_with};

const ONE: (&str, &str) = ("accept", "application/vnd.pgrst.object+json");

async fn tag(api: &Api, path: &str) -> String {
    api.reader.get_with(path, &[ONE]).await.expect(200).header("etag").to_owned()
}

async fn change(api: &Api, method: Method, path: &str, condition: (&str, &str), name: &str) -> Answer {
    api.writer.write(method, path, &[condition], json!({"id": 1, "name": name})).await
}

#[tokio::test]
async fn a_single_object_has_a_tag_by_which_it_need_not_be_sent_again() {
    let api = shapes().await;
    let path = "/shapes/rivers?id=eq.1&select=name";
    let first = api.reader.get_with(path, &[ONE]).await.expect(200);
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 20, "{tag}");
    let head = api.reader.send(Method::HEAD, path, &[ONE], "").await.expect(200);
    assert_eq!(head.header("etag"), tag);
    for sent in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let known = api.reader.get_with(path, &[ONE, ("if-none-match", &sent)]).await.expect(304);
        assert_eq!((known.body.len(), known.header("vary")), (0, "Accept, Prefer, Range"));
        assert!(known.header("etag").contains(tag.trim_matches('"')), "{sent}");
    }
    api.reader.get_with(path, &[ONE, ("if-none-match", "\"other\"")]).await.expect(200);
    api.reader.get_with(path, &[ONE, ("if-match", "\"other\"")]).await.expect(412);
    api.reader.get_with(path, &[ONE, ("if-match", &tag)]).await.expect(200);
    api.execute("update shapes.rivers set name = 'Ae' where id = 1").await;
    let changed = api.reader.get_with(path, &[ONE, ("if-none-match", &tag)]).await.expect(200);
    assert_ne!(changed.header("etag"), tag);
    let function = api.reader.get_with("/shapes/rpc/first_city", &[ONE]).await.expect(200);
    assert!(!function.header("etag").is_empty());
    assert_eq!(api.reader.get("/shapes/rivers").await.expect(200).header("etag"), "", "lists have none");
}

#[tokio::test]
async fn a_row_is_written_only_as_it_was_seen() {
    let api = shapes().await;
    let path = "/shapes/rivers?id=eq.1";
    let seen = tag(&api, path).await;
    change(&api, Method::PATCH, path, ("if-match", &seen), "A").await.expect(204);
    let stale = change(&api, Method::PATCH, path, ("if-match", &seen), "B").await.expect(412);
    assert_eq!(stale.json()["code"], "request.precondition_failed");
    change(&api, Method::PUT, path, ("if-match", &seen), "B").await.expect(412);
    api.writer.send(Method::DELETE, path, &[("if-match", &seen)], "").await.expect(412);
    assert_eq!(api.query::<String>("select name from shapes.rivers where id = 1").await, "A");
    // The tag is of the columns that are selected, whatever else of the row changes.
    let some = tag(&api, "/shapes/cities?id=eq.1&select=name,countries(name)").await;
    api.execute("update shapes.cities set population = 1 where id = 1").await;
    let body = json!({"name": "Århus"});
    let path = "/shapes/cities?id=eq.1&select=name,countries(name)";
    let headers = [("if-match", some.as_str()), ("prefer", "return=representation"), ONE];
    let written = api.writer.write(Method::PATCH, path, &headers, body).await.expect(200);
    assert_eq!(written.header("etag"), "", "related rows may be written by triggers");
    let path = "/shapes/cities?id=eq.1&select=name";
    let headers = [("if-match", tag(&api, path).await), ("prefer", "return=representation".to_owned())];
    let headers = [(headers[0].0, headers[0].1.as_str()), (headers[1].0, &headers[1].1), ONE];
    let written = api.writer.write(Method::PATCH, path, &headers, json!({"name": "A"})).await.expect(200);
    assert_eq!(written.header("etag"), tag(&api, path).await, "of the row as it is now");
    let put = "/shapes/rivers?id=eq.1";
    change(&api, Method::PUT, put, ("if-match", &tag(&api, put).await), "C").await.expect(204);
    let last = tag(&api, "/shapes/mayors?city=eq.3").await;
    api.writer.send(Method::DELETE, "/shapes/mayors?city=eq.3", &[("if-match", &last)], "").await.expect(204);
}

#[tokio::test]
async fn of_many_who_saw_the_same_row_one_writes_it() {
    let api = shapes().await;
    let path = "/shapes/rivers?id=eq.1";
    let seen = tag(&api, path).await;
    let writes = (0..32).map(|number| {
        let (writer, seen) = (api.writer.clone(), seen.clone());
        tokio::spawn(async move {
            let headers = [("if-match", seen.as_str()), ("prefer", "handling=lenient")];
            writer.write(Method::PATCH, path, &headers, json!({"name": format!("n{number}")})).await.status.as_u16()
        })
    });
    let mut statuses = Vec::new();
    for write in writes.collect::<Vec<_>>() {
        statuses.push(write.await.unwrap());
    }
    statuses.sort_unstable();
    let done = statuses.iter().filter(|status| **status == 204).count();
    let refused = statuses.iter().filter(|status| **status == 412).count();
    assert_eq!((done, done + refused), (1, 32), "{statuses:?}");
}

#[tokio::test]
async fn a_row_is_made_only_where_there_is_none() {
    let api = shapes().await;
    let path = "/shapes/rivers?id=eq.77";
    let make = |name: &'static str| {
        let body = json!({"id": 77, "name": name});
        api.writer.write(Method::PUT, path, &[("if-none-match", "*")], body)
    };
    let made = futures_util::future::join_all(["a", "b", "c", "d"].map(make)).await;
    let mut statuses: Vec<_> = made.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 412, 412, 412]);
    let only = [("if-match", "*")];
    api.writer.write(Method::PUT, "/shapes/rivers?id=eq.78", &only, json!({"id": 78, "name": "x"})).await.expect(412);
    assert_eq!(api.query::<i64>("select count(*) from shapes.rivers where id > 70").await, 1);
}

#[tokio::test]
async fn a_condition_that_no_single_row_can_meet_is_refused() {
    let api = shapes().await;
    let any = ("if-match", "*");
    change(&api, Method::PATCH, "/shapes/rivers?id=eq.99", any, "x").await.expect(412);
    let several = api.writer.write(Method::PATCH, "/shapes/rivers?id=gt.1", &[any], json!({"name": "x"})).await;
    several.expect(412);
    let insert = change(&api, Method::POST, "/shapes/rivers", any, "x").await.expect(400);
    assert_eq!(insert.json()["code"], "request.precondition");
    let malformed = change(&api, Method::PATCH, "/shapes/rivers?id=eq.1", ("if-match", "abc"), "x").await.expect(400);
    assert_eq!(malformed.json()["code"], "request.invalid_header");
    // Somebody else's row is none.
    let bobs = api.writer.write(Method::PATCH, "/shapes/guarded?id=eq.2", &[any], json!({"note": "x"})).await;
    bobs.expect(412);
    assert_eq!(api.query::<String>("select note from shapes.guarded where id = 2").await, "of bob");
    assert_eq!(api.query::<i64>("select count(*) from shapes.rivers where name = 'x'").await, 0);
}

#[tokio::test]
async fn a_compressed_object_has_a_tag_of_its_own_that_counts_as_the_other() {
    let api = shapes().await;
    api.execute("update shapes.rivers set name = repeat('long ', 1000) where id = 1").await;
    let path = "/shapes/rivers?id=eq.1";
    let plain = tag(&api, path).await;
    let gzip = [ONE, ("accept-encoding", "gzip")];
    let compressed = api.reader.get_with(path, &gzip).await.expect(200).header("etag").to_owned();
    assert_eq!(compressed, format!("{}-gzip\"", plain.trim_end_matches('"')));
    let known = [ONE, ("accept-encoding", "gzip"), ("if-none-match", &compressed)];
    assert_eq!(api.reader.get_with(path, &known).await.expect(304).header("etag"), compressed);
    change(&api, Method::PATCH, path, ("if-match", &compressed), "short").await.expect(204);
}

#[tokio::test]
async fn a_row_that_nobody_looked_at_is_not_written() {
    let api = shapes_with(|config| config.api.max_rows = Some(1)).await;
    let any = ("if-match", "*");
    // Read with its mayor there is one; without, which is how it is written, there are two.
    let path = "/shapes/cities?country=eq.DK&select=id,mayors!inner(name)";
    let seen = api.reader.get_with(path, &[ONE]).await.expect(200).header("etag").to_owned();
    for condition in [("if-match", seen.as_str()), any] {
        api.writer.write(Method::PATCH, path, &[condition], json!({"name": "x"})).await.expect(412);
    }
    api.writer.write(Method::PATCH, "/shapes/cities?id=gt.0", &[any], json!({"name": "x"})).await.expect(412);
    assert_eq!(api.query::<i64>("select count(*) from shapes.cities where name = 'x'").await, 0);
}

#[tokio::test]
async fn what_a_look_at_a_row_leaves_behind_meets_nobody() {
    let api = shapes_with(|config| config.database.pool_size = 1).await;
    api.execute(
        "create function shapes.leaky(shapes.rivers) returns text language plpgsql volatile as $$
         begin
             perform set_config('app.left', 'behind', false);
             return 'x';
         end $$;
         grant execute on function shapes.leaky to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let path = "/shapes/rivers?id=eq.1&select=id,leaky";
    api.writer.write(Method::PATCH, path, &[("if-match", "*")], json!({"name": "A"})).await.expect(204);
    let found = api.reader.post("/shapes/rpc/find_state", json!({})).await.expect(200).json();
    assert_eq!(found["setting"], "none");
}

#[tokio::test]
async fn the_database_has_the_last_word_on_status_and_tag() {
    let api = shapes().await;
    api.execute(
        "create function shapes.tagged() returns shapes.rivers language plpgsql as $$
         begin
             perform set_config('response.status', '203', true);
             perform set_config('response.headers', '[{\"ETag\": \"\\\"v1\\\"\"}]', true);
             return (select r from shapes.rivers r where id = 1);
         end $$;
         grant execute on function shapes.tagged to authenticated;
         update shapes.rivers set name = repeat('long', 1000) where id = 1;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let headers = [ONE, ("if-none-match", "*"), ("accept-encoding", "gzip")];
    let answer = api.reader.send(Method::POST, "/shapes/rpc/tagged", &headers, "{}").await.expect(203);
    assert_eq!((answer.header("etag"), answer.body.is_empty()), ("\"v1\"", false));
}

//! Answers that are sent while they grow: lines of JSON, and CSV.

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, Response},
};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::support::{Api, shapes_with, token};

const LINES: (&str, &str) = ("accept", "application/x-ndjson");
const CSV: (&str, &str) = ("accept", "text/csv");

/// Without a limit of the service's own, and with a table of more rows than are looked at before an answer begins.
async fn many() -> Api {
    let api = shapes_with(|config| {
        config.api.max_rows = None;
        config.api.max_streamed_rows = None;
    })
    .await;
    api.execute(
        "create table shapes.many as select n as id, 'row ' || n as name from generate_series(1, 40000) n;
         alter table shapes.many add primary key (id);
         grant select on shapes.many to authenticated;
         analyze shapes.many;
         create view shapes.million as select n as id, 'row ' || n as name from generate_series(1, 1000000) n;
         grant select on shapes.million to authenticated;
         create view shapes.failing as select id, 1 / (40000 - id) as one from shapes.many;
         grant select on shapes.failing to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    api
}

/// The response as it comes, its body not read.
async fn open(api: &Api, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    let token = token("authenticated", None, "ann");
    let request = Request::builder().method(Method::GET).uri(path).header("authorization", format!("Bearer {token}"));
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    api.running.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

fn ids(body: &str) -> Vec<i64> {
    body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["id"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn lines_are_json_values_one_below_the_other() {
    let api = many().await;
    let cities = api.reader.get_with("/shapes/cities?select=id,name&order=id&limit=2", &[LINES]).await.expect(200);
    assert_eq!(cities.text(), "{\"id\":1,\"name\":\"Aarhus\"}\n{\"id\":2,\"name\":\"Odense\"}\n");
    assert_eq!((cities.header("content-type"), cities.header("content-range")), ("application/x-ndjson", "0-1/*"));
    assert_eq!(cities.header("more-rows"), ".");
    let none = api.reader.get_with("/shapes/cities?id=eq.99", &[LINES]).await.expect(200);
    assert_eq!((none.text().as_str(), none.header("content-range")), ("", "*/*"));
    let embedded = api.reader.get_with("/shapes/cities?select=id,countries(name)&id=eq.1", &[LINES]).await.expect(200);
    assert_eq!(embedded.text(), "{\"id\":1,\"countries\":{\"name\": \"Denmark\"}}\n");
    api.execute("update shapes.everything set j = E'{\\n \"a\":\\r\\n1}' where id = 1").await;
    let json = api.reader.get_with("/shapes/everything?select=j&id=eq.1", &[LINES]).await.expect(200);
    assert_eq!((json.text().lines().count(), json.json()), (1, json!({"j": {"a": 1}})));
    assert_eq!(api.reader.get_with("/shapes/rpc/names", &[LINES]).await.expect(200).text().lines().count(), 4);
    assert_eq!(api.reader.get_with("/shapes/rpc/add?a=1", &[LINES]).await.expect(200).text(), "2\n");
    let inserted = [LINES, ("prefer", "return=representation"), ("content-type", "application/json")];
    let body = r#"[{"id": 50, "name": "a"}, {"id": 51, "name": "b"}]"#;
    let inserted = api.writer.send(Method::POST, "/shapes/rivers?select=id", &inserted, body).await.expect(201);
    assert_eq!(inserted.text(), "{\"id\":50}\n{\"id\":51}\n");
}

#[tokio::test]
async fn a_long_result_comes_in_pieces_and_is_whole() {
    let api = many().await;
    let all: Vec<i64> = (1..=40_000).collect();
    let response = open(&api, "/shapes/many?order=id", &[LINES]).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().get("content-length").is_none() && response.headers().get("content-range").is_none());
    let (mut body, mut pieces, mut text) = (response.into_body(), 0, Vec::new());
    while let Some(frame) = body.frame().await {
        let data: Bytes = frame.unwrap().into_data().unwrap();
        assert!(data.len() < 3 << 20, "{}", data.len());
        pieces += 1;
        text.extend_from_slice(&data);
    }
    assert!(pieces > 5, "{pieces}");
    assert_eq!(ids(&String::from_utf8(text).unwrap()), all);
    let csv = api.reader.get_with("/shapes/many?order=id", &[CSV]).await.expect(200).text();
    assert_eq!(
        (csv.lines().count(), csv.lines().next(), csv.lines().last()),
        (40_001, Some("id,name"), Some("40000,\"row 40000\""))
    );
    let json: Value = api.reader.get("/shapes/many?order=id").await.expect(200).json();
    assert_eq!(json.as_array().unwrap().len(), 40_000);
}

#[tokio::test]
async fn a_long_result_says_how_many_rows_it_has_where_they_are_counted() {
    let api = many().await;
    let head = async |path: &str, prefer: &str| {
        let answer = api.reader.get_with(path, &[LINES, ("prefer", prefer)]).await;
        let header = |name| answer.header(name).to_owned();
        (
            answer.status.as_u16(),
            header("content-range"),
            header("more-rows"),
            header("link"),
            ids(&answer.text()).len(),
        )
    };
    let none = String::new;
    let exact = head("/shapes/many?order=id&offset=10", "count=exact").await;
    assert_eq!(exact, (206, "10-39999/40000".to_owned(), none(), none(), 39_990));
    let limited = head("/shapes/many?order=id&limit=30000&offset=5", "").await;
    let next = "<?limit=30000&offset=30005&order=id>; rel=\"next\"".to_owned();
    assert_eq!(limited, (200, "5-30004/*".to_owned(), ".".to_owned(), next, 30_000));
    let last = head("/shapes/many?order=id&limit=30000&offset=30005", "count=planned").await;
    assert_eq!(last, (206, "30005-39999/40000".to_owned(), none(), none(), 9995));
}

#[tokio::test]
async fn a_failure_breaks_a_body_off_and_one_before_it_has_a_status() {
    let api = many().await;
    let response = open(&api, "/shapes/failing?order=id", &[LINES]).await;
    assert_eq!(response.status(), 200);
    assert!(response.into_body().collect().await.is_err(), "the last row divides by zero");
    let early = api.reader.get_with("/shapes/failing?order=id.desc", &[LINES]).await.expect(400);
    assert_eq!(early.json()["code"], "22012");
    assert_eq!(api.anonymous.get_with("/shapes/many", &[LINES]).await.expect(401).json()["code"], "42501");
}

#[tokio::test]
async fn who_goes_away_ends_the_statement_and_leaves_the_connection_to_others() {
    let api = many().await;
    api.execute(
        "create view shapes.slow as select n as id, repeat('x', 1000) as name, pg_sleep(case when n > 5000 then 0.01 else 0 end)::text as s
         from generate_series(1, 1000000) n;
         grant select on shapes.slow to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let running = "select count(*) from pg_stat_activity where query like '%slow%' and state = 'active' and pid <> pg_backend_pid()
        and datname = current_database()";
    for _ in 0..8 {
        let response = open(&api, "/shapes/slow", &[CSV]).await;
        assert_eq!(response.status(), 200);
        assert_eq!(api.query::<i64>(running).await, 1);
        drop(response);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    let mut left = 1;
    for _ in 0..100 {
        left = api.query::<i64>(running).await;
        if left == 0 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(left, 0);
    api.reader.get("/shapes/cities").await.expect(200);
}

#[tokio::test]
async fn lists_that_are_cut_in_a_long_result_are_named_behind_it() {
    let api = many().await;
    api.execute(
        "create table shapes.parts (id int, many int references shapes.many (id));
         insert into shapes.parts values (1, 39999), (2, 39999), (3, 39999);
         grant select on shapes.parts to authenticated;",
    )
    .await;
    api.running.app().catalogs.reload().await.unwrap();
    let path = "/shapes/many?select=id,parts(id)&order=id&parts.limit=2&parts.order=id";
    let gathered = open(&api, path, &[LINES]).await;
    assert_eq!(gathered.headers()["more-rows"], "parts", "who takes no trailers is told before");
    assert_eq!(gathered.headers()["content-range"], "0-39999/*");
    let response = open(&api, path, &[LINES, ("te", "gzip, trailers")]).await;
    assert_eq!(response.headers()["trailer"], "more-rows");
    let whole = response.into_body().collect().await.unwrap();
    assert_eq!(whole.trailers().unwrap()["more-rows"], "parts");
    let text = String::from_utf8(whole.to_bytes().to_vec()).unwrap();
    assert!(text.contains("{\"id\":39999,\"parts\":[{\"id\": 1}, {\"id\": 2}]}\n"));
}

#[tokio::test]
async fn groups_are_limited_as_groups_and_an_estimate_is_no_part() {
    let api = shapes_with(|config| {
        config.api.max_rows = None;
        config.api.max_streamed_rows = None;
        config.api.aggregates = true;
    })
    .await;
    let groups = api.reader.get_with("/shapes/cities?select=country,count()&limit=2000", &[LINES]).await.expect(200);
    assert_eq!((groups.text().lines().count(), groups.header("more-rows")), (4, ""));
    let api = many().await;
    let planned = [CSV, ("prefer", "count=planned")];
    assert_eq!(api.reader.get_with("/shapes/many", &planned).await.expect(200).header("content-range"), "");
}

#[tokio::test]
async fn a_stream_may_have_more_rows_than_other_answers() {
    let api = shapes_with(|config| {
        config.api.max_rows = Some(1);
        config.api.max_streamed_rows = Some(3);
    })
    .await;
    let read = async |headers: &[(&str, &str)]| {
        api.reader.get_with("/shapes/cities?select=id,rivers(id)&order=id", headers).await.expect(200)
    };
    assert_eq!((read(&[]).await.json().as_array().unwrap().len()), 1);
    let lines = read(&[LINES]).await;
    assert_eq!((lines.text().lines().count(), lines.header("more-rows")), (3, "."));
}

#[tokio::test]
async fn who_could_take_a_part_for_the_whole_is_given_no_parts() {
    let api = many().await;
    let token = token("authenticated", None, "ann");
    let request = Request::builder().uri("/shapes/failing?order=id").version(axum::http::Version::HTTP_10);
    let request = request.header("authorization", format!("Bearer {token}")).header(LINES.0, LINES.1);
    let response = api.running.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 400, "the failure of the last row comes before the first");
}

#[tokio::test]
async fn who_takes_nothing_gives_the_connection_back() {
    use tokio::io::AsyncWriteExt as _;
    let api = many().await;
    let process = Process::start(&api, &[("REQUEST_TIMEOUT_MS", "1000"), ("DB_POOL_SIZE", "4")]).await;
    let mut stalled = Vec::new();
    for _ in 0..2 {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", process.port)).await.unwrap();
        let head = "GET /shapes/million HTTP/1.1\r\nhost: x\r\naccept: text/csv";
        let token = token("authenticated", None, "ann");
        stream.write_all(format!("{head}\r\nauthorization: Bearer {token}\r\n\r\n").as_bytes()).await.unwrap();
        stalled.push(stream);
    }
    let open = "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
        and state in ('active', 'idle in transaction') and query like '%million%'";
    let mut most = 0;
    for _ in 0..200 {
        let now = api.query::<i64>(open).await;
        if most > 0 && now == 0 {
            return;
        }
        most = most.max(now);
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{most} statements go on although nobody takes their rows");
}

/// The service as a process of its own, whose memory can be seen.
struct Process {
    child: std::process::Child,
    port: u16,
}

impl Process {
    /// Started on the same database, and answering.
    async fn start(api: &Api, env: &[(&str, &str)]) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let app = api.running.app();
        let url = app.config.database.url.as_ref().unwrap().expose();
        let child = std::process::Command::new(env!("CARGO_BIN_EXE_tekup-db"))
            .arg("serve")
            .env_clear()
            .envs([("DATABASE_URL", url), ("JWT_SECRET", "a secret of the tests, of more than 32 bytes")])
            .envs([
                ("PORT", port.to_string().as_str()),
                ("DB_SCHEMAS", "shapes"),
                ("DB_MAX_ROWS", "0"),
                ("LOG_LEVEL", "off"),
            ])
            .envs(env.iter().copied())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let process = Self { child, port };
        for _ in 0..200 {
            if tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return process;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the service does not answer");
    }

    /// A figure of its memory, in kB, as the kernel names it.
    fn memory(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_million_rows_take_less_than_64_mb() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let api = many().await;
    let process = Process::start(&api, &[]).await;
    // Once it has answered something, it has all that it needs to answer.
    let mut first = tokio::net::TcpStream::connect(("127.0.0.1", process.port)).await.unwrap();
    let head = format!("authorization: Bearer {}\r\nconnection: close", token("authenticated", None, "ann"));
    let request = format!("GET /shapes/million?limit=1 HTTP/1.1\r\nhost: x\r\n{head}\r\n\r\n");
    first.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    first.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let before = process.memory("VmHWM");
    for accept in ["application/x-ndjson", "text/csv"] {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", process.port)).await.unwrap();
        let token = token("authenticated", None, "ann");
        let head = "GET /shapes/million HTTP/1.1\r\nhost: x\r\nconnection: close";
        let request = format!("{head}\r\naccept: {accept}\r\nauthorization: Bearer {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let (mut buffer, mut rows) = (vec![0; 1 << 16], 0);
        loop {
            match stream.read(&mut buffer).await.unwrap() {
                0 => break,
                read => rows += buffer[..read].windows(4).filter(|text| text == b"row ").count(),
            }
        }
        // A text that two reads share is not counted.
        assert!((990_000..=1_000_000).contains(&rows), "{accept}: {rows}");
    }
    // The pages of the program itself are those of an unoptimised build, and no answer's.
    let (peak, program) = (process.memory("VmHWM"), process.memory("RssFile"));
    assert!(peak - program < 64_000, "{peak} kB, {program} of the program");
    assert!(peak - before < 20_000, "{before} kB, then {peak}");
}

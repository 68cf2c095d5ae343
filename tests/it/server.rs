//! The server on a real socket: what the router never sees, and stopping.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tekup_db::http::server;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::support::{Api, shapes_with, token};

struct Running {
    api: Api,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

async fn running() -> Running {
    let api = shapes_with(|config| {
        config.server.shutdown_timeout = Duration::from_secs(2);
        config.server.header_timeout = Duration::from_secs(1);
        config.server.max_body_bytes = 1_000_000;
    })
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let (service, config) = (api.running.clone(), api.running.app().config.server.clone());
    let router = move || service.router();
    let served =
        tokio::spawn(
            async move { server::serve(listener, None, router, &config, async { drop(stopped.await) }).await },
        );
    Running { api, address, stop, served }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes and reads until the server closes, or 5 seconds are over.
    async fn exchange(&self, request: &[u8]) -> String {
        let mut stream = self.connect().await;
        // The server may close before it has read everything.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// Reads one answer to its end.
async fn answer(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let read = async {
        loop {
            let text = String::from_utf8_lossy(&answer).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n")
                && let Some((_, length)) = head.split_once("content-length: ")
                && body.len() >= length.lines().next().unwrap().parse().unwrap()
            {
                return text;
            }
            let mut byte = [0; 4096];
            match stream.read(&mut byte).await {
                Ok(count) if count > 0 => answer.extend_from_slice(&byte[..count]),
                end => panic!("{end:?} after {text:?}"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), read).await.unwrap()
}

fn get(path: &str) -> String {
    let token = token("authenticated", None, "ann");
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n")
}

/// As clients do that send the head first, and the body in a packet of its own.
#[tokio::test]
async fn a_refusal_that_needs_no_body_leaves_the_connection_open() {
    let running = running().await;
    let token = token("authenticated", None, "ann");
    let mut stream = running.connect().await;
    for (request, status) in [
        ("POST /shapes/cities?id=nonsense", "400"),
        ("POST /shapes/none", "404"),
        ("DELETE /shapes/cities", "400"),
        ("POST /live", "405"),
        ("POST /nowhere/at/all", "406"),
    ] {
        let head = format!(
            "{request} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
             content-length: 13\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(50)).await;
        stream.write_all(br#"{"name": "x"}"#).await.unwrap();
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
    }
    // A body that never comes is not waited for.
    let head = "POST /live HTTP/1.1\r\nhost: x\r\ncontent-length: 13\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let started = Instant::now();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 405 "));
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    let end = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0; 16])).await.unwrap();
    assert!(matches!(end, Ok(0) | Err(_)), "and the connection is closed: {end:?}");
}

#[tokio::test]
async fn what_is_too_long_or_no_http_is_refused_in_shape() {
    let running = running().await;
    let long = get(&format!("/shapes/cities?name=eq.{}", "x".repeat(1_000_000)));
    let longer_than_a_uri = get(&format!("/shapes/cities?name=eq.{}", "x".repeat(66_000)));
    let headers = get("/live").replacen("host: x", &format!("host: x\r\nx-large: {}", "x".repeat(300_000)), 1);
    for (request, statuses) in [
        (long.as_bytes(), &["414", "431"][..]),
        (longer_than_a_uri.as_bytes(), &["414"]),
        (headers.as_bytes(), &["431"]),
        (b"nonsense\r\n\r\n", &["400"]),
        (b"GET /live HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", &["400"]),
    ] {
        let started = Instant::now();
        let answer = running.exchange(request).await;
        let status = answer.split(' ').nth(1).unwrap_or_default().to_owned();
        assert!(statuses.contains(&status.as_str()), "{statuses:?}: {answer}");
        assert!(answer.contains("\"code\":\"request."), "{answer}");
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_client_that_never_ends_its_headers_is_let_go() {
    let running = running().await;
    let started = Instant::now();
    running.exchange(b"GET /live HTTP/1.1\r\nhost: x\r\n").await;
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_client_that_says_nothing_is_let_go() {
    let running = running().await;
    let started = Instant::now();
    assert_eq!(running.exchange(b"").await, "");
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
}

/// HTTP/2 begins with a line of its own, the first letters of which may be those of POST or PUT.
#[tokio::test]
async fn a_client_that_never_says_which_http_it_speaks_is_let_go() {
    let running = running().await;
    for begun in [&b"P"[..], b"PRI * HTTP/2.0\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let started = Instant::now();
        running.exchange(begun).await;
        assert!(started.elapsed() < Duration::from_secs(4), "{:?}: {:?}", begun, started.elapsed());
    }
}

#[tokio::test]
async fn a_client_that_says_nothing_does_not_hold_up_a_stop() {
    let running = running().await;
    let _silent = running.connect().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let started = Instant::now();
    running.stop.send(()).unwrap();
    running.served.await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(700), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_stop_lets_requests_end_and_takes_no_new_ones() {
    let running = running().await;
    let mut stream = running.connect().await;
    stream.write_all(get("/shapes/rpc/nap_stable?seconds=0.7").as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    running.stop.send(()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") || answer.starts_with("HTTP/1.1 204"), "{answer}");
    running.served.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn nothing_keeps_the_service_alive_past_its_time() {
    let running = running().await;
    let mut endless = running.connect().await;
    endless.write_all(get("/shapes/rpc/nap_stable?seconds=60").as_bytes()).await.unwrap();
    let mut half = running.connect().await;
    let head =
        get("/shapes/rivers").replacen("GET", "POST", 1).replacen("host: x", "host: x\r\ncontent-length: 100", 1);
    half.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let started = Instant::now();
    running.stop.send(()).unwrap();
    running.served.await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    // And the statement is not left running in the database.
    let asked = Instant::now();
    loop {
        let napping: i64 =
            running.api.query("select count(*) from pg_stat_activity where query like '%nap_stable%' and state = 'active' and pid <> pg_backend_pid()").await;
        if napping == 0 {
            break;
        }
        assert!(asked.elapsed() < Duration::from_secs(5), "the statement goes on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

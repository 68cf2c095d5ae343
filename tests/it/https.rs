//! HTTPS on a real socket: certificates, handshakes, and what holds of every connection.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, extract::Extension, http::Request, routing::get};
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
    version::{TLS12, TLS13},
};
use tekup_db::{
    config::{Config, TlsFiles},
    http::{
        server,
        system::Peer,
        tls::{Tls, TlsError},
    },
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A folder with a certificate for `localhost` and its key.
struct Files {
    folder: PathBuf,
    files: TlsFiles,
}

impl Files {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("tekup-https-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let files = TlsFiles { certificate: folder.join("cert.pem"), key: folder.join("key.pem") };
        let new = Self { folder, files };
        new.renew();
        new
    }

    /// Another certificate, with another key.
    fn renew(&self) {
        let (certificate, key) = pair();
        fs::write(&self.files.key, key).unwrap();
        fs::write(&self.files.certificate, certificate).unwrap();
    }

    fn certificate(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_file(&self.files.certificate).unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A certificate for `localhost` that signs itself, and its key.
fn pair() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

struct Running {
    files: Files,
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

const LARGE: usize = 32 << 20;

async fn running() -> Running {
    let files = Files::new();
    let mut config = Config::read(&BTreeMap::from([("PORT", "0")])).unwrap().server;
    config.header_timeout = Duration::from_secs(1);
    config.request_timeout = Duration::from_secs(1);
    config.shutdown_timeout = Duration::from_secs(5);
    let tls = Tls::open(&files.files, Duration::from_millis(20)).unwrap();
    let router = Router::new()
        .route("/health", get(|| async { "healthy" }))
        .route("/peer", get(|Extension(Peer(peer)): Extension<Peer>| async move { peer.ip().to_string() }))
        .route("/nap", get(async || tokio::time::sleep(Duration::from_millis(400)).await))
        .route("/large", get(|| async { vec![b'x'; LARGE] }));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let served = tokio::spawn(async move {
        server::serve(listener, Some(tls), move || router.clone(), &config, async { drop(stopped.await) }).await;
    });
    Running { files, address, stop, served }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn handshake(
        &self,
        trusted: CertificateDer<'static>,
        versions: &[&'static SupportedProtocolVersion],
        protocol: &str,
    ) -> std::io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        TlsConnector::from(Arc::new(config)).connect(name, self.connect().await).await
    }

    async fn secure(&self, protocol: &str) -> TlsStream<TcpStream> {
        self.handshake(self.files.certificate(), &[&TLS13], protocol).await.unwrap()
    }
}

async fn ask(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(Duration::from_secs(5), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

/// How long it takes until the other side ends, which is an end of the stream or an error.
async fn end_of(stream: &mut (impl AsyncRead + Unpin)) -> Duration {
    let started = Instant::now();
    let mut rest = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    started.elapsed()
}

#[tokio::test]
async fn http_1_and_2_are_spoken_over_tls_1_2_and_1_3() {
    let running = running().await;
    for version in [&TLS12, &TLS13] {
        let trusted = running.files.certificate();
        let mut stream = running.handshake(trusted.clone(), &[version], "http/1.1").await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let answer = ask(&mut stream, "/peer").await;
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n127.0.0.1"), "{answer}");

        let stream = running.handshake(trusted, &[version], "h2").await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = || Request::get("https://localhost/peer").body(()).unwrap();
        for _ in 0..2 {
            client = client.ready().await.unwrap();
            let (answer, _) = client.send_request(request(), true).unwrap();
            let mut answer = answer.await.unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.body_mut().data().await.unwrap().unwrap(), "127.0.0.1");
        }
        connection.abort();
    }
    assert!(running.handshake(running.files.certificate(), &[&TLS13], "smtp").await.is_err());
}

#[tokio::test]
async fn a_new_certificate_is_taken_over_and_a_bad_one_is_not() {
    let running = running().await;
    let first = running.files.certificate();
    let mut kept = running.secure("http/1.1").await;
    running.files.renew();
    let second = running.files.certificate();
    let started = Instant::now();
    while running.handshake(second.clone(), &[&TLS13], "http/1.1").await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(5), "the new certificate is not taken over");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(running.handshake(first, &[&TLS13], "http/1.1").await.is_err(), "the old one is gone");
    assert!(ask(&mut kept, "/health").await.ends_with("healthy"), "connections go on");

    let (_, key) = (fs::read_to_string(&running.files.files.key).unwrap(), &running.files.files.key);
    for bad in [Some(pair().1), Some("nonsense".to_owned()), None] {
        match bad {
            Some(text) => fs::write(key, text).unwrap(),
            None => fs::remove_file(key).unwrap(),
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let mut stream = running.handshake(second.clone(), &[&TLS13], "http/1.1").await.unwrap();
        assert!(ask(&mut stream, "/health").await.ends_with("healthy"));
    }
    running.files.renew();
    let third = running.files.certificate();
    let started = Instant::now();
    while running.handshake(third.clone(), &[&TLS13], "http/1.1").await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(5), "what was mended is not taken over");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn files_that_will_not_do_are_refused_without_a_word_of_the_key() {
    let files = Files::new();
    let (certificate, key) = (fs::read_to_string(&files.files.certificate), fs::read_to_string(&files.files.key));
    let (certificate, key) = (certificate.unwrap(), key.unwrap());
    let secret = key.lines().nth(1).unwrap();
    let (begin, rest) = key.split_once('\n').unwrap();
    let open = |certificate: &str, key: &str| {
        fs::write(&files.files.certificate, certificate).unwrap();
        fs::write(&files.files.key, key).unwrap();
        Tls::open(&files.files, Duration::from_secs(60)).map(drop)
    };
    open(&certificate, &key).unwrap();
    let broken = key.replace("PRIVATE KEY", "PRIVATE KEY-");
    let encrypted = key.replace("PRIVATE", "ENCRYPTED PRIVATE");
    for (certificate, key, wanted) in [
        ("", key.as_str(), "TLS_CERT_FILE"),
        (&key, &key, "has no certificate in it"),
        (&certificate, "", "has no private key in it"),
        (&certificate, &certificate, "has no private key in it"),
        (&certificate, &pair().1, "is not the key of the first certificate"),
        (&certificate, &encrypted, "encrypted key"),
        (&certificate, &broken, "PEM"),
        (&certificate, &format!("{begin}\n{}\n{rest}", "*".repeat(64)), "is no valid PEM"),
        (&certificate, &key[..key.len() / 2], "PEM"),
    ] {
        let error = open(certificate, key).unwrap_err().to_string();
        assert!(error.contains(wanted) && error.contains("TLS_"), "{wanted}: {error}");
        assert!(!error.contains(secret) && !error.contains("***"), "{error}");
    }
    fs::remove_file(&files.files.key).unwrap();
    let error = Tls::open(&files.files, Duration::from_secs(60)).map(drop).unwrap_err();
    assert!(matches!(&error, TlsError::Key { reason, .. } if reason.starts_with("can't be read")), "{error}");
}

#[tokio::test]
async fn who_never_ends_a_handshake_or_says_nothing_after_it_is_let_go() {
    let running = running().await;
    let mut begun = running.connect().await;
    begun.write_all(&[22, 3, 1]).await.unwrap();
    let mut silent = running.connect().await;
    let (mut secure, mut second) = (running.secure("http/1.1").await, running.secure("h2").await);
    let mut head = running.secure("http/1.1").await;
    head.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n").await.unwrap();
    let times = tokio::join!(
        end_of(&mut begun),
        end_of(&mut silent),
        end_of(&mut secure),
        end_of(&mut second),
        end_of(&mut head),
    );
    for time in [times.0, times.1, times.2, times.3, times.4] {
        assert!(time < Duration::from_secs(4), "{times:?}");
    }
    // Others are served meanwhile, and one who has asked may take a break.
    let stream = running.secure("h2").await;
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(connection);
    let mut client = client.ready().await.unwrap();
    for pause in [Duration::ZERO, Duration::from_millis(2500)] {
        tokio::time::sleep(pause).await;
        let request = Request::get("https://localhost/health").body(()).unwrap();
        assert_eq!(client.send_request(request, true).unwrap().0.await.unwrap().status(), 200, "after {pause:?}");
    }
}

#[tokio::test]
async fn http_in_clear_is_told_so() {
    let running = running().await;
    let answer = ask(&mut running.connect().await, "/health").await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("This port speaks HTTPS"), "{answer}");
    let mut garbage = running.connect().await;
    garbage.write_all(&[&[22, 3, 1, 0, 5][..], b"no handshake"].concat()).await.unwrap();
    assert!(end_of(&mut garbage).await < Duration::from_secs(2));
}

#[tokio::test]
async fn a_client_that_reads_nothing_of_its_answer_is_let_go() {
    let running = running().await;
    let mut stream = running.secure("http/1.1").await;
    stream.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(2500)).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.expect("an end");
    assert!(answer.len() < LARGE, "all of it came");
}

#[tokio::test]
async fn a_stop_lets_requests_end_and_waits_for_no_handshake() {
    let running = running().await;
    let mut napping = running.secure("http/1.1").await;
    napping.write_all(b"GET /nap HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut begun = running.connect().await;
    begun.write_all(&[22, 3, 1]).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let started = Instant::now();
    running.stop.send(()).unwrap();
    let mut answer = String::new();
    napping.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    running.served.await.unwrap();
    assert!(started.elapsed() < Duration::from_millis(700), "{:?}", started.elapsed());
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_asks_for_health_and_refuses_a_bad_certificate() {
    let running = running().await;
    let files = running.files.files.clone();
    let port = running.address.port().to_string();
    let run = async |command: &'static str, key: PathBuf| {
        let (certificate, port) = (files.certificate.clone(), port.clone());
        let work = move || {
            Command::new(env!("CARGO_BIN_EXE_tekup-db"))
                .arg(command)
                .env_clear()
                .envs([("HOST", "127.0.0.1"), ("PORT", &port), ("LOG_LEVEL", "off")])
                .env("TLS_CERT_FILE", certificate)
                .env("TLS_KEY_FILE", key)
                .output()
                .unwrap()
        };
        let output = tokio::task::spawn_blocking(work).await.unwrap();
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.success(), text)
    };
    let (is_healthy, text) = run("health", files.key.clone()).await;
    assert!(is_healthy && text.contains("healthy"), "{text}");
    let other = running.files.folder.join("other.pem");
    fs::write(&other, pair().1).unwrap();
    let (is_served, text) = run("serve", other).await;
    assert!(!is_served && text.contains("is not the key of the first certificate"), "{text}");
    let (is_served, text) = run("serve", PathBuf::new()).await;
    assert!(
        !is_served && text.contains("TLS_KEY_FILE is \"\"; wanted a value, because TLS_CERT_FILE is set"),
        "{text}"
    );
}

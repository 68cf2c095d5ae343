//! `sslmode`: what is encrypted, and whose certificate is believed.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls_pki_types::PrivateKeyDer;
use tekup_db::{config::Secret, db::DbError};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_postgres::config::Host;
use tokio_rustls::TlsAcceptor;

use crate::support::{self, TestDb, identity, read};

/// What a client that wants TLS sends first.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// A database behind TLS, with a certificate for `localhost`.
struct Encrypted {
    port: u16,
    database: String,
    /// The authority's certificate, and that of another one.
    authority: PathBuf,
    stranger: PathBuf,
    encrypted: Arc<AtomicUsize>,
    folder: PathBuf,
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

impl Encrypted {
    async fn start(db: &TestDb, has_tls: bool) -> Self {
        let (issuer, other) = (authority("ours"), authority("another"));
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let folder = std::env::temp_dir().join(format!("tekup-tls-{}", db.name()));
        std::fs::create_dir_all(&folder).unwrap();
        let (ours, stranger) = (folder.join("ours.pem"), folder.join("another.pem"));
        std::fs::write(&ours, issuer.pem()).unwrap();
        std::fs::write(&stranger, other.pem()).unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let encrypted = Arc::new(AtomicUsize::new(0));
        let (server, counter) = (db.login_url(), encrypted.clone());
        let acceptor = has_tls.then(|| TlsAcceptor::from(Arc::new(config)));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, acceptor.clone(), server.clone(), counter.clone()));
            }
        });
        let database = db.name().to_owned();
        Self { port, database, authority: ours, stranger, encrypted, folder }
    }

    fn url(&self, host: &str, parameters: &str) -> Secret {
        Secret::new(format!("postgres://authenticator@{host}:{}/{}?{parameters}", self.port, self.database))
    }
}

impl Drop for Encrypted {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn serve(mut client: TcpStream, tls: Option<TlsAcceptor>, server: Secret, encrypted: Arc<AtomicUsize>) {
    let mut first = [0; 8];
    client.read_exact(&mut first).await.unwrap();
    match tls {
        _ if first != SSL_REQUEST => relay(client, &first, &server).await,
        None => {
            client.write_all(b"N").await.unwrap();
            relay(client, &[], &server).await;
        }
        Some(tls) => {
            client.write_all(b"S").await.unwrap();
            if let Ok(client) = tls.accept(client).await {
                encrypted.fetch_add(1, Ordering::SeqCst);
                relay(client, &[], &server).await;
            }
        }
    }
}

async fn relay(mut client: impl AsyncRead + AsyncWrite + Unpin, first: &[u8], server: &Secret) {
    let config: tokio_postgres::Config = server.expose().parse().unwrap();
    let Host::Unix(folder) = &config.get_hosts()[0] else { panic!("a server on a socket") };
    let mut server = UnixStream::connect(folder.join(".s.PGSQL.5432")).await.unwrap();
    server.write_all(first).await.unwrap();
    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn modes_do_what_they_do_in_libpq() {
    if std::env::var_os("TEST_DATABASE_URL").is_some() {
        return;
    }
    let db = support::empty().await;
    let server = Encrypted::start(&db, true).await;
    let ours = format!("sslrootcert={}", server.authority.display());
    let stranger = format!("sslrootcert={}", server.stranger.display());
    // host, parameters, whether it connects, whether that is encrypted
    let cases = [
        ("localhost", "sslmode=disable".to_owned(), true, false),
        ("localhost", "application_name=plain".to_owned(), true, true),
        ("localhost", "sslmode=prefer".to_owned(), true, true),
        ("localhost", "sslmode=require".to_owned(), true, true),
        ("127.0.0.1", format!("sslmode=require&{ours}"), true, true),
        ("127.0.0.1", format!("sslmode=require&{stranger}"), false, false),
        ("127.0.0.1", format!("sslmode=verify-ca&{ours}"), true, true),
        ("127.0.0.1", format!("sslmode=verify-ca&{stranger}"), false, false),
        ("localhost", format!("sslmode=verify-full&{ours}"), true, true),
        ("127.0.0.1", format!("sslmode=verify-full&{ours}"), false, false),
        ("localhost", format!("sslmode=verify-full&{stranger}"), false, false),
    ];
    for (host, parameters, connects, is_encrypted) in cases {
        let before = server.encrypted.load(Ordering::SeqCst);
        let database = db.database_at(&server.url(host, &parameters), |_| {});
        let outcome = database.run(&identity("anon"), read("select 1")).await;
        assert_eq!(outcome.is_ok(), connects, "{host} {parameters}: {outcome:?}");
        if let Err(error) = outcome {
            let DbError::Unavailable { reason, .. } = error else { panic!("{error:?}") };
            assert!(reason.contains("certificate"), "{reason}");
        }
        assert_eq!(server.encrypted.load(Ordering::SeqCst) - before, usize::from(is_encrypted), "{host} {parameters}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_tls_is_refused_where_tls_is_required() {
    if std::env::var_os("TEST_DATABASE_URL").is_some() {
        return;
    }
    let db = support::empty().await;
    let server = Encrypted::start(&db, false).await;
    for (mode, connects) in [("prefer", true), ("require", false), ("verify-full", false)] {
        let parameters = format!("sslmode={mode}&sslrootcert={}", server.authority.display());
        let database = db.database_at(&server.url("localhost", &parameters), |_| {});
        assert_eq!(database.run(&identity("anon"), read("select 1")).await.is_ok(), connects, "{mode}");
    }
}

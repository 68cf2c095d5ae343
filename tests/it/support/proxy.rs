//! A network between the service and its database: it takes time, it can fall silent, and it counts turns.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tekup_db::config::Secret;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_postgres::config::Host;

/// A way to a database over TCP.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    delay: Duration,
    /// How often the client spoke after the server had.
    turns: AtomicUsize,
    client_spoke_last: AtomicBool,
    is_silent: AtomicBool,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Proxy {
    /// A way to the server of that URL that takes so long in each direction.
    pub async fn start(url: &Secret, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            delay,
            turns: AtomicUsize::new(0),
            client_spoke_last: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
        });
        let config: tokio_postgres::Config = url.expose().parse().unwrap();
        let accepting = state.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                client.set_nodelay(true).unwrap();
                let (from_client, to_client) = tokio::io::split(client);
                let (from_server, to_server) = tokio::io::split(connect(&config).await);
                tokio::spawn(carry(from_client, to_server, accepting.clone(), true));
                tokio::spawn(carry(from_server, to_client, accepting.clone(), false));
            }
        });
        Self { address, state }
    }

    /// The URL, by this way.
    pub fn url(&self, url: &Secret) -> Secret {
        let (user, address) = url.expose().split_once('@').unwrap();
        let (_, database) = address.rsplit_once('/').unwrap();
        Secret::new(format!("{user}@{}/{database}?sslmode=disable", self.address))
    }

    /// Round trips since the last time this was asked.
    pub fn turns(&self) -> usize {
        self.state.turns.swap(0, Ordering::SeqCst)
    }

    /// Nothing arrives any more, and nobody is told.
    pub fn fall_silent(&self) {
        self.state.is_silent.store(true, Ordering::SeqCst);
    }
}

async fn connect(config: &tokio_postgres::Config) -> Box<dyn Stream> {
    match &config.get_hosts()[0] {
        Host::Unix(folder) => Box::new(UnixStream::connect(folder.join(".s.PGSQL.5432")).await.unwrap()),
        Host::Tcp(host) => Box::new(TcpStream::connect((host.as_str(), config.get_ports()[0])).await.unwrap()),
    }
}

async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, state: Arc<State>, is_client: bool) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).await.unwrap_or(0);
        if length == 0 {
            let _ = to.shutdown().await;
            return;
        }
        if !state.client_spoke_last.swap(is_client, Ordering::SeqCst) && is_client {
            state.turns.fetch_add(1, Ordering::SeqCst);
        }
        tokio::time::sleep(state.delay).await;
        while state.is_silent.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

//! One connection, from its first byte to its end.
//!
//! In: a socket. Out: requests to the router, and their answers. Lets go who says nothing for too long: before the first
//! byte, within the handshake, or before the first request; who never ends a head; and who reads nothing of an answer.
//! Refuses, in clear text, HTTP on a port that speaks HTTPS.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpStream,
    sync::watch,
};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

use super::{
    patience::Patient,
    refusal::{Refusing, malformed},
    system::Peer,
};
use crate::config::ServerConfig;

/// What a handshake of TLS begins with: the type of its first record (RFC 8446, 5.1).
const HANDSHAKE: u8 = 22;
/// How long, and how many bytes, a client may go on that speaks HTTP where HTTPS is spoken.
const GOODBYE: (Duration, u64) = (Duration::from_secs(1), 1 << 16);

/// What all connections have in common.
pub(super) struct Manners {
    builder: auto::Builder<TokioExecutor>,
    graceful: GracefulShutdown,
    /// How long a client may say nothing at first.
    silence: Duration,
    /// How long a client may read nothing of its answer.
    patience: Duration,
}

impl Manners {
    pub(super) fn new(config: &ServerConfig) -> Self {
        Self {
            builder: builder(config),
            graceful: GracefulShutdown::new(),
            silence: config.header_timeout,
            patience: config.request_timeout,
        }
    }

    /// Asks all conversations to end, and waits for it.
    pub(super) async fn end_all(self) {
        self.graceful.shutdown().await;
    }
}

/// A connection that is to be.
pub(super) struct Conversation<R> {
    builder: auto::Builder<TokioExecutor>,
    watcher: hyper_util::server::graceful::Watcher,
    silence: Duration,
    patience: Duration,
    peer: Peer,
    router: R,
}

impl<R: Fn() -> Router + Clone + Send + 'static> Conversation<R> {
    pub(super) fn new(manners: &Manners, peer: Peer, router: R) -> Self {
        Self {
            builder: manners.builder.clone(),
            watcher: manners.graceful.watcher(),
            silence: manners.silence,
            patience: manners.patience,
            peer,
            router,
        }
    }

    /// Holds it, with a handshake first where there is an acceptor. It ends before it has begun where the server stops.
    pub(super) async fn hold(self, stream: TcpStream, tls: Option<TlsAcceptor>, mut accepting: watch::Receiver<()>) {
        let patience = self.patience;
        let begin = async {
            // The library's time for headers begins with the first byte. A socket may be called readable too early, hence
            // a look at that byte.
            let mut first = [0];
            if stream.peek(&mut first).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some(tls) = tls else { return Ok(Begun::Plain(Patient::new(stream, patience))) };
            if first != [HANDSHAKE] {
                refuse_plain(stream).await?;
                return Err(io::ErrorKind::InvalidData.into());
            }
            Ok::<_, io::Error>(Begun::Tls(Box::new(tls.accept(Patient::new(stream, patience)).await?)))
        };
        let begun = tokio::select! {
            begun = tokio::time::timeout(self.silence, begin) => begun,
            _ = accepting.changed() => return,
        };
        match begun {
            Ok(Ok(Begun::Plain(stream))) => self.go_on(stream).await,
            Ok(Ok(Begun::Tls(stream))) => self.go_on(stream).await,
            Ok(Err(error)) => tracing::debug!(%error, "connection ended before it began"),
            Err(_) => tracing::debug!("connection ended: nothing was said, or the handshake took too long"),
        }
    }

    async fn go_on<S: AsyncRead + AsyncWrite + Send + Unpin + 'static>(self, stream: S) {
        let Self { builder, watcher, silence, peer, router, .. } = self;
        let was_asked = Arc::new(AtomicBool::new(false));
        let asked = was_asked.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(peer);
            router().call(request)
        });
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(Refusing::new(stream)), service);
        // The library's own time comes first, and with it an answer; but it has none for the first bytes of HTTP/2.
        let silent = async {
            tokio::time::sleep(2 * silence).await;
            if was_asked.load(Ordering::Relaxed) {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            ended = watcher.watch(connection.into_owned()) => if let Err(error) = ended {
                tracing::debug!(%error, "connection ended");
            },
            () = silent => tracing::debug!("connection ended: nothing was asked"),
        }
    }
}

/// A connection that has begun.
enum Begun {
    Plain(Patient<TcpStream>),
    Tls(Box<tokio_rustls::server::TlsStream<Patient<TcpStream>>>),
}

/// Says that it is HTTPS that is spoken here. What the client still sends is read, or the answer would be lost with it.
async fn refuse_plain(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(&malformed("This port speaks HTTPS", "Send the request to https:// at the same address")).await?;
    stream.shutdown().await?;
    let (time, bytes) = GOODBYE;
    let mut rest = stream.take(bytes);
    let _ = tokio::time::timeout(time, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
    Ok(())
}

fn builder(config: &ServerConfig) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_timeout)
        .max_buf_size((config.max_header_bytes + config.max_url_bytes).max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(config.max_header_bytes).unwrap_or(u32::MAX))
        .keep_alive_interval(Duration::from_secs(30));
    builder
}

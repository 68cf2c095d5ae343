//! Listening, and stopping.

use std::{future::Future, io, time::Duration};

use axum::{Router, http::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};
use tower::Service as _;

use super::{refusal::Refusing, system::Peer};
use crate::config::ServerConfig;

/// Serves with the router in force when a request comes, until `stop` resolves, then lets requests in flight end for [`ServerConfig::shutdown_timeout`] and cuts off
/// what is left: an endless request, a half-sent body or a client that doesn't read can't keep the process alive.
///
/// # Errors
/// None of one connection's: only a listener that fails for good would end it, and that is retried.
pub async fn serve(
    listener: TcpListener,
    router: impl Fn() -> Router + Clone + Send + 'static,
    config: &ServerConfig,
    stop: impl Future<Output = ()>,
) {
    let mut connections = Connections {
        builder: builder(config),
        graceful: GracefulShutdown::new(),
        accepting: watch::Sender::new(()),
        tasks: JoinSet::new(),
        router,
        silence: config.header_timeout,
        patience: config.request_timeout,
    };
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => connections.add(stream, Peer(peer)),
                Err(error) => pause_after(&error).await,
            },
            Some(_) = connections.tasks.join_next() => {}
        }
    }
    drop(listener);
    connections.end(config.shutdown_timeout).await;
}

/// The connections that are open.
struct Connections<R> {
    builder: auto::Builder<TokioExecutor>,
    graceful: GracefulShutdown,
    /// Dropped when the server stops, which ends the connections that have said nothing yet.
    accepting: watch::Sender<()>,
    tasks: JoinSet<()>,
    router: R,
    /// How long a client may say nothing at first.
    silence: Duration,
    /// How long a client may read nothing of its answer.
    patience: Duration,
}

impl<R: Fn() -> Router + Clone + Send + 'static> Connections<R> {
    fn add(&mut self, stream: TcpStream, peer: Peer) {
        // Small answers must not wait for more to send.
        let _ = stream.set_nodelay(true);
        let router = self.router.clone();
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router().call(request)
        });
        let (builder, watcher) = (self.builder.clone(), self.graceful.watcher());
        let (silence, patience) = (self.silence, self.patience);
        let mut accepting = self.accepting.subscribe();
        self.tasks.spawn(async move {
            // The library's time for headers begins with the first byte. A socket may be called readable too early, hence
            // a look at that byte.
            let mut first = [0];
            tokio::select! {
                _ = stream.peek(&mut first) => {}
                () = tokio::time::sleep(silence) => return,
                _ = accepting.changed() => return,
            }
            let stream = TokioIo::new(Refusing::new(stream, patience));
            let connection = builder.serve_connection_with_upgrades(stream, service).into_owned();
            if let Err(error) = watcher.watch(connection).await {
                tracing::debug!(%error, "connection ended");
            }
        });
    }

    async fn end(mut self, within: Duration) {
        let open = self.tasks.len();
        tracing::info!(connections = open, "stopping: no new connections, requests in flight may end");
        drop(self.accepting);
        if tokio::time::timeout(within, self.graceful.shutdown()).await.is_err() {
            tracing::warn!(connections = self.tasks.len(), "stopping: cutting off what did not end in time");
        }
        self.tasks.shutdown().await;
    }
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

/// Out of file descriptors, most likely: wait for some to come back instead of spinning.
async fn pause_after(error: &io::Error) {
    tracing::warn!(%error, "could not accept a connection");
    tokio::time::sleep(Duration::from_millis(100)).await;
}

/// Resolves on SIGTERM or SIGINT.
///
/// # Errors
/// The process can't listen for signals.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

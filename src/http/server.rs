//! Listening, and stopping.

use std::{future::Future, io, time::Duration};

use axum::{Router, http::Request};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};
use tower::ServiceBuilder;

use super::{refusal::Refusing, system::Peer};
use crate::config::ServerConfig;

/// Serves until `stop` resolves, then lets requests in flight end for [`ServerConfig::shutdown_timeout`] and cuts off
/// what is left: an endless request, a half-sent body or a client that doesn't read can't keep the process alive.
///
/// # Errors
/// None of one connection's: only a listener that fails for good would end it, and that is retried.
pub async fn serve(listener: TcpListener, router: Router, config: &ServerConfig, stop: impl Future<Output = ()>) {
    let builder = builder(config);
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connect(&builder, &graceful, &mut connections, stream, Peer(peer), router.clone());
                }
                Err(error) => pause_after(&error).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    tracing::info!(connections = connections.len(), "stopping: no new connections, requests in flight may end");
    if tokio::time::timeout(config.shutdown_timeout, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "stopping: cutting off what did not end in time");
    }
    connections.shutdown().await;
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

fn connect(
    builder: &auto::Builder<TokioExecutor>,
    graceful: &GracefulShutdown,
    connections: &mut JoinSet<()>,
    stream: TcpStream,
    peer: Peer,
    router: Router,
) {
    // Small answers must not wait for more to send.
    let _ = stream.set_nodelay(true);
    let with_peer = move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        request
    };
    let service = TowerToHyperService::new(ServiceBuilder::new().map_request(with_peer).service(router));
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(Refusing::new(stream)), service).into_owned();
    let connection = graceful.watch(connection);
    connections.spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "connection ended");
        }
    });
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

//! Listening, and stopping.

use std::{future::Future, io, time::Duration};

use axum::Router;
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::{SignalKind, signal},
    sync::watch,
    task::JoinSet,
};

use super::{
    conversation::{Conversation, Manners},
    system::Peer,
    tls::Tls,
};
use crate::config::ServerConfig;

/// Serves with the router in force when a request comes, until `stop` resolves, then lets requests in flight end for [`ServerConfig::shutdown_timeout`] and cuts off
/// what is left: an endless request, a half-sent body or a client that doesn't read can't keep the process alive. With `tls` it is HTTPS.
///
/// # Errors
/// None of one connection's: only a listener that fails for good would end it, and that is retried.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Tls>,
    router: impl Fn() -> Router + Clone + Send + 'static,
    config: &ServerConfig,
    stop: impl Future<Output = ()>,
) {
    let mut connections = Connections {
        manners: Manners::new(config),
        accepting: watch::Sender::new(()),
        tasks: JoinSet::new(),
        tls,
        router,
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
    manners: Manners,
    /// Dropped when the server stops, which ends the connections that have said nothing yet.
    accepting: watch::Sender<()>,
    tasks: JoinSet<()>,
    tls: Option<Tls>,
    router: R,
}

impl<R: Fn() -> Router + Clone + Send + 'static> Connections<R> {
    fn add(&mut self, stream: TcpStream, peer: Peer) {
        // Small answers must not wait for more to send.
        let _ = stream.set_nodelay(true);
        let conversation = Conversation::new(&self.manners, peer, self.router.clone());
        let acceptor = self.tls.as_ref().map(Tls::acceptor);
        let accepting = self.accepting.subscribe();
        self.tasks.spawn(conversation.hold(stream, acceptor, accepting));
    }

    async fn end(mut self, within: Duration) {
        let open = self.tasks.len();
        tracing::info!(connections = open, "stopping: no new connections, requests in flight may end");
        drop(self.accepting);
        if tokio::time::timeout(within, self.manners.end_all()).await.is_err() {
            tracing::warn!(connections = self.tasks.len(), "stopping: cutting off what did not end in time");
        }
        self.tasks.shutdown().await;
    }
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

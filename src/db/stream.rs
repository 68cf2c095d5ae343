//! Rows that are handed on while Postgres still makes them.
//!
//! In: a transaction whose rows may be many. Out: all of its outcome where it is small, else its first rows and a
//! [`Rest`] that gives the others as they come. Memory is bounded by what is on its way: whoever takes no rows makes
//! Postgres wait, for a while; that, or dropping the rest, ends the transaction, its statement cancelled. Half of the
//! connections at most are held so.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::TryStreamExt as _;
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot};
use tokio_postgres::RowStream;

use super::{DbError, Outcome, Row, statement::Answer};

/// Bytes of rows that are looked at before anything is handed on: a result of no more is whole.
const FIRST: usize = 1 << 20;
/// Bytes of rows in one piece.
const PIECE: usize = 1 << 16;

/// What a transaction gives whose rows may be many.
#[derive(Debug)]
pub enum Streamed {
    /// All of it.
    Whole(Outcome),
    /// The first rows, with all else that is known by then, and the others.
    Begun(Outcome, Rest),
}

/// The rows after the first.
#[derive(Debug)]
pub struct Rest {
    pieces: mpsc::Receiver<Piece>,
    /// Its part of the connections that may be held so.
    _share: Option<OwnedSemaphorePermit>,
}

/// What comes of a transaction that goes on.
#[derive(Debug)]
enum Piece {
    Rows(Vec<Row>),
    Failed(DbError),
    /// It has ended well.
    End,
}

impl Rest {
    /// The same, holding a permit to its end.
    pub(super) fn holding(self, share: OwnedSemaphorePermit) -> Self {
        Self { _share: Some(share), ..self }
    }

    /// The next rows; `None` after the last, when the transaction has ended well.
    ///
    /// # Errors
    /// [`DbError`]: the rows are not all there, and no more will come.
    pub async fn next(&mut self) -> Result<Option<Vec<Row>>, DbError> {
        match self.pieces.recv().await {
            Some(Piece::Rows(rows)) => Ok(Some(rows)),
            Some(Piece::End) => Ok(None),
            Some(Piece::Failed(error)) => Err(error),
            None => Err(DbError::unavailable("the transaction ended before its rows did")),
        }
    }
}

/// How a transaction hands on its rows.
pub(super) struct Outlet {
    begun: Mutex<Option<oneshot::Sender<Outcome>>>,
    pieces: mpsc::Sender<Piece>,
    /// How long a piece may wait to be taken.
    patience: Duration,
    /// One has waited too long.
    stalled: Notify,
}

/// The other end of an [`Outlet`].
pub(super) struct Inlet {
    /// What is known once the first rows are there; nothing where they are all.
    pub(super) begun: oneshot::Receiver<Outcome>,
    pub(super) rest: Rest,
}

/// Both ends.
pub(super) fn outlet(patience: Duration) -> (Outlet, Inlet) {
    let (send_begun, begun) = oneshot::channel();
    let (pieces, rest) = mpsc::channel(1);
    let outlet = Outlet { begun: Mutex::new(Some(send_begun)), pieces, patience, stalled: Notify::new() };
    (outlet, Inlet { begun, rest: Rest { pieces: rest, _share: None } })
}

impl Outlet {
    /// Nobody wants the rows any more, or somebody takes none.
    pub(super) async fn closed(&self) {
        tokio::select! {
            () = self.pieces.closed() => {}
            () = self.stalled.notified() => {}
        }
    }

    /// The first rows were handed on.
    pub(super) fn has_begun(&self) -> bool {
        self.begun.lock().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// Hands on what is known so far, the first rows among it.
    pub(super) fn begin(&self, outcome: Outcome) {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Whoever has gone is noticed by `closed`.
        if let Some(begun) = begun {
            drop(begun.send(outcome));
        }
    }

    /// Hands on all other rows of a statement.
    pub(super) async fn pour(&self, mut rows: Rows) -> Result<(), tokio_postgres::Error> {
        while !rows.are_all {
            let piece = rows.take(PIECE).await?;
            self.give(Piece::Rows(piece)).await;
        }
        Ok(())
    }

    /// Says how the transaction ended, to one who waits for more rows.
    pub(super) async fn end(&self, ended: Result<(), DbError>) {
        self.give(ended.map_or_else(Piece::Failed, |()| Piece::End)).await;
    }

    async fn give(&self, piece: Piece) {
        let sent = tokio::time::timeout(self.patience, self.pieces.send(piece)).await;
        if !matches!(sent, Ok(Ok(()))) {
            // This future is about to be dropped, and its statement cancelled.
            self.stalled.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// Rows of a statement as they come.
pub(super) struct Rows {
    stream: Pin<Box<RowStream>>,
    /// The last one has come: asked again, the stream would take that for a lost connection.
    are_all: bool,
}

impl Rows {
    pub(super) fn new(stream: RowStream) -> Self {
        Self { stream: Box::pin(stream), are_all: false }
    }

    /// The first rows, and whether those are all.
    pub(super) async fn first(&mut self) -> Result<(Answer, bool), tokio_postgres::Error> {
        let rows = self.take(FIRST).await?;
        Ok((Answer { affected: rows.len() as u64, rows }, self.are_all))
    }

    /// Rows of so many bytes together, or what is left.
    async fn take(&mut self, bytes: usize) -> Result<Vec<Row>, tokio_postgres::Error> {
        let (mut rows, mut taken) = (Vec::new(), 0);
        while taken < bytes && !self.are_all {
            match self.stream.try_next().await? {
                // A row without values takes memory, too.
                Some(row) => {
                    taken += row.raw_size_bytes() + size_of::<Row>();
                    rows.push(Row::from(row));
                }
                None => self.are_all = true,
            }
        }
        Ok(rows)
    }
}

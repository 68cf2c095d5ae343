//! Rows from one end to the other.
//!
//! In: a query of the source, and where its rows go. Out: what was sent, as a [`Sum`]. Memory is bounded: a piece is sent
//! before the next is filled, and who reads slowly makes the other wait. Refuses what is no binary COPY.

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio_postgres::CopyOutStream;

use super::{
    CopyError,
    plan::Table,
    rows::{Reader, Sum},
    session::Session,
};

/// What is sent at once.
const PIECE: usize = 128 * 1024;
/// Rows between two words about how far it is.
const REPORTED: u64 = 10_000;

/// Sends a table's rows. `moved` is told how many there were so far.
///
/// # Errors
/// [`CopyError`]; the target's transaction can't be committed then.
pub(super) async fn send(
    source: &Session,
    target: &Session,
    table: &Table,
    mut moved: impl FnMut(u64),
) -> Result<Sum, CopyError> {
    let reading = format!("reading {}", table.from);
    let writing = format!("writing {}", table.name);
    let out = format!("COPY ({}) TO STDOUT (FORMAT binary)", table.select());
    let into = format!("COPY {} ({}) FROM STDIN (FORMAT binary)", table.name.sql(), table.column_list());
    let stream = source.client.copy_out(&out).await.map_err(source.fault(&*reading))?;
    let sink = target.client.copy_in::<_, Bytes>(&into).await.map_err(target.fault(&*writing))?;
    let (mut stream, mut sink) = (std::pin::pin!(stream), std::pin::pin!(sink));
    let mut reader = Reader::default();
    let mut piece = BytesMut::with_capacity(PIECE);
    let mut reported = 0;
    while let Some(message) = stream.next().await {
        let message = message.map_err(source.fault(&*reading))?;
        reader.read(&message)?;
        piece.extend_from_slice(&message);
        if piece.len() >= PIECE {
            let full = std::mem::replace(&mut piece, BytesMut::with_capacity(PIECE));
            sink.send(full.freeze()).await.map_err(target.fault(&*writing))?;
        }
        if reader.rows() >= reported + REPORTED {
            reported = reader.rows();
            moved(reported);
        }
    }
    sink.send(piece.freeze()).await.map_err(target.fault(&*writing))?;
    sink.finish().await.map_err(target.fault(&*writing))?;
    Ok(reader.finish()?)
}

/// What a table holds now.
///
/// # Errors
/// [`CopyError`].
pub(super) async fn read_back(target: &Session, table: &Table) -> Result<Sum, CopyError> {
    let doing = format!("reading {} back", table.name);
    let out = format!("COPY {} ({}) TO STDOUT (FORMAT binary)", table.name.sql(), table.column_list());
    let stream = target.client.copy_out(&out).await.map_err(target.fault(&*doing))?;
    sum(stream, target, &doing).await
}

async fn sum(stream: CopyOutStream, session: &Session, doing: &str) -> Result<Sum, CopyError> {
    let mut stream = std::pin::pin!(stream);
    let mut reader = Reader::default();
    while let Some(message) = stream.next().await {
        reader.read(&message.map_err(session.fault(doing))?)?;
    }
    Ok(reader.finish()?)
}

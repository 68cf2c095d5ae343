//! Requests that never become one: a URL or headers beyond what the HTTP library reads, bytes that are no HTTP.
//!
//! In: a connection's stream. Out: the same, but the library's own refusals, which have no body, get one in the shape
//! of every other failure. All answers of ours carry a request id, so one without is the library's.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::error::Problem;

/// A connection's stream.
#[derive(Debug)]
pub struct Refusing<S> {
    stream: S,
    /// What is left to write of a refusal.
    pending: Vec<u8>,
    /// Bytes have come since the last were written: what is written next is the head of an answer.
    is_asked: bool,
}

impl<S> Refusing<S> {
    /// Wraps a stream.
    pub fn new(stream: S) -> Self {
        Self { stream, pending: Vec::new(), is_asked: false }
    }
}

impl<S: AsyncWrite + Unpin> Refusing<S> {
    fn write_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.pending))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Refusing<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        self.is_asked |= buffer.filled().len() > before;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Refusing<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        ready!(self.write_pending(cx))?;
        let refusal = if self.is_asked { shaped(bytes) } else { None };
        let Some(refusal) = refusal else {
            let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
            // What follows a head is a body, whose text may say anything.
            self.is_asked &= written.is_pending();
            return written;
        };
        self.is_asked = false;
        self.pending = refusal;
        // Taken over whole; what can't be written now is before the next write or flush.
        match self.write_pending(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(bytes.len())),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = slices.iter().find(|slice| !slice.is_empty());
        if !self.pending.is_empty() || self.is_asked && first.is_some_and(|slice| shaped(slice).is_some()) {
            return self.poll_write(cx, first.map_or(&[], |slice| slice));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.is_asked &= written.is_pending();
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_pending(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.write_pending(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

/// The refusal that stands in for the library's, which is a head alone that ends the connection.
fn shaped(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.strip_prefix(b"HTTP/1.1 4")?;
    let is_head_alone = head.windows(4).position(|window| window == b"\r\n\r\n") == head.len().checked_sub(4);
    let has = |text: &[u8]| head.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text));
    if !is_head_alone || !has(b"content-length: 0") || !has(b"connection: close") || has(b"x-request-id") {
        return None;
    }
    let (reason, problem) = match head.get(..2)? {
        b"00" => ("Bad Request", Problem::new(400, "request.malformed", "The request is not valid HTTP")),
        b"08" => ("Request Timeout", Problem::new(408, "request.timeout", "The request did not arrive in time")),
        b"14" => ("URI Too Long", Problem::new(414, "request.url_too_long", "The request's URL is too long")),
        b"31" => (
            "Request Header Fields Too Large",
            Problem::new(431, "request.headers_too_large", "The request's URL and headers are too large"),
        ),
        _ => return None,
    };
    Some(written(reason, &problem.hint("Ask for less in one request")))
}

/// An answer, as bytes, to what is no request here.
pub(super) fn malformed(message: &str, hint: &str) -> Vec<u8> {
    written("Bad Request", &Problem::new(400, "request.malformed", message).hint(hint))
}

fn written(reason: &str, problem: &Problem) -> Vec<u8> {
    let body = problem.body();
    let mut refusal = format!(
        "HTTP/1.1 {} {reason}\r\ncontent-type: application/json; charset=utf-8\r\nproxy-status: PostgREST; error={}\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        problem.status,
        problem.code,
        body.len(),
    )
    .into_bytes();
    refusal.extend(body);
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_librarys_own_refusals_are_given_a_body() {
        assert!(shaped(b"HTTP/1.1 200 OK\r\n\r\n").is_none());
        assert!(
            shaped(b"HTTP/1.1 400 Bad Request\r\nX-Request-Id: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .is_none()
        );
        assert!(shaped(b"{\"HTTP/1.1 414\"}").is_none());
        assert!(shaped(b"HTTP/1.1 414 is what a body may say").is_none());
        assert!(shaped(b"HTTP/1.1 414 URI Too Long\r\ncontent-length: 0\r\nconnection: close\r\n\r\nmore").is_none());
        let refusal = String::from_utf8(
            shaped(b"HTTP/1.1 414 URI Too Long\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap(),
        )
        .unwrap();
        let (head, body) = refusal.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}", body.len())), "{head}");
        assert!(body.contains("\"code\":\"request.url_too_long\""), "{body}");
    }
}

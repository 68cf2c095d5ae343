//! What of a request's body nobody has read when its answer is ready: a refusal needs the head alone.
//!
//! The HTTP library closes a connection whose next request would begin amid a body that has not arrived. A client that sends
//! head and body in two packets would then find its connection gone, now and then, and could not tell why. So what is left of
//! a body of a usual size is waited for and thrown away.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    http::{Request, header},
};
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};

/// Bytes that are thrown away at most: whoever sends more is better told by a closed connection.
const MOST: u64 = 256 * 1024;
/// A body that is on its way is here by then.
const PATIENCE: Duration = Duration::from_millis(500);

/// The body of a request, with whoever reads it and with whoever throws the rest away.
#[derive(Clone)]
pub struct Unread(Arc<Mutex<Body>>);

impl Unread {
    /// Keeps hold of a request's body, if it has one that will come by itself.
    pub fn of(request: &mut Request<Body>) -> Option<Self> {
        // With `Expect: 100-continue` it is reading that asks for the body.
        if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
            return None;
        }
        let unread = Self(Arc::new(Mutex::new(std::mem::take(request.body_mut()))));
        *request.body_mut() = Body::new(unread.clone());
        Some(unread)
    }

    /// Throws away what is left.
    pub async fn skip(mut self) {
        if self.is_end_stream() || self.size_hint().lower() > MOST {
            return;
        }
        let mut skipped = 0;
        let skip = async {
            while let Some(Ok(frame)) = self.frame().await {
                skipped += frame.data_ref().map_or(0, |data| data.len() as u64);
                if skipped > MOST {
                    break;
                }
            }
        };
        // What is not here by then is not waited for, and the connection is closed.
        let _ = tokio::time::timeout(PATIENCE, skip).await;
    }

    fn with<T>(&self, look: impl FnOnce(Pin<&mut Body>) -> T) -> T {
        look(Pin::new(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.with(|body| body.poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.with(|body| body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        self.with(|body| body.size_hint())
    }
}

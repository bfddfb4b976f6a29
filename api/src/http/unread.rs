//! Reads off what a refused request still sends.
//!
//! A server that answers and closes while a body is on its way resets the connection, and the client may see a broken pipe in place
//! of its `401` or `413`. So the rest of a body is read off, and thrown away, before the answer goes out: up to a bound.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;

/// How much of a body is read off at most.
const MOST_BYTES: usize = 64 * 1024 * 1024;
/// How long reading off may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// A body that stays with us while a handler reads it.
struct Lent(Arc<Mutex<Body>>);

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .size_hint()
    }
}

/// Runs a request, then reads off what it left unread.
pub(super) async fn read_off(request: Request, next: Next) -> Response {
    // Who waits to be asked for the body has sent none.
    let waits = request.headers().contains_key(header::EXPECT);
    let (parts, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body));
    let response = next
        .run(Request::from_parts(
            parts,
            Body::new(Lent(Arc::clone(&body))),
        ))
        .await;
    if !waits {
        let mut rest = std::mem::take(&mut *body.lock().unwrap_or_else(PoisonError::into_inner));
        if !rest.is_end_stream() {
            let mut left = MOST_BYTES;
            let reading = async {
                while let Some(Ok(frame)) = rest.frame().await {
                    left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
                    if left == 0 {
                        return;
                    }
                }
            };
            // Whether the rest came in time or not, the answer goes out now.
            let _ = tokio::time::timeout(PATIENCE, reading).await;
        }
    }
    response
}

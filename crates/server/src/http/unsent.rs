//! Answers that were made and not taken yet. They are in memory for as long as their clients take
//! nothing of them, so the more there are, the less patience there is with who is slow.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body as HttpBody;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// From so many bytes on, who takes nothing is given up soon.
const BYTES_MAX: usize = 64 << 20;
/// How soon.
const PRESSED_WAIT: Duration = Duration::from_secs(1);

/// Bytes of all answers of this process that hyper holds.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// How long a client may take nothing, if it may so long when there is room.
pub(super) fn patience(wait: Duration) -> Duration {
    if HELD.load(Ordering::Relaxed) > BYTES_MAX { wait.min(PRESSED_WAIT) } else { wait }
}

/// Bytes that are counted for as long as somebody holds them.
struct Held(Bytes);

impl Held {
    fn new(bytes: Bytes) -> Self {
        HELD.fetch_add(bytes.len(), Ordering::Relaxed);
        Self(bytes)
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        HELD.fetch_sub(self.0.len(), Ordering::Relaxed);
    }
}

/// A body whose bytes are counted from when they are handed out until they were sent.
struct Counted(HttpBody);

/// Counts a body's bytes until they were sent.
pub(super) fn counted(body: HttpBody) -> HttpBody {
    HttpBody::new(Counted(body))
}

impl Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.0).poll_frame(cx);
        frame.map_ok(|frame| frame.map_data(|bytes| Bytes::from_owner(Held::new(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[test]
    fn bytes_count_until_nobody_holds_them() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let wait = Duration::from_secs(20);
        let body = counted(HttpBody::from(vec![0; BYTES_MAX + (1 << 20)]));
        assert_eq!(body.size_hint().exact(), Some((BYTES_MAX + (1 << 20)) as u64), "the answer still tells its length");
        let bytes = runtime.block_on(body.collect()).unwrap().to_bytes();
        assert_eq!(patience(wait), PRESSED_WAIT);
        assert_eq!(patience(Duration::from_millis(5)), Duration::from_millis(5));
        drop(bytes);
        assert_eq!(patience(wait), wait);
    }
}

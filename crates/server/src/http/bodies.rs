//! The bodies that are being read, within a bound for all of them and one for each caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body as HttpBody;
use bytes::{Bytes, BytesMut};
use clinicos_contract::{Problem, problem};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;

/// How long a client may take to send its body.
pub const BODY_SECONDS_MAX: u64 = 30;
/// Most bytes of all bodies that are held at once.
pub const BYTES_MAX: usize = 128 << 20;
/// Most of them for one credential.
pub const BYTES_PER_CALLER_MAX: usize = 16 << 20;

/// What is held.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    held: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_caller: HashMap<u64, usize>,
}

/// The room of one body; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    all: Arc<Bodies>,
    caller: u64,
    bytes: usize,
}

impl Bodies {
    /// No room yet, for a caller who is told from others by this number.
    pub(super) fn room(self: &Arc<Self>, caller: u64) -> Held {
        Held { all: self.clone(), caller, bytes: 0 }
    }

    /// Nothing that holds the lock can panic.
    fn held(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Takes room for more bytes, if there is any.
    fn grow(&mut self, bytes: usize) -> bool {
        let mut held = self.all.held();
        let own = held.by_caller.get(&self.caller).copied().unwrap_or_default();
        if held.total + bytes > BYTES_MAX || own + bytes > BYTES_PER_CALLER_MAX {
            return false;
        }
        held.total += bytes;
        held.by_caller.insert(self.caller, own + bytes);
        drop(held);
        self.bytes += bytes;
        true
    }

    /// Reads a body of at most so many bytes.
    pub(super) async fn read(&mut self, body: HttpBody, bytes_max: usize) -> Result<Bytes, Problem> {
        let slow = || Problem::new(&problem::SLOW_BODY, format!("the body took longer than {BODY_SECONDS_MAX} seconds"));
        let wait = Duration::from_secs(BODY_SECONDS_MAX);
        tokio::time::timeout(wait, self.collect(body, bytes_max)).await.unwrap_or_else(|_| Err(slow()))
    }

    async fn collect(&mut self, mut body: HttpBody, bytes_max: usize) -> Result<Bytes, Problem> {
        // What says its length is not waited for, and takes no room.
        if body.size_hint().lower() > bytes_max as u64 {
            return Err(too_large(bytes_max));
        }
        let mut all = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| broken(&error))?;
            // Trailers say nothing here.
            let Ok(data) = frame.into_data() else { continue };
            if all.len() + data.len() > bytes_max {
                return Err(too_large(bytes_max));
            }
            if !self.grow(data.len()) {
                let mut problem = Problem::new(&problem::UNAVAILABLE, "too many bodies are on their way; send this one again");
                problem.retry_after_s = Some(1);
                return Err(problem);
            }
            all.extend_from_slice(&data);
        }
        Ok(all.freeze())
    }
}

fn too_large(bytes_max: usize) -> Problem {
    Problem::new(&problem::TOO_LARGE, format!("the body is larger than {bytes_max} bytes")).about("", "too_long")
}

/// Why a body cannot be read to its end: what divides it cannot be read, or it ended before that.
fn broken(error: &axum::Error) -> Problem {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(one) = cause {
        let kind = one.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        if matches!(kind, Some(std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData)) {
            let detail = "the body comes in chunks, and one of them is not written as it must be: its size in hexadecimal digits, a \
                          line break, as many bytes, and a line break";
            return Problem::new(&problem::MALFORMED, detail).about("", "chunk");
        }
        cause = one.source();
    }
    Problem::new(&problem::MALFORMED, "the body ended before it was complete").about("", "incomplete")
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let mut held = self.all.held();
        held.total = held.total.saturating_sub(self.bytes);
        match held.by_caller.remove(&self.caller) {
            Some(own) if own > self.bytes => drop(held.by_caller.insert(self.caller, own - self.bytes)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_slow_is_told_so() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let endless = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let bodies = Arc::<Bodies>::default();
        let read = runtime.block_on(bodies.room(1).read(HttpBody::from_stream(endless), 1 << 20));
        assert_eq!(read.unwrap_err().code, &problem::SLOW_BODY);
    }

    /// Whoever says that it will send too much is told at once, though nothing of it has come.
    #[test]
    fn a_length_that_is_too_large_is_not_waited_for() {
        struct Promised;
        impl hyper::body::Body for Promised {
            type Data = Bytes;
            type Error = std::io::Error;
            fn poll_frame(
                self: std::pin::Pin<&mut Self>,
                _cx: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Result<hyper::body::Frame<Bytes>, std::io::Error>>> {
                std::task::Poll::Pending
            }
            fn size_hint(&self) -> hyper::body::SizeHint {
                hyper::body::SizeHint::with_exact(1 << 30)
            }
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let bodies = Arc::<Bodies>::default();
        let problem = runtime.block_on(bodies.room(1).read(HttpBody::new(Promised), 1 << 20)).unwrap_err();
        assert_eq!((problem.code, problem.errors[0].code), (&problem::TOO_LARGE, "too_long"));
    }

    #[test]
    fn one_caller_cannot_take_the_room_of_others() {
        let bodies = Arc::<Bodies>::default();
        let mut greedy: Vec<Held> = (0..16).map(|_| bodies.room(1)).collect();
        assert!(greedy.iter_mut().all(|held| held.grow(1 << 20)));
        assert!(!bodies.room(1).grow(1), "its room is taken");
        let mut others: Vec<Held> = (2..9).map(|caller| bodies.room(caller)).collect();
        assert!(others.iter_mut().all(|held| held.grow(BYTES_PER_CALLER_MAX)));
        assert!(!bodies.room(99).grow(1), "all room is taken");
        greedy.pop();
        assert!(bodies.room(99).grow(1 << 20) && bodies.room(1).grow(1));
        drop((greedy, others));
        let left = bodies.held();
        assert_eq!((left.total, left.by_caller.len()), (0, 0));
    }
}

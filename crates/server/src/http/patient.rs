//! A stream that gives up on a client who takes nothing of what is sent to it: else the rest of
//! its answer would be held for as long as it likes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::unsent;

/// How often it is looked whether there is patience left.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A stream whose writes end in an error when nothing was taken for a while.
pub(super) struct Patient<S> {
    stream: S,
    wait: Duration,
    /// While a write waits: for how long already, and when to look again.
    stalled: Option<(Duration, Pin<Box<Sleep>>)>,
}

impl<S> Patient<S> {
    /// Waits so long for bytes to be taken.
    pub(super) fn new(stream: S, wait: Duration) -> Self {
        Self { stream, wait, stalled: None }
    }

    /// What came of a write; a wait that takes too long becomes an error.
    fn bounded<T>(&mut self, written: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let look = self.wait.min(LOOK_EVERY);
        let (waited, timer) = self.stalled.get_or_insert_with(|| (Duration::ZERO, Box::pin(tokio::time::sleep(look))));
        loop {
            ready!(timer.as_mut().poll(cx));
            *waited += look;
            if *waited >= unsent::patience(self.wait) {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, "the client took nothing for too long")));
            }
            timer.set(tokio::time::sleep(look));
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.bounded(written, cx)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.bounded(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        self.bounded(flushed, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let ended = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.bounded(ended, cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::*;

    #[test]
    fn who_takes_nothing_is_given_up_and_who_takes_slowly_is_not() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (ours, theirs) = tokio::io::duplex(8);
            let mut patient = Patient::new(ours, Duration::from_millis(20));
            let error = patient.write_all(&[0; 64]).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
            drop(theirs);

            let (ours, mut theirs) = tokio::io::duplex(8);
            let mut patient = Patient::new(ours, Duration::from_secs(600));
            let (sent, taken) = tokio::join!(async { patient.write_all(&[7; 64]).await }, async {
                let mut all = [0; 64];
                tokio::io::AsyncReadExt::read_exact(&mut theirs, &mut all).await.map(|_| all)
            });
            sent.unwrap();
            assert_eq!(taken.unwrap(), [7; 64]);
        });
    }
}

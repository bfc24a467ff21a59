//! Requests that the parser cannot read. It answers them by itself, with a status and nothing else, and
//! tells nobody. So its answer is held back, and the router answers in its place: with a problem, and an
//! entry in the journal.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body as HttpBody;
use bytes::Bytes;
use clinicos_contract::{Problem, problem};
use http::Response;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};

/// Most bytes that are read and dropped behind a request that nobody could read, and for how long: who
/// is still sending would not hear the answer otherwise.
const DROPPED_BYTES_MAX: u64 = 1 << 20;
const DROPPED_WAIT: Duration = Duration::from_secs(2);
/// Statuses that the parser answers with.
const STATUSES: [u16; 3] = [400, 414, 431];

/// What the parser would have answered a request with that it could not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unread(pub(super) u16);

impl Unread {
    /// A head that is none.
    pub(super) const HEAD: Self = Self(400);

    /// The same as a problem.
    pub(super) fn problem(self) -> Problem {
        match self.0 {
            414 => Problem::new(&problem::URI_TOO_LONG, "the request line is longer than any that is taken"),
            431 => Problem::new(
                &problem::HEAD_TOO_LARGE,
                "the request's head is larger, or has more headers, than any that is taken",
            ),
            _ => Problem::new(
                &problem::MALFORMED,
                "the request's head is not HTTP/1.1: its first line must be a method, a target and `HTTP/1.1`, and each line behind \
                 it a name, a colon and a value",
            ),
        }
    }
}

const IDLE: u8 = 0;
const ANSWERING: u8 = 1;
const ANSWERED: u8 = 2;

/// Whether a call of a connection is being answered.
#[derive(Debug, Default)]
pub(super) struct Calls(AtomicU8);

impl Calls {
    /// A call begins.
    pub(super) fn begin(&self) {
        self.0.store(ANSWERING, Ordering::Relaxed);
    }

    /// Its answer, which ends it once all of it was handed out.
    pub(super) fn until_sent(self: Arc<Self>, answer: Response<HttpBody>) -> Response<HttpBody> {
        answer.map(|body| HttpBody::new(Watched { body, calls: self }))
    }

    /// Everything that was handed out was sent.
    fn sent(&self) {
        let _ = self.0.compare_exchange(ANSWERED, IDLE, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Whether nothing of any answer is left to be sent.
    pub(super) fn are_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == IDLE
    }
}

struct Watched {
    body: HttpBody,
    calls: Arc<Calls>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.calls.0.store(ANSWERED, Ordering::Relaxed);
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that holds back what the parser answers by itself, and is closed by whoever made it.
pub(super) struct Overheard<S> {
    stream: S,
    calls: Arc<Calls>,
    unread: Option<Unread>,
}

impl<S> Overheard<S> {
    pub(super) fn new(stream: S, calls: Arc<Calls>) -> Self {
        Self { stream, calls, unread: None }
    }

    /// The stream; and what was held back.
    pub(super) fn into_parts(self) -> (S, Option<Unread>) {
        (self.stream, self.unread)
    }

    /// Whether these bytes are held back. What an answer of the router holds never is, whatever it says.
    fn holds_back(&mut self, bytes: &[u8]) -> bool {
        if self.calls.are_over() && self.unread.is_none() {
            self.unread = of_the_parser(bytes);
            return self.unread.is_some();
        }
        false
    }
}

/// The status of an answer that is the parser's own: no other one has neither a body nor headers of ours.
fn of_the_parser(bytes: &[u8]) -> Option<Unread> {
    let head = std::str::from_utf8(bytes).ok()?.strip_suffix("\r\n\r\n")?;
    let (first, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let status = first.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok().filter(|status| STATUSES.contains(status))?;
    let is_plain = |line: &str| {
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        line.eq_ignore_ascii_case("content-length: 0") || name == "connection" || name == "date"
    };
    headers.split("\r\n").all(is_plain).then_some(Unread(status))
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Overheard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.holds_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        if let [one] = parts
            && self.holds_back(one)
        {
            return Poll::Ready(Ok(one.len()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if flushed.is_ready() {
            self.calls.sent();
        }
        flushed
    }

    /// It is closed once the router answered in the parser's place.
    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

/// Sends an answer as the last one of a connection.
pub(super) async fn answer(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), answer: Response<HttpBody>) -> io::Result<()> {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != http::header::CONTENT_LENGTH) {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("connection: close\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(&body);
    stream.write_all(&bytes).await?;
    stream.shutdown().await?;
    let mut sink = tokio::io::sink();
    let rest = stream.take(DROPPED_BYTES_MAX);
    tokio::pin!(rest);
    // Whoever goes on for longer is not waited for.
    match tokio::time::timeout(DROPPED_WAIT, tokio::io::copy(&mut rest, &mut sink)).await {
        Ok(copied) => copied.map(drop),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_parser_says_by_itself_is_held_back() {
        let date = "date: Fri, 27 Nov 2026 07:16:23 GMT";
        let of = |head: &str| of_the_parser(head.as_bytes()).map(|unread| unread.0);
        assert_eq!(
            of(&format!("HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n{date}\r\n\r\n")),
            Some(400)
        );
        assert_eq!(
            of(&format!("HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\n{date}\r\n\r\n")),
            Some(431)
        );
        for other in [
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\nx-request-id: r\r\ncontent-length: 0\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 7\r\n\r\n",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\nmore",
            "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }

    /// What somebody stored may look like anything: it is sent as it is.
    #[tokio::test]
    async fn what_an_answer_holds_is_never_held_back() {
        let head = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
        let (ours, mut theirs) = tokio::io::duplex(1 << 10);
        let calls = Arc::new(Calls::default());
        let mut heard = Overheard::new(ours, calls.clone());
        calls.begin();
        let answered = calls.clone().until_sent(Response::new(HttpBody::empty()));
        heard.write_all(head).await.unwrap();
        drop(answered);
        heard.write_all(head).await.unwrap();
        heard.flush().await.unwrap();
        heard.write_all(head).await.unwrap();
        let (stream, unread) = heard.into_parts();
        drop(stream);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        assert_eq!((sent.len(), unread), (2 * head.len(), Some(Unread(400))), "only the last one is the parser's");
    }
}

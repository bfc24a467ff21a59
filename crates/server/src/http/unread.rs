//! Requests that the parser cannot read. It answers them by itself, with a status and nothing else, and
//! tells nobody. So its answer is held back, and the router answers in its place: with a problem, and an
//! entry in the journal.

use std::io::{self, IoSlice};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
/// Most bytes of what the parser answers: a status and two or three headers.
const SAID_BYTES_MAX: usize = 512;
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
            414 => Problem::new(&problem::URI_TOO_LONG, "the request line is longer than any that is taken").about("path", "too_long"),
            431 => Problem::new(
                &problem::HEAD_TOO_LARGE,
                "the request's head is larger, or has more headers, than any that is taken, or its `Content-Length` is larger than any \
                 that is read",
            )
            .about("head", "too_long"),
            _ => Problem::new(
                &problem::MALFORMED,
                "the request's head is not HTTP/1.1: its first line must be a method, a target and `HTTP/1.1`, and each line behind \
                 it a name, a colon and a value; a `Content-Length` is one number, and a `Transfer-Encoding` is `chunked`",
            )
            .about("head", "format"),
        }
    }
}

const IDLE: u8 = 0;
const ANSWERING: u8 = 1;
const ANSWERED: u8 = 2;

/// Who is charged for a request that could not be read, if it is not the one at the other end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charged(pub(super) IpAddr);

impl Charged {
    /// Nobody who is known: a proxy passed it on, and whose it was stood in what could not be read. All of these share
    /// one bucket, and none of them is a caller's or the proxy's (decision 0040).
    pub(super) const NOBODY: Self = Self(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
}

/// Whether a call of a connection is being answered, and how its answer ends.
#[derive(Debug, Default)]
pub(super) struct Calls {
    state: AtomicU8,
    /// The last piece of the answer's body.
    last: Mutex<Bytes>,
}

impl Calls {
    /// A call begins.
    pub(super) fn begin(&self) {
        self.keep(Bytes::new());
        self.state.store(ANSWERING, Ordering::Relaxed);
    }

    /// Its answer, which ends it once all of it was handed out.
    pub(super) fn until_sent(self: Arc<Self>, answer: Response<HttpBody>) -> Response<HttpBody> {
        answer.map(|body| HttpBody::new(Watched { body, calls: self }))
    }

    /// Everything that was handed out was sent. Who asks nothing more does not hold the last answer.
    fn sent(&self) {
        if self.state.compare_exchange(ANSWERED, IDLE, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.keep(Bytes::new());
        }
    }

    /// Whether nothing of any answer is left to be sent.
    pub(super) fn are_over(&self) -> bool {
        self.state.load(Ordering::Relaxed) == IDLE
    }

    /// Whether nothing of an answer is left to be handed out.
    fn are_handed_out(&self) -> bool {
        self.state.load(Ordering::Relaxed) != ANSWERING
    }

    fn keep(&self, piece: Bytes) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = piece;
    }

    fn last(&self) -> Bytes {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

struct Watched {
    body: HttpBody,
    calls: Arc<Calls>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.calls.state.store(ANSWERED, Ordering::Relaxed);
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let Some(piece) = frame.data_ref().filter(|piece| !piece.is_empty())
        {
            self.calls.keep(piece.clone());
        }
        polled
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
    /// Whether what the parser said was seen behind bytes that are written first: then it is what is left.
    is_ahead: bool,
    was_told: bool,
}

impl<S> Overheard<S> {
    pub(super) fn new(stream: S, calls: Arc<Calls>) -> Self {
        Self { stream, calls, unread: None, is_ahead: false, was_told: false }
    }

    /// Whether something went out that may be what the parser said.
    pub(super) fn was_told(&self) -> bool {
        self.was_told
    }

    /// The stream; and what was held back.
    pub(super) fn into_parts(self) -> (S, Option<Unread>) {
        (self.stream, self.unread)
    }

    /// How many of these bytes are to be written now: those in front of what the parser said. `None` if it is all that
    /// is left, and is held back. It may stand behind answers that were not sent yet, in one write.
    fn about_to_write(&mut self, bytes: &[u8]) -> Option<usize> {
        if self.unread.is_some() || !self.calls.are_handed_out() {
            return Some(bytes.len());
        }
        let Some((at, unread)) = said_at_the_end(bytes) else { return Some(bytes.len()) };
        let (before, said) = bytes.split_at_checked(at).unwrap_or((bytes, &[]));
        if !self.is_ahead && !self.calls.are_over() && is_of_body(before, said, &self.calls.last()) {
            self.was_told = true;
            return Some(bytes.len());
        }
        if at == 0 {
            self.unread = Some(unread);
            return None;
        }
        self.is_ahead = true;
        Some(at)
    }
}

/// Whether what looks like the parser's may be the end of a body whose last piece is this: what an answer holds is
/// sent as it is, whatever it says.
fn is_of_body(before: &[u8], said: &[u8], last: &[u8]) -> bool {
    let looks_alike = !last.is_empty() && (last.ends_with(said) || said.ends_with(last));
    // Behind the whole of such a body it is the parser's all the same.
    looks_alike && !before.ends_with(last)
}

/// Where the bytes of an answer of the parser begin, if they end with one.
fn said_at_the_end(bytes: &[u8]) -> Option<(usize, Unread)> {
    const BEGINS: &[u8] = b"HTTP/1.1 ";
    let from = bytes.len().saturating_sub(SAID_BYTES_MAX);
    let end = bytes.get(from..).filter(|end| end.ends_with(b"\r\n\r\n"))?;
    let at = end.windows(BEGINS.len()).rposition(|window| window == BEGINS)?;
    Some((from + at, of_the_parser(end.get(at..)?)?))
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
        let Some(count) = self.about_to_write(bytes) else { return Poll::Ready(Ok(bytes.len())) };
        Pin::new(&mut self.stream).poll_write(cx, bytes.get(..count).unwrap_or(bytes))
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, cx: &mut Context<'_>, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        // What the parser says stands in the last part, whole: a head is written in one piece.
        let Some(at) = parts.iter().rposition(|part| !part.is_empty()) else { return Poll::Ready(Ok(0)) };
        let (front, last) = (parts.get(..at).unwrap_or_default(), parts.get(at).map(|part| &**part).unwrap_or_default());
        match self.about_to_write(last) {
            Some(count) if count == last.len() => Pin::new(&mut self.stream).poll_write_vectored(cx, parts),
            Some(count) => {
                let cut = last.get(..count).unwrap_or_default();
                let parts: Vec<IoSlice<'_>> = front.iter().map(|part| IoSlice::new(part)).chain([IoSlice::new(cut)]).collect();
                Pin::new(&mut self.stream).poll_write_vectored(cx, &parts)
            }
            None if front.iter().all(|part| part.is_empty()) => Poll::Ready(Ok(last.len())),
            None => {
                // What stands in front goes out first; this is asked again then.
                (self.unread, self.is_ahead) = (None, true);
                Pin::new(&mut self.stream).poll_write_vectored(cx, front)
            }
        }
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
        for (status, says) in [(400, "400 Bad Request\r\nconnection: close"), (431, "431 Request Header Fields Too Large")] {
            assert_eq!(of(&format!("HTTP/1.1 {says}\r\ncontent-length: 0\r\n{date}\r\n\r\n")), Some(status));
        }
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

    const SAID: &[u8] = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";

    /// What comes of writes that follow the answer of a call with this body: what was sent, what was held back, and
    /// whether something went out that may be the parser's.
    async fn after(body: &'static [u8], writes: &[&[u8]]) -> (Vec<u8>, Option<Unread>, bool) {
        let (ours, mut theirs) = tokio::io::duplex(1 << 12);
        let calls = Arc::new(Calls::default());
        let mut heard = Overheard::new(ours, calls.clone());
        calls.begin();
        let answer = calls.until_sent(Response::new(HttpBody::from(Bytes::from_static(body))));
        answer.into_body().collect().await.unwrap();
        for bytes in writes {
            heard.write_all(bytes).await.unwrap();
        }
        heard.flush().await.unwrap();
        let was_told = heard.was_told();
        let (stream, unread) = heard.into_parts();
        drop(stream);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        (sent, unread, was_told)
    }

    /// What somebody stored may look like anything: it is sent as it is.
    #[tokio::test]
    async fn what_an_answer_holds_is_never_held_back() {
        let (ours, mut theirs) = tokio::io::duplex(1 << 10);
        let calls = Arc::new(Calls::default());
        let mut heard = Overheard::new(ours, calls.clone());
        calls.begin();
        let answered = calls.clone().until_sent(Response::new(HttpBody::from(SAID)));
        heard.write_all(SAID).await.unwrap();
        answered.into_body().collect().await.unwrap();
        heard.write_all(SAID).await.unwrap();
        heard.flush().await.unwrap();
        heard.write_all(SAID).await.unwrap();
        let (stream, unread) = heard.into_parts();
        drop(stream);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        assert_eq!((sent.len(), unread), (2 * SAID.len(), Some(Unread(400))), "only the last one is the parser's");
    }

    /// A connection that is open and asks nothing more holds nothing of what it was told.
    #[tokio::test]
    async fn what_was_sent_is_let_go() {
        let (ours, _theirs) = tokio::io::duplex(1 << 10);
        let calls = Arc::new(Calls::default());
        let mut heard = Overheard::new(ours, calls.clone());
        let told: Arc<[u8]> = Arc::from(*b"hello");
        calls.begin();
        let answer = calls.clone().until_sent(Response::new(HttpBody::from(Bytes::from_owner(told.clone()))));
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        heard.write_all(&body).await.unwrap();
        drop(body);
        assert_eq!(Arc::strong_count(&told), 2, "as long as it may be on its way");
        heard.flush().await.unwrap();
        assert_eq!(Arc::strong_count(&told), 1);
    }

    /// Answers that were not sent yet may stand in front of what the parser says, in one write.
    #[tokio::test]
    async fn what_the_parser_says_behind_other_answers_is_held_back() {
        let head = b"HTTP/1.1 200 OK\r\nx-request-id: r\r\ncontent-length: 5\r\n\r\n";
        let answer = [head.as_slice(), b"hello"].concat();
        let held = Some(Unread(400));
        assert_eq!(after(b"hello", &[&[&*answer, SAID].concat()]).await, (answer.clone(), held, false));
        assert_eq!(after(b"hello", &[head, b"hello", SAID]).await, (answer, held, false));
        // A body that looks like it, with and without what the parser says behind it.
        let stored = [b"HTTP/1.1 200 OK\r\nx-request-id: r\r\n\r\n".as_slice(), SAID].concat();
        assert_eq!(after(SAID, &[&stored]).await, (stored.clone(), None, true));
        assert_eq!(after(SAID, &[&[&*stored, SAID].concat()]).await, (stored, held, false));
    }
}

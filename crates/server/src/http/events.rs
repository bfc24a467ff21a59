//! Changes as a stream of events: `Accept: text/event-stream` (HTML standard section 9.2).
//!
//! A stream is one call after another, each of which waits for something to happen: each is decided,
//! charged and journaled by the gate, and what it answers is sent down the same line. Nothing is read
//! before what was read earlier is on its way, so a slow reader waits for itself alone, and is given up
//! by its connection like any other that takes nothing.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use bytes::Bytes;
use clinicos_contract::query::encode;
use clinicos_gate::events::OpenStream;
use clinicos_gate::{Answer, Door, Next, Request};
use futures_util::stream::{self, StreamExt as _};
use http::Response;
use http::header::{ACCEPT, HeaderMap};

use super::adapter::{Adapter, Seen, respond};

/// How long a stream is, but for its last wait. Whoever goes on is told at once when to come back.
const STREAM_SECONDS_MAX: u64 = 600;
/// How long a call waits. Then the line is shown to be alive, and the caller to be still allowed.
const WAIT_S: u32 = 15;
/// Between one call and the next, so that a busy clinic costs few calls.
const PACE: Duration = Duration::from_millis(500);
/// When to come back, in milliseconds: at once, and after a refusal that does not say.
const BACK_AT_ONCE_MS: u64 = 100;
const BACK_AFTER_REFUSAL_MS: u64 = 30_000;
const LAST_EVENT_ID: &str = "last-event-id";

/// Whether a stream is asked for.
pub(super) fn are_wanted(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    let mut kinds = accepted.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    kinds.any(|kind| kind.eq_ignore_ascii_case("text/event-stream"))
}

/// Answers a call of an operation that follows changes, for as long as there may be more of them.
pub(super) async fn stream(adapter: &Adapter, request: Request, headers: &HeaderMap) -> Response<HttpBody> {
    let door = adapter.door.clone();
    let open = match door.begin_stream(&request.credential) {
        Ok(open) => open,
        Err(problem) => {
            let route = format!("GET {}", request.operation.spec().route.path);
            let Request { credential, origin, .. } = request;
            return adapter.refuse("http.stream", route, problem, Seen { credential, origin }).await;
        }
    };
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).filter(|id| !id.is_empty());
    let rest = without(&request.query, &["cursor", "wait"]);
    let first = match last {
        Some(id) => with_cursor(&rest, id),
        None => without(&request.query, &["wait"]),
    };
    let answer = door.call(Request { query: first, ..request.clone() }).await;
    let Some(next) = answer.next().cloned() else { return respond(answer) };
    let begun_ns = door.services().clock.monotonic_ns();
    let following =
        Following { door, request, rest, next, end_ns: begun_ns + STREAM_SECONDS_MAX * 1_000_000_000, open, is_over: false };
    let name = name_of(&answer);
    let mut response = respond(answer);
    let begun = std::mem::take(response.body_mut()).into_data_stream().map(|bytes| bytes.map_err(drop));
    let named = stream::iter([Ok(name)]).chain(begun);
    let all = named.chain(stream::unfold(following, Following::step).map(|bytes| bytes.map_err(|never| match never {})));
    *response.body_mut() =
        HttpBody::from_stream(all.map(|bytes| bytes.map_err(|()| std::io::Error::other("an answer broke off"))));
    response
}

/// A comment by which a batch is found in the log; it also shows that the line is alive.
fn name_of(answer: &Answer) -> Bytes {
    Bytes::from(format!(": {}\n", answer.request_id()))
}

/// A query without some of its pairs.
fn without(query: &str, names: &[&str]) -> String {
    let name = |pair: &str| pair.split('=').next().map(str::to_owned).unwrap_or_default();
    let kept = query.split('&').filter(|pair| !pair.is_empty() && !names.contains(&name(pair).as_str()));
    kept.collect::<Vec<_>>().join("&")
}

fn with_cursor(rest: &str, cursor: &str) -> String {
    let mut query = rest.to_owned();
    query.push_str(if rest.is_empty() { "cursor=" } else { "&cursor=" });
    encode(cursor, &mut query);
    query
}

/// A stream after its first batch.
struct Following {
    door: Arc<dyn Door>,
    /// What was asked for.
    request: Request,
    /// Its query, without where it began.
    rest: String,
    next: Next,
    end_ns: u64,
    /// Its room among all streams, for as long as it lasts.
    #[expect(dead_code, reason = "it is free again when this is dropped")]
    open: Option<OpenStream>,
    is_over: bool,
}

impl Following {
    /// The next batch, and what comes after it.
    async fn step(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if self.is_over {
            return None;
        }
        let is_stopping = self.rests_until_told().await;
        let clock = self.door.services().clock.clone();
        if is_stopping || clock.monotonic_ns() >= self.end_ns {
            self.is_over = true;
            return Some((Ok(Bytes::from(format!("retry: {BACK_AT_ONCE_MS}\n\n"))), self));
        }
        let mut query = with_cursor(&self.rest, &self.next.cursor);
        query.push_str(&format!("&wait={WAIT_S}"));
        let mut request = Request { query, ..self.request.clone() };
        request.origin.arrived_ns = clock.monotonic_ns();
        let answer = self.door.call(request).await;
        let mut sent = name_of(&answer).to_vec();
        match answer.next().cloned() {
            Some(next) => {
                self.next = next;
                sent.extend_from_slice(&answer.into_parts().1);
            }
            None => {
                self.is_over = true;
                refused(answer, &mut sent);
            }
        }
        Some((Ok(Bytes::from(sent)), self))
    }

    /// Rests a little, if there is nothing more yet. Tells whether the server stops.
    async fn rests_until_told(&self) -> bool {
        let pace = if self.next.more { Duration::ZERO } else { PACE };
        tokio::select! {
            biased;
            () = self.door.stopping() => true,
            () = tokio::time::sleep(pace) => false,
        }
    }
}

/// Tells of a refusal as the last event.
fn refused(answer: Answer, sent: &mut Vec<u8>) {
    let (headers, problem) = answer.into_parts();
    let after = headers.iter().find(|(name, _)| *name == "retry-after").and_then(|(_, seconds)| seconds.parse::<u64>().ok());
    let back_ms = after.map_or(BACK_AFTER_REFUSAL_MS, |seconds| seconds * 1_000);
    sent.extend_from_slice(b"event: problem\ndata: ");
    sent.extend_from_slice(&problem);
    sent.extend_from_slice(format!("\nretry: {back_ms}\n\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_stream_is_asked_for_by_its_type() {
        let wanted = |accept: &'static str| are_wanted(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]));
        assert!(wanted("text/event-stream") && wanted("application/json, Text/Event-Stream;q=0.9"));
        assert!(!wanted("*/*") && !wanted("application/json") && !wanted("text/event-streams") && !are_wanted(&HeaderMap::new()));
    }

    #[test]
    fn a_query_goes_on_from_another_cursor() {
        let query = "types=client&cursor=a&limit=3&wait=5";
        assert_eq!(with_cursor(&without(query, &["cursor", "wait"]), "b&c"), "types=client&limit=3&cursor=b%26c");
        assert_eq!(with_cursor(&without("", &["cursor"]), "b"), "cursor=b");
    }
}

//! A client that talks to a router in the same process.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use clinicos_contract::Method;
use clinicos_server::http::Peer;
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// A request that was not sent yet.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers, in order; one name can stand here twice.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
    /// The address that the connection came from.
    pub peer: Option<IpAddr>,
}

impl Call {
    /// A call without headers or body.
    pub fn new(method: &str, target: impl Into<String>) -> Self {
        Self { method: method.to_owned(), target: target.into(), headers: Vec::new(), body: Bytes::new(), peer: None }
    }

    /// A GET.
    pub fn get(target: impl Into<String>) -> Self {
        Self::new("GET", target)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets a header in place of those of the same name.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.header(name, value)
    }

    /// Takes a header away.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// A JSON body; a PATCH's is a merge patch.
    #[must_use]
    pub fn json(mut self, body: &Value) -> Self {
        let kind = if self.method == Method::Patch.name() { "application/merge-patch+json" } else { "application/json" };
        self.body = Bytes::from(body.to_string());
        self.set("content-type", kind)
    }

    /// Adds `name=value` to the query.
    #[must_use]
    pub fn query(mut self, pair: &str) -> Self {
        self.target.push(if self.target.contains('?') { '&' } else { '?' });
        self.target.push_str(pair);
        self
    }

    /// The body as JSON; null if there is none.
    pub fn body_json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// Sends it as it stands.
    pub async fn send(self, router: &Router) -> Reply {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.target);
        for (name, value) in &self.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        if let Some(peer) = self.peer {
            request = request.extension(Peer(peer));
        }
        let label = format!("{} {}", self.method, self.target);
        let response = router.clone().oneshot(request.body(Body::from(self.body)).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let is_lines = parts.headers.get("content-type").is_some_and(|kind| kind == "application/x-ndjson");
        let json = if is_lines { lines(&bytes) } else { serde_json::from_slice(&bytes) };
        let json = json.unwrap_or(Value::Null);
        Reply { label, status: parts.status.as_u16(), headers: parts.headers, json, bytes }
    }
}

/// A caller.
#[derive(Clone)]
pub struct As {
    pub(crate) router: Router,
    pub(crate) key: Option<String>,
    pub(crate) counter: Arc<AtomicU64>,
}

impl As {
    /// Sends a call with this caller's credential.
    pub async fn send(&self, call: Call) -> Reply {
        let call = match &self.key {
            Some(key) => call.set("authorization", format!("Bearer {key}")),
            None => call,
        };
        call.send(&self.router).await
    }

    /// The router, for calls without this caller's credential.
    pub fn router(&self) -> &Router {
        &self.router
    }

    /// GET.
    pub async fn get(&self, target: &str) -> Reply {
        self.send(Call::get(target)).await
    }

    /// POST with a new `Idempotency-Key`.
    pub async fn post(&self, target: &str, body: &Value) -> Reply {
        let call = Call::new("POST", target).header("idempotency-key", self.fresh_idempotency_key());
        self.send(if body.is_null() { call } else { call.json(body) }).await
    }

    /// PATCH of the version with this `ETag`.
    pub async fn patch(&self, target: &str, etag: &str, body: &Value) -> Reply {
        self.send(Call::new("PATCH", target).header("if-match", etag).json(body)).await
    }

    /// DELETE of the version with this `ETag`.
    pub async fn delete(&self, target: &str, etag: &str) -> Reply {
        self.send(Call::new("DELETE", target).header("if-match", etag)).await
    }

    /// An `Idempotency-Key` that was not used yet.
    pub fn fresh_idempotency_key(&self) -> String {
        format!("test-{}", self.fresh_number())
    }

    /// A number that was not used in this world.
    pub fn fresh_number(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::SeqCst)
    }
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Method and target of the call, for messages.
    pub label: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub json: Value,
    /// The body.
    pub bytes: Bytes,
}

impl Reply {
    /// Checks the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}", self.label, String::from_utf8_lossy(&self.bytes));
        self
    }

    /// Checks the status and the problem's code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.code(), code, "{}: {}", reply.label, reply.json);
        reply
    }

    /// The problem's code; empty if it is none.
    pub fn code(&self) -> &str {
        self.text("code")
    }

    /// A member of the body as text; empty if it is none.
    pub fn text(&self, name: &str) -> &str {
        self.json.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The record's id.
    pub fn id(&self) -> String {
        self.text("id").to_owned()
    }

    /// A header; empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The `ETag`.
    pub fn etag(&self) -> &str {
        self.header("etag")
    }

    /// The id under which the journal knows the request.
    pub fn request_id(&self) -> &str {
        self.header("x-request-id")
    }

    /// The records of a page.
    pub fn data(&self) -> &[Value] {
        self.json.get("data").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Status, headers and body with everything masked that differs between two answers to one
    /// question: request and decision id, `Date` and `RateLimit`.
    pub fn masked(&self) -> String {
        let request_id = self.request_id();
        let decision_id = request_id.replacen("req_", "dec_", 1);
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| !["date", "ratelimit", "x-request-id"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
            .collect();
        headers.sort();
        let body = String::from_utf8_lossy(&self.bytes).replace(request_id, "REQUEST").replace(&decision_id, "DECISION");
        format!("{}\n{}\n\n{body}", self.status, headers.join("\n"))
    }
}

/// Lines of JSON as a list.
fn lines(bytes: &[u8]) -> serde_json::Result<Value> {
    serde_json::Deserializer::from_slice(bytes).into_iter().collect::<serde_json::Result<Vec<Value>>>().map(Value::Array)
}

//! Calls of the door that the server makes for an import.

use bytes::Bytes;
use clinicos_gate::{Body, Credential, Door, Origin, Request};
use serde_json::Value;

/// A call of an operation.
#[derive(Clone)]
pub(super) struct Call<'c> {
    pub(super) operation: &'c str,
    pub(super) credential: Credential,
    pub(super) path: Vec<(&'static str, String)>,
    pub(super) query: String,
    pub(super) key: String,
    pub(super) body: Bytes,
}

impl Call<'_> {
    /// Makes it; gives the status, the seconds to wait before it is made again, if it says so, and what
    /// was answered.
    pub(super) async fn send(self, door: &dyn Door) -> (u16, Option<u64>, Value) {
        let Some(operation) = door.catalogue().find(self.operation) else { return (404, None, Value::Null) };
        let request = Request {
            operation,
            credential: self.credential,
            path: self.path,
            query: self.query,
            body: Body { bytes: self.body, content_type: Some("application/json".to_owned()), content_encoding: None },
            idempotency_key: Some(self.key),
            if_match: None,
            version: None,
            caused_by: None,
            as_events: false,
            origin: Origin {
                address: None,
                page: None,
                target: String::new(),
                arrived_ns: door.services().clock.monotonic_ns(),
                unattended: true,
            },
        };
        let answer = door.call(request).await;
        let status = answer.status();
        let (headers, bytes) = answer.into_parts();
        let wait = headers.iter().find(|(name, _)| *name == "retry-after").and_then(|(_, value)| value.parse().ok());
        (status, wait, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

/// What files hold, so that a text of a report may hold it: control characters that no text may have are
/// written as JSON escapes them. Within a text that is JSON itself they mean the same.
pub(super) fn tellable(value: Value) -> Value {
    match value {
        Value::String(text) => {
            let forbidden = |c: char| c.is_control() && !['\n', '\r', '\t'].contains(&c);
            let written = match text.contains(forbidden) {
                true => {
                    text.chars().map(|c| if forbidden(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }).collect()
                }
                false => text,
            };
            // White space alone says nothing, and no text may be so.
            Value::String(if !written.is_empty() && written.trim().is_empty() { format!("{written:?}") } else { written })
        }
        Value::Array(items) => items.into_iter().map(tellable).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, tellable(value))).collect(),
        other => other,
    }
}

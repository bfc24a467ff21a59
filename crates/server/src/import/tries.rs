//! Calls of an import that are made until they are answered for good: a server that is busy for a moment, or a budget
//! that is spent, ends no import.

use std::time::Duration;

use clinicos_gate::Door;
use clinicos_store::Store;
use serde_json::Value;
use tokio::sync::watch;

use super::behalf::check;
use super::call::Call;
use super::rows::Waiting;

/// Tries of a call before the import is given up.
const TRIES_MAX: u32 = 600;
/// Longest wait before the next try. A stop or a cancel is seen within a second.
const WAIT_MAX_S: u64 = 60;

/// Where they are made, and what ends them.
pub(super) struct Tries<'t> {
    pub(super) door: &'t dyn Door,
    pub(super) store: &'t Store,
    pub(super) waiting: &'t Waiting,
    pub(super) stop: watch::Receiver<bool>,
}

impl Tries<'_> {
    /// Makes a call until it is answered with something else than that it may be made again; gives the status and the
    /// answer. Each try is the same call: what it did already, it does not do again.
    pub(super) async fn answer(mut self, call: &Call<'_>) -> anyhow::Result<(u16, Value)> {
        let mut last = (0, Value::Null);
        for _ in 0..TRIES_MAX {
            let (status, wait, body) = call.clone().send(self.door).await;
            if !matches!(status, 409 | 429 | 503) {
                return Ok((status, body));
            }
            last = (status, body);
            for _ in 0..wait.unwrap_or(1).clamp(1, WAIT_MAX_S) {
                let _ = tokio::time::timeout(Duration::from_secs(1), self.stop.wait_for(|stop| *stop)).await;
                // Whatever came between, an import that was cancelled writes no more.
                check(self.store, self.waiting, &self.stop).await?;
            }
        }
        let (status, body) = last;
        anyhow::bail!(given_up(call.operation, status, &body))
    }
}

/// What is said of a call that was made often enough: the last answer, whatever it was about.
fn given_up(operation: &str, status: u16, body: &Value) -> String {
    let detail = body.get("detail").and_then(Value::as_str).unwrap_or("the server was busy for too long");
    format!("{detail} ({operation} was answered {status}, the last of {TRIES_MAX} times)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_an_import_is_what_was_said_last() {
        let body = serde_json::json!({"detail": "the journal cannot be written"});
        let told = given_up("clients.import", 503, &body);
        assert_eq!(told, "the journal cannot be written (clients.import was answered 503, the last of 600 times)");
        assert!(given_up("imports.report", 429, &Value::Null).starts_with("the server was busy for too long (imports.report"));
    }
}

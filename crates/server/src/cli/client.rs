//! How the command line reaches the door: through the control socket of a running server, else
//! through a door of its own over the same directory. Either way it calls declared operations as
//! the operator, and leaves the same audit entries.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use clinicos_contract::{Timestamp, source};
use clinicos_gate::limits::Policy;
use clinicos_gate::{Door, Environment, keyring};
use clinicos_store::Store;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::UnixStream;
use tower::ServiceExt as _;

use super::{Place, System};
use crate::compose::{self, Settings};
use crate::data_dir::{DataDir, Lock};
use crate::http::{Who, router};

/// A way to the door, as the operator.
pub struct Client {
    way: Way,
    system: System,
    kept_base_url: Option<String>,
    environment: Environment,
}

enum Way {
    Socket(std::path::PathBuf),
    Own {
        router: Router,
        public: Router,
        store: Store,
        _lock: Lock,
    },
    /// A door that this process serves.
    Beside(Router),
}

/// A call that the door refused, with what it said.
#[derive(Debug, thiserror::Error)]
#[error("{}", refusal(&.0))]
pub struct Refused(Value);

impl Refused {
    /// Whether there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.0.get("code").and_then(Value::as_str) == Some("not_found")
    }
}

/// The server went away before it answered.
#[derive(Debug, thiserror::Error)]
#[error("the server ended, or was ended, before it answered")]
pub struct Gone(#[source] hyper::Error);

/// A request before it has a body.
pub struct Sent {
    head: http::request::Builder,
    body: Bytes,
}

/// A request for an operation.
pub fn request(method: &str, target: &str, body: Option<&Value>, idempotency_key: &str) -> Sent {
    outgoing(method, target, Bytes::from(body.map(Value::to_string).unwrap_or_default()), idempotency_key)
}

fn outgoing(method: &str, target: &str, body: Bytes, idempotency_key: &str) -> Sent {
    let head = Request::builder().method(method).uri(target).header("host", "localhost");
    let head = head.header("content-type", "application/json").header("idempotency-key", idempotency_key);
    Sent { head, body }
}

/// Sends it to a door of this process, with a key if there is one.
pub async fn send(router: &Router, key: Option<&str>, sent: Sent) -> anyhow::Result<(http::StatusCode, Bytes)> {
    let head = match key {
        Some(key) => sent.head.header("authorization", format!("Bearer {key}")),
        None => sent.head,
    };
    let response = router.clone().oneshot(head.body(Body::from(sent.body))?).await?;
    Ok((response.status(), response.into_body().collect().await?.to_bytes()))
}

impl Client {
    /// Finds the way.
    pub async fn open(place: &Place, system: System) -> anyhow::Result<Self> {
        let (dir, keyring) = DataDir::open(&place.data_dir, place.database_url.clone())?;
        let environment = dir.environment();
        let Some(lock) = dir.lock()? else {
            return Ok(Self { way: Way::Socket(dir.control_socket()), system, kept_base_url: None, environment });
        };
        let store = open_store(&dir, &system).await?;
        let settings = Settings {
            clock: system.clock.clone(),
            entropy: system.entropy.clone(),
            keyring,
            environment,
            base_url: String::new(),
            limits: Policy::DEFAULT,
            files: place.documents.place(&dir, &system.entropy)?,
        };
        let gate = compose::open_gate(settings, store.clone()).await?;
        let gate: Arc<dyn Door> = Arc::new(gate);
        let (router, public) = (router(gate.clone(), Who::Operator), router(gate, Who::Anyone));
        Ok(Self { way: Way::Own { router, public, store, _lock: lock }, system, kept_base_url: dir.kept_base_url(), environment })
    }

    /// By a door that this process serves.
    pub fn beside(door: Arc<dyn Door>, system: System) -> Self {
        let environment = door.services().environment;
        Self { way: Way::Beside(router(door, Who::Operator)), system, kept_base_url: None, environment }
    }

    /// Calls an operation; a refusal becomes an error that says why.
    pub async fn call(&self, method: &str, target: &str, body: Option<&Value>) -> anyhow::Result<Value> {
        self.answered(request(method, target, body, &self.nonce())).await
    }

    /// Calls an operation with a body as it stands and an idempotency key of the caller's own.
    pub async fn post(&self, target: &str, key: &str, body: Bytes) -> anyhow::Result<Value> {
        self.answered(outgoing("POST", target, body, key)).await
    }

    /// Changes a record of which this version was read.
    pub async fn change(&self, target: &str, version: i64, body: &Value) -> anyhow::Result<Value> {
        let Sent { head, body } = request("PATCH", target, Some(body), &self.nonce());
        self.answered(Sent { head: head.header("if-match", format!("\"{version}-00000000\"")), body }).await
    }

    /// Calls an operation; gives the status and the answer, whatever they are.
    pub async fn ask(&self, target: &str, key: &str, body: Bytes) -> anyhow::Result<(u16, Value)> {
        let (status, answer) = self.sent(outgoing("POST", target, body, key)).await?;
        Ok((status.as_u16(), serde_json::from_slice(&answer)?))
    }

    /// How many calls of the server panicked since it was started.
    pub async fn panics(&self) -> anyhow::Result<u64> {
        let (_, answer) = self.sent(request("GET", "/health/live", None, &self.nonce())).await?;
        let answer: Value = serde_json::from_slice(&answer)?;
        answer.get("panics").and_then(Value::as_u64).context("the server does not count them")
    }

    /// Reads lines of records, as they stand.
    pub async fn lines(&self, target: &str) -> anyhow::Result<Bytes> {
        let (status, answer) = self.sent(request("GET", target, None, &self.nonce())).await?;
        if status.is_success() {
            return Ok(answer);
        }
        Err(Refused(serde_json::from_slice(&answer)?).into())
    }

    /// Whether the server that was asked is there no more.
    pub async fn is_gone(&self) -> bool {
        match &self.way {
            Way::Socket(path) => UnixStream::connect(path).await.is_err(),
            Way::Own { .. } | Way::Beside(_) => false,
        }
    }

    /// Live or sandbox.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    async fn sent(&self, request: Sent) -> anyhow::Result<(http::StatusCode, Bytes)> {
        match &self.way {
            Way::Own { router, .. } | Way::Beside(router) => send(router, None, request).await,
            Way::Socket(path) => through_socket(path, request.head.body(Full::new(request.body))?).await,
        }
    }

    async fn answered(&self, request: Sent) -> anyhow::Result<Value> {
        let (status, answer) = self.sent(request).await?;
        let value: Value = if answer.is_empty() { Value::Null } else { serde_json::from_slice(&answer)? };
        if status.is_success() {
            return Ok(value);
        }
        Err(Refused(value).into())
    }

    /// Calls an operation with a key, by the way that anybody can come, and says how it was
    /// answered, and with what. Only for a door of its own.
    pub async fn call_with(
        &self,
        key: &str,
        method: &str,
        target: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(http::StatusCode, Bytes)> {
        let Way::Own { public, .. } = &self.way else { bail!("the data directory is being served") };
        send(public, Some(key), request(method, target, body, &self.nonce())).await
    }

    /// The time, by the clock of this program.
    pub fn now(&self) -> Timestamp {
        self.system.clock.now()
    }

    /// A random text.
    pub fn nonce(&self) -> String {
        keyring::to_hex(&source::random::<16>(&*self.system.entropy))
    }

    /// Where the server is reached: as it says itself, if it runs, else where it was last.
    pub async fn base_url(&self) -> anyhow::Result<Option<String>> {
        if let Way::Own { .. } = self.way {
            return Ok(self.kept_base_url.clone());
        }
        let document = self.call("GET", "/v1/openapi.json", None).await?;
        Ok(document.pointer("/servers/0/url").and_then(Value::as_str).map(str::to_owned))
    }

    /// Every record of a list.
    pub async fn list(&self, target: &str) -> anyhow::Result<Vec<Value>> {
        let (mut records, mut cursor) = (Vec::new(), None::<String>);
        let join = if target.contains('?') { '&' } else { '?' };
        loop {
            let page = match &cursor {
                None => self.call("GET", target, None).await?,
                Some(cursor) => self.call("GET", &format!("{target}{join}cursor={cursor}"), None).await?,
            };
            records.extend(page.get("data").and_then(Value::as_array).cloned().unwrap_or_default());
            match page.get("next_cursor").and_then(Value::as_str) {
                Some(next) => cursor = Some(next.to_owned()),
                None => return Ok(records),
            }
        }
    }

    /// Closes the store, if it is this client's own.
    pub async fn close(self) -> anyhow::Result<()> {
        match self.way {
            Way::Own { store, .. } => Ok(store.close().await?),
            Way::Socket(_) | Way::Beside(_) => Ok(()),
        }
    }
}

/// Opens the store of a data directory.
pub async fn open_store(dir: &DataDir, system: &System) -> anyhow::Result<Store> {
    let options = clinicos_store::store::Options {
        location: dir.location()?,
        environment: dir.environment().name().to_owned(),
        clock: system.clock.clone(),
        faults: None,
    };
    Store::open(options).await.context("the database cannot be opened")
}

async fn through_socket(path: &Path, request: Request<Full<Bytes>>) -> anyhow::Result<(http::StatusCode, Bytes)> {
    let stream = UnixStream::connect(path)
        .await
        .with_context(|| format!("another process holds the data directory, but does not answer at `{}`", path.display()))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(Gone)?;
    let driven = tokio::spawn(connection);
    let response = sender.send_request(request).await.map_err(Gone)?;
    let status = response.status();
    let bytes = response.into_body().collect().await.map_err(Gone)?.to_bytes();
    driven.abort();
    Ok((status, bytes))
}

/// What was refused, in the words of the command line: it knows options, where the door names members.
fn refusal(problem: &Value) -> String {
    let detail = problem.get("detail").and_then(Value::as_str).unwrap_or("the call was refused");
    let errors = problem.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if errors.is_empty() {
        return detail.to_owned();
    }
    let told = errors.iter().map(|error| {
        let part = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or_default();
        format!("{}: {}", option_of(part("pointer")), part("detail"))
    });
    told.collect::<Vec<_>>().join("\n  ")
}

/// Members that options give, and the options.
const OPTIONS: [(&str, &str); 15] = [
    ("email", "--email"),
    ("name", "--name"),
    ("role", "--role"),
    ("reason", "--reason"),
    ("purpose", "--purpose"),
    ("run_by", "--run-by"),
    ("expires_at", "--expires-at"),
    ("overlap_hours", "--overlap-hours"),
    ("currency", "--currency"),
    ("scopes", "--scope"),
    ("allowed_addresses", "--allow"),
    ("browser_origins", "--browser-origin"),
    ("organization_id", "--organization"),
    ("timezone", "--time-zone"),
    ("address", "--country"),
];

/// The option that a member of a body was given by, such as `--email` for `/email`; the way to the
/// member in words, if none gives it.
fn option_of(pointer: &str) -> String {
    let path = pointer.trim_start_matches('/');
    let member = path.split('/').next().unwrap_or_default();
    match OPTIONS.iter().find(|(known, _)| *known == member) {
        Some((_, option)) => (*option).to_owned(),
        None => path.replace(['_', '/'], " "),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_names_options() {
        let errors = json!([
            {"pointer": "/email", "detail": "must be an address"},
            {"pointer": "/allowed_addresses/1", "detail": "must be a network"},
            {"pointer": "/expires_at", "detail": "must be later"},
            {"pointer": "/rows/3/unit_price", "detail": "must be given"},
        ]);
        let told = refusal(&json!({"detail": "the body breaks rules", "errors": errors}));
        assert_eq!(
            told,
            "--email: must be an address\n  --allow: must be a network\n  --expires-at: must be later\n  rows 3 unit price: must be given"
        );
        assert_eq!(refusal(&json!({"detail": "it is gone"})), "it is gone");
    }
}

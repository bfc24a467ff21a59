//! Callers that write and read until the server is gone, and remember what they were told.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::fault::server::Server;
use crate::http::{Answer, Client};

/// Callers at once.
const CALLERS: u64 = 8;

/// A write, whether or not it was answered.
#[derive(Debug, Clone)]
pub struct Write {
    /// `/v1/clients` and the like.
    pub path: String,
    /// The idempotency key.
    pub key: String,
    /// The body.
    pub body: Value,
    /// The id of the new record, if the write was acknowledged.
    pub id: Option<String>,
}

/// What callers remember.
#[derive(Debug, Default)]
pub struct Memory {
    /// Every write that was sent.
    pub writes: Vec<Write>,
    /// The id of every request that was answered.
    pub answered: Vec<String>,
    /// Answers that should not have been.
    pub complaints: Vec<String>,
}

impl Memory {
    fn take(&mut self, other: Self) {
        self.writes.extend(other.writes);
        self.answered.extend(other.answered);
        self.complaints.extend(other.complaints);
    }

    /// Remembers an answer; gives the new record's id if it tells one.
    fn answered(&mut self, what: &str, answer: &Answer) -> Option<String> {
        match answer.request_id() {
            // The one answer without an entry is the one that says that the journal failed.
            _ if answer.status == 503 => {}
            Some(id) => self.answered.push(id.to_owned()),
            None => self.complaints.push(format!("{what}: an answer without a request id")),
        }
        match answer.success() {
            Ok(body) => body.get("id").and_then(Value::as_str).map(str::to_owned),
            Err(error) => {
                self.complaints.push(format!("{what}: {error:#}"));
                None
            }
        }
    }
}

/// Runs callers until `stop` returns; then kills the server under them.
pub fn run_until(server: Server, round: u64, stop: impl FnOnce()) -> Result<Memory> {
    let (base_url, key) = (server.base_url.clone(), server.admin_key.clone());
    let killed = AtomicBool::new(false);
    let mut memory = Memory::default();
    std::thread::scope(|scope| -> Result<()> {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (base_url, key, killed) = (&base_url, &key, &killed);
                scope.spawn(move || {
                    let mut memory = Memory::default();
                    let ended = call(base_url, key, &format!("{round}-{caller}"), &mut memory);
                    if let (Err(error), false) = (ended, killed.load(Ordering::SeqCst)) {
                        memory.complaints.push(format!("a caller stopped before the kill: {error:#}"));
                    }
                    memory
                })
            })
            .collect();
        stop();
        killed.store(true, Ordering::SeqCst);
        let ended = server.kill();
        for caller in callers {
            memory.take(caller.join().unwrap_or_default());
        }
        ended
    })?;
    Ok(memory)
}

/// One caller; ends with the error of the broken connection.
fn call(base_url: &str, key: &str, name: &str, memory: &mut Memory) -> Result<()> {
    let mut client = Client::connect(base_url, key)?;
    for turn in 0_u64.. {
        let id = write(
            &mut client,
            memory,
            "/v1/clients",
            &format!("kill-{name}-{turn}"),
            new_client(&format!("Kill {name} {turn}")),
        )?;
        let Some((id, currency)) = id else { continue };
        let path = format!("/v1/clients/{id}");
        let answer = client.get(&path)?;
        memory.answered(&path, &answer);
        if turn % 2 == 0 {
            write(&mut client, memory, "/v1/payments", &format!("kill-{name}-{turn}-paid"), new_payment(&id, &currency))?;
        }
        let answer = client.get("/v1/invoices?limit=5")?;
        memory.answered("/v1/invoices", &answer);
    }
    Ok(())
}

/// Sends a write that is remembered before it is sent. Gives the id and the currency of the answer.
fn write(client: &mut Client, memory: &mut Memory, path: &str, key: &str, body: Value) -> Result<Option<(String, String)>> {
    memory.writes.push(Write { path: path.to_owned(), key: key.to_owned(), body: body.clone(), id: None });
    let answer = client.post(path, key, &body)?;
    let id = memory.answered(path, &answer);
    let last = memory.writes.last_mut().context("the write that was just kept")?;
    last.id.clone_from(&id);
    let currency = answer.json().ok().and_then(|body| Some(body.pointer("/balance/currency")?.as_str()?.to_owned()));
    Ok(id.map(|id| (id, currency.unwrap_or_else(|| "USD".to_owned()))))
}

/// A client whose family name nobody else has.
fn new_client(family_name: &str) -> Value {
    json!({ "given_name": "Power", "family_name": family_name })
}

/// A payment that is not for any invoice yet.
fn new_payment(client_id: &str, currency: &str) -> Value {
    json!({ "client_id": client_id, "amount": { "amount": 1250, "currency": currency }, "method": "cash" })
}

//! Those who write: everything that a follower must keep up with, several of them at once.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::Plan;
use crate::fault::kill::mix;
use crate::http::{Answer, Client};

/// What is followed, as the follower's program names it.
pub const LISTS: &[&str] =
    &["clients", "patients", "products", "invoices", "payments", "refunds", "staff", "appointments", "reminders"];
/// What is written that can be changed and deleted.
const CHANGED: &[(&str, &str)] =
    &[("clients", "tags"), ("patients", "color"), ("appointments", "reason"), ("reminders", "text"), ("products", "unit")];
const DELETED: &[&str] = &["clients", "patients", "appointments", "reminders", "invoices", "payments"];
/// What two of which can be one.
const MERGED: &[&str] = &["clients", "patients"];

/// What came of the writes.
#[derive(Debug, Default)]
pub struct Written {
    pub accepted: u64,
    /// Refused for what they asked: a record that another one deleted meanwhile, and the like.
    pub refused: u64,
    /// Told to come again.
    pub busy: u64,
}

/// What all writers share.
struct Common {
    accepted: AtomicU64,
    made: Mutex<BTreeMap<&'static str, Vec<String>>>,
}

struct Writer<'a> {
    client: Client,
    common: &'a Common,
    seed: u64,
    written: Written,
}

/// Writes until so much was accepted.
pub fn write(base_url: &str, key: &str, plan: &Plan) -> Result<Written> {
    let common = Common { accepted: AtomicU64::new(0), made: Mutex::default() };
    let mut all = Written::default();
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..plan.writers)
            .map(|writer| {
                let common = &common;
                let seed = mix(plan.seed.wrapping_mul(1_000).wrapping_add(writer + 1)) | 1;
                scope.spawn(move || -> Result<Written> {
                    let client = Client::connect(base_url, key)?;
                    let mut writer = Writer { client, common, seed, written: Written::default() };
                    while common.accepted.load(Ordering::Relaxed) < plan.writes {
                        writer.act()?;
                    }
                    Ok(writer.written)
                })
            })
            .collect();
        for writer in writers {
            let one = writer.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??;
            all.accepted += one.accepted;
            all.refused += one.refused;
            all.busy += one.busy;
        }
        Ok(all)
    })
}

/// One more record, by which a follower knows that it has come to the end.
pub fn last_one(base_url: &str, key: &str) -> Result<String> {
    let answer = Client::connect(base_url, key)?.post("/v1/clients", "the-last-one", &json!({"family_name": "Last"}))?;
    let id = answer.success()?.get("id").and_then(Value::as_str).map(str::to_owned);
    id.context("a client without an id")
}

impl Writer<'_> {
    /// A number below this one.
    fn roll(&mut self, sides: u64) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed % sides
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Result<T> {
        let place = self.roll(of.len() as u64) as usize;
        of.get(place).copied().context("nothing to choose from")
    }

    /// One that was made; it may be gone meanwhile.
    fn one(&mut self, of: &str) -> Option<String> {
        let made = self.common.made.lock().unwrap_or_else(PoisonError::into_inner);
        let count = made.get(of).map_or(0, Vec::len);
        drop(made);
        let place = self.roll(count.max(1) as u64) as usize;
        let made = self.common.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.get(of)?.get(place).cloned()
    }

    /// Does something.
    fn act(&mut self) -> Result<()> {
        match self.roll(16) {
            0..3 => self.create_a_person(),
            3..8 => self.create_money(),
            8..10 => self.create_a_plan(),
            10..14 => self.change(),
            14 => self.delete(),
            _ => self.merge(),
        }
    }

    fn create_a_person(&mut self) -> Result<()> {
        let number = self.roll(1_000_000);
        match (self.roll(5), self.one("clients")) {
            (0..2, Some(client)) => {
                let body = json!({"name": format!("P{number}"), "species": "canine", "ownerships": [{"client_id": client, "role": "primary"}]});
                self.create("patients", "/v1/patients", &body)
            }
            (2, _) => {
                let body =
                    json!({"name": format!("T{number}"), "kind": "grooming", "price": {"amount": number, "currency": "USD"}});
                self.create("products", "/v1/products", &body)
            }
            _ => self.create("clients", "/v1/clients", &json!({"family_name": format!("C{number}")})),
        }
    }

    fn create_money(&mut self) -> Result<()> {
        let amount = 100 + self.roll(90_000);
        let money = |amount: u64| json!({"amount": amount, "currency": "USD"});
        let (client, invoice, payment) = (self.one("clients"), self.one("invoices"), self.one("payments"));
        match (self.roll(6), client, invoice, payment) {
            (0..2, Some(client), ..) => {
                let lines = json!([{"description": "Exam", "unit_price": money(amount)}]);
                self.create("invoices", "/v1/invoices", &json!({"client_id": client, "stage": "open", "lines": lines}))
            }
            (2, Some(client), ..) => {
                let body = json!({"client_id": client, "amount": money(amount), "method": "card"});
                self.create("payments", "/v1/payments", &body)
            }
            (3, _, Some(invoice), _) => {
                let body = json!({"amount": money(amount / 4), "method": "cash"});
                self.create("payments", &format!("/v1/invoices/{invoice}/payments"), &body)
            }
            (4, _, _, Some(payment)) => {
                let body = json!({"amount": money(amount / 9), "reason": "goodwill"});
                self.create("refunds", &format!("/v1/payments/{payment}/refunds"), &body)
            }
            (5, _, Some(invoice), _) => {
                self.create("voided", &format!("/v1/invoices/{invoice}/void"), &json!({"reason": "A test"}))
            }
            _ => Ok(()),
        }
    }

    fn create_a_plan(&mut self) -> Result<()> {
        let (day, number) = (1 + self.roll(28), self.roll(1_000_000));
        let (Some(client), patient) = (self.one("clients"), self.one("patients")) else { return Ok(()) };
        match self.roll(5) {
            0..2 => {
                let mut body = json!({"client_id": client, "starts_at": format!("2027-01-{day:02}T15:00:00Z"), "ends_at": format!("2027-01-{day:02}T15:30:00Z")});
                if let (Some(members), Some(patient)) = (body.as_object_mut(), patient) {
                    members.insert("patient_ids".to_owned(), json!([patient]));
                }
                self.create("appointments", "/v1/appointments", &body)
            }
            2..4 => {
                let body =
                    json!({"client_id": client, "patient_id": patient, "kind": "vaccine", "due_on": format!("2027-02-{day:02}")});
                self.create("reminders", "/v1/reminders", &body)
            }
            _ => {
                let body = json!({"given_name": "Ines", "family_name": format!("S{number}"), "role": "dvm"});
                self.create("staff", "/v1/staff", &body)
            }
        }
    }

    fn create(&mut self, of: &'static str, path: &str, body: &Value) -> Result<()> {
        let key = format!("{}-{}", self.seed, self.written.accepted);
        let answer = self.client.post(path, &key, body)?;
        let id = answer.json().ok().and_then(|made| Some(made.get("id")?.as_str()?.to_owned()));
        if let (true, Some(id)) = (self.count(path, &answer)?, id) {
            self.common.made.lock().unwrap_or_else(PoisonError::into_inner).entry(of).or_default().push(id);
        }
        Ok(())
    }

    fn change(&mut self) -> Result<()> {
        let ((of, field), number) = (self.pick(CHANGED)?, self.roll(1_000_000));
        let text = if field == "tags" { json!([format!("t{number}")]) } else { json!(format!("t{number}")) };
        let body = json!({ field: text });
        self.with_etag(of, |client, path, etag| client.patch(path, etag, &body))
    }

    fn delete(&mut self) -> Result<()> {
        let of = self.pick(DELETED)?;
        self.with_etag(of, Client::delete)
    }

    fn with_etag(&mut self, of: &str, write: impl FnOnce(&mut Client, &str, &str) -> Result<Answer>) -> Result<()> {
        let Some(id) = self.one(of) else { return Ok(()) };
        let path = format!("/v1/{of}/{id}");
        let read = self.client.get(&path)?;
        let Some(etag) = read.header("etag").map(str::to_owned) else {
            return self.count(&path, &read).map(drop);
        };
        let answer = write(&mut self.client, &path, &etag)?;
        self.count(&path, &answer).map(drop)
    }

    fn merge(&mut self) -> Result<()> {
        let of = self.pick(MERGED)?;
        let (Some(from), Some(into)) = (self.one(of), self.one(of)) else { return Ok(()) };
        self.create("merged", &format!("/v1/{of}/{from}/merge"), &json!({ "into": into }))
    }

    /// Counts what came of a write. Tells whether it was accepted.
    fn count(&mut self, what: &str, answer: &Answer) -> Result<bool> {
        match answer.status {
            200..300 => {
                self.written.accepted += 1;
                self.common.accepted.fetch_add(1, Ordering::Relaxed);
                return Ok(true);
            }
            // Gone, changed, or paid by somebody else meanwhile.
            404 | 409 | 410 | 412 | 422 => self.written.refused += 1,
            503 => {
                eprintln!("{what}: {}", String::from_utf8_lossy(&answer.body));
                self.written.busy += 1;
            }
            status => bail!("{what}: status {status}: {}", String::from_utf8_lossy(&answer.body)),
        }
        Ok(false)
    }
}

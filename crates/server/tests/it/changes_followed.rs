//! Whoever follows the feed holds an exact copy, whatever is written meanwhile and however often it
//! falls back to an earlier state of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use clinicos_testkit::{As, Reply, World, on_both_engines};
use serde_json::{Value, json};

use crate::changes::Follower;
use crate::pages::{all_pages, id_of};

const WRITERS: u64 = 4;
const WRITES: usize = 70;

/// Numbers from a seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// One of `0..sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick(&mut self, from: &[String]) -> Option<String> {
        (!from.is_empty()).then(|| from[self.roll(from.len())].clone())
    }
}

/// What was made so far, by resource.
pub type Made = Arc<Mutex<BTreeMap<&'static str, Vec<String>>>>;

pub struct Author {
    pub caller: As,
    pub dice: Dice,
    pub made: Made,
}

impl Author {
    pub fn one(&mut self, of: &'static str) -> Option<String> {
        let made = self.made.lock().unwrap().get(of).cloned().unwrap_or_default();
        self.dice.pick(&made)
    }

    async fn create(&mut self, of: &'static str, path: &str, body: &Value) {
        let reply = self.caller.post(path, body).await;
        check(&reply);
        if reply.status == 201 {
            self.made.lock().unwrap().entry(of).or_default().push(reply.id());
        }
    }

    async fn change(&mut self, of: &'static str, change: Option<Value>) {
        let Some(id) = self.one(of) else { return };
        let path = format!("/v1/{of}/{id}");
        let etag = self.caller.get(&path).await.expect(200).etag().to_owned();
        let reply = match change {
            Some(change) => self.caller.patch(&path, &etag, &change).await,
            None => self.caller.delete(&path, &etag).await,
        };
        check(&reply);
    }

    /// Does something. Some of it is refused, as it is for whoever gets in another's way.
    pub async fn act(&mut self) {
        let (number, amount) = (self.caller.fresh_number(), 100 + self.dice.roll(900));
        let money = json!({"amount": amount, "currency": "USD"});
        let (client, invoice, payment) = (self.one("clients"), self.one("invoices"), self.one("payments"));
        match self.dice.roll(16) {
            0 | 1 => self.create("clients", "/v1/clients", &json!({"family_name": format!("C{number}")})).await,
            2 => self.change("clients", Some(json!({"tags": [format!("t{number}")]}))).await,
            3 => {
                let body = json!({"name": format!("P{number}"), "species": "canine", "ownerships": [{"client_id": client, "role": "primary"}]});
                self.create("patients", "/v1/patients", &body).await;
            }
            4 => self.change("patients", Some(json!({"color": format!("c{number}")}))).await,
            5 | 6 => {
                let body = json!({"client_id": client, "stage": "open", "lines": [{"description": "Exam", "unit_price": money}]});
                self.create("invoices", "/v1/invoices", &body).await;
            }
            7 | 8 => {
                let path = format!("/v1/invoices/{}/payments", invoice.unwrap_or_default());
                self.create("payments", &path, &json!({"amount": {"amount": amount / 2, "currency": "USD"}, "method": "cash"}))
                    .await;
            }
            9 => self.create("payments", "/v1/payments", &json!({"client_id": client, "amount": money, "method": "card"})).await,
            10 => {
                let path = format!("/v1/payments/{}/refunds", payment.unwrap_or_default());
                self.create(
                    "refunds",
                    &path,
                    &json!({"amount": {"amount": amount / 9, "currency": "USD"}, "reason": "goodwill"}),
                )
                .await;
            }
            11 => {
                self.create(
                    "nothing",
                    &format!("/v1/invoices/{}/void", invoice.unwrap_or_default()),
                    &json!({"reason": "A test"}),
                )
                .await
            }
            12 => {
                let of = ["payments", "clients", "patients", "invoices"][self.dice.roll(4)];
                self.change(of, None).await;
            }
            13 => {
                let of = ["clients", "patients"][self.dice.roll(2)];
                let (from, into) = (self.one(of).unwrap_or_default(), self.one(of));
                self.create("nothing", &format!("/v1/{of}/{from}/merge"), &json!({"into": into})).await;
            }
            _ => {
                let row = json!({"external_id": format!("E{}", self.dice.roll(20)), "family_name": format!("I{number}")});
                self.caller.post("/v1/clients/import", &json!({"system": "avimark", "rows": [row]})).await.expect(200);
            }
        }
    }
}

/// Writers that get in each other's way too often are told to come again; nothing else may fail.
fn check(reply: &Reply) {
    assert!(
        reply.status < 500 || (reply.status == 503 && !reply.header("retry-after").is_empty()),
        "{}: {}",
        reply.label,
        reply.json
    );
}

/// Compares a copy with what there is.
pub async fn compare(world: &World, copy: &BTreeMap<String, Value>) {
    let caller = world.as_admin();
    let mut there = BTreeMap::new();
    for resource in ["clients", "patients", "products", "invoices", "payments", "refunds"] {
        for row in all_pages(&caller, &format!("/v1/{resource}?limit=200")).await {
            let id = id_of(&row).to_owned();
            let mut held = copy.get(&id).cloned().unwrap_or_default();
            let whole = caller.get(&format!("/v1/{resource}/{id}")).await.expect(200).json;
            assert_eq!(held, whole, "{id}");
            // A list leaves out the lines.
            held.as_object_mut().unwrap().retain(|name, _| row.get(name).is_some());
            assert_eq!(held, row, "{id}");
            there.insert(id, whole);
        }
    }
    let (held, there): (Vec<_>, Vec<_>) = (copy.keys().collect(), there.keys().collect());
    assert_eq!(held, there, "the copy holds other records");
}

on_both_engines! {
    async fn a_follower_holds_an_exact_copy(world: World) {
        let mut follower = Follower::begin(world.as_admin(), "limit=7").await;
        let made = Made::default();
        let writers: Vec<_> = (0..WRITERS).map(|seed| {
            let mut author = Author { caller: world.as_admin(), dice: Dice::new(seed + 1), made: made.clone() };
            tokio::spawn(async move {
                for _ in 0..WRITES {
                    author.act().await;
                }
            })
        }).collect();
        let mut dice = Dice::new(99);
        let mut kept = follower.clone();
        let mut fell_back = 0;
        while !writers.iter().all(tokio::task::JoinHandle::is_finished) {
            assert!(!follower.step(&world).await, "there is no gap");
            match dice.roll(8) {
                // It falls back to what it kept, as after a crash.
                0 => {
                    follower = kept.clone();
                    fell_back += 1;
                }
                1..4 => kept = follower.clone(),
                _ => {}
            }
        }
        for writer in writers {
            writer.await.unwrap();
        }
        assert!(!follower.catch_up(&world).await);
        assert!(follower.copy.len() > 50 && fell_back > 0, "{} records, fell back {fell_back} times", follower.copy.len());
        compare(&world, &follower.copy).await;
    }
}

//! A clinic's record out and in: what comes in is what went out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use clinicos_server::record::manifest::{Encoding, Manifest};
use clinicos_server::record::read::Directory;
use clinicos_server::record::send::{self, Way};
use clinicos_server::record::write::{self, About, Chunks, Export};
use clinicos_server::record::Progress;
use clinicos_testkit::{As, Call, Clinic, Samples, World, on_both_engines};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;

struct Quiet;
impl Progress for Quiet {
    fn begin(&mut self, _file: &str, _records: u64) {}
    fn done(&mut self, _records: u64) {}
}

struct Operator {
    caller: As,
    clinic: String,
    export: String,
}

impl Chunks for Operator {
    fn read(&self, chunk: u64) -> BoxFuture<'_, anyhow::Result<Bytes>> {
        async move {
            let target = format!("/v1/exports/{}/chunks/{chunk}?clinic_id={}", self.export, self.clinic);
            Ok(self.caller.get(&target).await.expect(200).bytes.clone())
        }
        .boxed()
    }
}

impl Way for Operator {
    fn post(&self, path: &'static str, key: String, body: Bytes) -> BoxFuture<'_, anyhow::Result<(u16, Value)>> {
        async move {
            let mut call = Call::new("POST", format!("{path}?clinic_id={}", self.clinic));
            call = call.header("idempotency-key", key).set("content-type", "application/json");
            call.body = body;
            let reply = self.caller.send(call).await;
            Ok((reply.status, reply.json))
        }
        .boxed()
    }
}

fn operator(world: &World, clinic: &str) -> Operator {
    Operator { caller: world.as_operator(), clinic: clinic.to_owned(), export: String::new() }
}

/// Begins an export, and takes its point in time.
async fn begin(world: &World, clinic: &str) -> (Operator, Export) {
    let caller = world.as_operator();
    let id = caller.post(&format!("/v1/exports?clinic_id={clinic}"), &json!({})).await.expect(201).id();
    let export = caller.get(&format!("/v1/exports/{id}?clinic_id={clinic}")).await.expect(200).json;
    (Operator { export: id, ..operator(world, clinic) }, serde_json::from_value(export).unwrap())
}

/// Writes what was begun.
async fn written((chunks, export): &(Operator, Export), encoding: Encoding) -> (TempDir, Manifest) {
    let dir = TempDir::new().unwrap();
    let about =
        About { clinic_id: chunks.clinic.clone(), currency: "USD".to_owned(), environment: "sandbox".to_owned() };
    let manifest = write::write(dir.path(), encoding, export, about, chunks, &mut Quiet).await.unwrap();
    let target = format!("/v1/exports/{}/cancel?clinic_id={}", chunks.export, chunks.clinic);
    chunks.caller.post(&target, &json!({})).await.expect(200);
    (dir, manifest)
}

async fn export(world: &World, clinic: &str) -> (TempDir, Manifest) {
    written(&begin(world, clinic).await, Encoding::Ndjson).await
}

async fn import(world: &World, clinic: &str, dir: &Path) -> anyhow::Result<u64> {
    let directory = Directory::open(dir)?;
    directory.check(&mut Quiet)?;
    let way = operator(world, clinic);
    let nonce = way.caller.fresh_idempotency_key();
    send::send(&directory, &way, &nonce, &mut Quiet).await
}

/// Every file but the one that says whose it is.
fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let named = files.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
    named.filter(|(name, _)| name != "origin.json").collect()
}

/// A clinic with synthetic records, a tombstone, a draft, a refund, identifiers of another system and one of each
/// plain record.
async fn filled(world: &World) -> Clinic {
    let clinic = world.new_clinic("Full").await;
    let batch = json!({"seed": 3, "clients": 600, "invoices": 900, "years": 2, "first_client": 0, "count": 600});
    world.as_operator().post(&format!("/v1/synthetic_batches?clinic_id={}", clinic.clinic_id), &batch).await.expect(201);
    let samples = Samples::make(world, &clinic).await;
    let admin = world.as_key(&clinic.admin_key);
    let client = json!({
        "family_name": "Ünal \u{1f431} \"=1+1\"", "external_ids": [{"system": "avimark", "value": "C-1"}],
        "emails": ["a@example.com"], "tags": ["<b>"],
    });
    let made = admin.post("/v1/clients", &client).await.expect(201);
    let draft = json!({"client_id": made.id(), "lines": [{"description": "Later", "unit_price": {"amount": 100, "currency": "USD"}}]});
    let draft = admin.post("/v1/invoices", &draft).await.expect(201);
    let gone = admin.post("/v1/invoices", &json!({"client_id": made.id()})).await.expect(201);
    let path = format!("/v1/invoices/{}", gone.id());
    admin.delete(&path, gone.etag()).await.expect(204);
    assert_eq!(draft.json["stage"], "draft");
    assert!(samples.known_id("refund_id").is_some());
    clinic
}

on_both_engines! {
    async fn what_comes_in_is_what_went_out(world: World) {
        let from = filled(&world).await;
        let (first, manifest) = export(&world, &from.clinic_id).await;
        let names: Vec<&str> = manifest.files.iter().map(|file| file.resource.as_str()).collect();
        let all: Vec<&str> = clinicos_clinic::record().map(|kind| kind.name()).collect();
        assert_eq!(names, all);
        assert!(manifest.files.iter().all(|file| file.records > 0), "one of each: {:?}", names);
        assert!(manifest.files.iter().any(|file| file.records > 500), "several chunks");
        let to = world.new_clinic("Empty").await;
        let records: u64 = manifest.files.iter().map(|file| file.records).sum();
        assert_eq!(import(&world, &to.clinic_id, first.path()).await.unwrap(), records);
        let (second, _) = export(&world, &to.clinic_id).await;
        let (one, other) = (bytes(first.path()), bytes(second.path()));
        assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
        for (name, bytes) in &one {
            assert!(other[name] == *bytes, "`{name}` differs");
        }
        // It is a record like any other: it can be found, counted on from, and billed.
        let admin = world.as_key(&to.admin_key);
        let found = admin.get("/v1/clients?family_name=%C3%9Cnal%20%F0%9F%90%B1%20%22%3D1%2B1%22").await.expect(200);
        let client = found.data()[0]["id"].as_str().unwrap().to_owned();
        let numbers = |key: String| { let world = &world; let client = client.clone(); async move {
            world.as_key(&key).post("/v1/invoices", &json!({"client_id": client})).await.expect(201).text("number").to_owned()
        }};
        assert_eq!(numbers(to.admin_key.clone()).await, numbers(from.admin_key.clone()).await);
        let again = admin.post("/v1/clients", &json!({"family_name": "X", "external_ids": [{"system": "avimark", "value": "C-1"}]})).await;
        assert_eq!(again.status, 422, "an identifier still means the client that came along");
    }
}

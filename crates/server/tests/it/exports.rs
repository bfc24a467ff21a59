//! A clinic's record out and in: what comes in is what went out.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bytes::Bytes;
use clinicos_server::record::Progress;
use clinicos_server::record::manifest::{Encoding, Manifest};
use clinicos_server::record::read::Directory;
use clinicos_server::record::send::{self, Way};
use clinicos_server::record::write::{self, About, Chunks, Export};
use clinicos_testkit::{As, Call, Clinic, Samples, World, on_both_engines};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Tells nobody.
pub struct Quiet;
impl Progress for Quiet {
    fn begin(&mut self, _file: &str, _records: u64) {}
    fn done(&mut self, _records: u64) {}
}

/// The operator's way to a clinic.
pub struct Operator {
    pub caller: As,
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

/// It.
pub fn operator(world: &World, clinic: &str) -> Operator {
    Operator { caller: world.as_operator(), clinic: clinic.to_owned(), export: String::new() }
}

/// Begins an export, and takes its point in time.
pub async fn begin(world: &World, clinic: &str) -> (Operator, Export) {
    let caller = world.as_operator();
    let id = caller.post(&format!("/v1/exports?clinic_id={clinic}"), &json!({})).await.expect(201).id();
    let export = caller.get(&format!("/v1/exports/{id}?clinic_id={clinic}")).await.expect(200).json;
    (Operator { export: id, ..operator(world, clinic) }, serde_json::from_value(export).unwrap())
}

/// Writes what was begun.
pub async fn written((chunks, export): &(Operator, Export), encoding: Encoding) -> (TempDir, Manifest) {
    let dir = TempDir::new().unwrap();
    let about = About { clinic_id: chunks.clinic.clone(), currency: "USD".to_owned(), environment: "sandbox".to_owned() };
    let manifest = write::write(dir.path(), encoding, export, about, chunks, &mut Quiet).await.unwrap();
    let target = format!("/v1/exports/{}/cancel?clinic_id={}", chunks.export, chunks.clinic);
    chunks.caller.post(&target, &json!({})).await.expect(200);
    (dir, manifest)
}

/// Both.
pub async fn export(world: &World, clinic: &str) -> (TempDir, Manifest) {
    written(&begin(world, clinic).await, Encoding::Ndjson).await
}

/// Takes a directory in.
pub async fn import(world: &World, clinic: &str, dir: &Path) -> anyhow::Result<u64> {
    let directory = Directory::open(dir)?;
    directory.check(&mut Quiet)?;
    let way = operator(world, clinic);
    let nonce = way.caller.fresh_idempotency_key();
    send::send(&directory, &way, &nonce, &mut Quiet).await
}

/// Every file but the one that says whose it is.
pub fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let named = files.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()));
    named.filter(|(name, _)| name != "origin.json").collect()
}

/// A clinic with synthetic records, a tombstone, a draft, a refund, identifiers of another system and one of each
/// plain record.
pub async fn filled(world: &World) -> Clinic {
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
    let draft =
        json!({"client_id": made.id(), "lines": [{"description": "Later", "unit_price": {"amount": 100, "currency": "USD"}}]});
    let draft = admin.post("/v1/invoices", &draft).await.expect(201);
    let gone = admin.post("/v1/invoices", &json!({"client_id": made.id()})).await.expect(201);
    let path = format!("/v1/invoices/{}", gone.id());
    admin.delete(&path, gone.etag()).await.expect(204);
    assert_eq!(draft.json["stage"], "draft");
    assert!(samples.known_id("refund_id").is_some());
    merge(&admin, "clients", &json!({"family_name": "Twice"})).await;
    let owner = json!({"client_id": made.id(), "role": "primary"});
    let twice = json!({"name": "Twice", "species": "canine", "ownerships": [owner]});
    merge(&admin, "patients", &twice).await;
    let announced = json!({"kind": "other", "title": "To come", "mime": "text/plain"});
    admin.post("/v1/documents", &announced).await.expect(201);
    for number in 0..CONTENTS {
        let document = json!({"kind": "other", "title": "Scan", "mime": "application/octet-stream"});
        let document = admin.post("/v1/documents", &document).await.expect(201).id();
        let content = json!({"content": content(number)});
        admin.post(&format!("/v1/documents/{document}/content"), &content).await.expect(200);
    }
    clinic
}

/// More than a chunk of them.
const CONTENTS: u8 = 6;

/// Bytes that are no text, in base64.
fn content(number: u8) -> String {
    // 0x00, 0xff and the number.
    format!("AP8{}", char::from(b'A' + number))
}

/// Makes two and merges one into the other.
async fn merge(admin: &As, resource: &str, new: &Value) {
    let (from, into) = (admin.post(&format!("/v1/{resource}"), new).await, admin.post(&format!("/v1/{resource}"), new).await);
    let path = format!("/v1/{resource}/{}/merge", from.expect(201).id());
    admin.post(&path, &json!({"into": into.expect(201).id()})).await.expect(200);
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
        let scans = admin.get("/v1/documents?mime=application%2Foctet-stream").await.expect(200);
        let mut contents = Vec::new();
        for document in scans.data() {
            let path = format!("/v1/documents/{}/content", document["id"].as_str().unwrap());
            contents.push(admin.get(&path).await.expect(200).text("content").to_owned());
        }
        contents.sort();
        assert_eq!(contents, (0..CONTENTS).map(content).collect::<Vec<_>>(), "their bytes came along");
        let text = |name: &str| std::str::from_utf8(&one[name]).unwrap();
        assert!(text("clients.ndjson").contains("\"merged_into\"") && text("patients.ndjson").contains("\"merged_into\""));
        let again = admin.post("/v1/clients", &json!({"family_name": "X", "external_ids": [{"system": "avimark", "value": "C-1"}]})).await;
        assert_eq!(again.status, 422, "an identifier still means the client that came along");
    }

    async fn all_of_an_export_shows_one_point_in_time(world: World) {
        let clinic = filled(&world).await;
        let begun = begin(&world, &clinic.clinic_id).await;
        let admin = world.as_key(&clinic.admin_key);
        let known = admin.get("/v1/clients?limit=1").await.expect(200);
        let id = known.data()[0]["id"].as_str().unwrap().to_owned();
        // What is written now, in front of the first chunk, is of a later time.
        let path = format!("/v1/clients/{id}");
        let current = admin.get(&path).await.expect(200);
        admin.patch(&path, current.etag(), &json!({"family_name": "Later"})).await.expect(200);
        admin.post("/v1/clients", &json!({"family_name": "Later"})).await.expect(201);
        let (dir, _) = written(&begun, Encoding::Ndjson).await;
        let clients = fs::read_to_string(dir.path().join("clients.ndjson")).unwrap();
        assert!(!clients.contains("\"Later\"") && clients.contains(&id));
        let (later, _) = export(&world, &clinic.clinic_id).await;
        let clients = fs::read_to_string(later.path().join("clients.ndjson")).unwrap();
        assert_eq!(clients.matches("\"Later\"").count(), 2);
    }

    async fn a_connection_exports_what_it_may_read(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let key = world.key(&["exports:write", "clients:read"]).await;
        let caller = world.as_key(&key.secret);
        let made = caller.post("/v1/exports", &json!({})).await.expect(201);
        assert_eq!(made.json["resources"], json!(["clients"]), "what it may read, and no more");
        let path = format!("/v1/exports/{}", made.id());
        let export = caller.get(&path).await.expect(200);
        let chunk = caller.get(&format!("{path}/chunks/0")).await.expect(200);
        let shown = chunk.json.as_array().unwrap();
        let client = shown.iter().find(|client| client["id"] == *samples.id("client_id")).unwrap();
        assert!(client.get("balance").is_none(), "the clinic did not opt in to what is owed");
        assert_eq!(client["_redactions"][0]["category"], "owner_financial");
        assert!(export.json["chunks"] == 1 && client.get("clinic_id").is_none());
        caller.post("/v1/exports", &json!({"resources": ["invoices"]})).await.refused(403, "missing_scope");
        caller.post("/v1/exports", &json!({"resources": ["sessions"]})).await.refused(422, "rule_broken");
        // Somebody else's is as good as none, for the clinic's admin and for another clinic.
        for other in [world.as_admin(), world.as_key(&world.other.admin_key)] {
            other.get(&format!("{path}/chunks/0")).await.refused(404, "not_found");
        }
        for absent in ["1", "-1", "x", "99999999999999999999"] {
            caller.get(&format!("{path}/chunks/{absent}")).await.refused(404, "not_found");
        }
    }

    async fn what_is_withdrawn_stops_the_next_chunk(world: World) {
        Samples::make(&world, &world.clinic).await;
        for (change, status, code) in [
            (json!({"scopes": ["exports:write", "invoices:read"]}), 403, "missing_scope"),
            (json!({"scopes": ["clients:read", "invoices:read"]}), 403, "missing_scope"),
        ] {
            let key = world.key(&["exports:write", "clients:read", "invoices:read"]).await;
            let caller = world.as_key(&key.secret);
            let made = caller.post("/v1/exports", &json!({"resources": ["clients"]})).await.expect(201);
            let chunk = format!("/v1/exports/{}/chunks/0", made.id());
            caller.get(&chunk).await.expect(200);
            world.change_connection(&key.connection_id, &change).await;
            caller.get(&chunk).await.refused(status, code);
        }
        let key = world.key(&["exports:write", "clients:read"]).await;
        let caller = world.as_key(&key.secret);
        let made = caller.post("/v1/exports", &json!({})).await.expect(201);
        let chunk = format!("/v1/exports/{}/chunks/0", made.id());
        caller.get(&chunk).await.expect(200);
        world.switch(&key.connection_id, "revoke").await;
        assert_eq!(caller.get(&chunk).await.status, 401);
    }

    async fn exports_are_few_and_end(world: World) {
        Samples::make(&world, &world.clinic).await;
        let caller = world.as_admin();
        let begin = async || {
            let id = caller.post("/v1/exports", &json!({})).await.expect(201).id();
            caller.get(&format!("/v1/exports/{id}")).await.expect(200);
            id
        };
        let (first, second) = (begin().await, begin().await);
        caller.get(&format!("/v1/exports/{first}")).await.expect(200);
        // A third one takes the place of the oldest: whoever was cut off can begin again.
        let third = begin().await;
        caller.get(&format!("/v1/exports/{first}")).await.refused(404, "not_found");
        caller.get(&format!("/v1/exports/{second}")).await.expect(200);
        world.clock.advance_s(599);
        caller.get(&format!("/v1/exports/{third}")).await.expect(200);
        world.clock.advance_s(2);
        caller.get(&format!("/v1/exports/{second}")).await.refused(404, "not_found");
        caller.post(&format!("/v1/exports/{third}/cancel"), &json!({})).await.expect(200);
        caller.get(&format!("/v1/exports/{third}")).await.refused(404, "not_found");
    }

    /// A key of several clinics, or the operator, exports them side by side: none of them ends another one's.
    async fn exports_of_several_clinics_stand_beside_each_other(world: World) {
        let operator = world.as_operator();
        let (third, fourth) = (world.new_clinic("Third").await.clinic_id, world.new_clinic("Fourth").await.clinic_id);
        let clinics = [world.clinic.clinic_id.clone(), world.other.clinic_id.clone(), third];
        let begin = async |clinic: &str| operator.post(&format!("/v1/exports?clinic_id={clinic}"), &json!({})).await;
        let path = |id: &str, clinic: &str| format!("/v1/exports/{id}?clinic_id={clinic}");
        // All of them before any is read in.
        let mut begun = Vec::new();
        for clinic in &clinics {
            begun.push((begin(clinic).await.expect(201).id(), clinic));
        }
        for (id, clinic) in &begun {
            operator.get(&path(id, clinic)).await.expect(200);
        }
        begin(&fourth).await.refused(409, "conflict");
        let other = world.as_key(&world.other.admin_key);
        let others = other.post("/v1/exports", &json!({})).await.expect(201).id();
        other.get(&format!("/v1/exports/{others}")).await.expect(200);
        // Whoever was cut off in a clinic begins again there.
        let (first, clinic) = &begun[0];
        begin(clinic).await.expect(201);
        operator.get(&path(first, clinic)).await.refused(404, "not_found");
        for (id, clinic) in &begun[1..] {
            operator.get(&path(id, clinic)).await.expect(200);
        }
        other.get(&format!("/v1/exports/{others}")).await.expect(200);
    }

    async fn a_table_has_a_line_for_each_record(world: World) {
        let clinic = filled(&world).await;
        let begun = begin(&world, &clinic.clinic_id).await;
        let (dir, manifest) = written(&begun, Encoding::Csv).await;
        let clients = manifest.files.iter().find(|file| file.resource == "clients").unwrap();
        let table = fs::read_to_string(dir.path().join("clients.csv")).unwrap();
        assert_eq!(table.matches("\r\n").count() as u64, clients.records + 1);
        let error = Directory::open(dir.path()).err().unwrap().to_string();
        assert!(error.contains("only one with `--format ndjson` can be taken in"), "{error}");
    }
}

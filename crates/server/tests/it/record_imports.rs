//! Records that come in: what is cut off goes on, and what is wrong is named and changes nothing.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use clinicos_server::record::manifest::{Encoding, hex};
use clinicos_server::record::read::Directory;
use clinicos_server::record::send::{self, Way};
use clinicos_testkit::on_both_engines;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::exports::{Operator, Quiet, begin, bytes, export, filled, import, operator, written};

on_both_engines! {
    async fn an_import_that_was_cut_off_goes_on(world: World) {
        let from = filled(&world).await;
        let (dir, manifest) = export(&world, &from.clinic_id).await;
        let to = world.new_clinic("Empty").await;
        let directory = Directory::open(dir.path()).unwrap();
        for left in [3, 2, 0] {
            let way = Failing { way: operator(&world, &to.clinic_id), left: AtomicUsize::new(left) };
            let error = send::send(&directory, &way, &way.way.caller.fresh_idempotency_key(), &mut Quiet).await.unwrap_err();
            let told = format!("{error:#}");
            assert!(told.contains("the power is gone"), "{told}");
            assert!(left == 0 || told.contains("the clinic holds a part of the record"), "{told}");
        }
        let begun = begin(&world, &from.clinic_id).await;
        let (other, _) = written(&begun, Encoding::Ndjson).await;
        fs::write(other.path().join("manifest.json"), edited(other.path(), |manifest| manifest["last_invoice_number"] = json!(7))).unwrap();
        resealed(other.path());
        let error = import(&world, &to.clinic_id, other.path()).await.unwrap_err().to_string();
        assert!(error.contains("another export is being taken in"), "{error}");
        let records: u64 = manifest.files.iter().map(|file| file.records).sum();
        assert_eq!(import(&world, &to.clinic_id, dir.path()).await.unwrap(), records);
        let (second, _) = export(&world, &to.clinic_id).await;
        assert!(bytes(dir.path()) == bytes(second.path()));
        let error = import(&world, &to.clinic_id, dir.path()).await.unwrap_err().to_string();
        assert!(error.contains("an export goes into an empty clinic"), "{error}");
    }

    async fn a_hostile_directory_writes_nothing(world: World) {
        let from = filled(&world).await;
        let to = world.new_clinic("Empty").await;
        for (change, told) in HOSTILE {
            let (dir, _) = export(&world, &from.clinic_id).await;
            change(dir.path());
            let error = import(&world, &to.clinic_id, dir.path()).await.unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(told), "{error} does not tell {told}");
        }
        // Not even what came in front of the fault.
        let counts = json!({"digest": "0", "currency": "USD", "last_invoice_number": 0, "files": []}).to_string();
        let key = world.as_operator().fresh_idempotency_key();
        let (status, begun) = operator(&world, &to.clinic_id).post("/v1/record_imports/begin", key, counts.into()).await.unwrap();
        assert_eq!(status, 201, "{begun}");
        assert!(begun["taken"].as_array().unwrap().iter().all(|file| file["records"] == 0), "{begun}");
    }

    async fn records_that_contradict_one_another_are_named_and_change_nothing(world: World) {
        let from = filled(&world).await;
        let to = world.new_clinic("Empty").await;
        for (file, picked, change, told) in CONTRADICTIONS {
            let (dir, _) = export(&world, &from.clinic_id).await;
            let line = change_record(dir.path(), file, *picked, *change);
            let error = import(&world, &to.clinic_id, dir.path()).await.unwrap_err();
            let (error, told) = (format!("{error:#}"), format!("`{file}`, line {line}, {told}"));
            assert!(error.contains(&told), "{error} does not tell {told}");
        }
        world.as_key(&to.admin_key).post("/v1/clients", &json!({"family_name": "First"})).await.expect(201);
    }

    async fn nothing_else_is_written_while_a_record_comes_in(world: World) {
        let from = filled(&world).await;
        let (dir, manifest) = export(&world, &from.clinic_id).await;
        let to = world.new_clinic("Empty").await;
        let directory = Directory::open(dir.path()).unwrap();
        let cut_off = async || {
            let way = Failing { way: operator(&world, &to.clinic_id), left: AtomicUsize::new(3) };
            send::send(&directory, &way, &way.way.caller.fresh_idempotency_key(), &mut Quiet).await.unwrap_err();
        };
        let admin = world.as_key(&to.admin_key);
        let new = json!({"family_name": "Between"});
        cut_off().await;
        let refused = admin.post("/v1/clients", &new).await.refused(409, "record_comes_in");
        assert!(refused.text("detail").contains("--abandon"), "{}", refused.text("detail"));
        let operator = world.as_operator();
        operator.post(&format!("/v1/clients?clinic_id={}", to.clinic_id), &new).await.refused(409, "record_comes_in");
        admin.get("/v1/clients").await.expect(200);
        // What is no part of the record goes on, and so do other clinics.
        world.as_key(&from.admin_key).post("/v1/clients", &new).await.expect(201);
        let before = world.as_key(&to.admin_key).get("/v1/connections").await.expect(200);
        assert!(!before.data().is_empty());
        let abandon = format!("/v1/record_imports/abandon?clinic_id={}", to.clinic_id);
        let given_up = operator.post(&abandon, &Value::Null).await.expect(200);
        assert_eq!(given_up.json["state"], "abandoned");
        assert!(admin.get("/v1/clients").await.expect(200).data().is_empty(), "what was in is out again");
        operator.post(&abandon, &Value::Null).await.refused(409, "conflict");
        cut_off().await;
        let records: u64 = manifest.files.iter().map(|file| file.records).sum();
        assert_eq!(import(&world, &to.clinic_id, dir.path()).await.unwrap(), records);
        admin.post("/v1/clients", &new).await.expect(201);
    }

    async fn a_record_that_was_given_up_leaves_nothing(world: World) {
        let from = filled(&world).await;
        let (dir, _) = export(&world, &from.clinic_id).await;
        let to = world.new_clinic("Empty").await;
        let directory = Directory::open(dir.path()).unwrap();
        // All but the end.
        let calls = AtomicUsize::new(usize::MAX);
        let way = Failing { way: operator(&world, &to.clinic_id), left: calls };
        let unfinished = Unfinished(way);
        send::send(&directory, &unfinished, &unfinished.0.way.caller.fresh_idempotency_key(), &mut Quiet).await.unwrap_err();
        let operator = world.as_operator();
        let abandon = format!("/v1/record_imports/abandon?clinic_id={}", to.clinic_id);
        operator.post(&abandon, &Value::Null).await.expect(200);
        import(&world, &to.clinic_id, dir.path()).await.unwrap();
        let (second, _) = export(&world, &to.clinic_id).await;
        assert!(bytes(dir.path()) == bytes(second.path()));
    }

    async fn the_door_refuses_lines_by_itself(world: World) {
        let (from, to) = (filled(&world).await, world.new_clinic("Empty").await);
        let (dir, _) = export(&world, &from.clinic_id).await;
        let clients = fs::read_to_string(dir.path().join("clients.ndjson")).unwrap();
        let lines: Vec<&str> = clients.lines().take(2).collect();
        let way = operator(&world, &to.clinic_id);
        let post = async |path, body: Value| {
            let key = way.caller.fresh_idempotency_key();
            way.post(path, key, body.to_string().into()).await.unwrap()
        };
        let begin = json!({"digest": "d", "currency": "USD", "last_invoice_number": 0, "files": [{"resource": "clients", "records": 2}]});
        post("/v1/record_imports/begin", begin).await;
        let add = |after: Value, lines: &str| json!({"digest": "d", "resource": "clients", "after": after, "lines": lines});
        let first: Value = serde_json::from_str(lines[0]).unwrap();
        for (body, status, told) in [
            (add(Value::Null, &format!("{}\n{}\n", lines[1], lines[0])), 400, "/lines/1/id"),
            (add(Value::Null, &lines[0].replacen("{", "{\"clinic_id\":\"x\",", 1)), 400, "/lines/0/clinic_id"),
            (add(Value::Null, &lines[0].replacen("{", "{\"shoe_size\":1,", 1)), 400, "/lines/0/shoe_size"),
            (add(Value::Null, &lines[0].replace("\"USD\"", "\"CAD\"")), 400, "/lines/0/"),
            (add(first["id"].clone(), lines[1]), 409, "go on where"),
        ] {
            let (found, problem) = post("/v1/record_imports/add", body).await;
            assert!(found == status && problem.to_string().contains(told), "{found} {problem}, not {status} {told}");
        }
        let patients = fs::read_to_string(dir.path().join("patients.ndjson")).unwrap();
        let owned = patients.lines().find(|line| line.contains("\"client_id\":\"cli_")).unwrap();
        let body = json!({"digest": "d", "resource": "patients", "after": null, "lines": owned});
        let (status, problem) = post("/v1/record_imports/add", body).await;
        assert!(status == 400 && problem.to_string().contains("in `clients`"), "an owner who did not come: {status} {problem}");
        let (status, problem) = post("/v1/record_imports/finish", json!({"digest": "d"})).await;
        assert!(status == 409 && problem.to_string().contains("`clients` has 0 records, and the export 2"), "{problem}");
        let (status, _) = post("/v1/record_imports/add", add(Value::Null, lines[0])).await;
        assert_eq!(status, 200);
        // A key of the clinic is not the operator.
        let body = json!({"digest": "d"});
        world.as_key(&to.admin_key).post("/v1/record_imports/finish", &body).await.refused(403, "operator_only");
    }
}

/// The power goes after so many calls.
struct Failing {
    way: Operator,
    left: AtomicUsize,
}

impl Way for Failing {
    fn post(&self, path: &'static str, key: String, body: Bytes) -> BoxFuture<'_, anyhow::Result<(u16, Value)>> {
        let is_on = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if is_on { self.way.post(path, key, body) } else { async { anyhow::bail!("the power is gone") }.boxed() }
    }
}

/// Everything goes but the end.
struct Unfinished(Failing);

impl Way for Unfinished {
    fn post(&self, path: &'static str, key: String, body: Bytes) -> BoxFuture<'_, anyhow::Result<(u16, Value)>> {
        if path.ends_with("/finish") {
            async { anyhow::bail!("the power is gone") }.boxed()
        } else {
            self.0.post(path, key, body)
        }
    }
}

/// The manifest with a change.
fn edited(dir: &Path, change: impl FnOnce(&mut Value)) -> String {
    let mut manifest = serde_json::from_slice(&fs::read(dir.join("manifest.json")).unwrap()).unwrap();
    change(&mut manifest);
    manifest.to_string()
}

/// Makes sizes, hashes and counts fit again, as whoever means harm would.
fn resealed(dir: &Path) {
    let text = edited(dir, |manifest| {
        for file in manifest["files"].as_array_mut().unwrap() {
            let Ok(bytes) = fs::read(dir.join(file["name"].as_str().unwrap())) else { continue };
            file["bytes"] = json!(bytes.len());
            file["sha256"] = json!(hex(&Sha256::digest(&bytes)));
        }
    });
    fs::write(dir.join("manifest.json"), &text).unwrap();
    let mut origin: Value = serde_json::from_slice(&fs::read(dir.join("origin.json")).unwrap()).unwrap();
    origin["manifest_sha256"] = json!(hex(&Sha256::digest(text.as_bytes())));
    fs::write(dir.join("origin.json"), origin.to_string()).unwrap();
}

fn change_manifest(dir: &Path, change: impl FnOnce(&mut Value)) {
    fs::write(dir.join("manifest.json"), edited(dir, change)).unwrap();
    resealed(dir);
}

fn change_line(dir: &Path, file: &str, from: &str, to: &str) {
    let path = dir.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(&path, text.replacen(from, to, 1)).unwrap();
}

/// A change of the directory, and what is told of it.
type Hostile = (fn(&Path), &'static str);
const HOSTILE: &[Hostile] = &[
    (|dir| change_line(dir, "clients.ndjson", "\"version\":1", "\"version\":2"), "`clients.ndjson` was changed"),
    (|dir| fs::remove_file(dir.join("patients.ndjson")).unwrap(), "patients.ndjson"),
    (|dir| fs::remove_file(dir.join("manifest.json")).unwrap(), "is this an export"),
    (|dir| fs::write(dir.join("manifest.json"), edited(dir, |_| ())).unwrap(), "`manifest.json` was changed"),
    (
        |dir| change_manifest(dir, |manifest| manifest["files"][0]["name"] = json!("../clients.ndjson")),
        "is called `clients.ndjson`, not `../",
    ),
    (|dir| change_manifest(dir, |manifest| manifest["files"][0]["resource"] = json!("keys")), "there is no resource `keys`"),
    (|dir| change_manifest(dir, |manifest| manifest["files"][0]["records"] = json!(1)), "and the manifest says 1"),
    (|dir| change_manifest(dir, |manifest| manifest["version"] = json!(2)), "version 2 of the format"),
    (|dir| change_manifest(dir, |manifest| manifest["secret"] = json!(2)), "unknown field `secret`"),
    (
        |dir| {
            change_line(dir, "clients.ndjson", "{\"id\"", "{\"clinic_id\":\"cln_x\",\"id\"");
            resealed(dir);
        },
        "`clients.ndjson`, line 1, `clinic_id`: does not belong here",
    ),
    (
        |dir| {
            change_line(dir, "clients.ndjson", "{\"id\"", "{\"shoe_size\":44,\"id\"");
            resealed(dir);
        },
        "`clients.ndjson`, line 1, `shoe_size`: there is no such field",
    ),
    (
        |dir| {
            change_line(dir, "invoices.ndjson", "\"lines\":[{\"id\"", "\"lines\":[{\"color\":\"red\",\"id\"");
            resealed(dir);
        },
        "`lines.0.color`: there is no such field",
    ),
    (
        |dir| {
            change_line(dir, "document_contents.ndjson", "\"content\":\"", "\"content\":\"!");
            resealed(dir);
        },
        "`document_contents.ndjson`, line 1, `content`: must be base64",
    ),
    (
        |dir| {
            change_line(dir, "payments.ndjson", "{\"id\":\"pay_", "{\"id\":\"inv_");
            resealed(dir);
        },
        "`payments.ndjson`, line 1, `id`",
    ),
];

/// Changes the first record of a file that is picked, and tells its line.
fn change_record(dir: &Path, file: &str, picked: fn(&Value) -> bool, change: fn(&mut Value)) -> usize {
    let path = dir.join(file);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_picked = |line: &String| picked(&serde_json::from_str(line).unwrap());
    let at = lines.iter().position(is_picked).unwrap_or_else(|| panic!("no line of {file} is picked"));
    let mut record = serde_json::from_str(&lines[at]).unwrap();
    change(&mut record);
    lines[at] = record.to_string();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    resealed(dir);
    at + 1
}

fn more(record: &mut Value, pointer: &str) {
    let amount = record.pointer_mut(pointer).unwrap();
    *amount = json!(amount.as_i64().unwrap() + 5);
}

fn any(_: &Value) -> bool {
    true
}

/// A file, the record of it that is changed, how, and what is told.
type Contradicting = (&'static str, fn(&Value) -> bool, fn(&mut Value), &'static str);
const CONTRADICTIONS: &[Contradicting] = &[
    ("clients.ndjson", any, |record| more(record, "/balance/amount"), "`balance`: is "),
    ("clients.ndjson", any, |record| more(record, "/credit/amount"), "`credit`: is "),
    (
        "clients.ndjson",
        any,
        |record| record["updated_at"] = json!("2001-01-01T00:00:00Z"),
        "`updated_at`: must not be before `created_at`",
    ),
    ("invoices.ndjson", any, |record| more(record, "/total/amount"), "`total`: is "),
    ("invoices.ndjson", any, |record| more(record, "/balance/amount"), "`balance`: is "),
    ("invoices.ndjson", |one| one["lines"] != json!([]), |record| more(record, "/lines/0/total/amount"), "`lines.0.total`: is "),
    (
        "invoices.ndjson",
        |one| one["status"] == "paid" && one["total"]["amount"].as_i64() > Some(5),
        |record| {
            more(record, "/balance/amount");
            let paid = record["paid"]["amount"].as_i64().unwrap();
            record["paid"]["amount"] = json!(paid - 5);
        },
        "`paid`: is ",
    ),
    ("payments.ndjson", any, |record| more(record, "/unallocated/amount"), "`unallocated`: is "),
    (
        "payments.ndjson",
        |one| one["refunded"]["amount"] == 0 && one["status"] == "succeeded" && one["allocations"].as_array().unwrap().len() == 1,
        |record| {
            more(record, "/refunded/amount");
            let left = record["allocations"][0]["amount"]["amount"].as_i64().unwrap();
            record["allocations"][0]["amount"]["amount"] = json!(left - 5);
        },
        "`refunded`: is ",
    ),
    ("products.ndjson", |one| one["tracked"] == false, |record| record["on_hand"] = json!("3"), "`on_hand`: no stock is kept"),
    (
        "document_contents.ndjson",
        |one| one["content"].as_str().is_some_and(|text| text.starts_with("AP8")),
        |record| record["content"] = json!("AP9A"),
        "`content`: its SHA-256 is not",
    ),
    (
        "document_contents.ndjson",
        |one| one["content"].as_str().is_some_and(|text| text.starts_with("AP8")),
        |record| record["content"] = json!("AP8AAAAA"),
        "`content`: it has 6 bytes",
    ),
    (
        "documents.ndjson",
        |one| one["has_content"] == false,
        |record| record["has_content"] = json!(true),
        "`has_content`: says that",
    ),
];

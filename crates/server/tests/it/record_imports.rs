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
            assert!(error.to_string().contains("the power is gone"), "{error:#}");
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

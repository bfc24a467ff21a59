//! The bytes of documents are in files: each is there before its row, goes after the last row that names it,
//! and is never taken for what it is not.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clinicos_gate::Door as _;
use clinicos_server::files::keep;
use clinicos_store::Engine;
use clinicos_testkit::{As, World, on_both_engines};
use serde_json::json;

const LETTER: &[u8] = b"Dear colleague, Biscuit limps on the left.";

/// Every finished file.
fn files(world: &World) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![world.documents().to_owned()]);
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn file(world: &World, clinic: &str, sha256: &str) -> PathBuf {
    world.documents().join(clinic).join(&sha256[..2]).join(sha256)
}

async fn document(caller: &As) -> String {
    let body = json!({"kind": "other", "title": "A letter", "mime": "text/plain"});
    caller.post("/v1/documents", &body).await.expect(201).id()
}

/// A document with these bytes; its id and their hash.
async fn filled(caller: &As, bytes: &[u8]) -> (String, String) {
    let id = document(caller).await;
    let body = json!({"content": STANDARD.encode(bytes)});
    let reply = caller.post(&format!("/v1/documents/{id}/content"), &body).await.expect(200);
    (id, reply.text("sha256").to_owned())
}

async fn delete(caller: &As, id: &str) {
    let path = format!("/v1/documents/{id}");
    let now = caller.get(&path).await.expect(200);
    caller.delete(&path, now.etag()).await.expect(204);
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

on_both_engines! {
    async fn bytes_are_in_a_file_by_their_hash_and_not_in_the_database(world: World) {
        let admin = world.as_admin();
        let (id, sha256) = filled(&admin, LETTER).await;
        let path = file(&world, &world.clinic.clinic_id, &sha256);
        assert_eq!(files(&world), std::slice::from_ref(&path));
        assert_eq!(fs::read(&path).unwrap(), LETTER);
        assert!(!holds(&world.database_bytes(), LETTER), "the database has a copy");
        let read = admin.get(&format!("/v1/documents/{id}/content")).await.expect(200);
        assert_eq!((read.text("content"), read.text("sha256")), (STANDARD.encode(LETTER).as_str(), sha256.as_str()));
    }

    async fn a_file_goes_with_the_last_document_of_its_clinic_that_names_it(world: World) {
        let (admin, other) = (world.as_admin(), world.as_key(&world.other.admin_key));
        let ((first, sha256), (second, _)) = (filled(&admin, LETTER).await, filled(&admin, LETTER).await);
        let (theirs, _) = filled(&other, LETTER).await;
        let (ours, theirs_file) = (file(&world, &world.clinic.clinic_id, &sha256), file(&world, &world.other.clinic_id, &sha256));
        assert_eq!(files(&world).len(), 2, "one for each clinic");
        delete(&admin, &first).await;
        assert!(ours.exists(), "the other document has the same bytes");
        let path = format!("/v1/documents/{second}");
        let now = admin.get(&path).await.expect(200);
        admin.patch(&path, now.etag(), &json!({"status": "redacted"})).await.expect(200);
        assert_eq!(files(&world), [theirs_file], "what was redacted is gone, and the other clinic keeps its own");
        other.get(&format!("/v1/documents/{theirs}/content")).await.expect(200);
    }

    async fn a_write_that_is_refused_leaves_no_file(world: World) {
        let admin = world.as_admin();
        let body = json!({"content": STANDARD.encode(LETTER)});
        let nowhere = format!("/v1/documents/{}/content", clinicos_testkit::absent_id("doc"));
        admin.post(&nowhere, &body).await.refused(404, "not_found");
        let (id, _) = filled(&admin, b"another letter").await;
        admin.post(&format!("/v1/documents/{id}/content"), &body).await.refused(422, "rule_broken");
        assert_eq!(files(&world).len(), 1, "that of the other letter");
    }

    async fn a_crash_between_file_and_row_leaves_a_file_that_the_sweep_takes(world: World) {
        let admin = world.as_admin();
        let (kept, _) = filled(&admin, b"another letter").await;
        let id = document(&admin).await;
        let content = format!("/v1/documents/{id}/content");
        world.faults.fail_commit();
        admin.post(&content, &json!({"content": STANDARD.encode(LETTER)})).await.refused(503, "unavailable");
        // After a commit that failed nobody knows what is on disk: nothing is taken away at once.
        assert_eq!(files(&world).len(), 2);
        let world = world.restart().await;
        let admin = world.as_admin();
        admin.get(&content).await.refused(404, "not_found");
        assert_eq!(world.sweep_documents().await, 1);
        assert_eq!(files(&world).len(), 1);
        admin.get(&format!("/v1/documents/{kept}/content")).await.expect(200);
        assert_eq!(world.sweep_documents().await, 0, "a file that a row names stays");
    }

    /// A database of last week, or another one, has no row for most files. They are somebody's.
    async fn files_that_belong_to_another_state_of_the_database_are_left(world: World) {
        let (_, sha256) = filled(&world.as_admin(), LETTER).await;
        let own = file(&world, &world.clinic.clinic_id, &sha256);
        let shelf = own.parent().unwrap();
        for number in 0..12 {
            fs::write(shelf.join(format!("{}{number:062x}", &sha256[..2])), b"of another day").unwrap();
        }
        assert_eq!(world.sweep_documents().await, 0);
        assert_eq!(files(&world).len(), 13);
        // A few are what crashes leave.
        for number in 0..8 {
            fs::remove_file(shelf.join(format!("{}{number:062x}", &sha256[..2]))).unwrap();
        }
        assert_eq!(world.sweep_documents().await, 4);
        assert_eq!(files(&world), [own]);
    }

    async fn a_file_that_is_gone_or_damaged_is_said_and_not_shown(world: World) {
        let admin = world.as_admin();
        let (id, sha256) = filled(&admin, LETTER).await;
        let (path, content) = (file(&world, &world.clinic.clinic_id, &sha256), format!("/v1/documents/{id}/content"));
        let damaged = [&b"X"[..], &LETTER[1..]].concat();
        for (what, change) in [("damaged", Some(damaged.as_slice())), ("damaged", Some(b"".as_slice())), ("gone", None)] {
            match change {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let reply = admin.get(&content).await.refused(500, "content_lost");
            assert!(reply.text("detail").contains(what), "{}", reply.json);
            assert!(!holds(&reply.bytes, STANDARD.encode(&damaged).as_bytes()));
            let entry = &world.entries(reply.request_id()).await[0];
            assert_eq!((entry.status, entry.operation.as_str()), (500, "documents.get_content"));
        }
        // Whoever still has the bytes can send them again.
        admin.post(&content, &json!({"content": STANDARD.encode(LETTER)})).await.expect(200);
        assert_eq!(admin.get(&content).await.expect(200).text("content"), STANDARD.encode(LETTER));
    }

    async fn an_export_under_way_still_shows_what_is_deleted_meanwhile(world: World) {
        let admin = world.as_admin();
        let (id, sha256) = filled(&admin, LETTER).await;
        let (operator, clinic) = (world.as_operator(), &world.clinic.clinic_id);
        let body = json!({"resources": ["document_contents"]});
        let export = operator.post(&format!("/v1/exports?clinic_id={clinic}"), &body).await.expect(201).id();
        operator.get(&format!("/v1/exports/{export}?clinic_id={clinic}")).await.expect(200);
        delete(&admin, &id).await;
        let chunk = operator.get(&format!("/v1/exports/{export}/chunks/0?clinic_id={clinic}")).await.expect(200);
        assert!(holds(&chunk.bytes, STANDARD.encode(LETTER).as_bytes()));
        operator.post(&format!("/v1/exports/{export}/cancel?clinic_id={clinic}"), &json!({})).await.expect(200);
        assert_eq!(world.sweep_documents().await, 1);
        assert!(!file(&world, clinic, &sha256).exists());
    }

    async fn an_export_says_which_bytes_are_lost(world: World) {
        let (id, sha256) = filled(&world.as_admin(), LETTER).await;
        let (operator, clinic) = (world.as_operator(), &world.clinic.clinic_id);
        let path = file(&world, clinic, &sha256);
        fs::write(&path, b"something else").unwrap();
        let body = json!({"resources": ["document_contents"]});
        let export = operator.post(&format!("/v1/exports?clinic_id={clinic}"), &body).await.expect(201).id();
        let (own, chunk) = (format!("/v1/exports/{export}?clinic_id={clinic}"), format!("/v1/exports/{export}/chunks/0?clinic_id={clinic}"));
        assert_eq!(operator.get(&own).await.expect(200).json["lost"], json!([]));
        let refused = operator.get(&chunk).await.refused(500, "content_lost");
        let told = refused.text("detail");
        assert!(told.contains(&id) && !told.contains("A letter") && told.contains("damaged"), "{told}");
        assert_eq!(operator.get(&own).await.expect(200).json["lost"], json!([{"document_id": id}]));
        fs::write(&path, LETTER).unwrap();
        operator.get(&chunk).await.expect(200);
        assert_eq!(operator.get(&own).await.expect(200).json["lost"], json!([]), "what was brought back is lost no more");
    }

    async fn a_document_that_is_erased_while_it_is_read_is_not_found(world: World) {
        for with in ["deletion", "redaction"] {
            let admin = world.as_admin();
            let (id, _) = filled(&admin, LETTER).await;
            let (caller, erased) = (admin.clone(), id.clone());
            world.meanwhile.next(async move {
                let path = format!("/v1/documents/{erased}");
                if with == "deletion" {
                    return delete(&caller, &erased).await;
                }
                let now = caller.get(&path).await.expect(200);
                caller.patch(&path, now.etag(), &json!({"status": "redacted"})).await.expect(200);
            });
            admin.get(&format!("/v1/documents/{id}/content")).await.refused(404, "not_found");
        }
        assert_eq!(files(&world), Vec::<PathBuf>::new());
    }

    async fn bytes_that_came_before_there_were_files_are_read_from_their_row(world: World) {
        let admin = world.as_admin();
        let (id, sha256) = filled(&admin, LETTER).await;
        world.keep_bytes_in_row(&id, LETTER).await;
        fs::remove_file(file(&world, &world.clinic.clinic_id, &sha256)).unwrap();
        let content = format!("/v1/documents/{id}/content");
        assert_eq!(admin.get(&content).await.expect(200).text("content"), STANDARD.encode(LETTER));
        let (operator, clinic) = (world.as_operator(), &world.clinic.clinic_id);
        let (second, _) = filled(&admin, b"another letter").await;
        let body = json!({"resources": ["document_contents"]});
        let export = operator.post(&format!("/v1/exports?clinic_id={clinic}"), &body).await.expect(201).id();
        operator.get(&format!("/v1/exports/{export}?clinic_id={clinic}")).await.expect(200);
        let chunk = operator.get(&format!("/v1/exports/{export}/chunks/0?clinic_id={clinic}")).await.expect(200);
        let lines: Vec<serde_json::Value> =
            chunk.bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect();
        let shown: BTreeMap<&str, &str> =
            lines.iter().map(|line| (line["id"].as_str().unwrap(), line["content"].as_str().unwrap())).collect();
        let (old, new) = (STANDARD.encode(LETTER), STANDARD.encode("another letter"));
        assert_eq!(shown, BTreeMap::from([(id.as_str(), old.as_str()), (second.as_str(), new.as_str())]));
        delete(&admin, &id).await;
        admin.get(&content).await.refused(404, "not_found");
    }

    async fn documents_without_a_file_are_counted(world: World) {
        let (admin, files) = (world.as_admin(), &world.gate.services().files);
        let (damaged, first) = filled(&admin, LETTER).await;
        filled(&admin, b"another letter").await;
        let (in_row, _) = filled(&admin, b"an old letter").await;
        world.keep_bytes_in_row(&in_row, b"an old letter").await;
        let missing = async |youngest| keep::missing(files, &world.store, youngest).await.unwrap();
        let read = async || keep::look(files, &world.store, None, true).await.unwrap();
        assert_eq!((missing(None).await, missing(Some(100)).await), (0, 0));
        assert_eq!(keep::warning(files, &world.store).await, None);
        assert_eq!((read().await.documents, read().await.lost), (2, 0));
        fs::write(file(&world, &world.clinic.clinic_id, &first), b"something else").unwrap();
        assert_eq!(missing(None).await, 0, "only who reads it knows");
        let lost = keep::Lost {
            clinic: world.clinic.clinic_id.clone(),
            document: damaged,
            title: "A letter".to_owned(),
            what: "damaged",
        };
        assert_eq!(read().await.named, std::slice::from_ref(&lost));
        fs::remove_file(file(&world, &world.clinic.clinic_id, &first)).unwrap();
        assert_eq!((missing(None).await, missing(Some(100)).await), (1, 1));
        assert_eq!(keep::look(files, &world.store, None, false).await.unwrap().named, [keep::Lost { what: "gone", ..lost }]);
        assert!(keep::warning(files, &world.store).await.unwrap().starts_with("1 of the"));
        let note = keep::note(files, &world.store);
        assert_eq!(note.is_some(), world.store.engine() == Engine::Postgres, "one process has the file: {note:?}");
    }

    async fn many_are_deleted_at_once(world: World) {
        let admin = world.as_admin();
        let mut made = Vec::new();
        for letter in 0..16 {
            made.push(filled(&admin, format!("letter {letter}").as_bytes()).await.0);
        }
        assert_eq!(files(&world).len(), made.len());
        futures_util::future::join_all(made.iter().map(|id| delete(&admin, id))).await;
        assert_eq!(files(&world), Vec::<PathBuf>::new(), "none is left to the sweep");
    }

    async fn nodes_that_share_a_database_take_no_file_away_that_another_one_brings(world: World) {
        if world.store.engine() == Engine::Sqlite {
            // One process has the file; that case is the one of `turns` in the gate.
            return;
        }
        let (admin, sha256) = (world.as_admin(), filled(&world.as_admin(), LETTER).await.1);
        let (node, brings) = world.another_node().await;
        let body = json!({"content": STANDARD.encode(LETTER)});
        let mut last = admin.get("/v1/documents").await.expect(200).data()[0]["id"].as_str().unwrap().to_owned();
        for _ in 0..20 {
            let next = document(&brings).await;
            let content = format!("/v1/documents/{next}/content");
            let ((), reply) = tokio::join!(delete(&admin, &last), brings.post(&content, &body));
            if reply.status == 409 {
                assert_eq!(reply.header("retry-after"), "1");
                brings.post(&content, &body).await.expect(200);
            } else {
                reply.expect(200);
            }
            assert!(file(&world, &world.clinic.clinic_id, &sha256).exists(), "a row names it");
            admin.get(&content).await.expect(200);
            last = next;
        }
        node.close().await.unwrap();
    }
}

//! Imports that are sent along: the server runs them as whoever started them.

use clinicos_server::import::job::Jobs;
use clinicos_testkit::{As, Reply, World, on_both_engines};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::imports::fixtures;

const SCOPES: [&str; 5] = ["imports:write", "clients:write", "patients:write", "products:write", "invoices:write"];

/// Lets the server do what waits.
pub async fn work(world: &World) {
    let jobs = Jobs::new(std::sync::Arc::new(world.gate.clone()), world.store.clone());
    let (_stop, stopped) = watch::channel(false);
    while jobs.next(&stopped).await.unwrap() {}
}

/// Makes an import of these files; gives its path.
pub async fn send(caller: &As, mapping: &str, files: &[(&str, Vec<u8>)]) -> String {
    let made = caller.post("/v1/imports", &json!({"name": "Old data", "mapping": mapping})).await.expect(201);
    let path = format!("/v1/imports/{}", made.id());
    for (name, bytes) in files {
        // In two parts, to be put together again.
        let (first, second) = bytes.split_at(bytes.len() / 2);
        for (part, bytes) in [(2, second), (1, first)] {
            let body = json!({"name": name, "part": part, "content": base64(bytes)});
            caller.post(&format!("{path}/files"), &body).await.expect(201);
        }
    }
    path
}

pub async fn start(caller: &As, path: &str, dry_run: bool) -> Reply {
    caller.post(&format!("{path}/start"), &json!({"dry_run": dry_run})).await
}

pub fn petclinic() -> Vec<(&'static str, Vec<u8>)> {
    ["owners.csv", "pets.csv"].map(|name| (name, std::fs::read(fixtures("petclinic").join(name)).unwrap())).to_vec()
}

/// RFC 4648, as any sender has it.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letters = |chunk: &[u8]| {
        let bits = chunk.iter().chain([0, 0].iter().take(3 - chunk.len())).fold(0_usize, |bits, byte| bits << 8 | *byte as usize);
        (0..4).map(|at| if at <= chunk.len() { LETTERS[bits >> (18 - 6 * at) & 63] as char } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(letters).collect()
}

pub fn count(import: &Value, name: &str) -> Vec<u64> {
    import["files"].as_array().unwrap().iter().map(|file| file[name].as_u64().unwrap()).collect()
}

on_both_engines! {
    async fn files_are_checked_and_then_imported(world: World) {
        let key = world.key(&SCOPES).await;
        let caller = world.as_key(&key.secret);
        let path = send(&caller, "petclinic", &petclinic()).await;
        assert_eq!(caller.get(&format!("{path}/files")).await.expect(200).data().len(), 4);
        assert_eq!(start(&caller, &path, true).await.expect(200).text("state"), "running");
        work(&world).await;
        let checked = caller.get(&path).await.expect(200);
        assert_eq!((checked.text("state"), count(&checked.json, "created")), ("checked", vec![10, 13]), "{}", checked.json);
        let preview = checked.json["preview"].as_array().unwrap();
        assert_eq!((preview.len(), &preview[0]["file"], &preview[0]["line"]), (10, &json!("owners.csv"), &json!(2)));
        assert!(preview[0]["row"].as_str().unwrap().contains("Franklin"));
        assert_eq!(caller.get("/v1/clients").await.expect(200).data().len(), 0, "nothing is there yet");
        start(&caller, &path, false).await.expect(200);
        work(&world).await;
        let done = caller.get(&path).await.expect(200);
        assert_eq!((done.text("state"), count(&done.json, "created")), ("done", vec![10, 13]), "{}", done.json);
        assert_eq!(caller.get("/v1/patients").await.expect(200).data().len(), 13);
        assert_eq!(caller.get(&format!("{path}/files")).await.expect(200).data().len(), 0, "the files are gone");
        start(&caller, &path, false).await.refused(409, "conflict");
        // Each batch stands in the log as a call of the key.
        let target = format!("/v1/audit_entries?connection_id={}&operation=patients.import", key.connection_id);
        assert_eq!(world.as_admin().get(&target).await.expect(200).data().len(), 2);
        assert!(world.events().await.iter().any(|event| event.name == "import.finished"));
    }

    /// Whoever may import may not touch what others import: to another connection it is not there.
    async fn an_import_is_its_makers(world: World) {
        let maker = world.key(&SCOPES).await;
        let caller = world.as_key(&maker.secret);
        let path = send(&caller, "petclinic", &petclinic()).await;
        start(&caller, &path, true).await.expect(200);
        work(&world).await;
        let other = world.as_key(&world.full_key().await.secret);
        for target in [path.clone(), format!("{path}/files"), format!("{path}/rejects")] {
            other.get(&target).await.refused(404, "not_found");
        }
        let part = json!({"name": "owners.csv", "content": base64(b"OwnerID\n")});
        for (verb, body) in [("start", json!({"dry_run": false, "mapping": "northwind"})), ("cancel", Value::Null), ("files", part)] {
            other.post(&format!("{path}/{verb}"), &body).await.refused(404, "not_found");
        }
        assert_eq!(other.get("/v1/imports").await.expect(200).data().len(), 0);
        assert_eq!(caller.get("/v1/imports").await.expect(200).data().len(), 1);
        // Another key of the connection is the same maker; the clinic's people see all.
        let body = json!({"name": "Second"});
        let keys = format!("/v1/connections/{}/keys", maker.connection_id);
        let second = world.as_admin().post(&keys, &body).await.expect(201);
        world.as_key(second.text("secret")).get(&path).await.expect(200);
        let mut browser = crate::console_browser::admin(&world).await;
        let id = path.rsplit('/').next().unwrap();
        browser.open(&format!("/console/import/{id}")).await.expect(200);
        let known = caller.get(&path).await.expect(200);
        assert_eq!((known.text("state"), known.text("made_by")), ("checked", maker.connection_id.as_str()));
    }

    /// What was found out about other bytes does not hold for these.
    async fn a_part_that_comes_after_the_check_undoes_it(world: World) {
        let mut browser = crate::console_browser::admin(&world).await;
        let caller = world.as_key(&world.key(&SCOPES).await.secret);
        let path = send(&caller, "petclinic", &petclinic()).await;
        start(&caller, &path, true).await.expect(200);
        let part = json!({"name": "owners.csv", "part": 2, "content": base64(b"99,Eve,Other,,,\n")});
        caller.post(&format!("{path}/files"), &part).await.refused(409, "conflict");
        work(&world).await;
        caller.post(&format!("{path}/files"), &part).await.expect(201);
        let now = caller.get(&path).await.expect(200);
        assert_eq!((now.text("state"), &now.json["files"], &now.json["preview"]), ("uploading", &json!([]), &json!([])));
        // From a page nothing is imported that was not checked as it stands.
        let page = format!("/console/import/{}", path.rsplit('/').next().unwrap());
        browser.open(&page).await.expect(200);
        browser.submit(&format!("{page}/start"), &[("dry_run", "false")]).await;
        assert_eq!(caller.get(&path).await.expect(200).text("state"), "uploading");
        browser.open(&page).await.expect(200);
        browser.submit(&format!("{page}/start"), &[("dry_run", "true")]).await;
        assert_eq!(caller.get(&path).await.expect(200).text("state"), "running");
    }

    async fn a_part_that_is_missing_is_missed(world: World) {
        let admin = world.as_admin();
        let path = send(&admin, "petclinic", &petclinic()).await;
        let part = json!({"name": "owners.csv", "part": 4, "content": base64(b"99,Eve,Other,,,\n")});
        admin.post(&format!("{path}/files"), &part).await.expect(201);
        let refused = start(&admin, &path, true).await.refused(409, "conflict");
        assert!(refused.text("detail").contains("part 3 of `owners.csv` is missing"), "{}", refused.json);
        let part = json!({"name": "owners.csv", "part": 3, "content": ""});
        admin.post(&format!("{path}/files"), &part).await.expect(201);
        start(&admin, &path, true).await.expect(200);
    }

    /// Files that nobody does anything with are not kept for ever.
    async fn imports_that_nobody_goes_on_with_are_ended(world: World) {
        let (admin, operator) = (world.as_admin(), world.as_operator());
        let waits = send(&admin, "petclinic", &petclinic()).await;
        let clinic = &world.clinic.clinic_id;
        let begin = json!({"name": "petclinic", "digest": "abc"});
        let cut_off = operator.post(&format!("/v1/imports/begin?clinic_id={clinic}"), &begin).await.expect(201);
        let jobs = Jobs::new(std::sync::Arc::new(world.gate.clone()), world.store.clone());
        let state = async |path: &str| {
            let found = operator.get(&format!("{path}?clinic_id={clinic}")).await.expect(200);
            (found.text("state").to_owned(), found.json["detail"].as_str().unwrap_or_default().to_owned())
        };
        let cut_off_path = format!("/v1/imports/{}", cut_off.id());
        for (days, expected) in [(2, ["uploading", "running"]), (2, ["uploading", "failed"]), (4, ["cancelled", "failed"])] {
            world.clock.advance_s(days * 86_400);
            jobs.sweep().await.unwrap();
            assert_eq!([state(&waits).await.0, state(&cut_off_path).await.0], expected, "{days} days later");
        }
        assert!(state(&waits).await.1.contains("7 days") && state(&cut_off_path).await.1.contains("72 hours"));
        assert_eq!(admin.get(&format!("{waits}/files")).await.expect(200).data().len(), 0);
    }

    /// An import that was cut off is gone on with as long as the answers of its batches are kept.
    async fn a_cut_off_import_is_not_gone_on_with_at_any_age(world: World) {
        let target = format!("/v1/imports/begin?clinic_id={}", world.clinic.clinic_id);
        let begin = async || {
            let body = json!({"name": "petclinic", "digest": "abc"});
            world.as_operator().post(&target, &body).await.expect(201)
        };
        let first = begin().await;
        world.clock.advance_s(71 * 3_600);
        let again = begin().await;
        assert_eq!((again.id(), &again.json["version"]), (first.id(), &json!(2)), "it says that it was there before");
        world.clock.advance_s(2 * 3_600);
        let anew = begin().await;
        assert!(anew.id() != first.id() && anew.json["version"] == 1, "{}", anew.json);
    }

    /// Another mapping is checked as the first one was, and is what counts from then on.
    async fn an_import_can_be_started_with_another_mapping(world: World) {
        let caller = world.as_key(&world.key(&SCOPES).await.secret);
        let path = send(&caller, "petclinic", &petclinic()).await;
        let other = "system = \"old\"\n[[file]]\nname = \"owners.csv\"\nresource = \"clients\"\nkey = \"OwnerID\"\n[file.fields]\nfamily_name = \"City\"\n";
        let wrong = json!({"dry_run": true, "mapping": other.replace("City", "").replace("family_name", "famly")});
        let refused = caller.post(&format!("{path}/start"), &wrong).await.refused(422, "rule_broken");
        assert_eq!(refused.json["errors"][0]["pointer"], "/mapping");
        caller.post(&format!("{path}/start"), &json!({"dry_run": true, "mapping": other})).await.expect(200);
        work(&world).await;
        let checked = caller.get(&path).await.expect(200);
        assert_eq!((checked.text("state"), checked.text("mapping")), ("checked", other));
        let preview = checked.json["preview"].as_array().unwrap();
        assert!(preview[0]["row"].as_str().unwrap().contains("Madison"), "{preview:?}");
        let source: Value = serde_json::from_str(preview[0]["source"].as_str().unwrap()).unwrap();
        assert_eq!((&source["by"], &source["cells"][1]), (&json!(","), &json!(["First Name", "George"])));
        let unread: Vec<&Value> = preview.iter().filter(|row| row["file"] == "pets.csv").collect();
        assert_eq!((unread.len(), &unread[0]["row"]), (3, &json!("")), "of a file that is not read, its beginning");
        start(&caller, &path, false).await.expect(200);
        work(&world).await;
        let clients = caller.get("/v1/clients").await.expect(200);
        assert!(clients.data().iter().any(|client| client["family_name"] == "Madison"), "{}", clients.json);
    }

    async fn a_job_may_do_what_its_creator_may_do_by_then(world: World) {
        let key = world.key(&["imports:write", "clients:write"]).await;
        let caller = world.as_key(&key.secret);
        let path = send(&caller, "petclinic", &petclinic()).await;
        start(&caller, &path, false).await.expect(200);
        work(&world).await;
        let failed = caller.get(&path).await.expect(200);
        assert_eq!(failed.text("state"), "failed");
        assert!(failed.text("detail").contains("patients.import was answered 403"), "{}", failed.json);
        assert_eq!(count(&failed.json, "created"), [10, 0], "what was allowed was written");

        let late = world.key(&SCOPES).await;
        let caller = world.as_key(&late.secret);
        let path = send(&caller, "petclinic", &petclinic()).await;
        start(&caller, &path, false).await.expect(200);
        world.switch(&late.connection_id, "revoke").await;
        work(&world).await;
        let failed = world.as_operator().get(&format!("{path}?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
        assert_eq!(failed.text("state"), "failed");
        assert!(failed.text("detail").contains("401"), "{}", failed.json);
        assert_eq!(world.as_admin().get("/v1/patients").await.expect(200).data().len(), 0);
    }

    async fn what_is_rejected_is_seen_by_its_sender_alone(world: World) {
        let key = world.key(&SCOPES).await;
        let caller = world.as_key(&key.secret);
        let files = vec![
            ("owners.csv", b"OwnerID,First Name,Last Name,Address,City,Phone\n1,Ann,,,,\n2,,,,,\n3,B\0d,Cole,,,\n".to_vec()),
            ("pets.csv", b"PetID,Name,Birth Date,Species,OwnerID\n1,Leo,soon,cat,1\n2,Max,2020-01-01,cat,2\n3,Sly,2020-01-01,cat,9\n".to_vec()),
        ];
        let path = send(&caller, "petclinic", &files).await;
        start(&caller, &path, false).await.expect(200);
        work(&world).await;
        let done = caller.get(&path).await.expect(200);
        let counts = ["created", "rejected", "held_back"].map(|name| count(&done.json, name));
        assert_eq!((done.text("state"), counts), ("done", [vec![1, 0], vec![2, 2], vec![0, 1]]), "{}", done.json);
        let rejects = caller.get(&format!("{path}/rejects")).await.expect(200);
        let found: Vec<String> = rejects
            .data()
            .iter()
            .map(|one| format!("{}:{} {} {}", one["file"].as_str().unwrap(), one["line"], one["held_back"], one["faults"][0]["code"].as_str().unwrap()))
            .collect();
        for expected in [
            "owners.csv:3 false nameless",
            "owners.csv:4 false format",
            "pets.csv:2 false date",
            "pets.csv:3 true held_back",
            "pets.csv:4 false unknown_record",
        ] {
            assert!(found.contains(&expected.to_owned()), "{expected} in {found:?}");
        }
        assert_eq!(found.len(), 5);
        let other = world.as_key(&world.key(&["imports:read", "clients:read"]).await.secret);
        other.get(&format!("{path}/rejects")).await.refused(404, "not_found");
    }

    async fn a_wrong_mapping_is_refused_when_the_import_is_created(world: World) {
        let caller = world.as_admin();
        let file = "system = \"old\"\n\n[[file]]\nname = \"owners.csv\"\nresource = \"clients\"\nkey = \"id\"\n\n[file.fields]\n";
        for (mapping, expected) in [
            ("system = \"old\"".to_owned(), "the mapping is wrong: it names no `[[file]]`"),
            ("petclinc".to_owned(), "none of this name comes with the program; there are `northwind`, `petclinic`"),
            ("system = \"old\n".to_owned(), "the mapping is wrong in line 1: "),
            (format!("{file}family_nam = \"name\"\n"), "in line 9: file `owners.csv`: a client has no field `family_nam`"),
            (format!("{file}family_name = {{ colum = \"name\" }}\n"), "in line 9: file `owners.csv`, field `family_name`: "),
            (format!("{file}account_status = {{ value = \"actve\" }}\n"), "in line 9: file `owners.csv`, field `account_status`: `value` must be one of `active`"),
            (file.replace("clients", "client"), "in line 5: file `owners.csv`: `client` is no resource that can be imported"),
        ] {
            let refused = caller.post("/v1/imports", &json!({"name": "Old data", "mapping": mapping})).await.refused(422, "rule_broken");
            let error = &refused.json["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!("/mapping"), &json!("mapping")));
            assert!(error["detail"].as_str().unwrap().contains(expected), "{mapping}: {error}");
        }
        assert_eq!(caller.get("/v1/imports").await.expect(200).data().len(), 0);
    }

    /// Nothing is begun without a file that is needed: it is named, and can still be sent.
    async fn a_missing_file_is_told_and_can_be_sent(world: World) {
        let caller = world.as_admin();
        let path = send(&caller, "petclinic", &petclinic()[..1]).await;
        let refused = start(&caller, &path, true).await.refused(409, "conflict");
        assert_eq!(refused.text("detail"), "the mapping reads `pets.csv`, which is missing; send it, then start the import");
        let northwind = json!({"dry_run": true, "mapping": "northwind"});
        let refused = caller.post(&format!("{path}/start"), &northwind).await.refused(409, "conflict");
        assert!(refused.text("detail").contains("`customers.csv`, `order_details.csv`"), "{}", refused.json);
        assert_eq!(caller.get(&path).await.expect(200).text("state"), "uploading");
        let (name, bytes) = &petclinic()[1];
        // As a spreadsheet saves “Unicode text”.
        let utf16: Vec<u8> = format!("\u{feff}{}", String::from_utf8_lossy(bytes)).encode_utf16().flat_map(u16::to_le_bytes).collect();
        caller.post(&format!("{path}/files"), &json!({"name": name, "content": base64(&utf16)})).await.expect(201);
        start(&caller, &path, true).await.expect(200);
        work(&world).await;
        let checked = caller.get(&path).await.expect(200);
        assert_eq!((checked.text("state"), count(&checked.json, "created")), ("checked", vec![10, 13]), "{}", checked.json);
        let path = send(&caller, "petclinic", &[]).await;
        for (body, pointer) in [
            (json!({"name": "../owners.csv", "content": ""}), "/name"),
            (json!({"name": "owners.csv", "content": "%"}), "/content"),
            (json!({"name": "owners.csv", "content": "", "part": 1_001}), "/part"),
        ] {
            let refused = caller.post(&format!("{path}/files"), &body).await.refused(422, "rule_broken");
            assert_eq!(refused.json["errors"][0]["pointer"], pointer);
        }
    }

    /// Damaged files are common: what they hold is told, and never keeps a report from being stored.
    async fn control_characters_are_rejected_row_by_row(world: World) {
        let admin = world.as_admin();
        let mapping = "system = \"old\"\n[[file]]\nname = \"c.csv\"\nresource = \"clients\"\nkey = \"id\"\n[file.fields]\nfamily_name = \"name\"\n";
        let damaged = "id,name\n1,Lee\n2,O\u{92}Brien\n3,Del\u{7f}\n4,Moreau\n";
        let path = send(&admin, mapping, &[("c.csv", damaged.as_bytes().to_vec())]).await;
        for dry_run in [true, false] {
            start(&admin, &path, dry_run).await.expect(200);
            work(&world).await;
            let now = admin.get(&path).await.expect(200);
            assert_eq!((count(&now.json, "created"), count(&now.json, "rejected")), (vec![2], vec![2]), "{}", now.json);
        }
        let rejects = admin.get(&format!("{path}/rejects")).await.expect(200);
        let originals: Vec<Value> = rejects.data().iter().map(|one| one["original"].clone()).collect();
        assert_eq!(originals, [json!(["2", "O\u{92}Brien"]), json!(["3", "Del\u{7f}"])]);
    }

    /// A header that no text may hold ends its import with a reason, and no other one waits for it.
    async fn an_import_that_cannot_be_read_keeps_nobody_waiting(world: World) {
        let admin = world.as_admin();
        let utf16: Vec<u8> = "id,name\n1,Lee\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let mapping = "system = \"old\"\n[[file]]\nname = \"c.csv\"\nresource = \"clients\"\nkey = \"id\"\n[file.fields]\nfamily_name = \"name\"\n";
        let path = send(&admin, mapping, &[("c.csv", utf16)]).await;
        let good = send(&admin, mapping, &[("c.csv", b"id,name\n1,Lee\n".to_vec())]).await;
        for path in [&path, &good] {
            start(&admin, path, false).await.expect(200);
        }
        work(&world).await;
        let ended = admin.get(&path).await.expect(200);
        assert_eq!(ended.text("state"), "failed", "{}", ended.json);
        assert!(ended.text("detail").contains("`id`") && ended.text("detail").contains("\\u0000"), "{}", ended.json);
        assert_eq!(admin.get(&good).await.expect(200).text("state"), "done");
    }
}

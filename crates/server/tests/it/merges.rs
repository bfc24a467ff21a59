//! Merges: every reference and every sum stays, with the record that stays.

use std::collections::BTreeMap;

use clinicos_testkit::{As, Samples, World, on_both_engines};
use serde_json::{Value, json};

use crate::changes::Follower;
use crate::changes_followed::{Author, Dice, Made, compare};
use crate::pages::all_pages;

/// What makes a record that refers to others, each with its members that do.
const REFERRING: [(&str, &[&str]); 4] =
    [("patients", &["/client_id"]), ("invoices", &["/client_id"]), ("payments", &["/client_id"]), ("refunds", &["/client_id"])];

/// Every record, tombstones included, by resource.
async fn everything(caller: &As) -> BTreeMap<&'static str, Vec<Value>> {
    let mut all = BTreeMap::new();
    for resource in ["clients", "patients", "invoices", "payments", "refunds"] {
        let include = if resource == "invoices" { "&include=lines" } else { "" };
        let path = format!("/v1/{resource}?limit=200&updated_at[gt]=2000-01-01T00:00:00Z{include}");
        all.insert(resource, all_pages(caller, &path).await);
    }
    all
}

fn amount(record: &Value, field: &str) -> i64 {
    record[field]["amount"].as_i64().unwrap()
}

fn sum(records: &[Value], field: &str) -> i64 {
    records.iter().map(|record| amount(record, field)).sum()
}

/// What each client's account has to be, by what refers to it.
fn check_accounts(all: &BTreeMap<&'static str, Vec<Value>>) {
    for client in &all["clients"] {
        let of_client = |resource: &str, field: &str| -> i64 {
            let own = all[resource].iter().filter(|record| record["client_id"] == client["id"]);
            own.filter(|record| record.get("deleted_at").is_none()).map(|record| amount(record, field)).sum()
        };
        assert_eq!(amount(client, "balance"), of_client("invoices", "balance"), "{client}");
        assert_eq!(amount(client, "credit"), of_client("payments", "unallocated"), "{client}");
    }
}

/// No record refers to what was merged into another one.
fn check_references(all: &BTreeMap<&'static str, Vec<Value>>) -> usize {
    let merged = |resource: &str| -> Vec<String> {
        let gone = all[resource].iter().filter(|record| record.get("merged_into").is_some());
        gone.map(|record| record["id"].as_str().unwrap().to_owned()).collect()
    };
    let (clients, patients) = (merged("clients"), merged("patients"));
    for (resource, members) in REFERRING {
        for record in &all[resource] {
            for member in members {
                let id = record.pointer(member).and_then(Value::as_str).unwrap_or_default();
                assert!(!clients.iter().any(|gone| gone == id), "{record}");
            }
            let owners = record["ownerships"].as_array().into_iter().flatten().map(|one| &one["client_id"]);
            let lines = record["lines"].as_array().into_iter().flatten().map(|one| &one["patient_id"]);
            let named: Vec<&str> = owners.chain(lines).filter_map(Value::as_str).collect();
            assert!(named.iter().all(|id| !clients.iter().chain(&patients).any(|gone| gone == id)), "{record}");
        }
    }
    clients.len() + patients.len()
}

/// Every record of the clinic in which an id stands, with its version.
async fn naming(world: &World, id: &str) -> BTreeMap<String, i64> {
    let mut found = BTreeMap::new();
    for folder in clinicos_clinic::RESOURCES.iter().filter(|folder| folder.resource.name != "synthetic") {
        let list = folder.operations.iter().map(|operation| operation.spec()).find(|spec| spec.id.ends_with(".list"));
        let Some(list) = list.filter(|list| list.reply_schema().is_some_and(|schema| schema.field("updated_at").is_some()))
        else {
            continue;
        };
        let include = if list.id == "invoices.list" { "&include=lines" } else { "" };
        let path = format!("{}?limit=200&updated_at[gt]=2000-01-01T00:00:00Z{include}", list.route.path);
        for record in all_pages(&world.as_admin(), &path).await.iter().filter(|record| record.to_string().contains(id)) {
            found.insert(format!("{}/{}", list.route.path, self::id(record)), record["version"].as_i64().unwrap());
        }
    }
    found
}

async fn make(caller: &As, path: &str, body: Value) -> Value {
    caller.post(path, &body).await.expect(201).json
}

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

on_both_engines! {
    async fn a_merged_client_is_a_tombstone_that_names_the_other(world: World) {
        let admin = world.as_admin();
        let external = |value: &str| json!([{"system": "avimark", "value": value}]);
        let gone = make(&admin, "/v1/clients", json!({"family_name": "Duplicate", "external_ids": external("C-1")})).await;
        let kept = make(&admin, "/v1/clients", json!({"family_name": "Kept", "external_ids": external("C-2")})).await;
        let owned = |client: &Value, role: &str| json!({"client_id": id(client), "role": role});
        let shared = json!({"name": "Rex", "species": "canine", "ownerships": [owned(&gone, "primary"), owned(&kept, "co_owner")]});
        let patient = make(&admin, "/v1/patients", shared).await;
        let line = json!({"description": "Exam", "patient_id": id(&patient), "unit_price": {"amount": 900, "currency": "USD"}});
        let invoice = make(&admin, "/v1/invoices", json!({"client_id": id(&gone), "stage": "open", "lines": [line]})).await;
        let body = json!({"client_id": id(&gone), "amount": {"amount": 250, "currency": "USD"}, "method": "cash"});
        let payment = make(&admin, "/v1/payments", body).await;
        let mut follower = Follower::begin(world.as_admin(), "").await;
        follower.catch_up(&world).await;

        let path = format!("/v1/clients/{}/merge", id(&gone));
        let into = json!({"into": id(&kept)});
        let stale = clinicos_testkit::Call::new("POST", path.clone()).header("idempotency-key", "m-1").header("if-match", "\"1-00000000\"").json(&into);
        admin.send(stale).await.expect(412);
        let merged = admin.post(&path, &into).await.expect(200).json;
        assert_eq!((amount(&merged, "balance"), amount(&merged, "credit")), (900, 250));
        assert_eq!(merged["external_ids"], json!([{"system": "avimark", "value": "C-2"}, {"system": "avimark", "value": "C-1"}]));
        let tombstone = admin.get(&format!("/v1/clients/{}", id(&gone))).await.expect(200).json;
        assert_eq!(tombstone["merged_into"], kept["id"]);
        assert!(tombstone["deleted_at"].is_string() && tombstone["external_ids"] == json!([]));
        assert_eq!((amount(&tombstone, "balance"), amount(&tombstone, "credit")), (0, 0));
        let patient = admin.get(&format!("/v1/patients/{}", id(&patient))).await.expect(200).json;
        assert_eq!(patient["ownerships"], json!([{"client_id": kept["id"], "role": "primary", "from": null, "to": null}]));
        assert_eq!(patient["client_id"], kept["id"]);
        for (resource, record) in [("invoices", &invoice), ("payments", &payment)] {
            let now = admin.get(&format!("/v1/{resource}/{}", id(record))).await.expect(200).json;
            assert_eq!((&now["client_id"], now["version"].as_i64()), (&kept["id"], record["version"].as_i64().map(|version| version + 1)));
        }
        follower.told.clear();
        follower.catch_up(&world).await;
        let told = |event: &str| follower.told.iter().find(|change| change["event"] == event).unwrap_or_else(|| panic!("{event} was not told"));
        assert_eq!((&told("client.merged")["merged_into"], &told("client.merged")["kind"]), (&kept["id"], &json!("tombstone")));
        for event in ["client.updated", "patient.updated", "invoice.updated", "payment.updated"] {
            assert_eq!(told(event)["kind"], "record");
        }
        compare(&world, &{ let mut copy = follower.copy.clone(); copy.retain(|_, record| !record.is_null()); copy }).await;

        // Again, it is as it was; into itself, elsewhere or of nothing, it is refused.
        let events = world.events().await.len();
        let again = admin.post(&path, &into).await.expect(200).json;
        assert_eq!((&again, world.events().await.len()), (&merged, events));
        let third = make(&admin, "/v1/clients", json!({"family_name": "Third"})).await;
        admin.post(&path, &json!({"into": id(&third)})).await.refused(409, "conflict");
        let kept_path = format!("/v1/clients/{}/merge", id(&kept));
        for into in [id(&kept), id(&gone), "cli_00000000000000000000000000"] {
            admin.post(&kept_path, &json!({"into": into})).await.refused(422, "rule_broken");
        }
        // The identifier elsewhere means the client who stays.
        let row = json!({"external_id": "C-1", "family_name": "Renamed"});
        admin.post("/v1/clients/import", &json!({"system": "avimark", "rows": [row]})).await.expect(200);
        let renamed = admin.get(&format!("/v1/clients/{}", id(&kept))).await.expect(200).json;
        assert_eq!(renamed["family_name"], "Renamed");
    }

    /// Whatever kind of record it is: after a merge none names what is gone, and each that did counts a change.
    async fn no_record_of_any_kind_names_what_was_merged(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        for (resource, kind) in [("patients", "patient"), ("clients", "client")] {
            let (gone, kept) = (samples.id(&format!("{kind}_id")), samples.id(&format!("other_{kind}_id")));
            let naming = naming(&world, gone).await;
            assert!(naming.len() > 8, "{naming:?}");
            admin.post(&format!("/v1/{resource}/{gone}/merge"), &json!({"into": kept})).await.expect(200);
            let own = format!("/v1/{resource}/{gone}");
            assert_eq!(self::naming(&world, gone).await.into_keys().collect::<Vec<_>>(), std::slice::from_ref(&own));
            for (path, version) in naming.into_iter().filter(|(path, _)| *path != own) {
                let now = admin.get(&path).await.expect(200);
                assert!(now.json["version"].as_i64() > Some(version) && now.json.to_string().contains(kept), "{path}: {}", now.json);
            }
        }
    }

    async fn a_merged_patient_leaves_its_lines_to_the_other(world: World) {
        let admin = world.as_admin();
        let client = make(&admin, "/v1/clients", json!({"family_name": "Owner"})).await;
        let animal = |name: &str| json!({"name": name, "species": "feline", "ownerships": [{"client_id": id(&client), "role": "primary"}]});
        let (gone, kept) = (make(&admin, "/v1/patients", animal("Tom")).await, make(&admin, "/v1/patients", animal("Tom")).await);
        let line = json!({"description": "Exam", "patient_id": id(&gone), "unit_price": {"amount": 900, "currency": "USD"}});
        let invoice = make(&admin, "/v1/invoices", json!({"client_id": id(&client), "stage": "open", "lines": [line]})).await;
        let path = format!("/v1/patients/{}/merge", id(&gone));
        let merged = admin.post(&path, &json!({"into": id(&kept)})).await.expect(200).json;
        assert_eq!(merged["id"], kept["id"]);
        let now = admin.get(&format!("/v1/invoices/{}", id(&invoice))).await.expect(200).json;
        assert_eq!((&now["lines"][0]["patient_id"], &now["version"], &now["lines"][0]["version"]), (&kept["id"], &json!(2), &json!(2)));
        let tombstone = admin.get(&format!("/v1/patients/{}", id(&gone))).await.expect(200).json;
        assert_eq!(tombstone["merged_into"], kept["id"]);
        let names: Vec<String> = world.events().await.into_iter().rev().take(3).map(|event| event.name).collect();
        assert_eq!(names, ["patient.updated", "patient.merged", "invoice.updated"]);
    }

    async fn who_stays_weighs_what_was_measured_last_of_both(world: World) {
        let admin = world.as_admin();
        let weigh = async |patient: &Value, day: &str, kilograms: &str| {
            let at = format!("{day}T15:00:00Z");
            make(&admin, "/v1/vitals", json!({"patient_id": id(patient), "taken_at": at, "weight_kg": kilograms})).await;
        };
        // What each was entered with and when it was weighed, and what remains.
        let (july, august) = (Some(("2026-07-01", "4.4")), Some(("2026-08-01", "5.5")));
        for (gone, kept, expected) in [
            (("3", august), ("4", july), json!("5.5")),
            (("3", july), ("4", august), json!("5.5")),
            (("3", july), ("4", None), json!("4.4")),
            (("3", None), ("4", july), json!("4.4")),
            (("3", None), ("4", None), json!("4")),
            (("3", None), ("", None), json!("3")),
            (("3", july), ("", None), json!("4.4")),
            (("", None), ("", None), Value::Null),
        ] {
            let mut both = Vec::new();
            for (entered, weighed) in [gone, kept] {
                let weight = if entered.is_empty() { Value::Null } else { json!(entered) };
                let patient = json!({"name": "Tom", "species": "feline", "status": "transferred", "weight_kg": weight});
                let patient = make(&admin, "/v1/patients", patient).await;
                if let Some((day, kilograms)) = weighed {
                    weigh(&patient, day, kilograms).await;
                    make(&admin, "/v1/vitals", json!({"patient_id": id(&patient), "taken_at": "2026-09-01T15:00:00Z", "heart_rate": 90})).await;
                }
                both.push(patient);
            }
            let merged = admin.post(&format!("/v1/patients/{}/merge", id(&both[0])), &json!({"into": id(&both[1])})).await.expect(200).json;
            assert_eq!(merged["weight_kg"], expected, "{gone:?} into {kept:?}");
            assert_eq!(admin.get(&format!("/v1/patients/{}", id(&both[1]))).await.expect(200).json, merged);
            let event = world.events().await.into_iter().rev().find(|event| event.name == "patient.updated").unwrap();
            assert_eq!(format!("{event:?}").contains("weight_kg"), merged["weight_kg"] != both[1]["weight_kg"], "{event:?}");
        }
    }

    /// What cannot be one animal stays two, and says why; what can be one is one, and once.
    async fn patients_that_cannot_be_one_animal_are_not_merged(world: World) {
        let admin = world.as_admin();
        let client = make(&admin, "/v1/clients", json!({"family_name": "Owner"})).await;
        let owned = json!([{"client_id": id(&client), "role": "primary"}]);
        let animal = |more: Value| {
            let mut body = json!({"name": "Tom", "species": "feline", "ownerships": owned});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let dead = json!({"status": "deceased", "deceased_at": "2026-11-10T12:00:00Z"});
        let cases = [
            (json!({}), json!({"species": "canine"}), Some("species")),
            (json!({}), json!({"species": "exotic_other"}), None),
            (dead.clone(), json!({}), Some("deceased_at")),
            (dead.clone(), dead.clone(), None),
            (json!({}), dead, None),
            (json!({}), json!({"birth_date": "2026-11-02"}), Some("birth_date")),
            (json!({}), json!({"birth_date": "2026-11-01"}), None),
            (json!({}), json!({"birth_date": "2026-11-20", "birth_date_precision": "month"}), None),
        ];
        for (of_gone, of_kept, refused) in cases {
            let gone = make(&admin, "/v1/patients", animal(of_gone)).await;
            let kept = make(&admin, "/v1/patients", animal(of_kept.clone())).await;
            make(&admin, "/v1/vitals", json!({"patient_id": id(&gone), "taken_at": "2026-11-01T18:00:00Z", "heart_rate": 90})).await;
            let events = world.events().await.len();
            let reply = admin.post(&format!("/v1/patients/{}/merge", id(&gone)), &json!({"into": id(&kept)})).await;
            match refused {
                Some(code) => {
                    let reply = reply.refused(422, "rule_broken");
                    let error = &reply.json["errors"][0];
                    assert_eq!((&error["pointer"], &error["code"]), (&json!("/into"), &json!(code)), "{error}");
                    assert!(error.to_string().contains(&format!("`{code}`")), "names the field: {error}");
                    assert_eq!(world.events().await.len(), events);
                }
                None => {
                    assert_eq!(reply.expect(200).json["id"], kept["id"], "{of_kept}");
                    let events = world.events().await.len();
                    admin.post(&format!("/v1/patients/{}/merge", id(&gone)), &json!({"into": id(&kept)})).await.expect(200);
                    assert_eq!(world.events().await.len(), events, "again");
                }
            }
        }
    }

    /// Whatever was there: nothing is lost, nothing refers to what is gone, and every sum is as it was.
    async fn a_merge_keeps_every_reference_and_every_sum(world: World) {
        let mut follower = Follower::begin(world.as_admin(), "").await;
        let mut author = Author { caller: world.as_admin(), dice: Dice::new(5), made: Made::default() };
        for _ in 0..250 {
            author.act().await;
        }
        let mut merges = 0;
        for round in 0..60 {
            let before = everything(&world.as_admin()).await;
            let of = if round % 3 == 0 { "patients" } else { "clients" };
            let (from, into) = (author.one(of).unwrap(), author.one(of).unwrap());
            let reply = author.caller.post(&format!("/v1/{of}/{from}/merge"), &json!({"into": into})).await;
            assert!([200, 409, 422].contains(&reply.status), "{}", reply.json);
            merges += usize::from(reply.status == 200);
            let after = everything(&world.as_admin()).await;
            for (resource, records) in &before {
                assert_eq!(records.len(), after[resource].len(), "{resource} are lost");
            }
            for field in ["balance", "credit"] {
                assert_eq!(sum(&before["clients"], field), sum(&after["clients"], field), "{field}");
            }
            check_accounts(&after);
            check_references(&after);
        }
        assert!(merges > 5 && check_references(&everything(&world.as_admin()).await) > 5, "{merges} merges");
        follower.catch_up(&world).await;
        compare(&world, &follower.copy).await;
    }
}

//! What a client refuses does not leave, through no exit; what is the clinic's own figure stays exact (abuse cases A1,
//! A3, A4, A5).

use clinicos_contract::Clock as _;
use clinicos_testkit::{As, World, on_both_engines};
use serde_json::{Value, json};

use crate::pages::all_pages;

/// A clinic with two clients, an animal and a bill of each.
pub struct Household {
    pub shy: String,
    pub open: String,
    pub shy_patient: String,
    pub shy_invoice: String,
    pub open_invoice: String,
}

async fn client(admin: &As, name: &str) -> String {
    let body = json!({"given_name": "Kim", "family_name": name, "phones": [{"kind": "mobile", "number": "+1 312 555 0123"}]});
    admin.post("/v1/clients", &body).await.expect(201).id()
}

async fn patient(admin: &As, owners: &[&str]) -> String {
    let owners: Vec<Value> = owners.iter().map(|owner| json!({"client_id": owner, "role": "primary"})).collect();
    let body = json!({"name": "Rex", "species": "canine", "ownerships": owners});
    admin.post("/v1/patients", &body).await.expect(201).id()
}

async fn invoice(admin: &As, client: &str, patient: &str) -> String {
    let line = json!({"description": "Dental cleaning", "quantity": "1", "unit_price": {"amount": 12_300, "currency": "USD"}, "patient_id": patient});
    let body = json!({"client_id": client, "stage": "open", "notes": "Pays late", "lines": [line, {"description": "For a good friend", "quantity": "1", "unit_price": {"amount": 0, "currency": "USD"}}]});
    admin.post("/v1/invoices", &body).await.expect(201).id()
}

impl Household {
    pub async fn make(world: &World) -> Self {
        Self::of(&world.as_admin()).await
    }

    /// In the clinic of this admin.
    pub async fn of(admin: &As) -> Self {
        let (shy, open) = (client(admin, "Shy").await, client(admin, "Open").await);
        let shy_patient = patient(admin, &[&shy]).await;
        let open_patient = patient(admin, &[&open]).await;
        let shy_invoice = invoice(admin, &shy, &shy_patient).await;
        let open_invoice = invoice(admin, &open, &open_patient).await;
        Self { shy, open, shy_patient, shy_invoice, open_invoice }
    }
}

/// A program of a service provider, which bills: by the rules it may see all unless a client refuses.
pub async fn provider(world: &World) -> As {
    world.as_key(&provider_of(world, &world.clinic.clinic_id).await)
}

/// The key of one of this clinic.
pub async fn provider_of(world: &World, clinic_id: &str) -> String {
    let scopes =
        ["clients:write", "patients:read", "invoices:write", "payments:read", "changes:read", "consents:read", "clients:merge"];
    let known: Vec<String> = world.admin_scopes();
    let scopes: Vec<&str> = scopes.into_iter().filter(|scope| known.iter().any(|one| one == scope)).collect();
    let body = json!({
        "name": "Ledger", "purpose": "payment", "recipient": "service_provider", "reason": "Books", "scopes": scopes,
        "categories": ["owner_contact", "owner_financial", "patient_identity", "clinical", "communications"],
    });
    let target = format!("/v1/keys?clinic_id={clinic_id}");
    world.as_operator().post(&target, &body).await.expect(201).text("secret").to_owned()
}

/// A client says something about payment, to everybody.
pub async fn says(world: &World, client: &str, decision: &str, more: Value) -> (String, String) {
    says_to(&world.as_admin(), client, decision, more).await
}

/// The same in the clinic of this admin.
pub async fn says_to(admin: &As, client: &str, decision: &str, more: Value) -> (String, String) {
    let mut body = json!({
        "subject": "client", "client_id": client, "category": "data_sharing", "decision": decision,
        "purposes": ["payment"], "status": "active", "method": "signed",
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    let reply = admin.post("/v1/consents", &body).await.expect(201);
    (reply.id(), reply.etag().to_owned())
}

fn hidden(record: &Value) -> Vec<&str> {
    let all = record["_redactions"].as_array().into_iter().flatten();
    all.filter(|one| one["reason"] == "client_consent").map(|one| one["path"].as_str().unwrap()).collect()
}

on_both_engines! {
    /// A1: the invoice stays, and so does its sum; whose it is does not.
    async fn a1_who_refuses_is_not_told_of_and_the_sums_stay_exact(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        let path = "/v1/invoices?include=lines,client";
        let before = all_pages(&app, path).await;
        assert!(before.iter().all(|invoice| hidden(invoice).is_empty() && invoice["client"]["family_name"].is_string()));
        let lines = before.iter().flat_map(|invoice| invoice["lines"].as_array().unwrap());
        assert!(lines.clone().count() == 4 && lines.clone().all(|line| hidden(line).is_empty()));
        says(&world, &house.shy, "deny", json!({})).await;
        let after = all_pages(&app, path).await;
        assert_eq!(after.len(), 2);
        let of = |id: &str| after.iter().find(|invoice| invoice["id"] == id).unwrap();
        let shy = of(&house.shy_invoice);
        assert_eq!(hidden(shy), ["/client_id", "/notes", "/void_reason", "/external_ids"]);
        assert_eq!((&shy["client"], &shy["client_id"]), (&Value::Null, &Value::Null));
        let line = &shy["lines"][0];
        assert_eq!((hidden(line), line["total"]["amount"].as_i64()), (vec!["/patient_id", "/description"], Some(12_300)));
        assert_eq!(hidden(&shy["lines"][1]), ["/patient_id", "/description"], "it names nobody, and stands in the client's bill");
        assert_eq!(of(&house.open_invoice), before.iter().find(|one| one["id"] == house.open_invoice.as_str()).unwrap());
        let sum = |all: &[Value]| all.iter().map(|one| one["total"]["amount"].as_i64().unwrap()).sum::<i64>();
        assert_eq!(sum(&after), sum(&before));
        assert_eq!(all_pages(&world.as_admin(), path).await.iter().filter(|one| !hidden(one).is_empty()).count(), 0);
    }

    /// A1: one record, its animal, and the feed of changes say no more than the list.
    async fn a1_no_exit_tells_what_the_list_hides(world: World) {
        let (app, admin) = (provider(&world).await, world.as_admin());
        let house = Household::make(&world).await;
        says(&world, &house.shy, "deny", json!({})).await;
        let start = app.get("/v1/changes?types=client,invoice").await.expect(200).text("next_cursor").to_owned();
        for client in [&house.shy, &house.open] {
            let target = format!("/v1/clients/{client}");
            admin.patch(&target, admin.get(&target).await.etag(), &json!({"language": "es"})).await.expect(200);
        }
        let target = format!("/v1/invoices/{}", house.shy_invoice);
        admin.patch(&target, admin.get(&target).await.etag(), &json!({"notes": "Still pays late"})).await.expect(200);
        let client = app.get(&format!("/v1/clients/{}", house.shy)).await.expect(200);
        assert!(client.json.get("family_name").is_none() && client.json.get("phones").is_none(), "{}", client.json);
        assert!(client.json.get("balance").is_none(), "{}", client.json);
        let patient = app.get(&format!("/v1/patients/{}", house.shy_patient)).await.expect(200);
        assert!(patient.json.get("name").is_none() && patient.json.get("client_id").is_none(), "{}", patient.json);
        let path = format!("/v1/changes?types=client,invoice&cursor={start}");
        let changes = app.get(&path).await.expect(200);
        let told = changes.json.to_string();
        assert!(told.contains("Open") && !told.contains("Shy"), "{told}");
        let invoice = changes.data().iter().find(|change| change["record"]["id"] == house.shy_invoice.as_str()).unwrap();
        assert_eq!(hidden(&invoice["record"]), ["/client_id", "/notes", "/void_reason", "/external_ids"]);
    }

    /// A1: the bytes of a document are as much the client's as what it is called, in an export, too.
    async fn a1_the_bytes_of_a_document_stay_with_it(world: World) {
        let house = Household::make(&world).await;
        let admin = world.as_admin();
        let body = json!({"kind": "other", "title": "Letter", "mime": "text/plain", "patient_id": house.shy_patient});
        let document = admin.post("/v1/documents", &body).await.expect(201).id();
        let target = format!("/v1/documents/{document}/content");
        admin.post(&target, &json!({"content": "SHVzaGJyb29r"})).await.expect(200);
        let body = json!({
            "name": "Lab", "purpose": "treatment", "recipient": "laboratory", "reason": "Samples",
            "scopes": ["documents:read", "exports:write"],
        });
        let key = world.as_operator().post(&format!("/v1/keys?clinic_id={}", world.clinic.clinic_id), &body).await.expect(201);
        let app = world.as_key(key.text("secret"));
        let tells = async || {
            let export = app.post("/v1/exports", &json!({})).await.expect(201).id();
            let chunks = app.get(&format!("/v1/exports/{export}")).await.expect(200).json["chunks"].as_i64().unwrap();
            let mut told = String::from_utf8_lossy(&app.get(&target).await.expect(200).bytes).into_owned();
            for chunk in 0..chunks {
                told += &String::from_utf8_lossy(&app.get(&format!("/v1/exports/{export}/chunks/{chunk}")).await.expect(200).bytes);
            }
            told.matches("SHVzaGJyb29r").count()
        };
        assert_eq!(tells().await, 2, "a laboratory sees what the patient's case needs");
        says(&world, &house.shy, "deny", json!({"purposes": ["treatment"]})).await;
        assert_eq!(tells().await, 0);
    }

    /// A3: a follower holds what it should not once a client refuses, and is told to read again.
    async fn a3_who_follows_is_told_that_less_may_be_held(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        let cursor = async || app.get("/v1/changes?types=client").await.expect(200).text("next_cursor").to_owned();
        let told = async |cursor: &str| {
            let reply = app.get(&format!("/v1/changes?types=client&cursor={cursor}")).await.expect(200);
            let kinds: Vec<String> = reply.data().iter().map(|change| change["kind"].as_str().unwrap_or_default().to_owned()).collect();
            (kinds, reply.text("next_cursor").to_owned())
        };
        let start = cursor().await;
        let (nothing, start) = told(&start).await;
        assert!(nothing.is_empty(), "{nothing:?}");
        says(&world, &house.shy, "deny", json!({})).await;
        let (gap, start) = told(&start).await;
        assert_eq!(gap, ["gap"]);
        assert!(told(&start).await.0.is_empty(), "it is told once");
    }

    /// A4: what would show in which records come, or in their order, is refused; whose they are finds nothing.
    async fn a4_hidden_fields_find_and_sort_nothing(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        says(&world, &house.shy, "deny", json!({})).await;
        for path in ["/v1/clients?family_name=Shy", "/v1/patients?sort=name", "/v1/patients?name=Rex"] {
            app.get(path).await.refused(403, "hidden_field");
            world.as_admin().get(path).await.expect(200);
        }
        let found = |reply: clinicos_testkit::Reply| reply.data().len();
        assert_eq!(found(app.get(&format!("/v1/invoices?client_id={}", house.shy)).await.expect(200)), 0);
        assert_eq!(found(app.get(&format!("/v1/invoices?client_id={}", house.open)).await.expect(200)), 1);
        assert_eq!(found(app.get("/v1/invoices?total[gte]=1&sort=issued_on").await.expect(200)), 2);
    }

    /// A3: a word holds from the next call on, and the last one counts.
    async fn a3_the_last_word_counts_from_the_next_call_on(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        let target = format!("/v1/clients/{}", house.shy);
        let name = async || app.get(&target).await.expect(200).json.get("family_name").is_some();
        let tag = async || app.get(&target).await.expect(200).etag().to_owned();
        let first = tag().await;
        assert!(name().await);
        let (consent, etag) = says(&world, &house.shy, "deny", json!({})).await;
        assert!(!name().await);
        assert_ne!(first, tag().await, "a cache would go on showing what it has");
        world.clock.advance_s(1);
        let taken_back = json!({"status": "withdrawn"});
        world.as_admin().patch(&format!("/v1/consents/{consent}"), &etag, &taken_back).await.expect(200);
        assert!(name().await);
        world.clock.advance_s(1);
        let (permission, etag) = says(&world, &house.shy, "permit", json!({})).await;
        assert!(name().await);
        world.clock.advance_s(1);
        world.as_admin().patch(&format!("/v1/consents/{permission}"), &etag, &taken_back).await.expect(200);
        assert!(!name().await, "who takes a permission back says no");
    }

    /// A3: an end comes by itself.
    async fn a3_a_word_ends_when_it_said_so(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        let target = format!("/v1/clients/{}", house.shy);
        let end = world.clock.now().plus_seconds(60).to_string();
        says(&world, &house.shy, "deny", json!({"valid_until": end})).await;
        assert!(app.get(&target).await.expect(200).json.get("family_name").is_none());
        world.clock.advance_s(60);
        assert!(app.get(&target).await.expect(200).json.get("family_name").is_some());
    }

    /// Several owners: what all of them allow. Who becomes an owner later counts from then on.
    async fn the_strictest_of_several_owners_counts(world: World) {
        let house = Household::make(&world).await;
        let (admin, app) = (world.as_admin(), provider(&world).await);
        let patient = patient(&admin, &[&house.open]).await;
        let target = format!("/v1/patients/{patient}");
        says(&world, &house.shy, "deny", json!({})).await;
        let before = app.get(&target).await.expect(200);
        assert_eq!(before.text("name"), "Rex");
        let owners = json!([{"client_id": house.open, "role": "primary"}, {"client_id": house.shy, "role": "co_owner"}]);
        admin.patch(&target, admin.get(&target).await.etag(), &json!({"ownerships": owners})).await.expect(200);
        assert!(app.get(&target).await.expect(200).json.get("name").is_none());
        let owners = json!([{"client_id": house.open, "role": "primary"}]);
        admin.patch(&target, admin.get(&target).await.etag(), &json!({"ownerships": owners})).await.expect(200);
        assert_eq!(app.get(&target).await.expect(200).text("name"), "Rex");
    }

    /// A5: a change of what is hidden would tell whether it was another before.
    async fn a5_hidden_fields_are_not_written(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        says(&world, &house.shy, "deny", json!({})).await;
        let target = format!("/v1/clients/{}", house.shy);
        let seen = app.get(&target).await.expect(200);
        for fields in ["", "?fields=id"] {
            let reply = app.patch(&format!("{target}{fields}"), seen.etag(), &json!({"family_name": "Shy"})).await;
            reply.refused(403, "hidden_field");
        }
        let after = world.as_admin().get(&target).await.expect(200);
        assert_eq!((after.text("family_name"), &after.json["version"]), ("Shy", &seen.json["version"]));
    }

    /// A5: an import tells of each row whether it is another than what stands there.
    async fn a5_nothing_is_compared_with_what_is_hidden(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        let rows = json!({"system": "old", "rows": [{"external_id": "1", "family_name": "Shy"}]});
        app.post("/v1/clients/import", &rows).await.refused(403, "hidden_field");
        let into = json!({"into": house.open});
        app.post(&format!("/v1/clients/{}/merge", house.shy), &into).await.refused(403, "hidden_field");
        world.as_admin().post("/v1/clients/import", &rows).await.expect(200);
    }

    /// A refusal that names a program by its name goes on when the program is renamed; a permission does not.
    async fn a_refusal_by_name_outlives_the_name(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        let target = format!("/v1/clients/{}", house.shy);
        says(&world, &house.shy, "deny", json!({"recipients": [{"app": "ledger"}]})).await;
        assert!(app.get(&target).await.expect(200).json.get("family_name").is_none());
        let listed = world.as_admin().get("/v1/connections").await.expect(200);
        let connection = listed.data().iter().find(|one| one["name"] == "Ledger").unwrap()["id"].as_str().unwrap().to_owned();
        world.change_connection(&connection, &json!({"name": "Bookworm"})).await.expect(200);
        assert!(app.get(&target).await.expect(200).json.get("family_name").is_none());
        assert!(app.get(&format!("/v1/clients/{}", house.open)).await.expect(200).json.get("family_name").is_some());
    }

    /// By another place's rules the same word can come to something else; no program decides by which.
    async fn rules_are_those_of_the_clinics_place(world: World) {
        let target = format!("/v1/clinics/{}", world.clinic.clinic_id);
        let admin = world.as_admin();
        let clinic = admin.get(&target).await.expect(200);
        assert_eq!(clinic.text("jurisdiction"), "US-IL", "that of its address");
        admin.patch(&target, clinic.etag(), &json!({"jurisdiction": "US-CA"})).await.refused(403, "role_not_allowed");
        let operator = world.as_operator();
        operator.patch(&target, clinic.etag(), &json!({"jurisdiction": "US-XX"})).await.refused(422, "rule_broken");
        operator.patch(&target, clinic.etag(), &json!({"jurisdiction": "US-CA"})).await.expect(200);
        assert_eq!(admin.get(&target).await.expect(200).text("jurisdiction"), "US-CA");
    }
}

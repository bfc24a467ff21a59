//! What would tell whose a record is though it does not say so: the log, decisions, what a write is told, ids that lead
//! from one record to another, and what others call a client (abuse cases A1, A4, A5).

use clinicos_testkit::{As, Reply, World, on_both_engines};
use serde_json::{Value, json};

use crate::consent::{Household, provider_of, says};

/// A program of a service provider with these scopes, which sees every category that clients decide about.
async fn bound(world: &World, scopes: &[&str]) -> As {
    let body = json!({
        "name": "Ledger", "purpose": "payment", "recipient": "service_provider", "reason": "Books", "scopes": scopes,
        "categories": [
            "practice", "owner_contact", "owner_financial", "patient_identity", "clinical", "communications", "appointments",
        ],
    });
    let target = format!("/v1/keys?clinic_id={}", world.clinic.clinic_id);
    world.as_key(world.as_operator().post(&target, &body).await.expect(201).text("secret"))
}

fn hidden(record: &Value) -> Vec<&str> {
    let all = record["_redactions"].as_array().into_iter().flatten();
    all.filter(|one| one["reason"] == "client_consent").map(|one| one["path"].as_str().unwrap()).collect()
}

/// A refusal of a body that names what clients keep from the caller; where it stands.
#[track_caller]
fn keeps(reply: &Reply) -> String {
    assert_eq!((reply.status, reply.json["code"].as_str()), (403, Some("hidden_field")), "{}: {}", reply.label, reply.json);
    reply.json["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
}

on_both_engines! {
    /// Two answers that one consent narrowed would be of one client: neither the log nor a decision says which it was.
    async fn who_is_bound_does_not_learn_whose_records_were_hidden(world: World) {
        let house = Household::make(&world).await;
        says(&world, &house.shy, "deny", json!({})).await;
        let app = bound(&world, &["clients:read", "invoices:read", "audit_entries:read", "decisions:read", "disclosures:read"]).await;
        for target in [format!("/v1/clients/{}", house.shy), format!("/v1/invoices/{}", house.shy_invoice)] {
            let seen = app.get(&target).await.expect(200);
            let decision = app.get(&format!("/v1/decisions/{}", seen.request_id().replace("req_", "dec_"))).await.expect(200);
            assert_eq!((&decision.json["consent_ids"], &decision.json["status"]), (&json!([]), &json!(200)));
            app.get(&format!("/v1/audit_entries?request_id={}", seen.request_id())).await.refused(403, "hidden_field");
            app.get(&format!("/v1/audit_entries/{}", seen.request_id().replace("req_", "aud_"))).await.refused(403, "hidden_field");
            let whole = world.as_admin().get(&format!("/v1/audit_entries?request_id={}", seen.request_id())).await.expect(200);
            assert!(whole.json.to_string().contains(&house.shy), "the clinic itself sees it");
        }
        for name in ["subject_id", "record_id"] {
            app.get(&format!("/v1/audit_entries?{name}={}", house.shy)).await.refused(403, "hidden_field");
        }
        app.get(&format!("/v1/clients/{}/disclosures", house.shy)).await.refused(403, "hidden_field");
        let others = world.as_admin().get(&format!("/v1/clients/{}", house.shy)).await.expect(200);
        app.get(&format!("/v1/decisions/{}", others.request_id().replace("req_", "dec_"))).await.refused(404, "not_found");
    }

    /// What one client owes is no total: it stands beside who owes it.
    async fn what_a_client_owes_goes_with_the_client(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "invoices:read"]).await;
        says(&world, &house.shy, "deny", json!({"data_categories": ["owner_financial"]})).await;
        let client = app.get(&format!("/v1/clients/{}", house.shy)).await.expect(200).json;
        assert_eq!((&client["family_name"], hidden(&client)), (&json!("Shy"), vec!["/balance", "/credit"]));
        app.get("/v1/clients?balance[gte]=1").await.refused(403, "hidden_field");
        let invoice = app.get(&format!("/v1/invoices/{}", house.shy_invoice)).await.expect(200).json;
        assert_eq!(invoice["total"]["amount"], 12_300, "the clinic's own totals are exact");
    }

    /// What a write is told of a record, and whether it is taken, is told to whoever may see that record.
    async fn nothing_is_written_about_who_is_hidden(world: World) {
        let house = Household::make(&world).await;
        let scopes = ["clients:write", "payments:write", "invoices:write", "vitals:write"];
        let app = bound(&world, &scopes).await;
        let money = json!({"amount": 100, "currency": "USD"});
        let pays = |client: &str, invoice: &str| {
            json!({"client_id": client, "amount": money, "method": "cash", "allocations": [{"invoice_id": invoice, "amount": money}]})
        };
        let weighed = json!({"patient_id": house.shy_patient, "taken_at": "2026-11-20T15:32:00Z", "weight_kg": "11.8"});
        says(&world, &house.shy, "deny", json!({})).await;
        let before = world.row_counts().await;
        assert_eq!(keeps(&app.post("/v1/payments", &pays(&house.shy, &house.open_invoice)).await), "/client_id");
        assert_eq!(keeps(&app.post("/v1/payments", &pays(&house.open, &house.shy_invoice)).await), "/allocations/0/invoice_id");
        assert_eq!(keeps(&app.post("/v1/vitals", &weighed).await), "/patient_id");
        // Nor is what is hidden changed: what comes of it, and what else moves, would tell.
        let bill = format!("/v1/invoices/{}", house.shy_invoice);
        let (client, etag) = (format!("/v1/clients/{}", house.shy), app.get(&bill).await.expect(200).etag().to_owned());
        let lines = json!({"lines": [{"description": "Mine", "quantity": "1", "unit_price": money}]});
        for reply in [
            app.patch(&bill, &etag, &lines).await,
            app.post(&format!("{bill}/payments"), &json!({"amount": money, "method": "cash"})).await,
            app.post(&format!("{bill}/void"), &json!({"reason": "Mine"})).await,
            app.delete(&client, app.get(&client).await.expect(200).etag()).await,
        ] {
            assert_eq!(keeps(&reply), "", "{}", reply.label);
        }
        assert_eq!(world.row_counts().await, before);
        app.post("/v1/payments", &pays(&house.open, &house.open_invoice)).await.expect(201);
        world.clock.advance_s(1);
        says(&world, &house.shy, "permit", json!({})).await;
        app.post("/v1/vitals", &weighed).await.expect(201);
        // Another clinic's, and none at all, are told as they are to everybody.
        let absent = clinicos_testkit::absent_id("cli");
        assert_eq!(app.post("/v1/payments", &pays(&absent, &house.open_invoice)).await.status, 422);
    }

    /// Who is bound by what clients decide does not decide for them.
    async fn who_is_bound_writes_down_refusals_alone(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "consents:write"]).await;
        let said = |decision: &str, status: &str| {
            json!({
                "subject": "client", "client_id": house.shy, "category": "data_sharing", "decision": decision,
                "purposes": ["payment"], "status": status, "method": "verbal",
            })
        };
        let refusal = app.post("/v1/consents", &said("deny", "active")).await.expect(201);
        let client = format!("/v1/clients/{}", house.shy);
        assert!(!hidden(&app.get(&client).await.expect(200).json).is_empty());
        for (decision, status) in [("permit", "active"), ("deny", "withdrawn")] {
            app.post("/v1/consents", &said(decision, status)).await.refused(403, "cannot_grant");
        }
        let target = format!("/v1/consents/{}", refusal.id());
        for status in ["withdrawn", "expired", "entered_in_error"] {
            let reply = app.patch(&target, refusal.etag(), &json!({"status": status})).await;
            assert_eq!((reply.status, hidden(&app.get(&client).await.json).is_empty()), (403, false), "{status}: {}", reply.json);
        }
        let asked = app.post("/v1/consents", &said("permit", "proposed")).await.expect(201);
        let target = format!("/v1/consents/{}", asked.id());
        let reply = app.patch(&target, asked.etag(), &json!({"status": "active"})).await;
        assert_eq!((reply.status, hidden(&app.get(&client).await.json).is_empty()), (403, false), "{}", reply.json);
        world.clock.advance_s(1);
        says(&world, &house.shy, "permit", json!({})).await;
        assert!(hidden(&app.get(&client).await.json).is_empty(), "the clinic writes down what the client permits");
    }

    /// What another system calls a client may look like an id of ours; it names nobody here.
    async fn what_others_call_a_client_names_nobody(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "invoices:read"]).await;
        let elsewhere = clinicos_testkit::absent_id("cli");
        let admin = world.as_admin();
        for target in [format!("/v1/clients/{}", house.shy), format!("/v1/invoices/{}", house.shy_invoice)] {
            let change = json!({"external_ids": [{"system": "clinicos", "value": elsewhere}]});
            admin.patch(&target, admin.get(&target).await.etag(), &change).await.expect(200);
            assert!(app.get(&target).await.expect(200).json.to_string().contains(&elsewhere));
        }
        says(&world, &house.shy, "deny", json!({})).await;
        for target in [format!("/v1/clients/{}", house.shy), format!("/v1/invoices/{}", house.shy_invoice)] {
            let shown = app.get(&target).await.expect(200).json;
            assert!(!shown.to_string().contains(&elsewhere) && hidden(&shown).contains(&"/external_ids"), "{shown}");
        }
    }

    /// A message says whose it is; it does not lead to the bill of one who refused that bills are shown.
    async fn what_may_be_shown_does_not_lead_to_what_may_not(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "messages:read", "invoices:read"]).await;
        let message = json!({
            "client_id": house.shy, "invoice_id": house.shy_invoice, "channel": "sms", "direction": "outbound", "category": "billing",
            "status": "queued", "provider": "twilio", "sender": "+13125550100", "recipient": "+13125550142", "body": "Your bill",
        });
        let message = world.as_admin().post("/v1/messages", &message).await.expect(201).id();
        let target = format!("/v1/messages/{message}");
        assert_eq!(app.get(&target).await.expect(200).json["invoice_id"], json!(house.shy_invoice));
        says(&world, &house.shy, "deny", json!({"data_categories": ["owner_financial"]})).await;
        let shown = app.get(&target).await.expect(200).json;
        assert_eq!((&shown["client_id"], hidden(&shown)), (&json!(house.shy), vec!["/invoice_id"]));
        app.get(&format!("/v1/messages?invoice_id={}", house.shy_invoice)).await.refused(403, "hidden_field");
    }

    /// Who had an animal before decides about being named, and no longer about the animal.
    async fn who_owned_an_animal_before_decides_about_being_named(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "patients:read"]).await;
        let admin = world.as_admin();
        let target = format!("/v1/patients/{}", house.shy_patient);
        let owners = json!({"ownerships": [
            {"client_id": house.shy, "role": "primary", "from": "2020-01-01", "to": "2020-02-01"},
            {"client_id": house.open, "role": "primary", "from": "2020-02-01"},
        ]});
        admin.patch(&target, admin.get(&target).await.etag(), &owners).await.expect(200);
        says(&world, &house.shy, "deny", json!({})).await;
        let shown = app.get(&target).await.expect(200).json;
        assert_eq!((&shown["name"], &shown["client_id"], hidden(&shown)), (&json!("Rex"), &json!(house.open), vec!["/ownerships"]));
        assert!(!shown.to_string().contains(&house.shy), "{shown}");
        says(&world, &house.open, "deny", json!({})).await;
        assert!(app.get(&target).await.expect(200).json.get("name").is_none());
    }

    /// What a client said of one animal counts for whose it is, too.
    async fn a_refusal_about_one_animal_hides_whose_it_is(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "visits:read"]).await;
        let admin = world.as_admin();
        let body = json!({"patient_id": house.shy_patient, "client_id": house.shy, "class": "outpatient", "status": "in_progress", "starts_at": "2026-11-20T15:30:00Z"});
        let visit = admin.post("/v1/visits", &body).await;
        let visit = visit.expect(201).id();
        let target = format!("/v1/visits/{visit}");
        assert_eq!(app.get(&target).await.expect(200).json["client_id"], json!(house.shy));
        says(&world, &house.shy, "deny", json!({"subject": "patient", "patient_id": house.shy_patient})).await;
        let shown = app.get(&target).await.expect(200).json;
        assert!(!shown.to_string().contains(&house.shy) && hidden(&shown).contains(&"/client_id"), "{shown}");
        let found = app.get(&format!("/v1/visits?client_id={}", house.shy)).await.expect(200);
        assert_eq!(found.data().len(), 0, "to find it would tell whose it is");
    }

    /// What happened to a record can tell what stands in it.
    async fn the_feed_says_no_more_of_a_hidden_record_than_that_it_changed(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "messages:read", "patients:read", "changes:read"]).await;
        says(&world, &house.shy, "deny", json!({})).await;
        world.events().await;
        let start = app.get("/v1/changes?types=message,patient").await.expect(200).text("next_cursor").to_owned();
        let message = |client: &str| {
            json!({
                "client_id": client, "channel": "sms", "direction": "inbound", "category": "billing", "status": "received",
                "provider": "twilio", "sender": "+13125550142", "recipient": "+13125550100", "body": "STOP", "is_opt_out": true,
            })
        };
        let admin = world.as_admin();
        for client in [&house.open, &house.shy] {
            admin.post("/v1/messages", &message(client)).await.expect(201);
        }
        // A new animal of somebody who said something is no reason to read everything again.
        let body = json!({"name": "Rex", "species": "canine", "ownerships": [{"client_id": house.shy, "role": "primary"}]});
        admin.post("/v1/patients", &body).await.expect(201);
        let care = json!({"category": "anesthesia", "purposes": []});
        says(&world, &house.shy, "deny", care).await;
        world.events().await;
        let told = app.get(&format!("/v1/changes?types=message,patient&cursor={start}")).await.expect(200);
        let events: Vec<(&str, bool)> = told
            .data()
            .iter()
            .map(|change| (change["event"].as_str().unwrap(), hidden(&change["record"]).is_empty()))
            .collect();
        let of_hidden: Vec<&str> = events.iter().filter(|(_, whole)| !whole).map(|(event, _)| *event).collect();
        assert!(of_hidden.iter().all(|event| ["message.created", "message.updated", "patient.created"].contains(event)), "{events:?}");
        assert!(of_hidden.contains(&"patient.created"), "{events:?}");
        assert!(events.iter().any(|(event, whole)| *whole && !event.ends_with("d.created") && event.starts_with("message.")), "{events:?}");
    }

    /// A receipt is of one client: an answer about many holds what each of them decided.
    async fn a_receipt_names_the_clients_own_consents(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read"]).await;
        let (own, _) = says(&world, &house.shy, "deny", json!({})).await;
        let (others, _) = says(&world, &house.open, "deny", json!({})).await;
        let seen = app.get("/v1/clients?limit=200").await.expect(200);
        let told = world.as_admin().get(&format!("/v1/clients/{}/disclosures", house.shy)).await.expect(200);
        let one = told.data().iter().find(|one| one["request_id"] == seen.request_id()).unwrap();
        assert_eq!(one["consent_ids"], json!([own]));
        let why = world.as_admin().get(&format!("/v1/decisions/{}", seen.request_id().replace("req_", "dec_"))).await.expect(200);
        let because = why.json["allowed_because"].to_string();
        assert!(because.contains("clients decide about") && !because.contains("did not opt in"), "{because}");
        assert!(why.json["consent_ids"].to_string().contains(&others), "the clinic sees all of them");
    }

    /// What was said is in the log of changes: a server that starts, and another one, know that nothing is new.
    async fn a_copy_goes_on_after_a_start(world: World) {
        let house = Household::make(&world).await;
        let key = provider_of(&world, &world.clinic.clinic_id).await;
        says(&world, &house.shy, "deny", json!({})).await;
        world.events().await;
        let cursor = world.as_key(&key).get("/v1/changes?types=client").await.expect(200).text("next_cursor").to_owned();
        // A change of grants stands between: its number is no word of a client.
        world.key(&["clients:read"]).await;
        let world = world.restart().await;
        let page = world.as_key(&key).get(&format!("/v1/changes?types=client&cursor={cursor}")).await.expect(200);
        assert!(page.data().is_empty(), "nothing happened: {}", page.json);
        says(&world, &house.open, "deny", json!({})).await;
        let page = world.as_key(&key).get(&format!("/v1/changes?types=client&cursor={cursor}")).await.expect(200);
        assert_eq!(page.data()[0]["kind"], "gap");
    }

    /// A copy learns that it holds too much, or lacks something, when a client's word begins or ends by itself.
    async fn a_word_that_begins_or_ends_is_a_gap(world: World) {
        let house = Household::make(&world).await;
        let app = bound(&world, &["clients:read", "changes:read"]).await;
        let later = |seconds: i64| {
            use clinicos_contract::Clock as _;
            world.clock.now().plus_seconds(seconds).to_string()
        };
        says(&world, &house.shy, "deny", json!({"valid_from": later(60), "valid_until": later(120)})).await;
        world.events().await;
        let mut cursor = app.get("/v1/changes?types=client").await.expect(200).text("next_cursor").to_owned();
        for expected in ["nothing", "gap", "nothing", "gap", "nothing"] {
            let page = app.get(&format!("/v1/changes?types=client&cursor={cursor}")).await.expect(200);
            let kinds: Vec<&str> = page.data().iter().map(|change| change["kind"].as_str().unwrap()).collect();
            assert_eq!(kinds, if expected == "gap" { vec!["gap"] } else { vec![] });
            page.text("next_cursor").clone_into(&mut cursor);
            if expected == "nothing" {
                world.clock.advance_s(61);
            }
        }
    }
}

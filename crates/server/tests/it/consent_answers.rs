//! Why data may leave, and what a connection sees: told by what writes each answer, and to nobody who must not learn it
//! (abuse case A11).

use clinicos_contract::{Category, Clock as _};
use clinicos_gate::Door as _;
use clinicos_testkit::{As, Samples, World, on_both_engines};
use serde_json::{Value, json};

use crate::consent::{Household, provider, says};

/// What is said of each category for one connection.
async fn explained(caller: &As, client: &str, connection: &str, more: &str) -> Vec<Value> {
    let target = format!("/v1/clients/{client}/consent_decisions?connection_id={connection}{more}");
    let reply = caller.get(&target).await.expect(200);
    assert_eq!(reply.data().len(), 1, "{}", reply.json);
    reply.data()[0]["categories"].as_array().unwrap().clone()
}

fn of<'v>(said: &'v [Value], category: &str) -> &'v Value {
    said.iter().find(|one| one["category"] == category).unwrap()
}

/// The connection that a caller acts through.
async fn connection_of(world: &World, name: &str) -> String {
    let all = world.as_admin().get("/v1/connections?limit=200").await.expect(200);
    all.data().iter().find(|one| one["name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
}

/// What a connection sees of a client's contact details.
async fn sees_contact(app: &As, client: &str) -> bool {
    app.get(&format!("/v1/clients/{client}")).await.expect(200).json.get("family_name").is_some()
}

/// A key that sees and does what it is told here.
async fn key_for(world: &World, recipient: &str, purpose: &str, scopes: &[String], categories: &[&str]) -> (As, String) {
    let body = json!({
        "name": "Viewer", "purpose": purpose, "recipient": recipient, "reason": "A test", "scopes": scopes, "categories": categories,
    });
    let key = world.as_operator().post(&format!("/v1/keys?clinic_id={}", world.clinic.clinic_id), &body).await.expect(201);
    (world.as_key(key.text("secret")), key.text("connection_id").to_owned())
}

fn reads(world: &World) -> Vec<String> {
    world.admin_scopes().into_iter().filter(|scope| scope.ends_with(":read")).collect()
}

/// Every record that there is a sample of: its own address, and its preview's.
fn addresses(world: &World, samples: &Samples, connection: &str) -> Vec<(String, String)> {
    let address = |direct: &clinicos_gate::follow::Direct| {
        let id = samples.known_id(&format!("{}_id", direct.schema.name))?;
        let own = samples.with_ids(world, direct.operation.spec(), |_| id.to_owned()).target;
        Some((own, format!("/v1/connections/{connection}/records/{id}")))
    };
    world.gate.catalogue().followed().iter().filter_map(address).collect()
}

/// Each preview is what the connection itself is answered, byte for byte. Tells how many it is shown, and how much is
/// left out of them.
async fn compare(world: &World, samples: &Samples, app: &As, connection: &str) -> (usize, usize) {
    let (mut shown, mut left_out) = (0, 0);
    for (own, preview) in addresses(world, samples, connection) {
        let own = app.get(&own).await;
        let preview = world.as_admin().get(&preview).await.expect(200);
        assert_eq!(preview.json["can_see"], own.status == 200, "{} {}", own.label, preview.json);
        if own.status != 200 {
            assert_eq!(preview.text("refused_by"), own.code(), "{}", own.label);
            assert_eq!(preview.json["record"], Value::Null);
            continue;
        }
        let (text, own_text) = (String::from_utf8_lossy(&preview.bytes), String::from_utf8_lossy(&own.bytes));
        assert!(text.contains(&format!("\"record\":{own_text},\"redactions\":")), "{}\n{own_text}\n{text}", own.label);
        let redactions = preview.json["redactions"].as_array().unwrap();
        let noted =
            ["not_opted_in", "client_consent"].map(|reason| own_text.matches(&format!("\"reason\":\"{reason}\"}}")).count());
        assert_eq!(noted.iter().sum::<usize>(), redactions.len(), "{}", own.label);
        shown += 1;
        left_out += redactions.len();
    }
    (shown, left_out)
}

on_both_engines! {
    /// What is explained is what is shown, through each step of a client's mind.
    async fn the_explanation_follows_what_a_client_says(world: World) {
        let house = Household::make(&world).await;
        let (admin, app) = (world.as_admin(), provider(&world).await);
        let ledger = connection_of(&world, "Ledger").await;
        let contact = async || of(&explained(&admin, &house.shy, &ledger, "").await, "owner_contact").clone();
        let first = contact().await;
        assert_eq!((first["may_leave"].as_bool(), first["decided_by"].as_str()), (Some(true), Some("default_rule")), "{first}");
        assert!(first["source"].is_string() && first["because"].as_str().unwrap().starts_with("The client decided nothing"));
        world.clock.advance_s(1);
        let (denied, _) = says(&world, &house.shy, "deny", json!({})).await;
        let said = contact().await;
        assert_eq!(said["decided_by"], "client_denies");
        assert_eq!((said["consent_id"].as_str(), said["decided_client_id"].as_str()), (Some(&*denied), Some(&*house.shy)));
        assert_eq!((said["may_leave"].as_bool(), sees_contact(&app, &house.shy).await), (Some(false), false));
        world.clock.advance_s(1);
        let (permission, etag) = says(&world, &house.shy, "permit", json!({})).await;
        let said = contact().await;
        assert_eq!((said["decided_by"].as_str(), said["may_leave"].as_bool()), (Some("client_permits"), Some(true)));
        assert!(sees_contact(&app, &house.shy).await);
        world.clock.advance_s(1);
        admin.patch(&format!("/v1/consents/{permission}"), &etag, &json!({"status": "withdrawn"})).await.expect(200);
        let said = contact().await;
        assert_eq!((said["decided_by"].as_str(), said["may_leave"].as_bool()), (Some("client_took_back"), Some(false)));
        assert!(!sees_contact(&app, &house.shy).await);
    }

    /// Without the clinic's opt-in no word of a client helps, and the explanation says which it lacks.
    async fn the_explanation_says_what_the_clinic_allowed(world: World) {
        let house = Household::make(&world).await;
        let (admin, _app) = (world.as_admin(), provider(&world).await);
        let ledger = connection_of(&world, "Ledger").await;
        let end = world.clock.now().plus_seconds(60).to_string();
        let opt_ins = json!([
            {"category": "owner_financial"}, {"category": "practice"}, {"category": "owner_contact", "expires_at": end},
            {"category": "clinical", "purpose": "treatment"},
        ]);
        world.change_connection(&ledger, &json!({"opt_ins": opt_ins})).await;
        let said = explained(&admin, &house.shy, &ledger, "").await;
        assert_eq!(of(&said, "owner_contact")["opted_in_until"], end.as_str());
        assert_eq!(of(&said, "clinical")["decided_by"], "opt_in_for_other_purpose");
        assert_eq!(of(&said, "diagnostics")["decided_by"], "opt_in_missing");
        world.clock.advance_s(60);
        let said = explained(&admin, &house.shy, &ledger, "").await;
        assert_eq!((of(&said, "owner_contact")["decided_by"].as_str(), of(&said, "owner_contact")["may_leave"].as_bool()),
            (Some("opt_in_expired"), Some(false)));
        assert_eq!(of(&said, "owner_financial")["may_leave"], true);
    }

    /// Of several owners the strictest counts, and is named.
    async fn the_explanation_names_the_owner_whose_word_counts(world: World) {
        let house = Household::make(&world).await;
        let (admin, _app) = (world.as_admin(), provider(&world).await);
        let ledger = connection_of(&world, "Ledger").await;
        let owners = json!([{"client_id": house.open, "role": "primary"}, {"client_id": house.shy, "role": "co_owner"}]);
        let body = json!({"name": "Max", "species": "canine", "ownerships": owners});
        let patient = admin.post("/v1/patients", &body).await.expect(201).id();
        says(&world, &house.shy, "deny", json!({})).await;
        says(&world, &house.open, "permit", json!({})).await;
        let own = explained(&admin, &house.open, &ledger, "").await;
        assert_eq!(of(&own, "clinical")["decided_by"], "client_permits");
        let of_patient = explained(&admin, &house.open, &ledger, &format!("&patient_id={patient}")).await;
        let said = of(&of_patient, "clinical");
        assert_eq!((said["decided_by"].as_str(), said["decided_client_id"].as_str()), (Some("client_denies"), Some(&*house.shy)));
        assert_eq!(said["because"], "Another owner of the patient refused it.");
    }

    /// A11: whoever clients' words bind learns of nobody's by an explanation or a preview, and whoever may not see
    /// clients or connections is refused as there.
    async fn a11_who_is_bound_is_told_nothing_of_others(world: World) {
        let house = Household::make(&world).await;
        says(&world, &house.shy, "deny", json!({"recipients": [{"class": "insurer"}]})).await;
        let (_, other) = key_for(&world, "insurer", "payment", &["clients:read".to_owned()], Category::NAMES).await;
        let (bound, own) = key_for(&world, "service_provider", "payment", &reads(&world), Category::NAMES).await;
        for client in [&house.shy, &house.open] {
            for connection in [&other, &own] {
                for target in [
                    format!("/v1/clients/{client}/consent_decisions?connection_id={connection}"),
                    format!("/v1/connections/{connection}/records/{client}"),
                ] {
                    bound.get(&target).await.refused(403, "hidden_field");
                    world.as_admin().get(&target).await.expect(200);
                }
            }
        }
        let explain = format!("/v1/clients/{}/consent_decisions", house.shy);
        for missing in ["clients:read", "connections:read", "consents:read"] {
            let scopes: Vec<String> = reads(&world).into_iter().filter(|scope| scope != missing).collect();
            let (caller, _) = key_for(&world, "clinic", "operations", &scopes, Category::NAMES).await;
            assert_eq!(caller.get(&explain).await.refused(403, "missing_scope").text("missing_scope"), missing);
        }
    }

    /// A11: nobody sees through another connection's eyes more than through their own.
    async fn a11_a_preview_shows_no_more_than_its_caller_sees(world: World) {
        let house = Household::make(&world).await;
        let (_, wide) = key_for(&world, "clinic", "operations", &reads(&world), Category::NAMES).await;
        let scopes = ["patients:read", "connections:read"].map(str::to_owned);
        let (caller, _) = key_for(&world, "clinic", "operations", &scopes, &[]).await;
        let patient = &house.shy_patient;
        let own = caller.get(&format!("/v1/patients/{patient}")).await.expect(200);
        let preview = caller.get(&format!("/v1/connections/{wide}/records/{patient}")).await.expect(200);
        assert!(own.json["_redactions"].is_array(), "it does not see all itself: {}", own.json);
        assert_eq!(preview.json["record"], own.json);
        let client = format!("/v1/connections/{wide}/records/{}", house.shy);
        assert_eq!(caller.get(&client).await.refused(403, "missing_scope").text("missing_scope"), "clients:read");
    }

    /// Over every kind of record: what is previewed is what is answered.
    async fn a11_a_preview_is_what_the_connection_is_answered(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let (wide, wide_id) = key_for(&world, "clinic", "operations", &reads(&world), Category::NAMES).await;
        let (bound, bound_id) = key_for(&world, "service_provider", "payment", &reads(&world), Category::NAMES).await;
        let few = ["invoices:read", "patients:read", "payments:read"].map(str::to_owned);
        let (narrow, narrow_id) = key_for(&world, "insurer", "insurance", &few, &[]).await;
        let (all, nothing) = compare(&world, &samples, &wide, &wide_id).await;
        assert!(all > 25 && nothing == 0, "{all} kinds, {nothing} left out");
        compare(&world, &samples, &narrow, &narrow_id).await;
        let before = compare(&world, &samples, &bound, &bound_id).await;
        for name in ["client_id", "other_client_id"] {
            says(&world, samples.id(name), "deny", json!({})).await;
        }
        let after = compare(&world, &samples, &bound, &bound_id).await;
        assert!(after.0 == before.0 && after.1 > before.1 + 50, "{before:?} {after:?}");
        assert!(compare(&world, &samples, &narrow, &narrow_id).await.0 >= 3);
        world.change_connection(&bound_id, &json!({"excluded_operations": ["invoices.get"]})).await;
        assert_eq!(compare(&world, &samples, &bound, &bound_id).await.0, after.0 - 1);
    }

    /// Who opted in, and what they were shown, stands with each opt-in, and stays as long as it does.
    async fn an_opt_in_says_who_gave_it_and_what_they_were_shown(world: World) {
        let text = "It can see names and phone numbers of pet owners.";
        let body = json!({"name": "Books", "purpose": "payment", "reason": "A test", "scopes": ["clients:read"], "shown_text": text});
        let target = format!("/v1/keys?clinic_id={}", world.clinic.clinic_id);
        let key = world.as_operator().post(&target, &body).await.expect(201);
        let connection = key.text("connection_id").to_owned();
        let opt_ins = async || world.as_admin().get(&format!("/v1/connections/{connection}")).await.expect(200).json["opt_ins"].clone();
        let before = opt_ins().await;
        assert_eq!((&before[0]["granted_by"], &before[0]["shown_text"]), (&json!("operator"), &json!(text)));
        let (end, later) = (world.clock.now().plus_seconds(60).to_string(), world.clock.now().plus_seconds(120).to_string());
        world.clock.advance_s(1);
        let narrower = json!({"opt_ins": [{"category": "owner_contact", "expires_at": end}, {"category": "practice", "shown_text": "Opening hours"}]});
        world.change_connection(&connection, &narrower).await;
        let narrowed = opt_ins().await;
        assert_eq!((&narrowed[0]["granted_by"], &narrowed[0]["shown_text"]), (&json!("operator"), &json!(text)));
        assert_eq!(narrowed[0]["granted_at"], before[0]["granted_at"]);
        assert!(narrowed[1]["granted_by"].as_str().unwrap().starts_with("key_"));
        assert_eq!(narrowed[1]["shown_text"], "Opening hours");
        world.change_connection(&connection, &json!({"opt_ins": [{"category": "owner_contact", "expires_at": later}]})).await;
        let longer = opt_ins().await;
        assert!(longer[0]["granted_by"].as_str().unwrap().starts_with("key_"), "whoever gives it for longer gives it: {longer}");
        assert_eq!(longer[0]["shown_text"], Value::Null);
        let etag = world.as_admin().get(&format!("/v1/connections/{connection}")).await.etag().to_owned();
        let forged = json!({"opt_ins": [{"category": "practice", "granted_by": "usr_1"}]});
        world.as_admin().patch(&format!("/v1/connections/{connection}"), &etag, &forged).await.refused(400, "invalid_field");
    }
}

//! What left about a client, to whom and under which consent; and why a call was allowed or refused.

use clinicos_testkit::{Reply, World, on_both_engines};
use serde_json::{Value, json};

use crate::consent::{Household, provider, says};
use crate::pages::all_pages;

async fn left(world: &World, client: &str, more: &str) -> Vec<Value> {
    all_pages(&world.as_admin(), &format!("/v1/clients/{client}/disclosures?limit=3{more}")).await
}

/// The disclosure that a call made.
fn of<'d>(disclosures: &'d [Value], call: &Reply) -> Option<&'d Value> {
    disclosures.iter().find(|one| one["request_id"] == call.request_id())
}

fn words(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

on_both_engines! {
    /// Whatever the exit is: each answer that holds a client's data is told, with what it held of that client.
    async fn what_left_is_told_with_what_it_held(world: World) {
        let home = Household::make(&world).await;
        let ledger = provider(&world).await;
        let list = ledger.get("/v1/invoices?sort=-issued_on").await.expect(200);
        let included = ledger.get(&format!("/v1/invoices/{}?include=client", home.shy_invoice)).await.expect(200);
        let animal = ledger.get(&format!("/v1/patients/{}?fields=name", home.shy_patient)).await.expect(200);
        let cursor = ledger.get("/v1/changes?types=patient").await.expect(200).text("next_cursor").to_owned();
        let path = format!("/v1/patients/{}", home.shy_patient);
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        world.as_admin().patch(&path, &etag, &json!({"name": "Max"})).await.expect(200);
        // Its event has a place from now on.
        world.events().await;
        let feed = ledger.get(&format!("/v1/changes?types=patient&cursor={cursor}")).await.expect(200);
        let other = ledger.get(&format!("/v1/invoices/{}", home.open_invoice)).await.expect(200);
        let nothing = ledger.get("/v1/payments").await.expect(200);
        let told = left(&world, &home.shy, "&actor=connection").await;
        let list = of(&told, &list).unwrap();
        assert!(words(&list["categories"]).contains(&"owner_financial") && list["operation"] == "invoices.list", "{list}");
        assert!(words(&list["subject_ids"]).contains(&&*home.shy), "{list}");
        assert!(!words(&list["categories"]).contains(&"owner_contact"), "an invoice holds no phone number: {list}");
        let included = of(&told, &included).unwrap();
        assert!(words(&included["categories"]).contains(&"owner_contact"), "{included}");
        let animal = of(&told, &animal).unwrap();
        assert_eq!(words(&animal["subject_ids"]), [&*home.shy, &*home.shy_patient]);
        assert_eq!(words(&animal["categories"]), ["record_system", "patient_identity"]);
        assert!(of(&told, &feed).is_some(), "the feed was not told");
        assert!(of(&told, &other).is_none() && of(&told, &nothing).is_none(), "what was another client's was told");
        let times: Vec<&str> = told.iter().map(|one| one["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|one, next| one >= next), "{times:?}");
        assert!(told.iter().all(|one| one["actor"] == "connection" && one["connection_id"].is_string()));
        let people = left(&world, &home.shy, "&actor=user").await;
        assert!(people.is_empty(), "nobody looked: {people:?}");
    }

    /// What a client hides is not told as if it had left, and the consent that hid it is named.
    async fn a_refusal_shows_in_what_left(world: World) {
        let home = Household::make(&world).await;
        let ledger = provider(&world).await;
        let before = ledger.get(&format!("/v1/clients/{}", home.shy)).await.expect(200);
        let (consent, _) = says(&world, &home.shy, "deny", json!({})).await;
        let after = ledger.get(&format!("/v1/clients/{}", home.shy)).await.expect(200);
        let bill = ledger.get(&format!("/v1/invoices/{}?include=lines", home.shy_invoice)).await.expect(200);
        let told = left(&world, &home.shy, "").await;
        let before = of(&told, &before).unwrap();
        assert!(words(&before["categories"]).contains(&"owner_contact") && words(&before["consent_ids"]).is_empty(), "{before}");
        // A record is there; a bill hides whose it is.
        for call in [&after, &bill] {
            let hidden = of(&told, call).unwrap();
            assert_eq!(words(&hidden["categories"]), ["record_system"], "{hidden}");
            assert_eq!(words(&hidden["consent_ids"]), [&*consent], "{hidden}");
        }
        let whose = ["subject_id", "record_id"].map(|name| format!("/v1/audit_entries?{name}={}&limit=1", home.shy));
        for target in whose {
            let entries = world.as_admin().get(&target).await.expect(200);
            assert!(entries.data()[0]["told_of"].to_string().contains(&home.shy), "{target}");
        }
    }

    /// An animal's data was its owner's while it was; a duplicate's data is that of the client who took it over.
    async fn what_left_follows_owners_and_duplicates(world: World) {
        let (home, admin) = (Household::make(&world).await, world.as_admin());
        let ledger = provider(&world).await;
        let animal = format!("/v1/patients/{}", home.shy_patient);
        // What names the animal alone.
        let weighed = json!({"patient_id": home.shy_patient, "taken_at": "2026-11-20T15:32:00Z", "weight_kg": "11.8"});
        let shown = admin.post("/v1/vitals", &weighed).await.expect(201);
        let etag = admin.get(&animal).await.expect(200).etag().to_owned();
        assert!(of(&left(&world, &home.shy, "").await, &shown).is_some(), "it is theirs");
        let owners = json!([
            {"client_id": home.shy, "role": "primary", "from": "2020-01-01", "to": "2020-02-01"},
            {"client_id": home.open, "role": "primary", "from": "2020-02-02"},
        ]);
        admin.patch(&animal, &etag, &json!({"ownerships": owners})).await.expect(200);
        assert!(of(&left(&world, &home.shy, "").await, &shown).is_none(), "it was not theirs on that day");
        assert!(of(&left(&world, &home.open, "").await, &shown).is_some(), "it was theirs on that day");
        let bill = ledger.get(&format!("/v1/invoices/{}", home.shy_invoice)).await.expect(200);
        admin.post(&format!("/v1/clients/{}/merge", home.shy), &json!({"into": home.open})).await.expect(200);
        assert!(of(&left(&world, &home.open, "").await, &bill).is_some(), "it was a duplicate's");
        admin.get("/v1/clients/cli_01jd3vq9z4e8rb6k0w2m5x7t1c/disclosures").await.refused(404, "not_found");
        let other = world.as_key(&world.other.admin_key);
        other.get(&format!("/v1/clients/{}/disclosures", home.open)).await.refused(404, "not_found");
    }

    /// A connection is told why its own calls were decided so, and nobody else's.
    async fn a_decision_is_explained_to_whom_it_concerns(world: World) {
        let home = Household::make(&world).await;
        let scopes = json!({
            "name": "Own", "purpose": "payment", "reason": "Asks why", "scopes": ["decisions:read", "invoices:read"],
            "categories": ["practice", "owner_financial"],
        });
        let key = world.as_admin().post("/v1/keys", &scopes).await.expect(201);
        let own = world.as_key(key.text("secret"));
        let refused = own.get("/v1/clients").await.refused(403, "missing_scope");
        let allowed = own.get(&format!("/v1/invoices/{}", home.shy_invoice)).await.expect(200);
        let decision = |call: &Reply| format!("/v1/decisions/{}", call.request_id().replace("req_", "dec_"));
        let why = own.get(&decision(&refused)).await.expect(200).json;
        assert_eq!(why["summary"], "\u{201c}List clients\u{201d} was refused (403 missing_scope): the scope is not granted.");
        assert_eq!((&why["outcome"], words(&why["refused_because"])), (&json!("refused"), vec!["the scope is not granted"]));
        assert!(words(&why["allowed_because"]).contains(&"the key is valid"), "{why}");
        assert!(why["problem_url"].as_str().unwrap().ends_with("/docs/problems/missing_scope"), "{why}");
        let why = own.get(&decision(&allowed)).await.expect(200).json;
        assert_eq!((&why["outcome"], &why["status"]), (&json!("allowed"), &json!(200)));
        assert!(words(&why["categories_redacted"]).is_empty() || words(&why["categories_disclosed"]).contains(&"owner_financial"));
        let others = world.as_admin().get("/v1/clients").await.expect(200);
        own.get(&decision(&others)).await.refused(404, "not_found");
        world.as_admin().get(&decision(&allowed)).await.expect(200);
        let other = world.as_key(&world.other.admin_key);
        other.get(&decision(&allowed)).await.refused(404, "not_found");
    }
}

//! Stories of patients: whose they are, and what a key may know of them.

use clinicos_testkit::{Reply, Samples, World, absent_id, on_both_engines};
use serde_json::{Value, json};

async fn client(world: &World, name: &str) -> String {
    world.as_admin().post("/v1/clients", &json!({"family_name": name})).await.expect(201).id()
}

async fn change(world: &World, patient: &str, patch: &Value) -> Reply {
    let path = format!("/v1/patients/{patient}");
    let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
    world.as_admin().patch(&path, &etag, patch).await
}

fn points_at(reply: &Reply) -> (&str, &str) {
    let error = &reply.json["errors"][0];
    (error["pointer"].as_str().unwrap_or_default(), error["code"].as_str().unwrap_or_default())
}

async fn owned_by(world: &World, client: &str) -> Vec<String> {
    let page = world.as_admin().get(&format!("/v1/patients?client_id={client}")).await.expect(200);
    page.data().iter().map(|patient| patient["name"].as_str().unwrap().to_owned()).collect()
}

on_both_engines! {
    async fn a_patient_is_handed_over(world: World) {
        let (old, new) = (client(&world, "Old").await, client(&world, "New").await);
        let body = json!({"name": "Rex", "species": "canine", "ownerships": [{"client_id": old, "role": "primary", "from": "2020-01-01"}]});
        let patient = world.as_admin().post("/v1/patients", &body).await.expect(201);
        assert_eq!(patient.json["client_id"], json!(old));
        assert_eq!(patient.json["ownerships"][0]["to"], Value::Null);
        assert_eq!(owned_by(&world, &old).await, ["Rex"]);
        let path = format!("/v1/clients/{old}");
        let owner = world.as_admin().get(&path).await.expect(200);
        world.as_admin().delete(&path, owner.etag()).await.refused(409, "conflict");

        let ownerships = json!([
            {"client_id": old, "role": "primary", "from": "2020-01-01", "to": "2026-11-01"},
            {"client_id": new, "role": "primary", "from": "2026-11-01"},
        ]);
        let handed = change(&world, &patient.id(), &json!({"ownerships": ownerships})).await.expect(200);
        assert_eq!(handed.json["client_id"], json!(new));
        assert_eq!((owned_by(&world, &old).await, owned_by(&world, &new).await), (vec![], vec!["Rex".to_owned()]));
        let events = world.events().await;
        let last = events.iter().rfind(|event| event.name == "patient.updated").unwrap();
        assert!(last.payload.contains("ownerships") && last.payload.contains(&new), "{}", last.payload);
        // Who owned it before can go, and is still in its history.
        world.as_admin().delete(&path, owner.etag()).await.expect(204);
        change(&world, &patient.id(), &json!({"ownerships": ownerships})).await.expect(200);
        let kept = change(&world, &patient.id(), &json!({"color": "brown"})).await.expect(200);
        assert_eq!(kept.json["ownerships"][0]["client_id"], json!(old));
    }

    async fn an_owner_is_a_client_of_this_clinic(world: World) {
        let theirs = Samples::make(&world, &world.other).await;
        let mine = client(&world, "Mine").await;
        for stranger in [theirs.id("client_id").to_owned(), absent_id("cli")] {
            let ownerships = json!([{"client_id": mine, "role": "primary"}, {"client_id": stranger, "role": "co_owner"}]);
            let body = json!({"name": "Rex", "species": "canine", "ownerships": ownerships});
            let reply = world.as_admin().post("/v1/patients", &body).await.refused(422, "rule_broken");
            assert_eq!(points_at(&reply), ("/ownerships/1/client_id", "unknown_record"));
        }
        let body = json!({"name": "Rex", "species": "canine"});
        let reply = world.as_admin().post("/v1/patients", &body).await.refused(422, "rule_broken");
        assert_eq!(points_at(&reply), ("/ownerships", "no_primary"));
    }

    async fn a_death_is_recorded_and_taken_back(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let patient = samples.id("patient_id");
        let reply = change(&world, patient, &json!({"status": "deceased"})).await.refused(422, "rule_broken");
        assert_eq!(points_at(&reply), ("/deceased_at", "required"));
        let early = json!({"status": "deceased", "deceased_at": "2021-03-01T12:00:00Z"});
        let reply = change(&world, patient, &early).await.refused(422, "rule_broken");
        assert_eq!(points_at(&reply), ("/deceased_at", "range"));
        change(&world, patient, &json!({"status": "deceased", "deceased_at": "2026-11-01T12:00:00Z"})).await.expect(200);
        let reply = change(&world, patient, &json!({"status": "inactive", "deceased_at": null})).await.refused(422, "rule_broken");
        assert_eq!(points_at(&reply), ("/status", "transition"));
        let back = change(&world, patient, &json!({"status": "active", "deceased_at": null})).await.expect(200);
        assert_eq!((&back.json["status"], &back.json["deceased_at"]), (&json!("active"), &Value::Null));
    }

    /// What is known of its health needs an opt-in of its own, to be read and to be written.
    async fn health_needs_its_own_opt_in(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let path = format!("/v1/patients/{}", samples.id("patient_id"));
        let key = world.key(&["patients:write"]).await;
        let caller = world.as_key(&key.secret);
        let seen = caller.get(&path).await.expect(200);
        let hidden: Vec<&str> = seen.json["_redactions"].as_array().unwrap().iter().filter_map(|mark| mark["path"].as_str()).collect();
        assert!(hidden.contains(&"/weight_kg") && hidden.contains(&"/insurance"), "{hidden:?}");
        assert!(seen.json.get("allergies").is_none() && seen.json["client_id"] == json!(samples.id("client_id")));
        let health = json!({"weight_kg": "11.25", "allergies": [{"substance": "chicken"}]});
        caller.patch(&path, seen.etag(), &health).await.refused(403, "hidden_field");
        let opt_ins = json!({"opt_ins": [{"category": "patient_identity"}, {"category": "clinical"}]});
        world.change_connection(&key.connection_id, &opt_ins).await;
        let changed = caller.patch(&path, seen.etag(), &health).await.expect(200);
        assert_eq!((&changed.json["weight_kg"], &changed.json["allergies"][0]["substance"]), (&json!("11.25"), &json!("chicken")));
        assert_eq!(changed.json["_redactions"][0]["path"], "/insurance");
    }

    async fn a_key_can_be_made_with_the_opt_in(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"name": "A", "purpose": "treatment", "reason": "B", "scopes": ["patients:read"], "categories": ["clinical"]});
        let key = world.as_admin().post("/v1/keys", &body).await.expect(201);
        let categories: Vec<&Value> = key.json["opt_ins"].as_array().unwrap().iter().map(|opt_in| &opt_in["category"]).collect();
        assert_eq!(categories, ["patient_identity", "clinical"]);
        let seen = world.as_key(key.text("secret")).get(&format!("/v1/patients/{}", samples.id("patient_id"))).await.expect(200);
        assert!(seen.json.get("weight_kg").is_some() && seen.json.get("insurance").is_none());
        // Nobody gives what they do not hold.
        let narrow = world.key(&["keys:write", "patients:read"]).await;
        world.as_key(&narrow.secret).post("/v1/keys", &body).await.refused(403, "cannot_grant");
    }
}

//! A key for an organization: each clinic lets it in for itself, and ends it for itself.

use std::collections::BTreeSet;

use clinicos_gate::ClinicId;
use clinicos_testkit::{As, Clinic, Reply, World, on_both_engines};
use serde_json::{Value, json};

use crate::import_jobs::{base64, petclinic, work};

/// Two clinics of one organization, and a key that both let in.
pub struct Sisters {
    pub sister: Clinic,
    /// The key itself.
    pub secret: String,
    pub id: String,
    /// The connections of the key at the world's own clinic and at its sister.
    pub connections: [String; 2],
}

impl Sisters {
    /// With these scopes at each.
    pub async fn make(world: &World, scopes: [&[&str]; 2]) -> Self {
        let sister = world.new_clinic_of(&world.clinic.organization_id, "Harbor East").await;
        let mut body = wanted(scopes[0]);
        body["for_organization"] = json!(true);
        let own = world.as_admin().post("/v1/keys", &body).await.expect(201);
        let theirs = let_in(&world.as_key(&sister.admin_key), &own.id(), scopes[1]).await.expect(201);
        let connections = [own.text("connection_id").to_owned(), theirs.text("connection_id").to_owned()];
        Self { sister, secret: own.text("secret").to_owned(), id: own.id(), connections }
    }

    pub fn as_key(&self, world: &World) -> As {
        world.as_key(&self.secret)
    }

    /// The admin of the sister.
    pub fn as_admin(&self, world: &World) -> As {
        world.as_key(&self.sister.admin_key)
    }

    /// Changes the connection at the sister, as its admin.
    pub async fn change(&self, world: &World, change: &Value) {
        let path = format!("/v1/connections/{}", self.connections[1]);
        let etag = self.as_admin(world).get(&path).await.expect(200).etag().to_owned();
        self.as_admin(world).patch(&path, &etag, change).await.expect(200);
    }

    /// Pauses, resumes or revokes it.
    pub async fn switch(&self, world: &World, verb: &str) {
        let path = format!("/v1/connections/{}/{verb}", self.connections[1]);
        self.as_admin(world).post(&path, &json!({"reason": "A test"})).await.expect(200);
    }
}

fn wanted(scopes: &[&str]) -> Value {
    json!({"name": "Group", "purpose": "operations", "reason": "A test", "scopes": scopes})
}

async fn let_in(admin: &As, key: &str, scopes: &[&str]) -> Reply {
    let mut body = wanted(scopes);
    body["existing_key_id"] = json!(key);
    admin.post("/v1/keys", &body).await
}

const CLIENTS: &[&str] = &["clients:read", "clients:write"];

on_both_engines! {
    /// What names no clinic is refused whatever it would have done; what names one is that clinic's.
    async fn each_call_names_its_clinic(world: World) {
        let sisters = Sisters::make(&world, [CLIENTS, &["clients:read"]]).await;
        let (caller, sister) = (sisters.as_key(&world), &sisters.sister.clinic_id);
        for path in ["/v1/clients", "/v1/clients/cli_00000000000000000000000000"] {
            let refused = caller.get(path).await.refused(400, "invalid_parameter");
            assert_eq!(refused.json["errors"][0]["pointer"], "clinic_id");
            let detail = refused.json["errors"][0]["detail"].as_str().unwrap();
            assert!(detail.contains(sister) && detail.contains(&world.clinic.clinic_id), "{detail}");
        }
        let body = json!({"family_name": "Whitfield"});
        caller.post("/v1/clients", &body).await.refused(400, "invalid_parameter");
        let own = format!("?clinic_id={}", world.clinic.clinic_id);
        let id = caller.post(&format!("/v1/clients{own}"), &body).await.expect(201).id();
        caller.post(&format!("/v1/clients?clinic_id={sister}"), &body).await.refused(403, "missing_scope");
        let read = caller.get(&format!("/v1/clients/{id}{own}")).await.expect(200);
        let usual = world.key(CLIENTS).await;
        assert_eq!(read.json, world.as_key(&usual.secret).get(&format!("/v1/clients/{id}")).await.expect(200).json);
        let elsewhere = caller.get(&format!("/v1/clients/{id}?clinic_id={sister}")).await.refused(404, "not_found");
        let nowhere = caller.get(&format!("/v1/clients/cli_00000000000000000000000000?clinic_id={sister}")).await;
        assert_eq!(elsewhere.masked(), nowhere.masked());
        let entry = world.entries(elsewhere.request_id()).await.remove(0);
        let clinic = entry.clinic.map(clinicos_gate::ClinicId::from_bytes).unwrap().to_string();
        let connection = entry.actor.connection.map(clinicos_gate::ConnectionId::from_bytes).unwrap().to_string();
        assert_eq!((&clinic, &connection), (sister, &sisters.connections[1]), "it stands in the log of the clinic that it names");
        // A clinic that does not let it in looks like one that does not exist.
        let foreign = caller.get(&format!("/v1/clients?clinic_id={}", world.other.clinic_id)).await.refused(404, "not_found");
        let random = caller.get("/v1/clients?clinic_id=cln_00000000000000000000000000").await.refused(404, "not_found");
        assert_eq!(foreign.masked(), random.masked());
        for path in [format!("/v1/clients{own}&limit=1"), format!("/v1/clients?limit=1&clinic_id={sister}")] {
            caller.get(&path).await.expect(200);
        }
        world.as_admin().post("/v1/clients", &body).await.expect(201);
        let page = caller.get(&format!("/v1/clients{own}&limit=1")).await.expect(200);
        let next = page.text("next_page_url").strip_prefix(clinicos_testkit::BASE_URL).unwrap().to_owned();
        assert_eq!(caller.get(&next).await.expect(200).data().len(), 1, "{next}");
        caller.get(&next.replace(&world.clinic.clinic_id, sister)).await.refused(400, "invalid_cursor");
    }

    /// With one clinic that lets it in, too: a call means the same before and after another does.
    async fn a_key_for_an_organization_names_its_clinic_from_the_first_day(world: World) {
        let mut body = wanted(CLIENTS);
        body["for_organization"] = json!(true);
        let made = world.as_admin().post("/v1/keys", &body).await.expect(201);
        assert_eq!((&made.json["for_organization"], &made.json["clinic_count"]), (&json!(true), &json!(1)));
        let caller = world.as_key(made.text("secret"));
        caller.get("/v1/clients").await.refused(400, "invalid_parameter");
        caller.get(&format!("/v1/clients?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
        let usual = world.key(CLIENTS).await;
        world.as_key(&usual.secret).get("/v1/clients").await.expect(200);
    }

    /// Each clinic is let into by its own; whatever keeps a key out, nothing is told of it.
    async fn a13_a_clinic_lets_a_key_in_for_itself_alone(world: World) {
        let sisters = Sisters::make(&world, [CLIENTS, CLIENTS]).await;
        let sister = sisters.as_admin(&world);
        // Nobody lets it in elsewhere than at home: not with the clinic's name, not with the key's own rights.
        let path = format!("/v1/keys?clinic_id={}", sisters.sister.clinic_id);
        let mut body = wanted(CLIENTS);
        body["existing_key_id"] = json!(sisters.id);
        world.as_admin().post(&path, &body).await.refused(404, "not_found");
        sisters.as_key(&world).post(&path, &body).await.refused(403, "missing_scope");
        let third = world.new_clinic_of(&world.clinic.organization_id, "Harbor West").await;
        let few = world.make_key(&third.clinic_id, &["keys:read", "keys:write", "clients:read"]).await;
        let_in(&world.as_key(&few.secret), &sisters.id, CLIENTS).await.refused(403, "cannot_grant");
        let_in(&world.as_key(&few.secret), &sisters.id, &["clients:read"]).await.expect(201);
        // Another organization's, one that is for a clinic alone, and one that never was look the same.
        let alone = world.key(CLIENTS).await;
        let other = world.as_key(&world.other.admin_key);
        let unknown = let_in(&other, "key_00000000000000000000000000", CLIENTS).await.refused(422, "rule_broken");
        let answers = [let_in(&other, &sisters.id, CLIENTS).await, let_in(&sister, &alone.id, CLIENTS).await];
        assert_eq!(unknown.json["errors"][0]["pointer"], "/existing_key_id");
        assert!(answers.iter().all(|answer| answer.masked() == unknown.masked()), "{answers:?}");
        let_in(&sister, &sisters.id, CLIENTS).await.refused(409, "conflict");
        // The answer has no secret, and what tells keys apart.
        let theirs = sister.get(&format!("/v1/keys/{}", sisters.id)).await.expect(200);
        assert_eq!((theirs.json.get("secret"), &theirs.json["clinic_count"]), (None, &json!(3)));
        assert!(sisters.secret.starts_with(theirs.text("hint")) && theirs.text("hint").len() > 10);
        let mut apps = Vec::new();
        for (admin, id) in [(world.as_admin(), &sisters.connections[0]), (sister, &sisters.connections[1])] {
            apps.push(admin.get(&format!("/v1/connections/{id}")).await.expect(200).text("app_id").to_owned());
        }
        assert_eq!(apps[0], apps[1], "one app with a connection at each clinic");
        let made: Vec<_> = world.events().await.into_iter().filter(|event| event.record_id == sisters.id && event.name == "key.created").collect();
        assert_eq!(made.len(), 3);
    }

    /// What one clinic takes away it takes away for itself, and for good.
    async fn b1_each_clinic_ends_it_for_itself(world: World) {
        let sisters = Sisters::make(&world, [CLIENTS, CLIENTS]).await;
        let (caller, sister) = (sisters.as_key(&world), sisters.as_admin(&world));
        let at = |clinic: &str| format!("/v1/clients?clinic_id={clinic}");
        let (own, theirs) = (at(&world.clinic.clinic_id), at(&sisters.sister.clinic_id));
        sisters.switch(&world, "pause").await;
        caller.get(&theirs).await.refused(403, "connection_paused");
        caller.get(&own).await.expect(200);
        sisters.switch(&world, "resume").await;
        sisters.change(&world, &json!({"writes_enabled": false})).await;
        let body = json!({"family_name": "Whitfield"});
        caller.post(&theirs, &body).await.refused(403, "writes_off");
        caller.post(&own, &body).await.expect(201);
        sister.post(&format!("/v1/keys/{}/revoke", sisters.id), &Value::Null).await.expect(200);
        caller.get(&theirs).await.refused(401, "unauthenticated");
        caller.get(&own).await.expect(200);
        let_in(&sister, &sisters.id, CLIENTS).await.refused(409, "conflict");
        assert_eq!(world.as_admin().get(&format!("/v1/keys/{}", sisters.id)).await.expect(200).json["clinic_count"], 1);
        let refused = caller.get("/v1/clients").await.refused(400, "invalid_parameter");
        assert!(!refused.json["errors"][0]["detail"].as_str().unwrap().contains(&sisters.sister.clinic_id));
        world.as_admin().post(&format!("/v1/keys/{}/rotate", sisters.id), &json!({})).await.refused(409, "conflict");
        let secret = sisters.secret.clone();
        let world = world.restart().await;
        world.as_key(&secret).get(&theirs).await.refused(401, "unauthenticated");
        world.as_key(&secret).get(&own).await.expect(200);
        world.switch(&sisters.connections[0], "revoke").await;
        world.as_key(&secret).get(&own).await.refused(401, "unauthenticated");
        world.as_key(&secret).get("/v1/clients").await.refused(401, "unauthenticated");
        // What works nowhere any more is let in nowhere.
        let third = world.new_clinic_of(&world.clinic.organization_id, "Harbor West").await;
        let_in(&world.as_key(&third.admin_key), &sisters.id, CLIENTS).await.refused(422, "rule_broken");
    }

    /// What the server does for it by itself it does at the clinic where it was begun.
    async fn an_import_works_on_at_its_clinic(world: World) {
        let scopes: &[&str] = &["imports:write", "clients:write", "patients:write", "products:write", "invoices:write"];
        let sisters = Sisters::make(&world, [scopes, scopes]).await;
        let (caller, at) = (sisters.as_key(&world), format!("?clinic_id={}", sisters.sister.clinic_id));
        let made = caller.post(&format!("/v1/imports{at}"), &json!({"name": "Old data", "mapping": "petclinic"})).await.expect(201);
        let path = format!("/v1/imports/{}", made.id());
        for (name, bytes) in petclinic() {
            let body = json!({"name": name, "part": 1, "content": base64(&bytes)});
            caller.post(&format!("{path}/files{at}"), &body).await.expect(201);
        }
        for dry_run in [true, false] {
            caller.post(&format!("{path}/start{at}"), &json!({"dry_run": dry_run})).await.expect(200);
            work(&world).await;
        }
        let done = caller.get(&format!("{path}{at}")).await.expect(200);
        assert_eq!(done.text("state"), "done", "{}", done.json);
        assert!(!sisters.as_admin(&world).get("/v1/clients").await.expect(200).data().is_empty());
        assert!(world.as_admin().get("/v1/clients").await.expect(200).data().is_empty());
    }

    /// A secret that is public is public everywhere, whoever says so.
    async fn k3_a_leak_ends_it_at_every_clinic(world: World) {
        for by_key in [true, false] {
            let sisters = Sisters::make(&world, [CLIENTS, CLIENTS]).await;
            if by_key {
                let call = clinicos_testkit::Call::new("POST", "/v1/leaked_keys").json(&json!({"key": sisters.secret}));
                world.send(call).await.expect(202);
            } else {
                let path = format!("/v1/keys/{}/mark_leaked", sisters.id);
                let marked = world.as_admin().post(&path, &json!({"note": "A screenshot"})).await.expect(200);
                // Each clinic finds in its own log who ended its key.
                let entries = world.entries(marked.request_id()).await;
                let logs: BTreeSet<String> =
                    entries.iter().map(|entry| ClinicId::from_bytes(entry.clinic.unwrap()).to_string()).collect();
                assert_eq!(logs, BTreeSet::from([world.clinic.clinic_id.clone(), sisters.sister.clinic_id.clone()]));
                for admin in [world.as_admin(), sisters.as_admin(&world)] {
                    let found = admin.get("/v1/audit_entries?operation=keys.mark_leaked").await.expect(200);
                    assert_eq!(found.data().len(), 1, "{}", found.json);
                }
            }
            for (clinic, admin) in [(&world.clinic, world.as_admin()), (&sisters.sister, sisters.as_admin(&world))] {
                let path = format!("/v1/clients?clinic_id={}", clinic.clinic_id);
                sisters.as_key(&world).get(&path).await.refused(401, "unauthenticated");
                let key = admin.get(&format!("/v1/keys/{}", sisters.id)).await.expect(200);
                assert!(key.text("state") == "revoked" && !key.text("leaked_at").is_empty(), "{}", key.json);
                let history = admin.get(&format!("/v1/connection_changes?connection_id={}", key.text("connection_id"))).await.expect(200);
                assert_eq!(history.data().last().unwrap()["what"], "key_leaked");
                let leaked = world.events().await.into_iter().filter(|event| event.name == "key.leaked" && event.record_id == sisters.id);
                assert_eq!(leaked.filter(|event| event.clinic_id.as_deref() == Some(&clinic.clinic_id)).count(), 1);
            }
            let third = world.new_clinic_of(&world.clinic.organization_id, "Harbor West").await;
            let_in(&world.as_key(&third.admin_key), &sisters.id, CLIENTS).await.refused(422, "rule_broken");
        }
    }
}

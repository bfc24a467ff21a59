//! Keys that somebody found, and how they are reported.

use std::net::IpAddr;

use clinicos_store::Engine;
use clinicos_testkit::{Call, Reply, World, on_both_engines};
use serde_json::{Value, json};

const TARGET: &str = "/v1/leaked_keys";

/// A report, as a stranger sends it.
async fn report(world: &World, body: &Value) -> Reply {
    world.send(Call::new("POST", TARGET).json(body)).await
}

/// Everything that a caller reads, but for what differs in every answer.
fn read(reply: &Reply) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let mut headers: Vec<(String, String)> = reply
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "ratelimit"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (reply.status, headers, reply.bytes.to_vec())
}

/// A key of this shape that nobody made.
fn unknown(environment: clinicos_gate::Environment) -> String {
    clinicos_gate::credential::generate(environment, &clinicos_testkit::SeededEntropy::new(99))
}

on_both_engines! {
    /// The story of a leak: found, reported, over at once; the admin is told, the connection stays.
    async fn k3_a_leaked_key_is_over_at_once(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let caller = world.as_key(&key.secret);
        caller.get("/v1/invoices").await.expect(200);
        let source = format!("https://paste.example/{}?x=1", key.secret);
        let reply = report(&world, &json!({"key": key.secret, "source_url": source, "note": "In a public gist"})).await.expect(202);
        assert!(reply.bytes.is_empty());
        let over = caller.get("/v1/invoices").await.refused(401, "unauthenticated");
        assert!(over.text("detail").contains("revoked"), "{}", over.json);
        let record = world.as_admin().get(&format!("/v1/keys/{}", key.id)).await.expect(200);
        assert_eq!((record.text("state"), record.text("leak_note"), record.text("leak_source")), ("revoked", "In a public gist", "https://paste.example/cos_…?x=1"));
        assert!(!record.text("leaked_at").is_empty() && record.json["leak_handled"] == json!(false));
        let connection = world.as_admin().get(&format!("/v1/connections/{}", key.connection_id)).await.expect(200);
        assert_eq!(connection.text("state"), "active");
        let events = world.events().await;
        let leaked = events.iter().find(|event| event.name == "key.leaked").unwrap();
        assert_eq!((leaked.clinic_id.as_deref(), &*leaked.record_id), (Some(&*world.clinic.clinic_id), &*key.id));
        let history = world.as_admin().get(&format!("/v1/connection_changes?connection_id={}", key.connection_id)).await.expect(200);
        let last = history.data().last().unwrap();
        assert_eq!((last["what"].as_str(), last["actor"].as_str()), (Some("key_leaked"), Some("anybody")));
        let entry = world.entries(reply.request_id()).await.remove(0);
        assert_eq!((entry.operation.as_str(), entry.status, entry.clinic), ("keys.report_leak", 202, None));
        // A new key lets the connection back in, and nothing else does.
        let added = world.as_admin().post(&format!("/v1/connections/{}/keys", key.connection_id), &json!({"name": "After the leak"})).await.expect(201);
        world.as_key(added.text("secret")).get("/v1/invoices").await.expect(200);
        let secret = key.secret.clone();
        let world = world.restart().await;
        world.as_key(&secret).get("/v1/invoices").await.refused(401, "unauthenticated");
    }

    /// Whatever is reported, the answer has the same bytes: it does not tell which keys exist.
    async fn k3_a_report_tells_nothing(world: World) {
        let (live, revoked, replaced) = (world.key(&["invoices:read"]).await, world.key(&["invoices:read"]).await, world.key(&["invoices:read"]).await);
        world.as_admin().post(&format!("/v1/keys/{}/revoke", revoked.id), &Value::Null).await.expect(200);
        world.as_admin().post(&format!("/v1/keys/{}/rotate", replaced.id), &json!({"overlap_hours": 0})).await.expect(201);
        let texts = [
            ("a key that works", live.secret.clone()),
            ("the same again", live.secret.clone()),
            ("a revoked key", revoked.secret.clone()),
            ("a replaced key", replaced.secret.clone()),
            ("a key of another clinic", world.other.admin_key.clone()),
            ("a key that never was", unknown(clinicos_gate::Environment::Sandbox)),
            ("a key of the other environment", unknown(clinicos_gate::Environment::Live)),
            ("a key cut short", live.secret[..live.secret.len() - 1].to_owned()),
            ("no key", "hello".to_owned()),
        ];
        let mut answers = Vec::new();
        for (what, key) in &texts {
            answers.push((what, read(&report(&world, &json!({"key": key})).await)));
        }
        let (_, first) = answers[0].clone();
        assert_eq!(first.0, 202);
        for (what, answer) in &answers {
            assert_eq!(*answer, first, "{what}");
        }
        // Nor does what else is shown change anything.
        let own = world.as_admin().send(Call::new("POST", TARGET).json(&json!({"key": "hello"}))).await;
        assert_eq!(read(&own), first);
        world.as_key(&world.other.admin_key).get("/v1/invoices").await.refused(401, "unauthenticated");
        let leaks = world.events().await.iter().filter(|event| event.name == "key.leaked").count();
        assert_eq!(leaks, 2, "only keys that worked are news");
    }

    async fn many_keys_come_in_one_report(world: World) {
        let mut keys = Vec::new();
        for _ in 0..3 {
            keys.push(world.key(&["invoices:read"]).await);
        }
        let secrets: Vec<&str> = keys.iter().map(|key| key.secret.as_str()).collect();
        let twice = [&secrets[..], &secrets[..]].concat();
        report(&world, &json!({"keys": twice})).await.expect(202);
        for key in &keys {
            world.as_key(&key.secret).get("/v1/invoices").await.refused(401, "unauthenticated");
        }
        let many = vec!["x"; 21];
        for (body, status) in [
            (json!({}), 422),
            (json!({"keys": []}), 422),
            (json!({"keys": many}), 422),
            (json!({"key": 7}), 400),
            (json!({"key": "x".repeat(201)}), 400),
            (json!({"key": "x", "secret": "y"}), 400),
            (json!([{"token": "x", "type": "clinicos", "url": "https://example.org"}]), 400),
        ] {
            report(&world, &body).await.expect(status);
        }
        world.send(Call::new("POST", format!("{TARGET}?clinic_id={}", world.clinic.clinic_id)).json(&json!({"key": "x"}))).await.refused(404, "not_found");
        let large = json!({"key": "x", "note": "y".repeat(20_000)});
        report(&world, &large).await.refused(413, "too_large");
    }

    /// Reports have a budget of their own by network, before anything is looked up.
    async fn reports_run_out(world: World) {
        let send = async |address: &str, number: usize| {
            let peer: Option<IpAddr> = Some(address.parse().unwrap());
            let call = Call::new("POST", TARGET).header("x-forwarded-for", format!("10.0.0.{number}")).json(&json!({"key": "x"}));
            world.send(Call { peer, ..call }).await.status
        };
        for number in 0..30 {
            assert_eq!(send("192.0.2.1", number).await, 202, "{number}");
        }
        assert_eq!(send("192.0.2.1", 31).await, 429);
        assert_eq!(send("192.0.2.2", 32).await, 202, "another network has its own");
        world.clock.advance_s(2);
        assert_eq!(send("192.0.2.1", 33).await, 202);
    }

    async fn an_admin_marks_a_key_as_leaked(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let path = format!("/v1/keys/{}", key.id);
        let said = json!({"note": format!("It was {} in a screenshot", key.secret)});
        let marked = world.as_admin().post(&format!("{path}/mark_leaked"), &said).await.expect(200);
        assert_eq!((marked.text("state"), marked.text("leak_note")), ("revoked", "It was cos_… in a screenshot"));
        world.as_key(&key.secret).get("/v1/invoices").await.refused(401, "unauthenticated");
        world.as_admin().post(&format!("{path}/mark_leaked"), &json!({})).await.refused(409, "conflict");
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        let seen = world.as_admin().patch(&path, &etag, &json!({"leak_handled": true})).await.expect(200);
        assert_eq!(seen.json["leak_handled"], json!(true));
    }

    /// The secret is nowhere: not in any row, event, entry or file of the database.
    async fn k3_what_was_reported_is_kept_nowhere(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let body = json!({"key": key.secret, "source_url": format!("https://a.example/{}", key.secret), "note": key.secret});
        let reply = report(&world, &body).await.expect(202);
        let secret = key.secret.strip_prefix("cos_sandbox_").unwrap();
        for event in world.events().await {
            assert!(!event.payload.contains(secret), "{}", event.payload);
        }
        for entry in world.journal().await {
            assert!(!format!("{entry:?}").contains(secret));
        }
        for target in ["/v1/keys", "/v1/connection_changes", "/v1/audit_entries", "/v1/connections"] {
            let page = world.as_admin().get(&format!("{target}?limit=200")).await.expect(200);
            assert!(!String::from_utf8_lossy(&page.bytes).contains(secret), "{target}");
        }
        assert_eq!(world.entries(reply.request_id()).await.len(), 1);
        if world.store.engine() == Engine::Sqlite {
            let found = world.database_bytes().windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a file of the database holds the key");
        }
    }
}

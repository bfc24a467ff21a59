//! What clients of one clinic decided counts in that clinic alone, and what began before counts for nothing (abuse
//! cases A9, L8).

use clinicos_testkit::{Call, World, on_both_engines};
use serde_json::{Value, json};

use crate::changes_streamed::Line;
use crate::consent::{Household, provider_of, says_to};
use crate::wire::{Heard, SHORT, Wire};

const NAME: &str = "Hushbrook";

/// Two providers, each of a clinic of its own, and what each asks for.
struct Two {
    keys: [String; 2],
    targets: [Vec<String>; 2],
}

impl Two {
    /// Two clinics of two organizations. In one the first client refuses, in the other one the second.
    async fn make(world: &World) -> Self {
        let (mut keys, mut targets) = (Vec::new(), Vec::new());
        for (at, clinic) in [&world.clinic, &world.other].into_iter().enumerate() {
            let admin = world.as_key(&clinic.admin_key);
            let house = Household::of(&admin).await;
            says_to(&admin, if at == 0 { &house.shy } else { &house.open }, "deny", json!({})).await;
            keys.push(provider_of(world, &clinic.clinic_id).await);
            targets.push(vec![
                "/v1/clients?limit=200".to_owned(),
                format!("/v1/clients/{}", house.shy),
                "/v1/invoices?include=lines,client".to_owned(),
                format!("/v1/invoices/{}", house.open_invoice),
                format!("/v1/patients/{}", house.shy_patient),
                "/v1/consents".to_owned(),
                "/v1/connections".to_owned(),
            ]);
        }
        Self { keys: keys.try_into().unwrap(), targets: targets.try_into().unwrap() }
    }

    /// A call of one of them.
    fn call(&self, of: usize, target: usize, is_last: bool) -> String {
        let (key, target) = (&self.keys[of], &self.targets[of][target]);
        let close = if is_last { "Connection: close\r\n" } else { "" };
        format!("GET {target} HTTP/1.1\r\nHost: clinicos.test\r\nAuthorization: Bearer {key}\r\n{close}\r\n")
    }
}

/// An answer without what differs from call to call.
fn told(heard: &Heard) -> String {
    let id = heard.header("x-request-id").to_owned();
    let body = String::from_utf8_lossy(&heard.body).replace(&id, "REQUEST").replace(&id.replacen("req_", "dec_", 1), "DECISION");
    format!("{} {} {body}", heard.status, heard.header("etag"))
}

on_both_engines! {
    /// A9: calls of two clinics in turn, on one connection, sent at once, answered one after the other.
    async fn a9_calls_of_two_clinics_on_one_connection_are_each_its_own(world: World) {
        let two = Two::make(&world).await;
        let wire = Wire::serve(&world, SHORT).await;
        let (mut alone, mut turns) = (Vec::new(), Vec::new());
        for target in 0..two.targets[0].len() {
            for of in [0, 1] {
                alone.push(told(&wire.ask(two.call(of, target, true).as_bytes()).await));
                turns.push((of, target));
            }
        }
        let hides = |of: usize, name: &str| alone[of].matches(name).count();
        assert_eq!([hides(0, "\"Shy\""), hides(0, "\"Open\"")], [0, 1], "{}", alone[0]);
        assert_eq!([hides(1, "\"Shy\""), hides(1, "\"Open\"")], [1, 0], "{}", alone[1]);
        for _ in 0..5 {
            let last = turns.len() - 1;
            let calls: String = turns.iter().enumerate().map(|(at, (of, target))| two.call(*of, *target, at == last)).collect();
            let (first, second) = tokio::join!(wire.say(calls.as_bytes()), wire.say(calls.as_bytes()));
            for heard in [first, second] {
                assert_eq!(heard.iter().map(told).collect::<Vec<_>>(), alone);
            }
        }
        // What one of them has seen is no answer for the other one.
        let etag = world.as_key(&two.keys[0]).get(&two.targets[0][1]).await.expect(200).etag().to_owned();
        let theirs = Call::get(&two.targets[0][1]).header("if-none-match", etag);
        world.as_key(&two.keys[1]).send(theirs).await.refused(404, "not_found");
    }

    /// L8: an export, a page, a place in the feed, a call that waits, a stream and an answer that is kept were all there
    /// before the client refused.
    async fn l8_what_began_before_a_refusal_shows_nothing_after(world: World) {
        let body = json!({
            "name": "Ledger", "purpose": "payment", "recipient": "service_provider", "reason": "Books",
            "scopes": ["clients:write", "invoices:read", "changes:read", "exports:write"], "categories": ["owner_contact"],
        });
        let target = format!("/v1/keys?clinic_id={}", world.clinic.clinic_id);
        let key = world.as_operator().post(&target, &body).await.expect(201).text("secret").to_owned();
        let (caller, admin) = (world.as_key(&key), world.as_admin());
        Household::make(&world).await;
        let create = Call::new("POST", "/v1/clients").header("idempotency-key", "once").json(&json!({"family_name": NAME}));
        let made = caller.send(create.clone()).await.expect(201);
        let client = format!("/v1/clients/{}", made.id());
        let export = format!("/v1/exports/{}", caller.post("/v1/exports", &json!({"resources": ["clients"]})).await.expect(201).id());
        let chunks = caller.get(&export).await.expect(200).json["chunks"].as_u64().unwrap();
        let mut began: Vec<Call> = (0..chunks).map(|number| Call::get(format!("{export}/chunks/{number}"))).collect();
        let mut page = "/v1/clients?limit=1".to_owned();
        loop {
            began.push(Call::get(&page));
            let reply = caller.get(&page).await.expect(200);
            let Some(next) = reply.json["next_page_url"].as_str() else { break };
            page = next[next.find("/v1/").unwrap()..].to_owned();
        }
        began.extend([create, Call::get(&client)]);
        world.events().await;
        let cursor = caller.get("/v1/changes?types=client").await.expect(200).text("next_cursor").to_owned();
        let feed = format!("/v1/changes?types=client&cursor={cursor}");
        let language = async |language: &str| {
            admin.patch(&client, admin.get(&client).await.etag(), &json!({"language": language})).await.expect(200);
            world.events().await;
        };
        language("es").await;
        began.push(Call::get(&feed));
        let mut stream = Line::open(&world, &key, "/v1/changes?types=client", None).await;
        stream.next().await.unwrap();
        let shows = async |calls: &[Call]| {
            let mut shown = 0;
            for call in calls {
                let reply = caller.send(call.clone()).await;
                assert!(reply.status < 300, "{}: {}", reply.label, reply.json);
                shown += usize::from(String::from_utf8_lossy(&reply.bytes).contains(NAME));
            }
            shown
        };
        assert_eq!(shows(&began).await, 5, "a chunk, a page, the answer that is kept, the record and the feed");
        let now = caller.get(&feed).await.expect(200).text("next_cursor").to_owned();
        let waiting = tokio::spawn({
            let (caller, target) = (caller.clone(), format!("/v1/changes?types=client&wait=30&cursor={now}"));
            async move { caller.get(&target).await.expect(200) }
        });
        says_to(&admin, &made.id(), "deny", json!({})).await;
        assert_eq!(shows(&began).await, 0);
        language("fr").await;
        assert_eq!(shows(&began).await, 0);
        let waited = waiting.await.unwrap();
        assert!(!String::from_utf8_lossy(&waited.bytes).contains(NAME), "{}", waited.json);
        let mut told: Vec<Value> = Vec::new();
        for (wanted, changed) in [("kind", json!("gap")), ("record_id", made.json["id"].clone())] {
            while told.last().is_none_or(|one| one[wanted] != changed) {
                told.push(stream.next().await.unwrap().data);
            }
            language("it").await;
        }
        assert!(told.iter().all(|one| !one.to_string().contains(NAME)), "{told:?}");
    }
}

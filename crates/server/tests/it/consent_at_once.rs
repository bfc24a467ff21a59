//! A client's word is in force once it is acknowledged (abuse case A3): no list, no chunk of an export and no change
//! that is asked for later shows what it hides, whatever is under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use clinicos_testkit::{As, World, on_both_engines};
use serde_json::{Value, json};

use crate::consent::Household;

const ROUNDS: u64 = 200;
const OVER: u64 = 2 * ROUNDS + 1;
const NAME: &str = "Hushbrook";

/// Odd from when a refusal is acknowledged until the client begins to say something else.
type Round = Arc<AtomicU64>;

/// Asks again and again until the rounds are over. Gives how often it saw the name and did not, and each answer that
/// showed it though it was asked for after the refusal was acknowledged and answered before anything else was said.
async fn look(caller: As, target: String, round: Round) -> (u64, u64, Vec<String>) {
    let (mut shown, mut hidden, mut late) = (0, 0, Vec::new());
    loop {
        let before = round.load(Ordering::SeqCst);
        if before >= OVER {
            return (shown, hidden, late);
        }
        let reply = caller.get(&target).await;
        let tells = String::from_utf8_lossy(&reply.bytes).contains(NAME);
        let is_refused = before % 2 == 1 && round.load(Ordering::SeqCst) == before;
        *(if tells { &mut shown } else { &mut hidden }) += u64::from(reply.status == 200);
        late.extend((tells && is_refused).then(|| format!("round {before}: {}", reply.label)));
        tokio::task::yield_now().await;
    }
}

/// The same with the changes since just before: whoever follows is told of each change of the client.
async fn follow(caller: As, round: Round) -> (u64, Vec<String>) {
    let (mut shown, mut late) = (0, Vec::new());
    loop {
        let before = round.load(Ordering::SeqCst);
        if before >= OVER {
            return (shown, late);
        }
        let start = caller.get("/v1/changes?types=client").await.expect(200).text("next_cursor").to_owned();
        tokio::task::yield_now().await;
        let reply = caller.get(&format!("/v1/changes?types=client&cursor={start}")).await;
        let tells = String::from_utf8_lossy(&reply.bytes).contains(NAME);
        let is_refused = before % 2 == 1 && round.load(Ordering::SeqCst) == before;
        shown += u64::from(tells);
        late.extend((tells && is_refused).then(|| format!("round {before}: {}", reply.label)));
    }
}

async fn key(world: &World) -> As {
    let body = json!({
        "name": "Ledger", "purpose": "payment", "recipient": "service_provider", "reason": "Books",
        "scopes": ["clients:read", "invoices:read", "changes:read", "exports:write"], "categories": ["owner_contact"],
    });
    let target = format!("/v1/keys?clinic_id={}", world.clinic.clinic_id);
    let key = world.as_operator().post(&target, &body).await.expect(201);
    world.as_key(key.text("secret"))
}

/// The client, a list, and the chunk of an export that has it.
async fn targets(world: &World, caller: &As) -> Vec<String> {
    let house = Household::make(world).await;
    let admin = world.as_admin();
    let target = format!("/v1/clients/{}", house.shy);
    let etag = admin.get(&target).await.etag().to_owned();
    admin.patch(&target, &etag, &json!({"family_name": NAME})).await.expect(200);
    let export = caller.post("/v1/exports", &json!({})).await.expect(201).id();
    let told = caller.get(&format!("/v1/exports/{export}")).await.expect(200);
    let chunks = told.json["chunks"].as_i64().unwrap_or(40);
    let mut chunk = None;
    for number in 0..chunks {
        let target = format!("/v1/exports/{export}/chunks/{number}");
        let reply = caller.get(&target).await;
        if String::from_utf8_lossy(&reply.bytes).contains(NAME) {
            chunk = Some(target);
            break;
        }
    }
    let Some(chunk) = chunk else { panic!("no chunk of the export has the client") };
    vec![target, "/v1/clients?limit=200".to_owned(), chunk]
}

on_both_engines! {
    async fn a3_nothing_leaves_after_a_refusal_is_acknowledged(world: World) {
        let caller = key(&world).await;
        let targets = targets(&world, &caller).await;
        let client = targets[0].rsplit('/').next().unwrap().to_owned();
        let round = Round::default();
        let looking: Vec<_> = targets.iter().map(|target| tokio::spawn(look(caller.clone(), target.clone(), round.clone()))).collect();
        let following = tokio::spawn(follow(caller.clone(), round.clone()));
        let admin = world.as_admin();
        for _ in 0..ROUNDS {
            for decision in ["deny", "permit"] {
                if decision == "permit" {
                    round.fetch_add(1, Ordering::SeqCst);
                }
                world.clock.advance_us(1_000);
                let body: Value = json!({
                    "subject": "client", "client_id": client, "category": "data_sharing", "decision": decision,
                    "purposes": ["payment"], "status": "active", "method": "signed",
                });
                admin.post("/v1/consents", &body).await.expect(201);
                if decision == "deny" {
                    round.fetch_add(1, Ordering::SeqCst);
                }
                let language = json!({"language": if decision == "deny" { "es" } else { "en" }});
                admin.patch(&targets[0], admin.get(&targets[0]).await.etag(), &language).await.expect(200);
                // Whoever looks gets a turn.
                for target in &targets {
                    let tells = String::from_utf8_lossy(&caller.get(target).await.expect(200).bytes).contains(NAME);
                    assert_eq!(tells, decision == "permit", "{target}");
                }
            }
        }
        round.store(OVER, Ordering::SeqCst);
        let (told, late) = following.await.unwrap();
        assert!(late.is_empty() && told > 0, "{told} told, {}", late.join("\n"));
        for (looking, target) in looking.into_iter().zip(&targets) {
            let (shown, hidden, late) = looking.await.unwrap();
            assert!(late.is_empty(), "{}", late.join("\n"));
            assert!(shown > 20 && hidden > 20, "{target}: {shown} shown, {hidden} hidden");
        }
    }
}

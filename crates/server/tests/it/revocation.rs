//! A change of who may do what is in force once it is acknowledged (abuse cases B1 and B2).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clinicos_testkit::{As, Call, MadeKey, Reply, Samples, World, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::findings::{Findings, callable};

/// Callers at once, and calls that each makes after the change was acknowledged.
const CALLERS: usize = 8;
const CALLS_AFTER: usize = 5;

/// Calls again and again; gives the answers to calls that started after `acknowledged`.
async fn hammer(caller: As, call: Call, acknowledged: Arc<AtomicBool>) -> Vec<Reply> {
    let mut after = Vec::new();
    while after.len() < CALLS_AFTER {
        let late = acknowledged.load(Ordering::SeqCst);
        let call = match call.method.as_str() {
            "POST" => call.clone().set("idempotency-key", caller.fresh_idempotency_key()),
            _ => call.clone(),
        };
        let reply = caller.send(call).await;
        if late {
            after.push(reply);
        }
        tokio::task::yield_now().await;
    }
    after
}

/// Makes a change while callers are at work. No call that starts later is answered by what
/// stood before.
async fn under_load(world: &World, key: &MadeKey, call: Call, change: impl Future<Output = ()>, status: u16, code: &str) {
    let acknowledged = Arc::new(AtomicBool::new(false));
    let caller = world.as_key(&key.secret);
    let callers: Vec<_> =
        (0..CALLERS).map(|_| tokio::spawn(hammer(caller.clone(), call.clone(), acknowledged.clone()))).collect();
    change.await;
    acknowledged.store(true, Ordering::SeqCst);
    for reply in join_all(callers).await.into_iter().flat_map(Result::unwrap) {
        reply.refused(status, code);
    }
}

fn a_list() -> Call {
    Call::get("/v1/invoices?limit=1")
}

fn a_list_with_clients() -> Call {
    Call::get("/v1/invoices?limit=1&include=client")
}

fn a_write() -> Call {
    Call::new("POST", "/v1/clients").json(&json!({"given_name": "Dana"}))
}

/// Changes of a connection: what, by which call it shows, and how.
fn changes() -> Vec<(Value, Call, u16, &'static str)> {
    let all = json!([{"category": "practice"}, {"category": "owner_contact"}]);
    vec![
        (json!({"scopes": ["clinics:read"]}), a_list(), 403, "missing_scope"),
        (json!({"scopes": ["invoices:read", "clients:read"]}), a_write(), 403, "missing_scope"),
        (json!({"opt_ins": all}), a_list(), 403, "missing_opt_in"),
        (json!({"excluded_operations": ["invoices.list"]}), a_list(), 403, "operation_excluded"),
        (json!({"scopes": ["invoices:read"]}), a_list_with_clients(), 403, "missing_scope"),
        (json!({"opt_ins": [{"category": "owner_financial"}]}), a_list_with_clients(), 403, "missing_opt_in"),
        (json!({"excluded_operations": ["clients.get"]}), a_list_with_clients(), 403, "operation_excluded"),
        (json!({"writes_enabled": false}), a_write(), 403, "writes_off"),
        (json!({"limits": {"read": 0}}), a_list(), 429, "rate_limited"),
    ]
}

on_both_engines! {
    /// Abuse case B1, on one node: after the answer to a revocation, no operation takes the key.
    async fn b1_a_revoked_key_is_refused_everywhere_at_once(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let key = world.full_key().await;
        let by_connection = world.full_key().await;
        let spare = world.full_key().await;
        world.as_key(&key.secret).get("/v1/clinics").await.expect(200);
        world.as_admin().post(&format!("/v1/keys/{}/revoke", key.id), &Value::Null).await.expect(200);
        world.switch(&by_connection.connection_id, "revoke").await;
        let mut findings = Findings::default();
        for spec in callable(&world) {
            for gone in [&key, &by_connection] {
                let reply = world.as_key(&gone.secret).send(samples.plain(&world, spec).await).await;
                findings.refused(spec.id, &reply, 401, "unauthenticated");
            }
        }
        findings.done(&world.journal().await);
        world.as_key(&spare.secret).get("/v1/clinics").await.expect(200);
    }

    /// Abuse case B1: nothing brings a revoked key back.
    async fn b1_a_revoked_key_never_comes_back(world: World) {
        let key = world.full_key().await;
        world.as_admin().post(&format!("/v1/keys/{}/revoke", key.id), &Value::Null).await.expect(200);
        world.as_admin().post(&format!("/v1/keys/{}/revoke", key.id), &Value::Null).await.refused(409, "conflict");
        let path = format!("/v1/connections/{}", key.connection_id);
        let why = json!({"reason": "A test"});
        world.as_admin().post(&format!("{path}/pause"), &why).await.expect(200);
        world.as_admin().post(&format!("{path}/resume"), &why).await.expect(200);
        world.as_key(&key.secret).get("/v1/clinics").await.refused(401, "unauthenticated");
        world.as_admin().post(&format!("{path}/revoke"), &why).await.expect(200);
        for verb in ["pause", "resume", "revoke"] {
            world.as_admin().post(&format!("{path}/{verb}"), &why).await.refused(409, "conflict");
        }
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        world.as_admin().patch(&path, &etag, &json!({"writes_enabled": true})).await.refused(409, "conflict");
        let world = world.restart().await;
        world.as_key(&key.secret).get("/v1/clinics").await.refused(401, "unauthenticated");
        world.as_admin().get("/v1/clinics").await.expect(200);
    }

    /// Abuse case B1: under load, no call that starts after the acknowledgement is accepted.
    async fn b1_no_call_starts_after_the_revocation(world: World) {
        for call in [a_list(), a_write()] {
            let key = world.full_key().await;
            let revoke = async {
                world.as_admin().post(&format!("/v1/keys/{}/revoke", key.id), &Value::Null).await.expect(200);
            };
            under_load(&world, &key, call, revoke, 401, "unauthenticated").await;
        }
        let key = world.full_key().await;
        let revoke = async {
            world.switch(&key.connection_id, "revoke").await;
        };
        under_load(&world, &key, a_list(), revoke, 401, "unauthenticated").await;
    }

    /// Abuse case B1: a write that was on its way does not commit after the acknowledgement.
    async fn b1_no_write_commits_after_the_revocation(world: World) {
        let key = world.full_key().await;
        let caller = world.as_key(&key.secret);
        let writers: Vec<_> = (0..32)
            .map(|_| {
                let caller = caller.clone();
                tokio::spawn(async move { caller.post("/v1/clients", &json!({"given_name": "Dana"})).await.status })
            })
            .collect();
        world.switch(&key.connection_id, "revoke").await;
        let there = world.as_admin().get("/v1/clients?limit=200").await.expect(200).data().len();
        let made = join_all(writers).await.into_iter().filter(|status| *status.as_ref().unwrap() == 201).count();
        let later = world.as_admin().get("/v1/clients?limit=200").await.expect(200).data().len();
        assert_eq!((there, later), (made, made), "a write was committed after the acknowledgement");
    }

    /// Abuse case B2: each attribute, changed under load.
    async fn b2_no_call_is_decided_by_what_stood_before(world: World) {
        for (change, call, status, code) in changes() {
            let key = world.full_key().await;
            let made = async {
                world.change_connection(&key.connection_id, &change).await;
            };
            under_load(&world, &key, call, made, status, code).await;
        }
        let key = world.full_key().await;
        let pause = async {
            world.switch(&key.connection_id, "pause").await;
        };
        under_load(&world, &key, a_list(), pause, 403, "connection_paused").await;
    }

    /// Abuse case B2: the other way, and after a restart.
    async fn b2_what_is_given_back_is_in_force_at_once(world: World) {
        let key = world.full_key().await;
        let before = world.as_admin().get(&format!("/v1/connections/{}", key.connection_id)).await.expect(200).json;
        for (change, call, status, code) in changes() {
            let caller = world.as_key(&key.secret);
            let fresh = || call.clone().set("idempotency-key", caller.fresh_idempotency_key());
            let name = change.as_object().unwrap().keys().next().unwrap().clone();
            world.change_connection(&key.connection_id, &change).await;
            caller.send(fresh()).await.refused(status, code);
            let mut old = before[&name].clone();
            if name == "limits" {
                // A merge patch takes a member away with null.
                old = json!({"read": null});
            }
            for opt_in in old.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                opt_in.remove("granted_at");
                opt_in.remove("granted_by");
            }
            world.change_connection(&key.connection_id, &json!({ name: old })).await;
            let given = caller.send(fresh()).await;
            assert!(given.status < 300, "{}: {}", given.label, given.json);
        }
        world.change_connection(&key.connection_id, &json!({"writes_enabled": false})).await;
        let world = world.restart().await;
        world.as_key(&key.secret).post("/v1/clients", &json!({"given_name": "Dana"})).await.refused(403, "writes_off");
    }
}

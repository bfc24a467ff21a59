//! The same request twice happens once.

use clinicos_testkit::{Call, Samples, World, on_both_engines};
use futures_util::future::join_all;
use serde_json::json;

use crate::findings::{Findings, callable};

/// A new client, under this key.
fn new_client(idempotency_key: &str) -> Call {
    Call::new("POST", "/v1/clients").header("idempotency-key", idempotency_key).json(&json!({"given_name": "Dana"}))
}

async fn clients(world: &World) -> usize {
    world.as_admin().get("/v1/clients?limit=200").await.expect(200).data().len()
}

on_both_engines! {
    async fn a_replay_gives_the_same_answer_and_does_nothing(world: World) {
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.idempotent) {
            let samples = Samples::of(&world, &world.clinic, spec).await;
            let (caller, call) = (samples.caller(&world, spec), samples.ready(&world, spec).await);
            let first = caller.send(call.clone()).await;
            let (rows, events) = (world.row_counts().await, world.events().await);
            let again = caller.send(call.clone()).await;
            findings.check(spec.id, first.status < 300, &format!("{} {}", first.status, first.json));
            findings.check(spec.id, first.header("idempotent-replayed").is_empty(), "the first is marked as a replay");
            findings.check(spec.id, again.header("idempotent-replayed") == "true", "the second is not marked as a replay");
            let same = (again.status, &again.bytes, again.etag()) == (first.status, &first.bytes, first.etag());
            findings.check(spec.id, same, &format!("{} {} after {}", again.status, again.json, first.json));
            findings.check(spec.id, world.row_counts().await == rows, "rows were written again");
            findings.check(spec.id, world.events().await == events, "events were emitted again");
            let entries = world.entries(again.request_id()).await;
            findings.check(spec.id, entries.len() == 1 && entries[0].replayed, "the journal does not say that it is a replay");
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case R5: the same key with another body, at another operation, of another connection.
    async fn r5_a_key_belongs_to_one_request_of_one_connection(world: World) {
        let admin = world.as_admin();
        let first = admin.send(new_client("k")).await.expect(201);
        admin.send(new_client("k").json(&json!({"given_name": "Other"}))).await.refused(422, "idempotency_mismatch");
        let other_operation = Call { target: "/v1/keys".to_owned(), ..new_client("k") };
        let key = json!({"name": "A", "purpose": "payment", "reason": "B", "scopes": ["invoices:read"]});
        admin.send(other_operation.json(&key)).await.refused(422, "idempotency_mismatch");
        let second = world.full_key().await;
        let theirs = world.as_key(&second.secret).send(new_client("k")).await.expect(201);
        let elsewhere = world.as_key(&world.other.admin_key).send(new_client("k")).await.expect(201);
        assert_ne!(first.id(), theirs.id());
        assert_ne!(first.id(), elsewhere.id());
        assert_eq!(admin.send(new_client("k")).await.expect(201).id(), first.id());
        let operator = Call { target: format!("/v1/clients?clinic_id={}", world.other.clinic_id), ..new_client("k") };
        assert_ne!(world.as_operator().send(operator.clone()).await.expect(201).id(), elsewhere.id());
        let operator = Call { target: format!("/v1/clients?clinic_id={}", world.clinic.clinic_id), ..operator };
        world.as_operator().send(operator).await.refused(422, "idempotency_mismatch");
    }

    /// Abuse case R5: the same key for another record.
    async fn r5_a_key_belongs_to_one_record(world: World) {
        let mut findings = Findings::default();
        let (one, two) = (Samples::make(&world, &world.clinic).await, Samples::make(&world, &world.clinic).await);
        for spec in callable(&world).into_iter().filter(|spec| spec.idempotent && spec.route.parameters().next().is_some()) {
            let first = one.plain(&world, spec).await;
            let key = first.headers.iter().find(|(name, _)| name == "idempotency-key").unwrap().1.clone();
            if world.as_admin().send(first).await.status >= 300 {
                continue;
            }
            let other = two.plain(&world, spec).await.set("idempotency-key", key);
            findings.refused(spec.id, &world.as_admin().send(other).await, 422, "idempotency_mismatch");
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case R5: 64 at once have one effect.
    async fn r5_many_at_once_have_one_effect(world: World) {
        let replies = join_all((0..64).map(|_| {
            let admin = world.as_admin();
            tokio::spawn(async move { admin.send(new_client("at once")).await })
        })).await;
        let mut made = std::collections::BTreeSet::new();
        for reply in replies.into_iter().map(Result::unwrap) {
            match reply.status {
                201 => {
                    made.insert(reply.id());
                }
                409 => assert_eq!((reply.code(), reply.header("retry-after")), ("idempotency_in_progress", "1")),
                other => panic!("{other} {}", reply.json),
            }
        }
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!(clients(&world).await, 1);
    }

    /// Abuse case R5: a replay is decided again; what was stored is not an answer by itself.
    async fn r5_a_replay_is_decided_again(world: World) {
        let key = world.key(&["clients:write", "invoices:read"]).await;
        let caller = world.as_key(&key.secret);
        let made = caller.send(new_client("k")).await.expect(201);
        assert!(made.json.get("balance").is_some());
        world.change_connection(&key.connection_id, &json!({"opt_ins": [{"category": "owner_contact"}]})).await;
        let narrowed = caller.send(new_client("k")).await.expect(201);
        assert_eq!(narrowed.json.get("balance"), None, "the stored answer came back unredacted");
        assert!(narrowed.json.get("_redactions").is_some());
        world.change_connection(&key.connection_id, &json!({"writes_enabled": false})).await;
        caller.send(new_client("k")).await.refused(403, "writes_off");
        world.change_connection(&key.connection_id, &json!({"writes_enabled": true, "scopes": ["clients:read"]})).await;
        caller.send(new_client("k")).await.refused(403, "missing_scope");
        world.switch(&key.connection_id, "pause").await;
        caller.send(new_client("k")).await.refused(403, "connection_paused");
        world.switch(&key.connection_id, "revoke").await;
        caller.send(new_client("k")).await.refused(401, "unauthenticated");
    }

    async fn a_refusal_is_not_kept(world: World) {
        let wrong = new_client("k").json(&json!({"given_name": 7}));
        world.as_admin().send(wrong).await.refused(400, "invalid_field");
        let absent = json!({"client_id": clinicos_testkit::absent_id("cli")});
        world.as_admin().send(Call { target: "/v1/invoices".to_owned(), ..new_client("k") }.json(&absent)).await.expect(422);
        world.as_admin().send(new_client("k")).await.expect(201);
    }

    async fn a_key_is_forgotten_after_its_time(world: World) {
        let first = world.as_admin().send(new_client("k")).await.expect(201);
        world.clock.advance_s(clinicos_store::journal::idempotency::KEPT_HOURS * 3_600 - 1);
        assert_eq!(world.as_admin().send(new_client("k")).await.expect(201).id(), first.id());
        world.clock.advance_s(1);
        assert_ne!(world.as_admin().send(new_client("k")).await.expect(201).id(), first.id());
    }
}

//! What a failing disk or database leaves behind (abuse case L1, and half-written rows).

use std::collections::BTreeMap;

use clinicos_contract::Spec;
use clinicos_testkit::{Call, Engine, Reply, Samples, World, on_both_engines};

use crate::findings::Findings;

/// No operation needs more store calls than this.
const CALLS_MAX: i64 = 5_000;
/// Up to here each call is made to fail.
const EVERY_CALL_UP_TO: i64 = 30;

/// All rows, and how many events there are.
type Everything = (BTreeMap<String, String>, usize);

async fn everything(world: &World) -> Everything {
    let rows = world.rows().await;
    assert!(rows["clinics"].contains(&world.clinic.clinic_id) && rows["security_changes"].len() > 10, "rows are not seen");
    (rows, world.events().await.len())
}

/// Names the first thing that is not as before.
fn difference(before: &Everything, after: &Everything) -> String {
    let changed = before.0.iter().find(|(table, rows)| after.0.get(*table) != Some(rows));
    match changed {
        Some((table, rows)) => format!("left {:?} in {table} behind where {rows} was", after.0.get(table)),
        None => format!("left {} events behind where {} were", after.1, before.1),
    }
}

/// Fails the first, second, … store call of one operation until it succeeds.
async fn fail_each_call(world: &World, spec: &'static Spec, findings: &mut Findings) {
    let samples = Samples::of(world, &world.clinic, spec).await;
    let call = samples.ready(world, spec).await;
    let caller = samples.caller(world, spec);
    let before = everything(world).await;
    let mut number = 1;
    while number <= CALLS_MAX {
        world.faults.fail_call(number);
        let reply = caller.send(call.clone()).await;
        let untouched = world.faults.is_call_due();
        world.faults.clear();
        if untouched {
            findings.check(spec.id, reply.status < 300, &format!("without a fault: {} {}", reply.status, reply.json));
            findings.check(spec.id, number > 1, "makes no store call");
            return;
        }
        let what = format!("{} with call {number} failing", spec.id);
        findings.refused(&what, &reply, 503, "unavailable");
        findings.check(&what, !reply.header("retry-after").is_empty(), "no Retry-After");
        let after = everything(world).await;
        findings.check(&what, after == before, &difference(&before, &after));
        // Each call of what makes few; ever fewer of what loads thousands of rows.
        number += if number < EVERY_CALL_UP_TO { 1 } else { number / 8 };
    }
    findings.note(spec.id, "never succeeds");
}

/// A commit fails under each of these calls. What is answered has its entry, or is the 503.
async fn with_a_failing_commit(world: &World, call: &Call) -> Reply {
    let before = (world.row_counts().await, world.events().await);
    world.faults.fail_commit();
    let reply = world.as_admin().send(call.clone()).await.expect(503);
    if world.store.engine() == Engine::Sqlite {
        return reply;
    }
    assert_eq!((world.row_counts().await, world.events().await), before, "{} left something behind", reply.label);
    assert!(world.entries(reply.request_id()).await.iter().all(|entry| entry.status == 503), "an answer that never left");
    reply
}

on_both_engines! {
    async fn a_failing_store_call_leaves_nothing_half_written(world: World) {
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.writes()) {
            fail_each_call(&world, spec, &mut findings).await;
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case L1: an entry that cannot be written means 503, for a read as for a write.
    async fn l1_without_its_entry_no_answer_leaves(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        for operation in ["invoices.list", "clients.create", "keys.create", "invoices.void"] {
            let call = samples.plain(&world, world.spec(operation)).await;
            with_a_failing_commit(&world, &call).await;
            if world.store.engine() == Engine::Sqlite {
                break;
            }
        }
        stops_serving(world).await;
    }

    /// Abuse case L1, when it is a write whose commit fails.
    async fn l1_a_write_that_cannot_be_committed_is_not_answered(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let call = samples.plain(&world, world.spec("clients.create")).await;
        let before = world.as_admin().get("/v1/clients").await.expect(200).data().len();
        with_a_failing_commit(&world, &call).await;
        let world = stops_serving(world).await;
        let after = world.as_admin().get("/v1/clients").await.expect(200).data().len();
        assert_eq!(after, before, "the write was committed after all");
        // The failed transaction may still be on its way out of the database; until then the answer says so.
        let mut again = world.as_admin().send(call.clone()).await;
        for _ in 0..10_000 {
            if again.status != 409 {
                break;
            }
            again.refused(409, "idempotency_in_progress");
            again = world.as_admin().send(call.clone()).await;
        }
        again.expect(201);
    }

    /// Abuse case L1: a refusal, a document and an unknown path need their entry as well.
    async fn l1_without_their_entry_refusals_do_not_leave(world: World) {
        for target in ["/v1/invoices", "/v1/openapi.json", "/v1/nothing", "/v1//x", "/docs/problems/not_found"] {
            world.faults.fail_commit();
            world.as_nobody().get(target).await.expect(503);
            if world.store.engine() == Engine::Sqlite {
                break;
            }
        }
        stops_serving(world).await;
    }
}

/// After a failed commit nobody knows what a file holds: the server answers nothing until it is
/// started again. A database server tells for itself, so there it goes on.
async fn stops_serving(world: World) -> World {
    let ready = world.as_nobody().get("/health/ready").await;
    if world.store.engine() == Engine::Postgres {
        ready.expect(200);
        world.as_admin().get("/v1/clinics").await.expect(200);
        return world;
    }
    ready.expect(503);
    for target in ["/v1/clinics", "/v1/invoices", "/v1/openapi.json", "/v1/nothing"] {
        world.as_admin().get(target).await.refused(503, "unavailable");
        world.as_operator().get(target).await.refused(503, "unavailable");
    }
    world.as_admin().post("/v1/clients", &serde_json::json!({"given_name": "Dana"})).await.refused(503, "unavailable");
    world.as_nobody().get("/health/live").await.expect(200);
    let world = world.restart().await;
    world.as_nobody().get("/health/ready").await.expect(200);
    world.as_admin().get("/v1/clinics").await.expect(200);
    world
}

//! What a connection may do: scopes, opt-ins, switches. Each is looked at in every operation.

use clinicos_contract::{Category, Spec};
use clinicos_testkit::{MadeKey, Samples, World, on_both_engines};
use serde_json::json;

use crate::findings::{Findings, callable};

/// A key with everything but the scope of an operation and what implies it.
async fn key_without(world: &World, spec: &Spec) -> MadeKey {
    let (scope, write) = (spec.scope(), format!("{}:write", spec.resource.name));
    let scopes = world.admin_scopes();
    let left: Vec<&str> = scopes.iter().map(String::as_str).filter(|name| *name != scope && *name != write).collect();
    world.key(&left).await
}

/// The opt-ins of a connection without one category.
fn opt_ins_without(category: Category) -> serde_json::Value {
    let left = Category::ALL.iter().filter(|one| **one != category);
    // A clinic's admin holds these; nobody can grant what they do not hold.
    let held = ["record_system", "practice", "owner_contact", "owner_financial"];
    left.filter(|one| held.contains(&one.name())).map(|one| json!({"category": one.name()})).collect()
}

/// Every operation that a clinic can grant is refused to this key, in the same way for a record that is not there.
async fn all_refused(world: &World, key: &MadeKey, which: impl Fn(&Spec) -> bool, status: u16, code: &str) {
    let samples = Samples::make(world, &world.clinic).await;
    let mut findings = Findings::default();
    for spec in callable(world).into_iter().filter(|spec| which(spec)) {
        let caller = world.as_key(&key.secret);
        let reply = caller.send(samples.plain(world, spec).await).await;
        findings.refused(spec.id, &reply, status, code);
        let absent = caller.send(samples.with_absent_ids(world, spec).await).await;
        findings.check(spec.id, absent.masked() == reply.masked(), "the refusal depends on the record");
    }
    findings.done(&world.journal().await);
}

on_both_engines! {
    async fn without_the_scope_nothing_runs(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in callable(&world) {
            let key = key_without(&world, spec).await;
            let reply = world.as_key(&key.secret).send(samples.plain(&world, spec).await).await;
            findings.refused(spec.id, &reply, 403, "missing_scope");
            findings.check(spec.id, reply.text("missing_scope") == spec.scope(), "does not name the scope");
            let absent = world.as_key(&key.secret).send(samples.with_absent_ids(&world, spec).await).await;
            findings.check(spec.id, absent.masked() == reply.masked(), "the refusal depends on the record");
        }
        findings.done(&world.journal().await);
    }

    async fn the_operators_operations_are_nobody_elses(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| world.is_operators(spec)) {
            let mut call = samples.plain(&world, spec).await;
            // Of another clinic, who is no operator learns nothing at all.
            if spec.into_empty {
                findings.refused(spec.id, &world.as_admin().send(call.clone()).await, 404, "not_found");
                call.target = format!("{}?clinic_id={}", spec.route.path, world.clinic.clinic_id);
            }
            let reply = world.as_admin().send(call).await;
            findings.refused(spec.id, &reply, 403, "operator_only");
        }
        findings.done(&world.journal().await);
    }

    async fn without_the_opt_in_nothing_is_seen(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        let key = world.full_key().await;
        for category in Category::ALL.iter().filter(|one| **one != Category::RecordSystem) {
            let guarded: Vec<_> = callable(&world).into_iter().filter(|spec| spec.resource.primary == *category).collect();
            if guarded.is_empty() {
                continue;
            }
            world.change_connection(&key.connection_id, &json!({"opt_ins": opt_ins_without(*category)})).await;
            for spec in guarded {
                let reply = world.as_key(&key.secret).send(samples.plain(&world, spec).await).await;
                findings.refused(spec.id, &reply, 403, "missing_opt_in");
                findings.check(spec.id, reply.text("missing_consent") == category.name(), "does not name the category");
            }
        }
        findings.done(&world.journal().await);
    }

    async fn an_opt_in_that_ran_out_is_none(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let until = json!({"opt_ins": [{"category": "owner_financial", "expires_at": "2026-11-22T08:00:00Z"}]});
        world.change_connection(&key.connection_id, &until).await;
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        world.clock.advance_s(3_600);
        world.as_key(&key.secret).get("/v1/invoices").await.refused(403, "missing_opt_in");
    }

    async fn a_paused_connection_does_nothing(world: World) {
        let key = world.full_key().await;
        world.switch(&key.connection_id, "pause").await;
        all_refused(&world, &key, |_| true, 403, "connection_paused").await;
        world.switch(&key.connection_id, "resume").await;
        world.as_key(&key.secret).get("/v1/clinics").await.expect(200);
    }

    async fn with_writes_off_only_reads_go_on(world: World) {
        let key = world.full_key().await;
        let samples = Samples::make_by(&world, &world.clinic, &key).await;
        world.change_connection(&key.connection_id, &json!({"writes_enabled": false})).await;
        all_refused(&world, &key, Spec::writes, 403, "writes_off").await;
        for spec in callable(&world).into_iter().filter(|spec| !spec.writes()) {
            world.as_key(&key.secret).send(samples.plain(&world, spec).await).await.expect(200);
        }
    }

    async fn an_excluded_operation_is_refused_alone(world: World) {
        let key = world.full_key().await;
        let all: Vec<&str> = callable(&world).iter().map(|spec| spec.id).collect();
        world.change_connection(&key.connection_id, &json!({"excluded_operations": all})).await;
        all_refused(&world, &key, |_| true, 403, "operation_excluded").await;
        world.change_connection(&key.connection_id, &json!({"excluded_operations": ["invoices.list"]})).await;
        world.as_key(&key.secret).get("/v1/invoices").await.refused(403, "operation_excluded");
        world.as_key(&key.secret).get("/v1/payments").await.expect(200);
    }

    async fn a_revoked_connection_is_nobody(world: World) {
        let key = world.full_key().await;
        world.switch(&key.connection_id, "revoke").await;
        all_refused(&world, &key, |_| true, 401, "unauthenticated").await;
    }

    async fn a_clinic_that_is_suspended_takes_no_calls(world: World) {
        let key = world.full_key().await;
        let path = format!("/v1/clinics/{}", world.clinic.clinic_id);
        let etag = world.as_operator().get(&path).await.expect(200).etag().to_owned();
        let samples = Samples::make(&world, &world.clinic).await;
        world.as_operator().patch(&path, &etag, &json!({"status": "suspended"})).await.expect(200);
        let mut findings = Findings::default();
        for spec in callable(&world) {
            let call = samples.with_absent_ids(&world, spec).await;
            findings.refused(spec.id, &world.as_key(&key.secret).send(call).await, 403, "clinic_inactive");
        }
        findings.done(&world.journal().await);
    }
}

//! What comes with a call: nothing is ignored, and a refusal names the place.

use clinicos_contract::schema::Presence;
use clinicos_testkit::{Call, Reply, Samples, on_both_engines};
use serde_json::{Value, json};

use crate::findings::Findings;

fn pointers(reply: &Reply) -> Vec<&str> {
    let errors = reply.json["errors"].as_array().map_or(&[][..], Vec::as_slice);
    errors.iter().filter_map(|error| error["pointer"].as_str()).collect()
}

/// The call with one more member in its body.
fn with_member(call: &Call, name: &str, value: Value) -> Call {
    let mut body = call.body_json();
    body[name] = value;
    call.clone().json(&body)
}

on_both_engines! {
    async fn an_unknown_field_is_named(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs() {
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            if spec.body.is_some() {
                let reply = caller.send(with_member(&call, "surprise_field", json!(1))).await;
                findings.refused(spec.id, &reply, 400, "invalid_field");
                findings.check(spec.id, pointers(&reply).contains(&"/surprise_field"), "does not point at the field");
            } else {
                let reply = caller.send(call.json(&json!({"surprise_field": 1}))).await;
                findings.refused(spec.id, &reply, 400, "invalid_field");
            }
        }
        findings.done(&world.journal().await);
    }

    async fn a_read_only_field_is_named(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs() {
            let Some(body) = &spec.body else { continue };
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            for field in body.schema.fields.iter().filter(|field| field.presence(body.verb) == Presence::Never) {
                let what = format!("{} with {}", spec.id, field.name);
                let reply = caller.send(with_member(&call, field.name, json!(1))).await;
                findings.refused(&what, &reply, 400, "invalid_field");
                findings.check(&what, pointers(&reply).contains(&format!("/{}", field.name).as_str()), "does not point at it");
            }
        }
        findings.done(&world.journal().await);
    }

    async fn a_missing_or_wrong_field_is_named(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs() {
            let Some(body) = &spec.body else { continue };
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            for field in body.schema.fields.iter().filter(|field| field.presence(body.verb) != Presence::Never) {
                let pointer = format!("/{}", field.name);
                let what = format!("{} with a wrong {}", spec.id, field.name);
                let reply = caller.send(with_member(&call, field.name, json!({"no": ["such", "shape"]}))).await;
                findings.refused(&what, &reply, 400, "invalid_field");
                findings.check(&what, pointers(&reply).iter().any(|one| one.starts_with(&pointer)), "does not point at it");
                if field.presence(body.verb) == Presence::Required {
                    let what = format!("{} without {}", spec.id, field.name);
                    let mut left = call.body_json();
                    left.as_object_mut().unwrap().remove(field.name);
                    let reply = caller.send(call.clone().json(&left)).await;
                    findings.refused(&what, &reply, 400, "invalid_field");
                    findings.check(&what, pointers(&reply).contains(&pointer.as_str()), "does not point at it");
                }
            }
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case A8, in part: ignoring a parameter could widen an answer.
    async fn an_unknown_parameter_is_named(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs() {
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            for pair in ["surprise=1", "limit%20=1", "fields[]=id", "Limit=1", "include=nothing", "surprise"] {
                let what = format!("{} with {pair}", spec.id);
                let reply = caller.send(call.clone().query(pair)).await;
                findings.refused(&what, &reply, 400, "invalid_parameter");
                findings.check(&what, !pointers(&reply).is_empty(), "does not name the parameter");
            }
            if spec.reply_schema().is_some() {
                for pair in ["fields=id&fields=id", "fields=surprise", "fields="] {
                    let reply = caller.send(call.clone().query(pair)).await;
                    findings.refused(&format!("{} with {pair}", spec.id), &reply, 400, "invalid_parameter");
                }
            }
        }
        findings.done(&world.journal().await);
    }

    async fn a_body_that_is_no_json_is_refused(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.body.is_some()) {
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            let broken = ["", "{", "{} {}", "{\"a\":1,\"a\":2}", "[1,", "\u{feff}{}"];
            // No body at all is one that says nothing, where nothing must be said.
            for bytes in broken.into_iter().filter(|bytes| !(bytes.is_empty() && spec.may_lack_body())) {
                let broken = Call { body: bytes.into(), ..call.clone() };
                findings.refused(&format!("{} with `{bytes}`", spec.id), &caller.send(broken).await, 400, "malformed_request");
            }
            for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
                let other = call.clone().set("content-type", kind);
                findings.refused(&format!("{} as `{kind}`", spec.id), &caller.send(other).await, 415, "unsupported_media_type");
            }
            let packed = call.clone().header("content-encoding", "gzip");
            findings.refused(spec.id, &caller.send(packed).await, 415, "unsupported_media_type");
            let large = Call { body: vec![b' '; spec.body_bytes_max + 1].into(), ..call };
            findings.refused(&format!("{} too large", spec.id), &caller.send(large).await, 413, "too_large");
        }
        findings.done(&world.journal().await);
    }

    async fn a_post_needs_its_idempotency_key(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.idempotent) {
            let (caller, call) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            let reply = caller.send(call.clone().without("idempotency-key")).await;
            findings.refused(spec.id, &reply, 400, "idempotency_key_missing");
            for key in [String::new(), "k".repeat(256), "tab\there".to_owned()] {
                let reply = caller.send(call.clone().set("idempotency-key", key)).await;
                findings.refused(spec.id, &reply, 400, "invalid_header");
            }
            let twice = call.header("idempotency-key", "another");
            findings.refused(spec.id, &caller.send(twice).await, 400, "invalid_header");
        }
        findings.done(&world.journal().await);
    }

    async fn a_change_names_the_version_that_it_changes(world: World) {
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.if_match) {
            let samples = Samples::of(&world, &world.clinic, spec).await;
            let (caller, call) = (samples.caller(&world, spec), samples.ready(&world, spec).await);
            let reply = caller.send(call.clone().without("if-match")).await;
            findings.refused(spec.id, &reply, 428, "if_match_missing");
            for stale in ["\"0-00000000\"", "\"999999-00000000\""] {
                let reply = caller.send(call.clone().set("if-match", stale)).await;
                findings.refused(spec.id, &reply, 412, "stale_version");
            }
            for wrong in ["*", "1", "\"\"", "\"x-1\"", "W/\"1-00000000\"", "\"1-0\", \"2-0\""] {
                let reply = caller.send(call.clone().set("if-match", wrong)).await;
                findings.refused(&format!("{} if {wrong}", spec.id), &reply, 400, "invalid_header");
            }
        }
        findings.done(&world.journal().await);
    }
}

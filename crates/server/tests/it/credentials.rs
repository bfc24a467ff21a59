//! Who calls: every operation asks, and only a key of this server answers it.

use clinicos_contract::Entropy as _;
use clinicos_gate::{Environment, credential};
use clinicos_testkit::{Call, Samples, SeededEntropy, on_both_engines};
use serde_json::json;

use crate::findings::{Findings, callable};

/// Ways to show no valid credential. `key` is a valid one.
fn without_a_valid_key(key: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let entropy = SeededEntropy::new(99);
    entropy.fill(&mut [0; 32]);
    let bearer = |text: &str| ("authorization", format!("Bearer {text}"));
    vec![
        ("nothing", vec![]),
        ("garbage", vec![bearer("garbage")]),
        ("an empty token", vec![("authorization", "Bearer ".to_owned())]),
        ("no scheme", vec![("authorization", key.to_owned())]),
        ("Basic", vec![("authorization", format!("Basic {key}"))]),
        ("two headers", vec![bearer(key), bearer(key)]),
        ("two keys in one header", vec![bearer(&format!("{key}, {key}"))]),
        ("a key of the other environment", vec![bearer(&credential::generate(Environment::Live, &entropy))]),
        ("a key that nobody has", vec![bearer(&credential::generate(Environment::Sandbox, &entropy))]),
        ("a key cut short", vec![bearer(&key[..key.len() - 1])]),
        ("a key with more behind it", vec![bearer(&format!("{key}0"))]),
        ("another header", vec![("x-api-key", key.to_owned())]),
        ("a cookie", vec![("cookie", format!("authorization=Bearer {key}"))]),
    ]
}

on_both_engines! {
    /// Abuse cases A16 and C13: every way to show no valid key, at every operation.
    async fn a16_every_operation_asks_for_a_key(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| !spec.is_open()) {
            let call = samples.plain(&world, spec).await;
            for (what, headers) in without_a_valid_key(&world.clinic.admin_key) {
                let call = headers.into_iter().fold(call.clone(), |call, (name, value)| call.header(name, value));
                let what = format!("{} with {what}", spec.id);
                let reply = world.send(call).await;
                findings.refused(&what, &reply, 401, "unauthenticated");
                findings.check(&what, !reply.header("www-authenticate").is_empty(), "no WWW-Authenticate");
            }
            let in_query = format!("access_token={}", world.clinic.admin_key);
            findings.refused(spec.id, &world.send(call.query(&in_query)).await, 401, "unauthenticated");
        }
        findings.done(&world.journal().await);
    }

    /// Abuse case C13: every truncation of a key that works.
    async fn c13_no_part_of_a_key_is_a_key(world: World) {
        let key = world.clinic.admin_key.clone();
        world.as_key(&key).get("/v1/clinics").await.expect(200);
        let mut findings = Findings::default();
        for length in 0..key.len() {
            let reply = world.as_key(&key[..length]).get("/v1/clinics").await;
            findings.refused(&format!("cut to {length}"), &reply, 401, "unauthenticated");
        }
        for at in 0..key.len() {
            let mut changed = key.clone().into_bytes();
            changed[at] = if changed[at] == b'x' { b'y' } else { b'x' };
            let reply = world.as_key(&String::from_utf8(changed).unwrap()).get("/v1/clinics").await;
            findings.refused(&format!("changed at {at}"), &reply, 401, "unauthenticated");
        }
        findings.done(&world.journal().await);
    }

    async fn an_expired_key_is_refused_everywhere(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({
            "name": "Short", "purpose": "operations", "reason": "A test", "scopes": world.admin_scopes(),
            "expires_at": "2026-11-22T09:00:00Z",
        });
        let key = world.as_admin().post("/v1/keys", &body).await.expect(201).text("secret").to_owned();
        world.as_key(&key).get("/v1/clinics").await.expect(200);
        world.clock.advance_s(24 * 3_600);
        let mut findings = Findings::default();
        for spec in callable(&world) {
            let reply = world.as_key(&key).send(samples.plain(&world, spec).await).await;
            findings.refused(spec.id, &reply, 401, "unauthenticated");
        }
        findings.done(&world.journal().await);
    }

    /// The scheme's name is read in any case (RFC 9110), the key itself in one.
    async fn the_scheme_is_read_in_any_case(world: World) {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let call = Call::get("/v1/clinics").header("authorization", format!("{scheme} {}", world.clinic.admin_key));
            world.send(call).await.expect(200);
        }
        let call = Call::get("/v1/clinics").header("authorization", format!("Bearer {}", world.clinic.admin_key.to_lowercase()));
        world.send(call).await.refused(401, "unauthenticated");
    }
}

//! Bodies that no client of good will sends: each gets a problem that points at the place.

use clinicos_testkit::{As, Call, Reply, Samples, World, on_both_engines};
use serde_json::json;

use crate::findings::Findings;

fn pointers(reply: &Reply) -> Vec<String> {
    let errors = reply.json["errors"].as_array().cloned().unwrap_or_default();
    errors
        .iter()
        .map(|error| format!("{} {}", error["pointer"].as_str().unwrap_or("?"), error["code"].as_str().unwrap_or("?")))
        .collect()
}

fn call(caller: &As, path: &str, body: impl Into<bytes::Bytes>) -> Call {
    let call = Call::new("POST", path).header("idempotency-key", caller.fresh_idempotency_key());
    Call { body: body.into(), ..call.header("content-type", "application/json") }
}

/// A payment with this text where its amount is.
fn payment(client_id: &str, amount: &str) -> String {
    format!("{{\"client_id\":\"{client_id}\",\"method\":\"cash\",\"amount\":{{\"amount\":{amount},\"currency\":\"USD\"}}}}")
}

async fn a_client(world: &World) -> String {
    world.as_admin().post("/v1/clients", &json!({"family_name": "Stone"})).await.expect(201).id()
}

on_both_engines! {
    async fn absurd_numbers_are_pointed_at(world: World) {
        let (admin, client_id) = (world.as_admin(), a_client(&world).await);
        let mut findings = Findings::default();
        for amount in ["1.0", "-0", "1e2", "1e-400", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "\"5\"", "true", "[]", "null", "0.1"] {
            let reply = admin.send(call(&admin, "/v1/payments", payment(&client_id, amount))).await;
            findings.refused(amount, &reply, 400, "invalid_field");
            findings.check(amount, pointers(&reply) == ["/amount/amount type"], &format!("points at {:?}", pointers(&reply)));
        }
        for amount in ["9223372036854775807", "100000000000001", "-100000000000001"] {
            let reply = admin.send(call(&admin, "/v1/payments", payment(&client_id, amount))).await;
            findings.refused(amount, &reply, 400, "invalid_field");
            findings.check(amount, pointers(&reply) == ["/amount/amount range"], &format!("points at {:?}", pointers(&reply)));
        }
        for amount in ["1e400", "-1e999", "01", "+1", ".5", "1.", "0x10", "NaN", "Infinity", "--1", ""] {
            let reply = admin.send(call(&admin, "/v1/payments", payment(&client_id, amount))).await;
            findings.refused(amount, &reply, 400, "malformed_request");
            findings.check(amount, reply.text("detail").contains("line 1 column"), reply.text("detail"));
        }
        findings.done(&world.journal().await);
    }

    async fn absurd_dates_and_times_are_pointed_at(world: World) {
        let (admin, client_id) = (world.as_admin(), a_client(&world).await);
        let mut findings = Findings::default();
        for date in ["0000-00-00", "2026-02-30", "2026-13-01", "99999-01-01", "1899-12-31", "2201-01-01", "2026-W07-1", "20260101", "2026-1-1", "2026-01-01T00:00:00Z", "", " ", "\\u0000", "-0001-01-01"] {
            let body = format!("{{\"client_id\":\"{client_id}\",\"issued_on\":\"{date}\"}}");
            let reply = admin.send(call(&admin, "/v1/invoices", body)).await;
            findings.refused(date, &reply, 400, "invalid_field");
            findings.check(date, pointers(&reply) == ["/issued_on format"], &format!("points at {:?}", pointers(&reply)));
        }
        let ahead = format!("{{\"client_id\":\"{client_id}\",\"issued_on\":\"2199-01-01\"}}");
        let reply = admin.send(call(&admin, "/v1/invoices", ahead)).await.refused(422, "rule_broken");
        assert_eq!(reply.json["errors"][0]["detail"], "must not be more than a year ahead; is the year right?");
        for time in ["0000-00-00T00:00:00Z", "99999-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22 00:00:00Z", "2026-11-22T00:00:00", "2026-11-22T00:00:00Z[UTC]", "2026-11-22T25:00:00Z", "2026-11-22T00:00:00+99:00"] {
            let body = json!({"name": "K", "purpose": "payment", "reason": "A test", "scopes": ["invoices:read"], "expires_at": time});
            let reply = admin.post("/v1/keys", &body).await;
            findings.refused(time, &reply, 400, "invalid_field");
            findings.check(time, pointers(&reply) == ["/expires_at format"], &format!("points at {:?}", pointers(&reply)));
        }
        findings.done(&world.journal().await);
    }

    async fn what_is_repeated_too_deep_or_no_text_is_pointed_at(world: World) {
        let admin = world.as_admin();
        let mut findings = Findings::default();
        let deep = format!("{{\"family_name\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
        let cases: [(&str, String, &str); 5] = [
            ("repeated", "{\"family_name\":\"a\",\"family_name\":\"b\"}".to_owned(), "/family_name repeated"),
            ("repeated, spelled otherwise", "{\"family_name\":\"a\",\"f\\u0061mily_name\":\"b\"}".to_owned(), "/family_name repeated"),
            ("repeated within", "{\"phones\":[{\"number\":\"1\",\"number\":\"2\"}]}".to_owned(), "/phones/0/number repeated"),
            ("deep", deep, &format!("/family_name{} too_deep", "/0".repeat(23))),
            ("deep objects", "{\"a\":".repeat(10_000), &format!("{} too_deep", "/a".repeat(24))),
        ];
        for (what, body, pointer) in cases {
            let reply = admin.send(call(&admin, "/v1/clients", body)).await;
            findings.refused(what, &reply, 400, "malformed_request");
            findings.check(what, pointers(&reply) == [pointer], &format!("points at {:?}", pointers(&reply)));
        }
        let bytes: [&[u8]; 6] = [b"{\"family_name\":\"\xff\"}", b"\xff\xfe{\0}\0", b"{\"family_name\":\"\xed\xa0\x80\"}", b"{\"family_name\":\"\\ud800\"}", b"{\"family_name\":\"a\0b\"}", b"{\"family_name\":\"a\nb\"}"];
        for body in bytes {
            let what = body.escape_ascii().to_string();
            findings.refused(&what, &admin.send(call(&admin, "/v1/clients", body)).await, 400, "malformed_request");
        }
        for text in ["\\u0000", "a\\u0007", "\\u007f", "\\u0085", "\\u2003\\u2003", " "] {
            let reply = admin.send(call(&admin, "/v1/clients", format!("{{\"family_name\":\"{text}\"}}"))).await;
            findings.refused(text, &reply, 400, "invalid_field");
            findings.check(text, pointers(&reply) == ["/family_name format"], &format!("points at {:?}", pointers(&reply)));
        }
        findings.done(&world.journal().await);
    }

    async fn other_kinds_of_bodies_are_told_what_is_taken(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut findings = Findings::default();
        for spec in world.specs().into_iter().filter(|spec| spec.body.is_some()) {
            let (caller, plain) = (samples.caller(&world, spec), samples.plain(&world, spec).await);
            let kinds = ["text/json", "application/jsonp", "application/xml", "multipart/form-data", "*/*", "application/json; charset=latin1", "application/json;charset=\"utf-16\"", "application/json; charset"];
            for kind in kinds {
                let reply = caller.send(plain.clone().set("content-type", kind)).await;
                findings.refused(&format!("{} as {kind}", spec.id), &reply, 415, "unsupported_media_type");
                findings.check(spec.id, reply.text("detail").contains("Content-Type"), "does not name the header");
            }
            for encoding in ["gzip", "br", "deflate", "zstd", "gzip, identity", "x"] {
                let reply = caller.send(plain.clone().set("content-encoding", encoding)).await;
                findings.refused(&format!("{} as {encoding}", spec.id), &reply, 415, "unsupported_media_type");
                findings.check(spec.id, reply.text("detail").contains("Content-Encoding"), "does not name the header");
            }
        }
        let admin = world.as_admin();
        for kind in ["application/json; charset=utf-8", "APPLICATION/JSON;charset=\"UTF-8\"", "application/json ; Charset=utf-8"] {
            let body = json!({"family_name": "Stone"}).to_string();
            admin.send(call(&admin, "/v1/clients", body).set("content-type", kind)).await.expect(201);
        }
        findings.done(&world.journal().await);
    }
}

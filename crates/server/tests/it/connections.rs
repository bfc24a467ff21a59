//! Connections as the API and the console tell them.

use clinicos_contract::Clock as _;
use clinicos_testkit::{Call, Samples, World, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::{Browser, PASSWORD, admin};
use crate::findings::callable;

fn in_seconds(world: &World, seconds: i64) -> String {
    serde_json::to_value(world.clock.now().plus_seconds(seconds)).unwrap().as_str().unwrap().to_owned()
}

fn read_until(row: &Value) -> &str {
    row["details"][0]["to"].as_str().unwrap()
}

/// The states in which a list has a connection, when it is filtered by each.
async fn listed(world: &World, connection_id: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for state in ["active", "paused", "suspended", "revoked"] {
        let page = world.as_admin().get(&format!("/v1/connections?limit=200&state={state}")).await.expect(200);
        if page.data().iter().any(|one| one["id"] == connection_id) {
            assert!(page.data().iter().all(|one| one["state"] == state), "{state}: {}", page.json);
            found.push(state);
        }
    }
    found
}

on_both_engines! {
    /// Where `If-Match` may be left out, an empty one is still a condition, which nothing meets.
    async fn an_empty_condition_is_met_by_nothing(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.switch(&key.connection_id, "pause").await;
        let resume = |tag: Option<&str>| {
            let call = Call::new("POST", format!("/v1/connections/{}/resume", key.connection_id)).json(&json!({"reason": "Fine"}));
            let call = call.header("idempotency-key", world.as_operator().fresh_idempotency_key());
            tag.map_or(call.clone(), |tag| call.header("if-match", tag))
        };
        for (tag, status, code) in [("", 412, "stale_version"), ("*", 400, "invalid_header"), ("\"0-00000000\"", 412, "stale_version")] {
            world.as_admin().send(resume(Some(tag))).await.refused(status, code);
        }
        world.as_key(&key.secret).get("/v1/invoices").await.refused(403, "connection_paused");
        world.as_admin().send(resume(None)).await.expect(200);
    }

    /// A pause that has ended is over for whoever reads it, at the very moment at which it is over
    /// for the door.
    async fn a_pause_that_has_ended_reads_as_active(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let path = format!("/v1/connections/{}", key.connection_id);
        let body = json!({"reason": "Looking into it", "until": in_seconds(&world, 3_600)});
        world.as_admin().post(&format!("{path}/pause"), &body).await.expect(200);
        world.clock.advance_us(3_600_000_000 - 1);
        let paused = world.as_admin().get(&path).await.expect(200);
        assert_eq!((paused.text("state"), paused.text("state_reason")), ("paused", "Looking into it"));
        assert_eq!(listed(&world, &key.connection_id).await, ["paused"]);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(403);
        world.clock.advance_us(1);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let over = world.as_admin().get(&path).await.expect(200);
        assert_eq!(over.text("state"), "active");
        assert_eq!((&over.json["paused_until"], &over.json["state_reason"]), (&Value::Null, &Value::Null));
        assert_eq!(over.etag(), paused.etag(), "nobody changed it");
        assert_eq!(listed(&world, &key.connection_id).await, ["active"]);
        let all = world.as_admin().get("/v1/connections?limit=200").await.expect(200);
        assert!(all.data().iter().any(|one| one["id"] == *key.connection_id && one["state"] == "active"), "{}", all.json);
        world.as_admin().post(&format!("{path}/resume"), &json!({"reason": "Again"})).await.refused(409, "conflict");
        let renamed = world.change_connection(&key.connection_id, &json!({"name": "Renamed"})).await;
        assert_eq!((renamed.text("state"), &renamed.json["paused_until"]), ("active", &Value::Null));
        let mut browser = admin(&world).await;
        browser.open(&format!("/console{}", &path[3..])).await.expect(200);
        assert!(browser.page.contains(">Active<") && browser.page.contains("/pause\""), "{}", browser.page);
        world.switch(&key.connection_id, "pause").await;
        assert_eq!(listed(&world, &key.connection_id).await, ["paused"]);
    }

    /// The history says what was there before and what is there now, and why, and no free text.
    async fn the_history_tells_before_and_after(world: World) {
        let key = world.key(&["invoices:read", "clients:write"]).await;
        let changes = [
            json!({"name": "Night export", "run_by": "Dana Rivera", "reason": "Dana asked", "change_reason": "It has a name now"}),
            json!({"scopes": ["invoices:read", "payments:read"]}),
            json!({"opt_ins": [{"category": "practice"}, {"category": "owner_financial", "expires_at": "2027-01-01T00:00:00Z"}]}),
            json!({"limits": {"read": 600, "write": 5}}),
            json!({"limits": {"read": 60, "write": null}, "writes_enabled": false}),
            json!({"excluded_operations": ["payments.list"]}),
            json!({"excluded_operations": []}),
            json!({"writes_enabled": false}),
        ];
        for change in &changes {
            let answer = world.change_connection(&key.connection_id, change).await;
            assert_eq!(answer.json.get("change_reason"), change.get("change_reason"));
        }
        let path = format!("/v1/connections/{}", key.connection_id);
        let read = world.as_admin().get(&path).await.expect(200);
        assert!(read.json.get("change_reason").is_none(), "{}", read.json);
        world.as_admin().post(&format!("{path}/pause"), &json!({"reason": "Lunch", "until": in_seconds(&world, 60)})).await.expect(200);
        let history = world.as_admin().get(&format!("/v1/connection_changes?connection_id={}", key.connection_id)).await.expect(200);
        let mut rows = history.data().to_vec();
        rows.sort_by_key(|change| change["version"].as_i64());
        let told = |row: &Value| {
            let detail = |one: &Value| format!("{} {}>{}", one["field"].as_str().unwrap(), one["from"].as_str().unwrap_or(""), one["to"].as_str().unwrap_or(""));
            row["details"].as_array().unwrap().iter().map(detail).collect::<Vec<_>>()
        };
        let until = read_until(&rows[8]);
        // One change of those above changed nothing, and stands nowhere.
        let expected: [&[&str]; 9] = [
            &[],
            &["name Test>Night export", "run_by >", "reason >"],
            &["scopes clients:write>", "scopes >payments:read"],
            &["opt_ins owner_contact>", "opt_ins owner_financial>", "opt_ins >owner_financial until 2027-01-01T00:00:00.000000Z", "opt_ins >practice"],
            &["limits.read >600", "limits.write >5"],
            &["writes_enabled on>off", "limits.read 600>60", "limits.write 5>"],
            &["excluded_operations >payments.list"],
            &["excluded_operations payments.list>"],
            &[&format!("paused_until >{until}")],
        ];
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(told(row), expected, "{row}");
        }
        assert_eq!(rows.len(), 9);
        assert_eq!(rows[1]["changed"], json!(["name", "run_by", "reason"]));
        assert_eq!((&rows[1]["reason"], &rows[2]["reason"]), (&json!("It has a name now"), &Value::Null));
        assert!(!history.json.to_string().contains("Dana"), "{}", history.json);
        let mut browser = admin(&world).await;
        let page = format!("/console{}", &path[3..]);
        browser.open(&page).await.expect(200);
        for words in [
            "renamed it from “Test” to “Night export”; changed who runs it; changed why it is connected",
            "“It has a name now”",
            "no longer let it add, change and delete pet owners",
            "opened to it: ",
            "changed its limit of reading calls from 600 a minute to 60 a minute",
            "changed its limit of changing calls from 5 a minute to the usual one",
            "turned changes off",
            "forbade the call “List payments”",
            "allowed the call “List payments” again",
            "paused it (until today, ",
        ] {
            assert!(browser.page.contains(words), "`{words}` is not in {}", browser.page);
        }
        browser.submit(&format!("{page}/writes"), &[("writes", "on"), ("reason", "All is well")]).await.expect(303);
        browser.open(&page).await.expect(200);
        assert!(browser.page.contains("turned changes on") && browser.page.contains("“All is well”"), "{}", browser.page);
    }

    async fn a_reason_says_something_and_lists_repeat_nothing(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let path = format!("/v1/connections/{}", key.connection_id);
        let refused = async |target: &str, body: Value, pointer: &str, code: &str| {
            let reply = world.as_admin().post(target, &body).await.refused(400, "invalid_field");
            assert_eq!((&reply.json["errors"][0]["pointer"], &reply.json["errors"][0]["code"]), (&json!(pointer), &json!(code)), "{target} {body}");
        };
        for empty in ["", "  ", "\n"] {
            for verb in ["pause", "revoke", "revoke_made", "resume"] {
                refused(&format!("{path}/{verb}"), json!({"reason": empty}), "/reason", "empty").await;
            }
            let key = json!({"name": "A", "purpose": "payment", "reason": empty, "scopes": ["invoices:read"]});
            refused("/v1/keys", key, "/reason", "empty").await;
        }
        let twice = json!({"name": "A", "purpose": "payment", "reason": "B", "scopes": ["invoices:read", "payments:read", "invoices:read"]});
        refused("/v1/keys", twice, "/scopes/2", "repeated").await;
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        for (change, pointer, code) in [
            (json!({"scopes": ["invoices:read", "invoices:read"]}), "/scopes/1", "repeated"),
            (json!({"excluded_operations": ["invoices.list", "invoices.list"]}), "/excluded_operations/1", "repeated"),
            (json!({"opt_ins": [{"category": "practice"}, {"category": "practice"}]}), "/opt_ins/1", "repeated"),
            (json!({"name": " "}), "/name", "empty"),
            (json!({"reason": ""}), "/reason", "empty"),
            (json!({"change_reason": ""}), "/change_reason", "empty"),
        ] {
            let reply = world.as_admin().patch(&path, &etag, &change).await.refused(400, "invalid_field");
            assert_eq!((&reply.json["errors"][0]["pointer"], &reply.json["errors"][0]["code"]), (&json!(pointer), &json!(code)), "{change}");
        }
        let document = world.as_nobody().get("/v1/openapi.json").await.expect(200);
        let body = |path: &str, method: &str| document.json["paths"][path][method]["requestBody"]["content"].as_object().unwrap().values().next().unwrap()["schema"]["properties"].clone();
        let patch = body("/v1/connections/{connection_id}", "patch");
        for list in ["scopes", "opt_ins", "excluded_operations"] {
            assert_eq!(patch[list]["uniqueItems"], true, "{patch}");
        }
        assert_eq!(body("/v1/keys", "post")["scopes"]["uniqueItems"], true);
        assert_eq!(body("/v1/connections/{connection_id}/pause", "post")["reason"]["minLength"], 1);
    }

    /// While all writes are stopped, a key takes away and gives nothing: over the whole catalogue.
    async fn an_emergency_leaves_what_takes_away(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut boss = admin(&world).await;
        boss.open("/console/emergency").await.expect(200);
        boss.submit("/console/emergency", &[("writes", "stop"), ("reason", "Strange invoices")]).await.expect(303);
        let mut ran = Vec::new();
        for spec in callable(&world).into_iter().filter(|spec| spec.writes()) {
            // Nothing has these ids, so what may run finds nothing, and changes nothing.
            let call = samples.with_absent_ids(&world, spec).await;
            let reply = world.as_admin().send(call.set("idempotency-key", world.as_admin().fresh_idempotency_key())).await;
            if reply.code() != "writes_off" {
                ran.push(spec.id);
            }
        }
        ran.sort_unstable();
        let may = ["connections.pause", "connections.revoke", "connections.revoke_made", "connections.update", "keys.mark_leaked", "keys.revoke", "keys.update"];
        assert_eq!(ran, may);
        let key = {
            boss.open("/console/emergency").await.expect(200);
            boss.submit("/console/emergency", &[("writes", "allow"), ("reason", "For a moment")]).await.expect(303);
            let key = world.key(&["invoices:read", "clients:write"]).await;
            world.change_connection(&key.connection_id, &json!({"limits": {"read": 100}, "excluded_operations": ["invoices.list"], "allowed_addresses": ["10.0.0.0/8"]})).await;
            boss.open("/console/emergency").await.expect(200);
            boss.submit("/console/emergency", &[("writes", "stop"), ("reason", "Again")]).await.expect(303);
            key
        };
        let path = format!("/v1/connections/{}", key.connection_id);
        let patch = async |change: Value| {
            let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
            world.as_admin().patch(&path, &etag, &change).await
        };
        for widening in [
            json!({"scopes": ["invoices:read", "clients:write", "payments:read"]}),
            json!({"scopes": ["invoices:write", "clients:write"]}),
            json!({"opt_ins": [{"category": "owner_financial"}, {"category": "practice"}]}),
            json!({"limits": {"read": 101}}),
            json!({"limits": {"read": null}}),
            json!({"limits": {"write": 1_000}}),
            json!({"excluded_operations": []}),
            json!({"excluded_operations": ["clients.list"]}),
            json!({"name": "Another"}),
            json!({"allowed_addresses": []}),
            json!({"allowed_addresses": ["10.0.0.0/8", "192.0.2.1"]}),
        ] {
            patch(widening).await.refused(403, "writes_off");
        }
        for narrowing in [
            json!({"scopes": ["invoices:read", "clients:read"]}),
            json!({"scopes": ["invoices:read"]}),
            json!({"opt_ins": [{"category": "owner_financial", "expires_at": "2027-06-01T00:00:00Z"}]}),
            json!({"opt_ins": [{"category": "owner_financial", "expires_at": "2027-01-01T00:00:00Z"}]}),
            json!({"limits": {"read": 10, "write": 1}}),
            json!({"excluded_operations": ["invoices.list", "clients.list"]}),
            json!({"writes_enabled": false, "change_reason": "To be sure"}),
            json!({"allowed_addresses": ["10.1.0.0/16"]}),
        ] {
            patch(narrowing).await.expect(200);
        }
        patch(json!({"writes_enabled": true})).await.refused(403, "writes_off");
        patch(json!({"opt_ins": [{"category": "owner_financial"}]})).await.refused(403, "writes_off");
        world.switch(&key.connection_id, "pause").await;
        let reason = json!({"reason": "A test"});
        world.as_admin().post(&format!("{path}/resume"), &reason).await.refused(403, "writes_off");
        boss.open(&format!("/console{}", &path[3..])).await.expect(200);
        boss.submit(&format!("/console{}/resume", &path[3..]), &[]).await.expect(303);
        assert_eq!(world.as_admin().get(&path).await.expect(200).text("state"), "active", "a person who is signed in may");
        world.switch(&key.connection_id, "revoke").await;
    }

    /// Both end or neither does, whatever fails on the way.
    async fn a_maker_ends_with_what_it_made_or_not_at_all(world: World) {
        let maker = world.full_key().await;
        let body = json!({"name": "Made", "purpose": "operations", "reason": "A test", "scopes": ["invoices:read"]});
        let made = world.as_key(&maker.secret).post("/v1/keys", &body).await.expect(201).text("secret").to_owned();
        let path = format!("/v1/connections/{}/revoke", maker.connection_id);
        let works = async || {
            let maker = world.as_key(&maker.secret).get("/v1/invoices").await.status;
            (maker, world.as_key(&made).get("/v1/invoices").await.status)
        };
        for number in 1.. {
            assert!(number < 1_000, "it never ends");
            world.faults.fail_call(number);
            let reply = world.as_admin().post(&path, &json!({"reason": "A test", "made": true})).await;
            let untouched = world.faults.is_call_due();
            world.faults.clear();
            if untouched {
                reply.expect(200);
                break;
            }
            reply.expect(503);
            assert_eq!(works().await, (200, 200), "call {number} failed");
        }
        assert_eq!(works().await, (401, 401));
    }

    /// Who may not end what a connection made may not do so on the way, either.
    async fn an_excluded_operation_is_not_done_by_another_one(world: World) {
        let maker = world.full_key().await;
        let body = json!({"name": "Made", "purpose": "operations", "reason": "A test", "scopes": ["invoices:read"]});
        let made = world.as_key(&maker.secret).post("/v1/keys", &body).await.expect(201).text("secret").to_owned();
        let bound = world.full_key().await;
        world.change_connection(&bound.connection_id, &json!({"excluded_operations": ["connections.revoke_made"]})).await;
        let path = format!("/v1/connections/{}/revoke", maker.connection_id);
        world.as_key(&bound.secret).post(&path, &json!({"reason": "A test", "made": true})).await.refused(403, "operation_excluded");
        assert_eq!(world.as_key(&maker.secret).get("/v1/invoices").await.status, 200, "none of it was done");
        world.as_key(&bound.secret).post(&path, &json!({"reason": "A test"})).await.expect(200);
        assert_eq!(world.as_key(&made).get("/v1/invoices").await.status, 200);
    }

    /// What lives may have been made by what is over.
    async fn what_was_made_by_what_is_over_can_be_ended_too(world: World) {
        let maker = world.full_key().await;
        let make = async |secret: &str, scopes: &[&str]| {
            let body = json!({"name": "Made", "purpose": "operations", "reason": "A test", "scopes": scopes});
            world.as_key(secret).post("/v1/keys", &body).await.expect(201)
        };
        let middle = make(&maker.secret, &["keys:write", "invoices:read"]).await;
        let last = make(middle.text("secret"), &["invoices:read"]).await;
        let mut browser = admin(&world).await;
        browser.open("/console").await.expect(200);
        assert_eq!(browser.page.matches("Made was made by a program").count(), 2, "nobody was asked: {}", browser.page);
        world.switch(middle.text("connection_id"), "revoke").await;
        let page = format!("/console/connections/{}", maker.connection_id);
        browser.open(&page).await.expect(200);
        assert!(browser.page.contains("Revoke these too"), "{}", browser.page);
        browser.open(&format!("{page}/revoke")).await.expect(200);
        assert!(browser.page.contains("1 connection that its keys made"), "{}", browser.page);
        browser.submit(&format!("{page}/revoke"), &[("reason", "Both"), ("made", "too")]).await.expect(303);
        assert_eq!(world.as_key(last.text("secret")).get("/v1/invoices").await.status, 401);
        for (target, words) in [(page.clone(), "Revoke these too"), (format!("{page}/revoke"), "that its keys made")] {
            browser.open(&target).await.expect(200);
            assert!(!browser.page.contains(words), "{target}: nothing lives: {}", browser.page);
        }
    }

    /// Abuse case B4: what a key made lives on when its maker ends, is listed, and ends with one call.
    async fn b4_what_a_revoked_maker_made_is_listed_and_ended(world: World) {
        let maker = world.full_key().await;
        let make = async |secret: &str, scopes: &[&str]| {
            let body = json!({"name": "Made", "purpose": "operations", "reason": "A test", "scopes": scopes});
            world.as_key(secret).post("/v1/keys", &body).await.expect(201)
        };
        let middle = make(&maker.secret, &["keys:write", "invoices:read"]).await;
        let last = make(middle.text("secret"), &["invoices:read"]).await;
        let by_itself = world.key(&["invoices:read"]).await;
        let works = async |secret: &str| world.as_key(secret).get("/v1/invoices").await.status;
        world.switch(&maker.connection_id, "revoke").await;
        assert_eq!(works(&maker.secret).await, 401);
        assert_eq!((works(middle.text("secret")).await, works(last.text("secret")).await), (200, 200));
        let listed = world.as_admin().get(&format!("/v1/connections?made_by={}", maker.connection_id)).await.expect(200);
        let ids: Vec<&str> = listed.data().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, [middle.text("connection_id")]);
        let mut browser = admin(&world).await;
        let page = format!("/console/connections/{}", maker.connection_id);
        browser.open(&page).await.expect(200);
        assert!(browser.page.contains("Revoke these too") && browser.page.contains(middle.text("connection_id")), "{}", browser.page);
        browser.submit(&format!("{page}/revoke-made"), &[("reason", "With its maker")]).await.expect(303);
        assert_eq!((works(middle.text("secret")).await, works(last.text("secret")).await), (401, 401));
        assert_eq!(works(&by_itself.secret).await, 200);
        browser.open(&page).await.expect(200);
        assert!(!browser.page.contains("Revoke these too"), "{}", browser.page);
        let world = world.restart().await;
        assert_eq!(world.as_key(last.text("secret")).get("/v1/invoices").await.status, 401);
        // From the page that asks, both in one step.
        let maker = world.full_key().await;
        let body = json!({"name": "Made", "purpose": "operations", "reason": "A test", "scopes": ["invoices:read"]});
        let made = world.as_key(&maker.secret).post("/v1/keys", &body).await.expect(201);
        let mut browser = Browser::new(&world);
        assert_eq!(browser.sign_in("sam@clinic.example", PASSWORD, "").await.status, 303);
        let page = format!("/console/connections/{}", maker.connection_id);
        browser.open(&format!("{page}/revoke")).await.expect(200);
        assert!(browser.page.contains("1 connection that its keys made"), "{}", browser.page);
        browser.submit(&format!("{page}/revoke"), &[("reason", "Both"), ("made", "too")]).await.expect(303);
        for secret in [&*maker.secret, made.text("secret")] {
            world.as_key(secret).get("/v1/invoices").await.expect(401);
        }
    }
}

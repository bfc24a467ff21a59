//! Connections as the API and the console tell them.

use clinicos_contract::Clock as _;
use clinicos_testkit::{World, on_both_engines};
use serde_json::{Value, json};

use crate::browser::admin;

fn in_seconds(world: &World, seconds: i64) -> String {
    serde_json::to_value(world.clock.now().plus_seconds(seconds)).unwrap().as_str().unwrap().to_owned()
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
}

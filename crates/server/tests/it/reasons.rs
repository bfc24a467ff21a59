//! Why something was done, and what leaves no trace because nothing was.

use clinicos_testkit::{Call, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::admin;

on_both_engines! {
    async fn what_is_said_of_a_key_stands_in_the_history(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let (own, boss) = (format!("/v1/keys/{}", key.id), world.as_admin());
        let etag = boss.get(&own).await.expect(200).etag().to_owned();
        let changed = boss.patch(&own, &etag, &json!({"name": "Books", "change_reason": "A better name"})).await.expect(200);
        assert_eq!(changed.json["change_reason"], "A better name");
        assert!(boss.get(&own).await.expect(200).json.get("change_reason").is_none());
        boss.post(&format!("{own}/revoke"), &json!({"reason": ""})).await.refused(400, "invalid_field");
        boss.post(&format!("{own}/revoke"), &json!({"reason": "The server is gone"})).await.expect(200);
        let hurry = world.key(&["invoices:read"]).await;
        boss.post(&format!("/v1/keys/{}/revoke", hurry.id), &Value::Null).await.expect(200);
        // Some clients say what kind of body it is even where there is none.
        let again = world.key(&["invoices:read"]).await;
        let empty = Call::new("POST", format!("/v1/keys/{}/revoke", again.id)).header("content-type", "application/json");
        boss.send(empty.header("idempotency-key", boss.fresh_idempotency_key())).await.expect(200);
        let leaked = world.key(&["invoices:read"]).await;
        boss.post(&format!("/v1/keys/{}/mark_leaked", leaked.id), &json!({"note": "In a screenshot"})).await.expect(200);
        let changes = boss.get("/v1/connection_changes?limit=200").await.expect(200);
        let why = |connection: &str, what: &str| {
            let mut found = changes.data().iter().filter(|one| one["connection_id"] == connection && one["what"] == what);
            found.next().unwrap()["reason"].clone()
        };
        for (connection, what, reason) in [
            (&key.connection_id, "key_changed", json!("A better name")),
            (&key.connection_id, "key_revoked", json!("The server is gone")),
            (&hurry.connection_id, "key_revoked", Value::Null),
            (&leaked.connection_id, "key_leaked", json!("In a screenshot")),
        ] {
            assert_eq!(why(connection, what), reason, "{what}");
        }
        let document = world.as_nobody().get("/v1/openapi.json").await.expect(200);
        let required = |path: &str| document.json["paths"][path]["post"]["requestBody"]["required"].clone();
        assert_eq!(required("/v1/keys/{key_id}/revoke"), false);
        assert_eq!(required("/v1/connections/{connection_id}/revoke"), true);
    }

    async fn what_changes_nothing_leaves_no_trace(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let boss = world.as_admin();
        let (connection, own) = (format!("/v1/connections/{}", key.connection_id), format!("/v1/keys/{}", key.id));
        let history = format!("/v1/connection_changes?connection_id={}", key.connection_id);
        let before = boss.get(&history).await.expect(200).data().len();
        for (path, fields) in [
            (&connection, &["name", "reason", "scopes", "writes_enabled", "limits", "allowed_addresses", "browser_origins"][..]),
            (&own, &["name", "allowed_addresses"][..]),
        ] {
            let read = boss.get(path).await.expect(200);
            for field in fields {
                let same = json!({*field: read.json[*field], "change_reason": "Once more"});
                let saved = boss.patch(path, read.etag(), &same).await.expect(200);
                assert_eq!(saved.json["version"], read.json["version"], "{path} {field}");
                assert_eq!(saved.json["updated_at"], read.json["updated_at"], "{path} {field}");
            }
        }
        assert_eq!(boss.get(&history).await.expect(200).data().len(), before);
        let mut browser = admin(&world).await;
        let events = world.events().await.len();
        let page = format!("/console/connections/{}", key.connection_id);
        for (form, fields) in [
            ("limits", &[("read", ""), ("write", ""), ("reason", "Once more")][..]),
            ("operations", &[][..]),
            ("origins", &[("origins", "")][..]),
            ("addresses", &[("addresses", "")][..]),
            ("scopes", &[("scope", "invoices:read")][..]),
        ] {
            browser.open(&page).await.expect(200);
            browser.submit(&format!("{page}/{form}"), fields).await.expect(303);
            browser.open(&page).await.expect(200);
            assert!(browser.page.contains("Nothing changed"), "{form}: {}", browser.page);
        }
        let of = format!("/console/keys/{}", key.id);
        browser.open(&of).await.expect(200);
        let name = boss.get(&own).await.expect(200).text("name").to_owned();
        browser.submit(&format!("{of}/change"), &[("name", &name), ("addresses", ""), ("ends_on", "")]).await.expect(303);
        browser.open(&of).await.expect(200);
        assert!(browser.page.contains("Nothing changed"), "{}", browser.page);
        browser.open("/console/people").await.expect(200);
        let role = browser.page.split("action=\"").find_map(|rest| rest.split('"').next().filter(|path| path.ends_with("/role"))).unwrap().to_owned();
        browser.submit(&role, &[("role", "Admin")]).await.expect(303);
        browser.open("/console/people").await.expect(200);
        assert!(browser.page.contains("Nothing changed"), "{}", browser.page);
        assert_eq!(boss.get(&history).await.expect(200).data().len(), before);
        assert_eq!(world.events().await.len(), events);
        // The next form that changes something says so.
        browser.open(&page).await.expect(200);
        browser.submit(&format!("{page}/limits"), &[("read", "5"), ("write", "")]).await.expect(303);
        browser.open(&page).await.expect(200);
        assert!(browser.page.contains("Done. It holds from the next call on."), "{}", browser.page);
    }
}

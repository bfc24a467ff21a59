//! A follower is not held up by a record that the server cannot read any more.

use clinicos_testkit::on_both_engines;
use serde_json::{Value, json};

on_both_engines! {
    async fn a_damaged_record_holds_up_nobody(world: World) {
        let admin = world.as_admin();
        let cursor = admin.get("/v1/changes?types=client").await.expect(200).text("next_cursor").to_owned();
        let mut ids = Vec::new();
        for name in ["Before", "Damaged", "After"] {
            ids.push(admin.post("/v1/clients", &json!({"family_name": name})).await.expect(201).id());
        }
        let before = world.put_into("clients", "account_status", &ids[1], "on the moon").await;
        admin.get(&format!("/v1/clients/{}", ids[1])).await.refused(503, "unavailable");
        // Events have a place from now on.
        world.events().await;
        let page = admin.get(&format!("/v1/changes?types=client&cursor={cursor}")).await.expect(200);
        let told: Vec<(&str, &str, bool)> = page.data().iter().map(told).collect();
        let expected = [("record", &*ids[0], true), ("unreadable", &*ids[1], false), ("record", &*ids[2], true)];
        assert_eq!(told, expected);
        // Mended, it is told as any other, and to who read on meanwhile with its next change.
        world.put_into("clients", "account_status", &ids[1], &before).await;
        let path = format!("/v1/clients/{}", ids[1]);
        let etag = admin.get(&path).await.expect(200).etag().to_owned();
        admin.patch(&path, &etag, &json!({"family_name": "Mended"})).await.expect(200);
        let next = page.text("next_cursor");
        world.events().await;
        let page = admin.get(&format!("/v1/changes?types=client&cursor={next}")).await.expect(200);
        assert_eq!(page.data().iter().map(self::told).collect::<Vec<_>>(), [("record", &*ids[1], true)]);
    }
}

fn told(change: &Value) -> (&str, &str, bool) {
    (change["kind"].as_str().unwrap(), change["record_id"].as_str().unwrap(), change["record"].is_object())
}

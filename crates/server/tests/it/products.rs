//! Stories of products.

use clinicos_testkit::on_both_engines;
use serde_json::{Value, json};

fn product(sku: &str) -> Value {
    json!({"sku": sku, "name": "Bowl", "kind": "retail", "price": {"amount": 1_599, "currency": "USD"}})
}

on_both_engines! {
    async fn a_sku_names_one_product(world: World) {
        let admin = world.as_admin();
        let first = admin.post("/v1/products", &product("BOWL-1")).await.expect(201);
        let second = admin.post("/v1/products", &product("BOWL-2")).await.expect(201);
        world.as_key(&world.other.admin_key).post("/v1/products", &product("BOWL-1")).await.expect(201);
        let twice = admin.post("/v1/products", &product("BOWL-1")).await.refused(422, "rule_broken");
        assert_eq!(twice.json["errors"][0]["pointer"], "/sku");
        let path = format!("/v1/products/{}", second.id());
        let taken = admin.patch(&path, second.etag(), &json!({"sku": "BOWL-1"})).await.refused(422, "rule_broken");
        assert_eq!(taken.json["errors"][0]["code"], "already_exists");
        admin.delete(&format!("/v1/products/{}", first.id()), first.etag()).await.expect(204);
        admin.patch(&path, second.etag(), &json!({"sku": "BOWL-1"})).await.expect(200);
        let found = admin.get("/v1/products?sku=BOWL-1").await.expect(200);
        assert_eq!(found.data().iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), [second.id()]);
    }

    /// What the clinic pays is its own figure: a price list does not show it.
    async fn what_it_costs_the_clinic_is_left_out(world: World) {
        let key = world.key(&["products:write"]).await;
        let caller = world.as_key(&key.secret);
        let mut body = product("BOWL-1");
        body["cost"] = json!({"amount": 640, "currency": "USD"});
        caller.post("/v1/products", &body).await.refused(403, "hidden_field");
        let made = world.as_admin().post("/v1/products", &body).await.expect(201);
        assert_eq!(made.json["cost"], body["cost"]);
        let seen = caller.get(&format!("/v1/products/{}", made.id())).await.expect(200);
        assert!(seen.json.get("cost").is_none() && seen.json["price"] == body["price"]);
        assert_eq!(seen.json["_redactions"][0]["path"], "/cost");
    }
}

//! Stories of products.

use clinicos_testkit::{Samples, absent_id, on_both_engines};
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

    async fn a_line_takes_from_its_product_what_it_leaves_out(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let (product, patient) = (samples.id("product_id"), samples.id("patient_id"));
        let body = json!({"client_id": samples.id("client_id"), "stage": "open", "lines": [
            {"product_id": product, "patient_id": patient, "quantity": "10"},
            {"product_id": product, "description": "Tablets, by the piece", "unit_price": {"amount": 200, "currency": "USD"}, "gl_code": "9"},
            {"description": "Nail trim", "unit_price": {"amount": 2_200, "currency": "USD"}},
        ]});
        let made = world.as_admin().post("/v1/invoices", &body).await.expect(201);
        let line = |at: usize| ["patient_id", "product_id", "description", "revenue_category", "gl_code"].map(|name| made.json["lines"][at][name].clone());
        let name = "Carprofen 75 mg, chewable tablet";
        assert_eq!(json!(line(0)), json!([patient, product, name, "pharmacy", "4310"]));
        assert_eq!(json!(line(1)), json!([null, product, "Tablets, by the piece", "pharmacy", "9"]));
        assert_eq!(json!(line(2)), json!([null, null, "Nail trim", "other", null]));
        assert_eq!(made.json["total"]["amount"], 1_650 + 200 + 2_200);
        // A later price does not change what was billed.
        let path = format!("/v1/products/{product}");
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        world.as_admin().patch(&path, &etag, &json!({"price": {"amount": 999, "currency": "USD"}})).await.expect(200);
        let read = world.as_admin().get(&format!("/v1/invoices/{}", made.id())).await.expect(200);
        assert_eq!(read.json["lines"], made.json["lines"]);
    }

    async fn a_line_names_records_of_this_clinic(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let theirs = Samples::make(&world, &world.other).await;
        let good = json!({"description": "Nail trim", "unit_price": {"amount": 2_200, "currency": "USD"}});
        for (name, id) in [
            ("product_id", theirs.id("product_id").to_owned()),
            ("product_id", absent_id("prd")),
            ("patient_id", theirs.id("patient_id").to_owned()),
            ("patient_id", absent_id("pat")),
        ] {
            let mut bad = good.clone();
            bad[name] = json!(id);
            let body = json!({"client_id": samples.id("client_id"), "lines": [good, bad]});
            let reply = world.as_admin().post("/v1/invoices", &body).await.refused(422, "rule_broken");
            let error = &reply.json["errors"][0];
            assert_eq!((&error["pointer"], &error["code"]), (&json!(format!("/lines/1/{name}")), &json!("unknown_record")));
        }
        for name in ["description", "unit_price"] {
            let mut bad = good.clone();
            bad.as_object_mut().unwrap().remove(name);
            let body = json!({"client_id": samples.id("client_id"), "lines": [bad]});
            let reply = world.as_admin().post("/v1/invoices", &body).await.refused(422, "rule_broken");
            assert_eq!(reply.json["errors"][0]["pointer"], json!(format!("/lines/0/{name}")));
        }
    }
}

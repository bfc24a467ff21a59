//! Stories of stock movements, and what they do to products.

use clinicos_clinic::synthetic::random::SplitMix64;
use clinicos_testkit::{Reply, Samples, World, on_both_engines};
use serde_json::{Value, json};

fn about(reply: &Reply) -> (&str, &str) {
    let error = &reply.json["errors"][0];
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

fn movement(product: &str, kind: &str, quantity: &str) -> Value {
    json!({"product_id": product, "kind": kind, "quantity": quantity, "moved_at": "2026-11-20T16:00:00Z"})
}

async fn product(world: &World, changes: Value) -> String {
    let mut body = json!({"name": "Bowl", "kind": "retail", "price": {"amount": 1_599, "currency": "USD"}, "tracked": true});
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    world.as_admin().post("/v1/products", &body).await.expect(201).id()
}

async fn on_hand(world: &World, product: &str) -> Value {
    world.as_admin().get(&format!("/v1/products/{product}")).await.expect(200).json["on_hand"].clone()
}

/// A decimal as ten-thousandths, by its digits.
fn scaled(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: i64 = format!("{}{fraction:0<4}", whole.trim_start_matches('-')).parse().unwrap();
    if text.starts_with('-') { -digits } else { digits }
}

fn text(scaled: i64) -> String {
    let sign = if scaled < 0 { "-" } else { "" };
    format!("{sign}{}.{:04}", scaled.abs() / 10_000, scaled.abs() % 10_000)
}

on_both_engines! {
    async fn goods_that_come_and_go_change_how_much_there_is(world: World) {
        let bowl = product(&world, json!({"on_hand": "10"})).await;
        let admin = world.as_admin();
        let made = admin.post("/v1/stock_movements", &movement(&bowl, "received", "2.5")).await.expect(201);
        assert_eq!(on_hand(&world, &bowl).await, "12.5");
        let path = format!("/v1/stock_movements/{}", made.id());
        let more = admin.patch(&path, made.etag(), &json!({"quantity": "4"})).await.expect(200);
        assert_eq!(on_hand(&world, &bowl).await, "14");
        let noted = admin.patch(&path, more.etag(), &json!({"note": "Two boxes", "quantity": "4.0"})).await.expect(200);
        let events: Vec<_> = world.events().await.into_iter().filter(|event| event.record_id == bowl).map(|event| event.name).collect();
        assert_eq!(events, ["product.created", "product.updated", "product.updated"], "none for a note");
        admin.delete(&path, noted.etag()).await.expect(204);
        assert_eq!(on_hand(&world, &bowl).await, "10");
        let last = world.events().await.into_iter().rfind(|event| event.record_id == bowl).unwrap();
        assert_eq!((last.name.as_str(), last.sequence), ("product.updated", 4));
    }

    async fn a_product_that_is_not_tracked_refuses(world: World) {
        let admin = world.as_admin();
        let untracked = product(&world, json!({"tracked": false})).await;
        let reply = admin.post("/v1/stock_movements", &movement(&untracked, "received", "1")).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/product_id", "not_tracked"));
        let bowl = product(&world, json!({})).await;
        assert_eq!(on_hand(&world, &bowl).await, Value::Null);
        let counted = admin.post("/v1/stock_movements", &movement(&bowl, "counted", "0")).await.expect(201);
        assert_eq!(on_hand(&world, &bowl).await, "0", "counted, and found none");
        let made = admin.post("/v1/stock_movements", &movement(&bowl, "wasted", "-1")).await.expect(201);
        let path = format!("/v1/products/{bowl}");
        let etag = admin.get(&path).await.expect(200).etag().to_owned();
        admin.patch(&path, &etag, &json!({"tracked": false, "on_hand": null})).await.expect(200);
        let here = format!("/v1/stock_movements/{}", made.id());
        let reply = admin.patch(&here, made.etag(), &json!({"quantity": "-2"})).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/product_id", "not_tracked"));
        let noted = admin.patch(&here, made.etag(), &json!({"note": "Broken"})).await.expect(200);
        admin.delete(&here, noted.etag()).await.expect(204);
        admin.delete(&format!("/v1/stock_movements/{}", counted.id()), counted.etag()).await.expect(204);
        assert_eq!(on_hand(&world, &bowl).await, Value::Null, "no stock came back");
    }

    async fn a_quantity_has_the_sign_of_its_kind(world: World) {
        let bowl = product(&world, json!({"on_hand": "999999999"})).await;
        let invoice = Samples::make(&world, &world.clinic).await.id("invoice_id").to_owned();
        for (kind, quantity, changes, pointer, code) in [
            ("received", "-1", json!({}), "/quantity", "range"),
            ("received", "0", json!({}), "/quantity", "range"),
            ("sold", "1", json!({}), "/quantity", "range"),
            ("wasted", "0.0001", json!({}), "/quantity", "range"),
            ("adjusted", "0", json!({}), "/quantity", "range"),
            ("transferred", "-0", json!({}), "/quantity", "range"),
            ("received", "1", json!({}), "/quantity", "range"),
            ("received", "0.5", json!({"location": "Annex"}), "/location", "not_transferred"),
            ("wasted", "-1", json!({"invoice_id": invoice}), "/invoice_id", "not_sold"),
            ("wasted", "-1", json!({"moved_at": "2026-11-22T07:00:01Z"}), "/moved_at", "range"),
        ] {
            let mut body = movement(&bowl, kind, quantity);
            body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            let reply = world.as_admin().post("/v1/stock_movements", &body).await.refused(422, "rule_broken");
            assert_eq!(about(&reply), (pointer, code), "{body}");
        }
        assert_eq!(on_hand(&world, &bowl).await, "999999999", "none of them counted");
        for (kind, quantity) in [("returned", "-1"), ("returned", "1"), ("transferred", "-1"), ("adjusted", "0.9999"), ("counted", "0")] {
            world.as_admin().post("/v1/stock_movements", &movement(&bowl, kind, quantity)).await.expect(201);
        }
        assert_eq!(on_hand(&world, &bowl).await, "999999998.9999");
    }

    /// Random movements that come, change and go: what there is stays the start and their sum.
    async fn on_hand_is_the_start_plus_the_movements(world: World) {
        let admin = world.as_admin();
        let starts = [123_456, -5_000];
        let products = [product(&world, json!({"on_hand": text(starts[0])})).await, product(&world, json!({"on_hand": text(starts[1])})).await];
        let mut dice = SplitMix64::new(5, 0);
        let mut refused = 0;
        for step in 0..80 {
            let known = admin.get("/v1/stock_movements?limit=100").await.expect(200).data().to_vec();
            let quantity = text(dice.between(-40_000, 40_000));
            let kinds = ["received", "sold", "adjusted", "wasted", "returned", "counted"];
            let kind = *dice.pick(&kinds).unwrap();
            let changes = dice.chance(450);
            let reply = match dice.pick(&known).filter(|_| changes) {
                None => admin.post("/v1/stock_movements", &movement(dice.pick(&products).unwrap(), kind, &quantity)).await,
                Some(one) => {
                    let path = format!("/v1/stock_movements/{}", one["id"].as_str().unwrap());
                    let etag = admin.get(&path).await.expect(200).etag().to_owned();
                    let body = json!({"kind": kind, "quantity": quantity});
                    if dice.chance(400) { admin.delete(&path, &etag).await } else { admin.patch(&path, &etag, &body).await }
                }
            };
            assert!([200, 201, 204, 422].contains(&reply.status), "step {step}: {} {}", reply.label, reply.json);
            refused += usize::from(reply.status == 422);
            let movements = admin.get("/v1/stock_movements?limit=100").await.expect(200);
            for (product, start) in products.iter().zip(starts) {
                let own = movements.data().iter().filter(|one| one["product_id"] == **product);
                let sum: i64 = own.map(|one| scaled(one["quantity"].as_str().unwrap())).sum();
                let there = on_hand(&world, product).await;
                assert_eq!(scaled(there.as_str().unwrap()), start + sum, "step {step}, {} {}", reply.label, reply.status);
            }
        }
        let labels: Vec<String> = world.events().await.into_iter().map(|event| event.name).collect();
        for verb in ["created", "updated", "deleted"] {
            let times = labels.iter().filter(|name| **name == format!("stock_movement.{verb}")).count();
            assert!(times >= 5, "{verb} {times} times");
        }
        assert!(refused >= 5, "{refused} were refused");
    }
}

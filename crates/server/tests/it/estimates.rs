//! Stories of estimates.

use clinicos_testkit::{Reply, Samples, World, on_both_engines};
use serde_json::{Value, json};

fn about(reply: &Reply) -> (&str, &str) {
    let error = &reply.json["errors"][0];
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

fn dollars(cents: i64) -> Value {
    json!({"amount": cents, "currency": "USD"})
}

fn amounts(reply: &Reply, names: &[&str]) -> Vec<i64> {
    names.iter().map(|name| reply.json[name]["amount"].as_i64().unwrap()).collect()
}

/// Two lines, of 15 and 100 dollars.
fn body(samples: &Samples) -> Value {
    json!({"client_id": samples.id("client_id"), "issued_on": "2026-11-22", "lines": [
        {"description": "Tablets", "quantity": "2.5", "unit_price": dollars(601), "discount": dollars(3)},
        {"description": "Work", "quantity": "1", "unit_price": dollars(9_000), "tax": dollars(1_000), "high": dollars(15_000)},
    ]})
}

async fn sent(world: &World, samples: &Samples) -> (String, Reply) {
    let made = world.as_admin().post("/v1/estimates", &body(samples)).await.expect(201);
    let path = format!("/v1/estimates/{}", made.id());
    let sent = world.as_admin().patch(&path, made.etag(), &json!({"status": "sent"})).await.expect(200);
    (path, sent)
}

on_both_engines! {
    async fn totals_follow_from_the_lines(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let made = world.as_admin().post("/v1/estimates", &body(&samples)).await.expect(201);
        // 2.5 times 6.01 is 15.025, half a cent up.
        let sums = ["subtotal", "discount", "tax", "total", "low", "high", "accepted_total"];
        assert_eq!(amounts(&made, &sums), [1_503 + 9_000, 3, 1_000, 11_500, 11_500, 16_500, 0]);
        assert_eq!(made.json["lines"][0]["total"], dollars(1_500));
        assert_eq!(made.json["lines"][0]["answer"], "open");
        let mut wrong = body(&samples);
        wrong["lines"][0]["total"] = dollars(1_499);
        let reply = world.as_admin().post("/v1/estimates", &wrong).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/lines/0/total", "derived"));
        let path = format!("/v1/estimates/{}", made.id());
        let one = json!({"lines": [body(&samples)["lines"][1]]});
        let changed = world.as_admin().patch(&path, made.etag(), &one).await.expect(200);
        assert_eq!(amounts(&changed, &["total", "high"]), [10_000, 15_000]);
    }

    /// An invoice made by hand has the same amounts.
    async fn an_estimate_comes_to_what_an_invoice_comes_to(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let estimate = world.as_admin().post("/v1/estimates", &body(&samples)).await.expect(201);
        let mut bill = body(&samples);
        bill["stage"] = json!("open");
        bill["lines"][1].as_object_mut().unwrap().remove("high");
        bill.as_object_mut().unwrap().remove("issued_on");
        let invoice = world.as_admin().post("/v1/invoices", &bill).await.expect(201);
        let names = ["subtotal", "discount", "tax", "total"];
        assert_eq!(amounts(&estimate, &names), amounts(&invoice, &names));
    }

    async fn what_was_sent_stays_and_is_answered_line_by_line(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let (path, mut now) = sent(&world, &samples).await;
        assert_eq!(now.json["sent_at"], "2026-11-22T07:00:00.000000Z");
        let lines = now.json["lines"].clone();
        let mut cheaper = lines.clone();
        cheaper[1]["high"] = dollars(12_000);
        let reply = admin.patch(&path, now.etag(), &json!({"lines": cheaper})).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/lines", "sent"));
        let mut answered = lines.clone();
        (answered[0]["answer"], answered[1]["answer"]) = (json!("accepted"), json!("declined"));
        let early = admin.patch(&path, now.etag(), &json!({"lines": answered})).await.refused(422, "rule_broken");
        assert_eq!(about(&early), ("/lines/0/answer", "answer"));
        let none = admin.patch(&path, now.etag(), &json!({"status": "partially_accepted"})).await.refused(422, "rule_broken");
        assert_eq!(about(&none), ("/lines", "answer"));
        now = admin.patch(&path, now.etag(), &json!({"status": "partially_accepted", "lines": answered})).await.expect(200);
        assert_eq!(amounts(&now, &["total", "accepted_total"]), [11_500, 1_500]);
        assert_eq!(now.json["answered_at"], "2026-11-22T07:00:00.000000Z");
        let all = admin.patch(&path, now.etag(), &json!({"status": "accepted"})).await.refused(422, "rule_broken");
        assert_eq!(about(&all), ("/lines/1/answer", "answer"));
        let open = json!({"status": "accepted", "lines": lines});
        now = admin.patch(&path, now.etag(), &open).await.expect(200);
        assert_eq!(amounts(&now, &["accepted_total"]), [11_500]);
        now = admin.patch(&path, now.etag(), &json!({"status": "declined", "lines": lines})).await.expect(200);
        assert_eq!((now.json["lines"][1]["answer"].as_str(), amounts(&now, &["accepted_total"])), (Some("declined"), vec![0]));
        now = admin.patch(&path, now.etag(), &json!({"status": "draft"})).await.expect(200);
        assert_eq!(json!([now.json["lines"], now.json["answered_at"]]), json!([lines, null]), "asked anew");
        admin.patch(&path, now.etag(), &json!({"lines": cheaper})).await.expect(200);
    }

    async fn an_accepted_estimate_becomes_an_invoice_of_the_same_client(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let (path, now) = sent(&world, &samples).await;
        let invoice = |client: &str| json!({"client_id": client, "lines": []});
        let other = admin.post("/v1/clients", &json!({"family_name": "Okafor"})).await.expect(201).id();
        let theirs = admin.post("/v1/invoices", &invoice(&other)).await.expect(201).id();
        let own = admin.post("/v1/invoices", &invoice(samples.id("client_id"))).await.expect(201).id();
        let early = admin.patch(&path, now.etag(), &json!({"status": "converted", "invoice_id": own})).await.refused(422, "rule_broken");
        assert_eq!(about(&early), ("/status", "transition"));
        let now = admin.patch(&path, now.etag(), &json!({"status": "accepted"})).await.expect(200);
        for (change, pointer, code) in [
            (json!({"status": "converted"}), "/invoice_id", "converted"),
            (json!({"invoice_id": own}), "/invoice_id", "converted"),
            (json!({"status": "converted", "invoice_id": theirs}), "/invoice_id", "other_client"),
        ] {
            let reply = admin.patch(&path, now.etag(), &change).await.refused(422, "rule_broken");
            assert_eq!(about(&reply), (pointer, code), "{change}");
        }
        let last = admin.patch(&path, now.etag(), &json!({"status": "converted", "invoice_id": own})).await.expect(200);
        let back = admin.patch(&path, last.etag(), &json!({"status": "declined", "invoice_id": null})).await.refused(422, "rule_broken");
        assert_eq!(about(&back), ("/status", "transition"));
    }

    async fn nothing_is_sent_that_offers_nothing_or_is_over(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let empty = json!({"client_id": samples.id("client_id"), "issued_on": "2026-11-01", "expires_on": "2026-11-21"});
        let made = admin.post("/v1/estimates", &empty).await.expect(201);
        let path = format!("/v1/estimates/{}", made.id());
        let reply = admin.patch(&path, made.etag(), &json!({"status": "sent"})).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/lines", "empty"));
        let send = json!({"status": "sent", "lines": body(&samples)["lines"]});
        let reply = admin.patch(&path, made.etag(), &send).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/expires_on", "range"));
        let reply = admin.patch(&path, made.etag(), &json!({"expires_on": "2026-10-31"})).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/expires_on", "range"));
    }
}

//! Stories of payouts, closed days and journal entries.

use clinicos_clinic::synthetic::random::SplitMix64;
use clinicos_testkit::{Reply, Samples, World, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

fn about(reply: &Reply) -> (&str, &str) {
    let error = &reply.json["errors"][0];
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

fn dollars(cents: i64) -> Value {
    json!({"amount": cents, "currency": "USD"})
}

/// Lines of accounts with amounts: more than zero is a debit.
fn lines(of: &[(&str, i64)]) -> Value {
    of.iter()
        .map(|(account, amount)| {
            let side = if *amount < 0 { "credit" } else { "debit" };
            json!({"account": account, side: dollars(amount.abs())})
        })
        .collect()
}

fn entry(of: &[(&str, i64)]) -> Value {
    json!({"entry_on": "2026-11-20", "description": "Sales", "lines": lines(of)})
}

fn reversal(of: &[(&str, i64)], reverses: &str) -> Value {
    let mut body = entry(of);
    body["reverses_id"] = json!(reverses);
    body
}

const SALE: &[(&str, i64)] = &[("bank", 70), ("fees", 30), ("sales", -100)];
const MIRROR: &[(&str, i64)] = &[("sales", 100), ("bank", -70), ("fees", -30)];

async fn posted(world: &World) -> Reply {
    let mut body = entry(SALE);
    body["status"] = json!("posted");
    world.as_admin().post("/v1/journal_entries", &body).await.expect(201)
}

/// The sum of one side of an entry.
fn side(entry: &Value, name: &str) -> i64 {
    entry["lines"].as_array().unwrap().iter().filter_map(|line| line[name]["amount"].as_i64()).sum()
}

on_both_engines! {
    async fn a_till_is_counted_and_the_difference_follows(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let (admin, staff) = (world.as_admin(), samples.id("staff_id"));
        let body = json!({"kind": "day_close", "business_on": "2026-11-21", "till_id": "front", "expected": dollars(1_000)});
        let mut now = admin.post("/v1/payouts", &body).await.expect(201);
        assert_eq!(json!([now.json["counted"], now.json["variance"], now.json["counted_at"]]), json!([null, null, null]));
        let path = format!("/v1/payouts/{}", now.id());
        now = admin.patch(&path, now.etag(), &json!({"counted": dollars(980), "counted_by_id": staff})).await.expect(200);
        assert_eq!(json!([now.json["variance"], now.json["counted_at"]]), json!([dollars(-20), "2026-11-22T07:00:00.000000Z"]));
        world.clock.advance_s(60);
        now = admin.patch(&path, now.etag(), &json!({"expected": dollars(970)})).await.expect(200);
        assert_eq!(json!([now.json["variance"], now.json["counted_at"]]), json!([dollars(10), "2026-11-22T07:00:00.000000Z"]));
        let who = admin.patch(&path, now.etag(), &json!({"counted": null})).await.refused(422, "rule_broken");
        assert_eq!(about(&who), ("/counted_by_id", "not_counted"));
        now = admin.patch(&path, now.etag(), &json!({"counted": null, "counted_by_id": null})).await.expect(200);
        assert_eq!(json!([now.json["variance"], now.json["counted_at"]]), json!([null, null]));
    }

    async fn a_payout_has_a_provider_and_a_closed_day_a_till(world: World) {
        let payout = json!({"kind": "payout", "business_on": "2026-11-22", "provider": "stripe", "provider_ref": "po_1", "expected": dollars(-5)});
        let day = json!({"kind": "day_close", "business_on": "2026-11-22", "expected": dollars(5)});
        for (body, changes, pointer, code) in [
            (&payout, json!({"provider": null}), "/provider", "required"),
            (&payout, json!({"till_id": "front"}), "/till_id", "kind"),
            (&payout, json!({"business_on": "2026-11-23"}), "/business_on", "range"),
            (&day, json!({"provider": "stripe"}), "/provider", "kind"),
            (&day, json!({"provider_ref": "po_1"}), "/provider_ref", "kind"),
            (&day, json!({"counted": dollars(-1)}), "/counted", "range"),
        ] {
            let mut wrong = body.clone();
            wrong.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            let reply = world.as_admin().post("/v1/payouts", &wrong).await.refused(422, "rule_broken");
            assert_eq!(about(&reply), (pointer, code), "{changes}");
        }
        let mut counted = payout.clone();
        counted["counted"] = dollars(-5);
        let made = world.as_admin().post("/v1/payouts", &counted).await.expect(201);
        assert_eq!(made.json["variance"], dollars(0), "a provider may take money back");
    }

    async fn what_was_posted_stays(world: World) {
        let admin = world.as_admin();
        let draft = admin.post("/v1/journal_entries", &entry(SALE)).await.expect(201);
        assert_eq!(json!([draft.json["total"], draft.json["posted_at"]]), json!([dollars(100), null]));
        let path = format!("/v1/journal_entries/{}", draft.id());
        let changed = admin.patch(&path, draft.etag(), &json!({"lines": lines(&[("bank", 5), ("sales", -5)])})).await.expect(200);
        assert_eq!(changed.json["total"], dollars(5));
        let now = admin.patch(&path, changed.etag(), &json!({"status": "posted"})).await.expect(200);
        assert_eq!(now.json["posted_at"], "2026-11-22T07:00:00.000000Z");
        for (change, pointer, code) in [
            (json!({"status": "draft"}), "/status", "transition"),
            (json!({"description": "Other"}), "/description", "posted"),
            (json!({"entry_on": "2026-11-21"}), "/entry_on", "posted"),
            (json!({"lines": lines(SALE)}), "/lines", "posted"),
        ] {
            let reply = admin.patch(&path, now.etag(), &change).await.refused(422, "rule_broken");
            assert_eq!(about(&reply), (pointer, code), "{change}");
        }
        let known = json!({"external_ids": [{"system": "books", "value": "17"}]});
        let known = admin.patch(&path, now.etag(), &known).await.expect(200);
        admin.delete(&path, known.etag()).await.refused(409, "conflict");
        let another = admin.post("/v1/journal_entries", &entry(SALE)).await.expect(201);
        admin.delete(&format!("/v1/journal_entries/{}", another.id()), another.etag()).await.expect(204);
    }

    async fn an_entry_is_reversed_once_by_its_mirror(world: World) {
        let admin = world.as_admin();
        let draft = admin.post("/v1/journal_entries", &entry(SALE)).await.expect(201);
        let reply = admin.post("/v1/journal_entries", &reversal(MIRROR, &draft.id())).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/reverses_id", "not_posted"));
        let first = posted(&world).await.id();
        for wrong in [SALE, &[("sales", 100), ("bank", -100)], &[("sales", 100), ("bank", -30), ("fees", -70)]] {
            let reply = admin.post("/v1/journal_entries", &reversal(wrong, &first)).await.refused(422, "rule_broken");
            assert_eq!(about(&reply), ("/lines", "no_mirror"), "{wrong:?}");
        }
        let mut early = reversal(MIRROR, &first);
        early["entry_on"] = json!("2026-11-19");
        let reply = admin.post("/v1/journal_entries", &early).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/entry_on", "range"));
        let made = admin.post("/v1/journal_entries", &reversal(MIRROR, &first)).await.expect(201);
        let reply = admin.post("/v1/journal_entries", &reversal(MIRROR, &first)).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), ("/reverses_id", "reversed"));
        let path = format!("/v1/journal_entries/{}", made.id());
        let other = admin.patch(&path, made.etag(), &json!({"lines": lines(SALE)})).await.refused(422, "rule_broken");
        assert_eq!(about(&other), ("/lines", "no_mirror"), "a change is checked too");
        admin.delete(&path, made.etag()).await.expect(204);
        let again = admin.post("/v1/journal_entries", &reversal(MIRROR, &first)).await.expect(201);
        let path = format!("/v1/journal_entries/{}", again.id());
        let again = admin.patch(&path, again.etag(), &json!({"status": "posted"})).await.expect(200);
        admin.post("/v1/journal_entries", &reversal(SALE, &again.id())).await.expect(201);
    }

    /// Many at once: one reverses.
    async fn of_reversals_at_once_one_stays(world: World) {
        let first = posted(&world).await.id();
        let admin = world.as_admin();
        let body = reversal(MIRROR, &first);
        let replies = join_all((0..8).map(|_| admin.post("/v1/journal_entries", &body))).await;
        assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
        assert!(replies.iter().all(|reply| [201, 422, 503].contains(&reply.status)));
    }

    /// Random entries, changes, postings and deletions: what is stored balances, by a sum of its own.
    async fn whatever_is_stored_balances(world: World) {
        let admin = world.as_admin();
        let mut dice = SplitMix64::new(3, 0);
        let (mut taken, mut refused) = (0, 0);
        for step in 0..80 {
            let amounts: Vec<i64> = (0..dice.between(1, 3)).map(|_| dice.between(-4, 4)).collect();
            let rest = -amounts.iter().sum::<i64>() + i64::from(dice.chance(300));
            let accounts = ["bank", "fees", "sales"];
            let of: Vec<_> = amounts.into_iter().chain([rest]).map(|amount| (*dice.pick(&accounts).unwrap(), amount)).collect();
            let known = admin.get("/v1/journal_entries?limit=100").await.expect(200).data().to_vec();
            let changes = dice.chance(400);
            let reply = match dice.pick(&known).filter(|_| changes) {
                None => admin.post("/v1/journal_entries", &entry(&of)).await,
                Some(one) => {
                    let path = format!("/v1/journal_entries/{}", one["id"].as_str().unwrap());
                    let etag = admin.get(&path).await.expect(200).etag().to_owned();
                    match dice.below(4) {
                        0 => admin.delete(&path, &etag).await,
                        1 => admin.patch(&path, &etag, &json!({"status": "posted"})).await,
                        _ => admin.patch(&path, &etag, &json!({"lines": lines(&of)})).await,
                    }
                }
            };
            // 400: an amount of nothing.
            assert!([200, 201, 204, 400, 409, 422].contains(&reply.status), "step {step}: {} {}", reply.label, reply.json);
            taken += usize::from(reply.status < 300);
            refused += usize::from(reply.status >= 400);
            for one in admin.get("/v1/journal_entries?limit=100").await.expect(200).data() {
                let (debits, credits) = (side(one, "debit"), side(one, "credit"));
                assert!(debits == credits && debits > 0, "step {step}: {one}");
                assert_eq!(one["total"]["amount"], debits, "step {step}");
                assert!(one["lines"].as_array().unwrap().len() >= 2, "step {step}");
            }
        }
        assert!(taken >= 15 && refused >= 15, "{taken} taken, {refused} refused");
    }
}

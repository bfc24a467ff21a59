//! Stories of shifts, availability and time off.

use clinicos_testkit::{Reply, Samples, World, on_both_engines};
use serde_json::{Value, json};

/// The place and the code of the first error.
fn about(reply: &Reply) -> (&str, &str) {
    let error = &reply.json["errors"][0];
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

fn with(body: &Value, changes: Value) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    body
}

/// Sends bodies that each break a rule, and says where and which.
async fn refuses(world: &World, path: &str, body: &Value, wrong: &[(Value, &str, &str)]) {
    for (changes, pointer, code) in wrong {
        let reply = world.as_admin().post(path, &with(body, changes.clone())).await.refused(422, "rule_broken");
        assert_eq!(about(&reply), (*pointer, *code), "{changes}");
    }
}

on_both_engines! {
    async fn a_shift_is_published_claimed_and_worked(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let (admin, staff) = (world.as_admin(), samples.id("staff_id"));
        let body = json!({"starts_at": "2026-11-22T13:00:00Z", "ends_at": "2026-11-22T21:00:00Z"});
        let mut now = admin.post("/v1/shifts", &body).await.expect(201);
        assert_eq!(json!([now.json["staff_id"], now.json["status"], now.json["kind"]]), json!([null, "draft", "regular"]));
        let path = format!("/v1/shifts/{}", now.id());
        let bare = admin.patch(&path, now.etag(), &json!({"status": "open", "staff_id": staff})).await.refused(422, "rule_broken");
        assert_eq!(about(&bare), ("/staff_id", "open"));
        now = admin.patch(&path, now.etag(), &json!({"status": "open"})).await.expect(200);
        let nobody = admin.patch(&path, now.etag(), &json!({"status": "claimed"})).await.refused(422, "rule_broken");
        assert_eq!(about(&nobody), ("/staff_id", "required"));
        now = admin.patch(&path, now.etag(), &json!({"status": "claimed", "staff_id": staff})).await.expect(200);
        now = admin.patch(&path, now.etag(), &json!({"status": "confirmed"})).await.expect(200);
        now = admin.patch(&path, now.etag(), &json!({"status": "missed"})).await.expect(200);
        world.clock.advance_s(7 * 60 * 60);
        now = admin.patch(&path, now.etag(), &json!({"status": "started"})).await.expect(200);
        assert_eq!(json!([now.json["actual_start_at"], now.json["actual_end_at"]]), json!(["2026-11-22T14:00:00.000000Z", null]));
        world.clock.advance_s(8 * 60 * 60);
        now = admin.patch(&path, now.etag(), &json!({"status": "completed"})).await.expect(200);
        assert_eq!(now.json["actual_end_at"], "2026-11-22T22:00:00.000000Z");
        now = admin.patch(&path, now.etag(), &json!({"actual_start_at": "2026-11-22T13:05:00Z"})).await.expect(200);
        let back = admin.patch(&path, now.etag(), &json!({"status": "started"})).await.refused(422, "rule_broken");
        assert_eq!(about(&back), ("/status", "transition"));
        let events = world.events().await.into_iter().filter(|event| event.record_id == now.id()).map(|event| event.name);
        let expected = ["created", "published", "claimed", "updated", "missed", "started", "updated", "updated"];
        assert_eq!(events.collect::<Vec<_>>(), expected.map(|verb| format!("shift.{verb}")));
    }

    async fn a_shift_that_cannot_be_is_refused(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"staff_id": samples.id("staff_id"), "starts_at": "2026-11-21T13:00:00Z", "ends_at": "2026-11-21T21:00:00Z"});
        let started = "2026-11-21T13:00:00Z";
        refuses(&world, "/v1/shifts", &body, &[
            (json!({"ends_at": "2026-11-21T13:00:00Z"}), "/ends_at", "range"),
            (json!({"ends_at": "2026-11-28T13:00:01Z"}), "/ends_at", "range"),
            (json!({"break_minutes": 480}), "/break_minutes", "range"),
            (json!({"break_minutes": 100_000_000_000_000_i64}), "/break_minutes", "range"),
            (json!({"actual_start_at": started}), "/actual_start_at", "not_started"),
            (json!({"status": "started", "actual_end_at": started}), "/actual_end_at", "not_completed"),
            (json!({"status": "started", "actual_start_at": "2026-11-22T07:00:01Z"}), "/actual_start_at", "range"),
            (json!({"status": "completed", "actual_start_at": started, "actual_end_at": "2026-11-21T12:00:00Z"}), "/actual_end_at", "range"),
            (json!({"staff_id": null, "status": "swapped"}), "/staff_id", "required"),
        ]).await;
        let all = json!({"status": "completed", "actual_start_at": started, "actual_end_at": started, "break_minutes": 479});
        let made = world.as_admin().post("/v1/shifts", &with(&body, all)).await.expect(201);
        let path = format!("/v1/shifts/{}", made.id());
        let itself = world.as_admin().patch(&path, made.etag(), &json!({"replaces_id": made.id()})).await.refused(422, "rule_broken");
        assert_eq!(about(&itself), ("/replaces_id", "range"));
    }

    async fn a_time_is_of_one_person_or_one_room(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let (staff, kind) = (samples.id("staff_id"), samples.id("appointment_type_id"));
        let body = json!({"room": "Exam 1", "kind": "blocked", "block_reason": "lunch", "rrule": "FREQ=DAILY;COUNT=5",
            "starts_at": "2026-12-01T18:00:00Z", "ends_at": "2026-12-01T19:00:00Z"});
        refuses(&world, "/v1/availability", &body, &[
            (json!({"room": null}), "/staff_id", "one_of"),
            (json!({"staff_id": staff}), "/room", "one_of"),
            (json!({"kind": "bookable"}), "/block_reason", "not_blocked"),
            (json!({"types_allowed": [kind]}), "/types_allowed", "not_bookable"),
            (json!({"ends_at": "2026-12-01T18:00:00Z"}), "/ends_at", "range"),
            (json!({"rrule": "FREQ=HOURLY"}), "/rrule", "recurrence"),
            (json!({"rrule": "every day"}), "/rrule", "recurrence"),
            (json!({"rrule": "FREQ=DAILY;UNTIL=20261130"}), "/rrule", "range"),
            (json!({"rrule": "FREQ=DAILY;UNTIL=20261201T175959Z"}), "/rrule", "range"),
        ]).await;
        let last_day = json!({"rrule": "FREQ=DAILY;UNTIL=20261201"});
        let made = world.as_admin().post("/v1/availability", &with(&body, last_day)).await.expect(201);
        let path = format!("/v1/availability/{}", made.id());
        let open = json!({"kind": "bookable", "block_reason": null, "types_allowed": [kind], "rrule": null});
        let opened = world.as_admin().patch(&path, made.etag(), &open).await.expect(200);
        assert_eq!(json!([opened.json["block_reason"], opened.json["types_allowed"], opened.json["rrule"]]), json!([null, [kind], null]));
    }

    async fn time_off_is_decided_and_a_decision_can_be_taken_back(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let (admin, staff) = (world.as_admin(), samples.id("staff_id"));
        let body = json!({"staff_id": staff, "starts_at": "2026-11-23T06:00:00Z", "ends_at": "2026-11-28T06:00:00Z"});
        refuses(&world, "/v1/time_off", &body, &[
            (json!({"ends_at": "2026-11-23T06:00:00Z"}), "/ends_at", "range"),
            (json!({"decided_by_id": staff}), "/decided_by_id", "not_decided"),
            (json!({"decision_note": "Fine"}), "/decision_note", "not_decided"),
            (json!({"status": "taken"}), "/status", "too_early"),
        ]).await;
        let mut now = admin.post("/v1/time_off", &body).await.expect(201);
        assert_eq!(json!([now.json["status"], now.json["kind"], now.json["decided_at"]]), json!(["requested", "pto", null]));
        let path = format!("/v1/time_off/{}", now.id());
        admin.patch(&path, now.etag(), &json!({"status": "taken"})).await.refused(422, "rule_broken");
        let yes = json!({"status": "approved", "decided_by_id": staff, "decision_note": "Enjoy"});
        now = admin.patch(&path, now.etag(), &yes).await.expect(200);
        assert_eq!(now.json["decided_at"], "2026-11-22T07:00:00.000000Z");
        now = admin.patch(&path, now.etag(), &json!({"status": "requested"})).await.expect(200);
        assert_eq!(json!([now.json["decided_by_id"], now.json["decided_at"], now.json["decision_note"]]), json!([null, null, null]));
        world.clock.advance_s(24 * 60 * 60);
        now = admin.patch(&path, now.etag(), &yes).await.expect(200);
        assert_eq!(now.json["decided_at"], "2026-11-23T07:00:00.000000Z");
        now = admin.patch(&path, now.etag(), &json!({"status": "taken"})).await.expect(200);
        let back = admin.patch(&path, now.etag(), &json!({"status": "cancelled"})).await.refused(422, "rule_broken");
        assert_eq!(about(&back), ("/status", "transition"));
    }
}

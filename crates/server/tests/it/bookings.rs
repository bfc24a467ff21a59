//! What can be booked: patients of the client, with somebody and in a room that are free.

use clinicos_testkit::{As, Samples, on_both_engines};
use serde_json::{Value, json};

/// An appointment of a quarter to a quarter of an hour of one morning, and what else it says.
fn booking(from: u32, to: u32, more: Value) -> Value {
    let at = |quarter: u32| format!("2026-12-03T{:02}:{:02}:00Z", 9 + quarter / 4, quarter % 4 * 15);
    let mut body = json!({"starts_at": at(from), "ends_at": at(to)});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Books it, and says what was wrong with it.
async fn book(caller: &As, from: u32, to: u32, more: Value) -> Option<(String, String)> {
    let reply = caller.post("/v1/appointments", &booking(from, to, more)).await;
    if reply.status == 201 {
        return None;
    }
    let reply = reply.refused(422, "rule_broken");
    let text = |name: &str| reply.json["errors"][0][name].as_str().unwrap().to_owned();
    Some((text("pointer"), text("code")))
}

async fn make(caller: &As, path: &str, body: Value) -> String {
    caller.post(path, &body).await.expect(201).id()
}

fn taken(field: &str) -> Option<(String, String)> {
    Some((format!("/{field}"), "double_booked".to_owned()))
}

on_both_engines! {
    async fn nobody_and_no_room_is_booked_twice_unless_that_is_said(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let staff = json!({"provider_id": samples.id("staff_id")});
        let room = json!({"room": "Surgery 2"});
        for (what, field) in [(&staff, "provider_id"), (&room, "room")] {
            let with = |more: Value| {
                let mut all = what.clone();
                all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                all
            };
            assert_eq!(book(&admin, 4, 6, with(json!({}))).await, None);
            // Each way that two can meet, and none where one begins as the other ends.
            for (from, to) in [(4, 6), (3, 5), (5, 7), (5, 6), (3, 8)] {
                assert_eq!(book(&admin, from, to, with(json!({}))).await, taken(field), "{from} to {to}");
            }
            for (from, to) in [(3, 4), (6, 7)] {
                assert_eq!(book(&admin, from, to, with(json!({}))).await, None, "{from} to {to}");
            }
            // It is meant, or nobody's time is taken up, or nothing is agreed to yet.
            assert_eq!(book(&admin, 4, 6, with(json!({"allow_overlap": true}))).await, None);
            assert_eq!(book(&admin, 4, 6, with(json!({"status": "requested"}))).await, None);
            for (name, overlaps) in [("drop_off", true), ("boarding", true), ("emergency", true), ("surgery", false)] {
                let kind = make(&admin, "/v1/appointment_types", json!({"name": name, "kind": name, "minutes": 30})).await;
                let expected = if overlaps { None } else { taken(field) };
                assert_eq!(book(&admin, 4, 6, with(json!({"type_id": kind}))).await, expected, "{name}");
            }
        }
    }

    /// Which of two was booked first does not matter, nor who wrote the room's name.
    async fn what_may_overlap_does_in_either_order(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let emergency = make(&admin, "/v1/appointment_types", json!({"name": "E", "kind": "emergency", "minutes": 30})).await;
        for (at, overlapping) in [(0, json!({"allow_overlap": true})), (4, json!({"type_id": emergency}))] {
            for (what, field) in [(json!({"provider_id": samples.id("staff_id")}), "provider_id"), (json!({"room": "Surgery 2"}), "room")] {
                let mut first = what.clone();
                first.as_object_mut().unwrap().extend(overlapping.as_object().unwrap().clone());
                assert_eq!(book(&admin, at, at + 2, first).await, None);
                assert_eq!(book(&admin, at, at + 2, what.clone()).await, None, "the other one may overlap");
                assert_eq!(book(&admin, at, at + 2, what).await, taken(field), "two that may not");
            }
        }
        for name in ["surgery 2", " Surgery  2 ", "SURGERY\u{a0}2"] {
            assert_eq!(book(&admin, 0, 2, json!({"room": name})).await, taken("room"), "{name}");
        }
        assert_eq!(book(&admin, 0, 2, json!({"room": "Surgery 22"})).await, None);
    }

    /// What is left at the desk for the day holds nobody; what is over or called off gives its time back.
    async fn a_time_is_free_again_when_nobody_needs_it(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let staff = samples.id("staff_id");
        let left = make(&admin, "/v1/appointment_types", json!({"name": "Left", "kind": "drop_off", "minutes": 30})).await;
        assert_eq!(book(&admin, 0, 30, json!({"provider_id": staff, "type_id": left})).await, None);
        let first = admin.post("/v1/appointments", &booking(4, 6, json!({"provider_id": staff}))).await.expect(201);
        let path = format!("/v1/appointments/{}", first.id());
        assert_eq!(book(&admin, 4, 6, json!({"provider_id": staff})).await, taken("provider_id"));
        let off = json!({"status": "cancelled", "cancellation": {"by": "client"}});
        admin.patch(&path, first.etag(), &off).await.expect(200);
        let second = admin.post("/v1/appointments", &booking(4, 6, json!({"provider_id": staff}))).await.expect(201);
        let path = format!("/v1/appointments/{}", second.id());
        admin.delete(&path, second.etag()).await.expect(204);
        assert_eq!(book(&admin, 4, 6, json!({"provider_id": staff})).await, None);
    }

    async fn what_is_moved_is_looked_at_and_what_stays_is_not(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let staff = samples.id("staff_id");
        let both = json!({"provider_id": staff, "room": "Exam 9"});
        assert_eq!(book(&admin, 0, 2, both.clone()).await, None);
        let mut squeezed = both.clone();
        squeezed["allow_overlap"] = json!(true);
        let mut now = admin.post("/v1/appointments", &booking(0, 2, squeezed)).await.expect(201);
        let path = format!("/v1/appointments/{}", now.id());
        now = admin.patch(&path, now.etag(), &json!({"status": "confirmed", "reason": "Coughs"})).await.expect(200);
        let refused = admin.patch(&path, now.etag(), &json!({"allow_overlap": false})).await.refused(422, "rule_broken");
        assert_eq!(refused.json["errors"][0]["pointer"], "/provider_id");
        let other = json!({"allow_overlap": false, "provider_id": null});
        let refused = admin.patch(&path, now.etag(), &other).await.refused(422, "rule_broken");
        assert_eq!(refused.json["errors"][0]["pointer"], "/room");
        let moved = booking(2, 4, json!({"allow_overlap": false}));
        now = admin.patch(&path, now.etag(), &moved).await.expect(200);
        let back = admin.patch(&path, now.etag(), &booking(1, 3, json!({}))).await.refused(422, "rule_broken");
        assert_eq!(back.json["errors"][0]["code"], "double_booked");
        admin.patch(&path, now.etag(), &booking(3, 5, json!({}))).await.expect(200);
    }

    async fn patients_are_of_the_client_who_books(world: World) {
        let admin = world.as_admin();
        let mut clients = Vec::new();
        for name in ["Primary", "Agent", "Former", "Nobody"] {
            clients.push(make(&admin, "/v1/clients", json!({"family_name": name})).await);
        }
        let owners = json!([
            {"client_id": clients[0], "role": "primary"}, {"client_id": clients[1], "role": "agent"},
            {"client_id": clients[2], "role": "co_owner", "to": "2026-05-01"},
        ]);
        let owned = make(&admin, "/v1/patients", json!({"name": "Rex", "species": "canine", "ownerships": owners})).await;
        let stray = make(&admin, "/v1/patients", json!({"name": "Stray", "species": "feline", "status": "transferred"})).await;
        let other = Some(("/patient_ids/1".to_owned(), "other_client".to_owned()));
        for (client, fits) in clients.iter().zip([true, true, false, false]) {
            let body = json!({"client_id": client, "patient_ids": [stray, owned]});
            assert_eq!(book(&admin, 0, 2, body).await, if fits { None } else { other.clone() });
        }
        // Before it was handed over it was of them.
        let then = json!({"client_id": clients[2], "patient_ids": [owned], "status": "completed",
            "starts_at": "2026-04-30T15:00:00Z", "ends_at": "2026-04-30T15:30:00Z"});
        admin.post("/v1/appointments", &then).await.expect(201);
        assert_eq!(book(&admin, 0, 2, json!({"patient_ids": [owned]})).await, None, "nobody said who books");
        let mut made = admin.post("/v1/appointments", &booking(0, 2, json!({"client_id": clients[0]}))).await.expect(201);
        let path = format!("/v1/appointments/{}", made.id());
        made = admin.patch(&path, made.etag(), &json!({"patient_ids": [owned]})).await.expect(200);
        let refused = admin.patch(&path, made.etag(), &json!({"client_id": clients[3]})).await.refused(422, "rule_broken");
        assert_eq!(refused.json["errors"][0]["pointer"], "/patient_ids/0");
        // Whose it was when it was booked stays so.
        let path_of_patient = format!("/v1/patients/{}", owned);
        let patient = admin.get(&path_of_patient).await.expect(200);
        let sold = json!({"ownerships": [{"client_id": clients[3], "role": "primary"}]});
        admin.patch(&path_of_patient, patient.etag(), &sold).await.expect(200);
        admin.patch(&path, made.etag(), &json!({"status": "confirmed"})).await.expect(200);
    }
}

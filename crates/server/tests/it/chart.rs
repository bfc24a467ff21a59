//! Stories of a patient's chart: what is signed, given, found and prescribed.

use clinicos_testkit::{Reply, Samples, World, on_both_engines};
use serde_json::{Value, json};

/// A patient of the clinic, born on a day that is known.
async fn patient(world: &World, samples: &Samples, more: &Value) -> String {
    let mut body = json!({"name": "Rex", "species": "canine", "birth_date": "2024-03-10",
        "ownerships": [{"client_id": samples.id("client_id"), "role": "primary"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.as_admin().post("/v1/patients", &body).await.expect(201).id()
}

/// Something in a chart, and the way to change it.
struct Entry<'w> {
    world: &'w World,
    path: String,
    now: Reply,
}

impl<'w> Entry<'w> {
    async fn new(world: &'w World, collection: &str, body: &Value) -> Self {
        let now = world.as_admin().post(&format!("/v1/{collection}"), body).await.expect(201);
        Self { world, path: format!("/v1/{collection}/{}", now.id()), now }
    }

    async fn change(&mut self, patch: Value) -> &Value {
        self.now = self.world.as_admin().patch(&self.path, self.now.etag(), &patch).await.expect(200);
        &self.now.json
    }

    /// Where and why a change is refused.
    async fn refused(&self, patch: Value) -> (String, String) {
        points_at(&self.world.as_admin().patch(&self.path, self.now.etag(), &patch).await.refused(422, "rule_broken"))
    }

    async fn post(&mut self, verb: &str, body: &Value) -> Reply {
        let reply = self.world.as_admin().post(&format!("{}/{verb}", self.path), body).await;
        if reply.status == 200 {
            self.now = self.world.as_admin().get(&self.path).await.expect(200);
        }
        reply
    }

    /// What was announced of it, without the name of its kind.
    async fn events(&self) -> Vec<String> {
        let events = self.world.events().await;
        let own = events.into_iter().filter(|event| event.record_id == self.now.id());
        own.map(|event| event.name.split_once('.').unwrap().1.to_owned()).collect()
    }
}

fn points_at(reply: &Reply) -> (String, String) {
    let error = &reply.json["errors"][0];
    (error["pointer"].as_str().unwrap().to_owned(), error["code"].as_str().unwrap().to_owned())
}

fn at(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

async fn not_created(world: &World, collection: &str, body: &Value) -> (String, String) {
    points_at(&world.as_admin().post(&format!("/v1/{collection}"), body).await.refused(422, "rule_broken"))
}

fn with(body: &Value, more: Value) -> Value {
    let mut body = body.clone();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

on_both_engines! {
    async fn a_visit_goes_its_way(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"patient_id": patient(&world, &samples, &json!({})).await, "starts_at": "2026-11-22T06:30:00Z"});
        let mut visit = Entry::new(&world, "visits", &body).await;
        assert_eq!((&visit.now.json["status"], &visit.now.json["checked_in_at"]), (&json!("planned"), &Value::Null));
        assert_eq!(visit.now.json["client_id"], json!(samples.id("client_id")), "the primary owner");
        assert_eq!(visit.change(json!({"status": "checked_in"})).await["checked_in_at"], "2026-11-22T07:00:00.000000Z");
        assert_eq!(visit.change(json!({"status": "planned"})).await["checked_in_at"], Value::Null, "by mistake");
        let planned = visit.refused(json!({"checked_in_at": "2026-11-22T06:50:00Z"})).await;
        assert_eq!(planned, at("/checked_in_at", "planned"));
        visit.change(json!({"status": "in_progress", "checked_in_at": "2026-11-22T06:40:00Z"})).await;
        assert_eq!(visit.refused(json!({"status": "cancelled"})).await, at("/status", "transition"));
        let early = visit.refused(json!({"status": "discharged", "checked_out_at": "2026-11-22T06:39:59Z"})).await;
        assert_eq!(early, at("/checked_out_at", "range"));
        assert_eq!(visit.refused(json!({"checked_out_at": "2026-11-22T07:05:01Z"})).await, at("/checked_out_at", "range"));
        assert_eq!(visit.change(json!({"status": "discharged"})).await["checked_out_at"], "2026-11-22T07:00:00.000000Z");
        assert_eq!(visit.refused(json!({"follow_up_due": "2026-11-01"})).await, at("/follow_up_due", "range"));
        visit.change(json!({"status": "completed", "disposition": "home"})).await;
        assert_eq!(visit.refused(json!({"status": "amended"})).await, at("/status", "addenda"));
        let expected = ["created", "checked_in", "updated", "updated", "updated", "completed"];
        assert_eq!(visit.events().await, expected);
        let walk_in = with(&body, json!({"status": "checked_in"}));
        let visit = Entry::new(&world, "visits", &walk_in).await;
        assert_eq!(visit.now.json["checked_in_at"], "2026-11-22T06:30:00.000000Z");
        assert_eq!(visit.events().await, ["created", "checked_in"]);
    }

    async fn a_signed_visit_changes_by_addenda_alone(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let vet = samples.id("staff_id");
        let body = json!({"patient_id": samples.id("patient_id"), "starts_at": "2026-11-20T15:30:00Z", "status": "in_progress"});
        let mut visit = Entry::new(&world, "visits", &body).await;
        visit.post("sign", &json!({"signed_by_id": vet})).await.refused(409, "conflict");
        visit.change(json!({"soap": {"subjective": "Limps."}, "chief_complaint": "Limps"})).await;
        assert_eq!(points_at(&visit.post("sign", &json!({})).await.refused(422, "rule_broken")), at("/signed_by_id", "required"));
        let addendum = json!({"added_by_id": vet, "text": "No fracture."});
        visit.post("addenda", &addendum).await.refused(409, "conflict");
        visit.change(json!({"attending_id": vet})).await;
        let signed = visit.post("sign", &json!({})).await.expect(200);
        assert_eq!((&signed.json["signed_by_id"], &signed.json["signed_at"]), (&json!(vet), &json!("2026-11-22T07:00:00.000000Z")));
        visit.post("sign", &json!({})).await.refused(409, "conflict");

        for (field, value) in [
            ("soap", json!({"subjective": "Limps no more."})),
            ("soap", Value::Null),
            ("chief_complaint", json!("Coughs")),
            ("attending_id", Value::Null),
            ("triage", json!("red")),
            ("disposition", json!("home")),
        ] {
            assert_eq!(visit.refused(json!({field: value})).await, at(&format!("/{field}"), "signed"), "{field}");
        }
        for later in [json!({"soap": {"subjective": "Limps."}}), json!({"follow_up_due": "2026-12-04"}), json!({"status": "completed"})] {
            visit.change(later).await;
        }
        let amended = visit.post("addenda", &addendum).await.expect(200);
        assert_eq!(amended.json["status"], "amended");
        let expected = json!([{"added_at": "2026-11-22T07:00:00.000000Z", "added_by_id": vet, "text": "No fracture."}]);
        assert_eq!(amended.json["addenda"], expected);
        assert_eq!(amended.json["soap"]["subjective"], "Limps.");
        world.as_admin().delete(&visit.path, visit.now.etag()).await.refused(409, "conflict");
        visit.change(json!({"status": "entered_in_error"})).await;
        visit.post("addenda", &addendum).await.refused(409, "conflict");
        assert_eq!(visit.events().await, ["created", "updated", "updated", "signed", "updated", "completed", "updated", "updated"]);
    }

    async fn what_is_done_is_done_within_the_patients_life(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let dead = json!({"status": "deceased", "deceased_at": "2026-11-10T12:00:00Z"});
        let patient = patient(&world, &samples, &dead).await;
        let cases = [
            ("vaccinations", "given_at", json!({"antigens": ["rabies"]}), false),
            ("vitals", "taken_at", json!({"heart_rate": 90}), false),
            ("treatments", "performed_at",
                json!({"kind": "surgery", "description": "Spay", "ordered_at": "2024-01-01T00:00:00Z", "status": "completed"}), false),
            ("treatments", "performed_at",
                json!({"kind": "other", "description": "Necropsy", "ordered_at": "2024-01-01T00:00:00Z", "status": "completed"}), true),
            ("imaging_studies", "performed_at", json!({"modality": "xr"}), false),
            ("lab_results", "reported_at", json!({"panel": "Histology", "interpretation": "Lymphoma."}), true),
        ];
        for (collection, field, more, after_death) in cases {
            let on = |time: &str| with(&with(&json!({"patient_id": patient}), more.clone()), json!({field: time}));
            for (time, allowed) in [
                ("2024-03-09T12:00:00Z", false),
                ("2024-03-10T18:00:00Z", true),
                ("2026-11-10T18:00:00Z", true),
                ("2026-11-11T18:00:00Z", after_death),
            ] {
                let reply = world.as_admin().post(&format!("/v1/{collection}"), &on(time)).await;
                assert_eq!(reply.status == 201, allowed, "{collection} {time}: {}", reply.json);
                if !allowed {
                    assert_eq!(points_at(&reply), at(&format!("/{field}"), "lifetime"), "{collection} {time}");
                }
            }
            let future = not_created(&world, collection, &on("2026-11-22T07:05:01Z")).await;
            assert_eq!(future, at(&format!("/{field}"), "range"), "{collection}");
        }
    }

    /// Nothing is booked, begun or offered for the dead; what was there before is put in order still.
    async fn nothing_begins_after_a_death(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let api = world.as_admin();
        let patient = patient(&world, &samples, &json!({})).await;
        let one = json!({"patient_id": patient});
        let line = json!({"description": "Exam", "quantity": "1", "unit_price": {"amount": 900, "currency": "USD"}});
        let estimate = json!({"client_id": samples.id("client_id"), "lines": [line], "patient_id": patient});
        let referral = json!({"direction": "outgoing", "service": "cardiology", "patient_id": patient});
        let order = json!({"patient_id": patient, "kind": "surgery", "description": "Spay"});
        let planned = with(&order, json!({"status": "scheduled", "ordered_at": "2026-11-01T00:00:00Z"}));
        let lab = json!({"patient_id": patient, "lab": "in_house", "panel": "Histology", "specimen": "biopsy"});
        let cases = [
            ("visits", "starts_at", "T18:00:00Z", one.clone(), false),
            ("visits", "starts_at", "T18:00:00Z", with(&one, json!({"status": "cancelled"})), true),
            ("treatments", "ordered_at", "T18:00:00Z", order, false),
            ("treatments", "scheduled_at", "T18:00:00Z", planned, false),
            ("estimates", "issued_on", "", estimate, false),
            ("referrals", "referred_on", "", referral, false),
            ("lab_orders", "ordered_at", "T18:00:00Z", lab, true),
            ("diagnoses", "diagnosed_on", "", with(&one, json!({"text": "Lymphoma"})), true),
        ];
        let body = json!({"patient_ids": [patient], "starts_at": "2026-11-20T15:00:00Z", "ends_at": "2026-11-20T16:00:00Z"});
        let mut booked = Entry::new(&world, "appointments", &body).await;
        let mut moved = Entry::new(&world, "appointments", &body).await;
        let known = api.get(&format!("/v1/patients/{patient}")).await.expect(200);
        let died = json!({"status": "deceased", "deceased_at": "2026-11-10T12:00:00Z"});
        api.patch(&format!("/v1/patients/{patient}"), known.etag(), &died).await.expect(200);
        for (collection, field, time, more, after_death) in cases {
            for (day, allowed) in [("2026-11-10", true), ("2026-11-11", after_death)] {
                let reply = api.post(&format!("/v1/{collection}"), &with(&more, json!({field: format!("{day}{time}")}))).await;
                assert_eq!(reply.status == 201, allowed, "{collection} {day}: {}", reply.json);
                if !allowed {
                    assert_eq!(points_at(&reply), at(&format!("/{field}"), "lifetime"), "{collection} {day}");
                }
            }
        }
        assert_eq!(not_created(&world, "appointments", &body).await, at("/starts_at", "lifetime"));
        let later = json!({"starts_at": "2026-11-21T15:00:00Z", "ends_at": "2026-11-21T16:00:00Z"});
        assert_eq!(moved.refused(later).await, at("/starts_at", "lifetime"));
        moved.change(json!({"notes_internal": "The owner called."})).await;
        let cancelled = booked.change(json!({"status": "cancelled", "cancellation": {"by": "clinic"}})).await;
        assert_eq!(cancelled["status"], "cancelled");
    }

    async fn a_chart_holds_one_patients_visits(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let (one, other) = (patient(&world, &samples, &json!({})).await, patient(&world, &samples, &json!({})).await);
        let visit = json!({"patient_id": other, "starts_at": "2026-11-20T15:30:00Z"});
        let visit = world.as_admin().post("/v1/visits", &visit).await.expect(201).id();
        let body = json!({"patient_id": one, "visit_id": visit, "taken_at": "2026-11-20T15:30:00Z", "heart_rate": 90});
        assert_eq!(not_created(&world, "vitals", &body).await, at("/visit_id", "other_patient"));
        let mut vitals = Entry::new(&world, "vitals", &with(&body, json!({"visit_id": null}))).await;
        assert_eq!(vitals.refused(json!({"visit_id": visit})).await, at("/visit_id", "other_patient"));
        assert_eq!(vitals.refused(json!({"heart_rate": null})).await.1, "empty");
        assert_eq!(vitals.change(json!({"heart_rate": null, "mm_color": "pale"})).await["mm_color"], "pale");
        let order = json!({"patient_id": other, "visit_id": visit, "lab": "in_house", "panel": "CBC", "ordered_at": "2026-11-20T15:30:00Z"});
        let order = world.as_admin().post("/v1/lab_orders", &order).await.expect(201).id();
        let result = json!({"lab_order_id": order, "panel": "CBC", "status": "partial", "reported_at": "2026-11-20T16:00:00Z"});
        let wrong = not_created(&world, "lab_results", &with(&result, json!({"patient_id": one}))).await;
        assert_eq!(wrong, at("/lab_order_id", "other_patient"));
        let result = Entry::new(&world, "lab_results", &with(&result, json!({"patient_id": other}))).await;
        assert_eq!(result.now.json["visit_id"], json!(visit), "that of the order");
    }

    async fn a_final_result_is_corrected_and_nothing_else(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"patient_id": samples.id("patient_id"), "panel": "CBC", "status": "partial", "reported_at": "2026-11-20T16:00:00Z"});
        let mut result = Entry::new(&world, "lab_results", &body).await;
        assert_eq!(result.refused(json!({"status": "final"})).await, at("/analytes", "empty"));
        result.change(json!({"status": "final", "analytes": [{"name": "HCT", "value": "48.2"}]})).await;
        let other = json!([{"name": "HCT", "value": "38.2"}]);
        assert_eq!(result.refused(json!({"analytes": other})).await, at("/analytes", "final"));
        assert_eq!(result.refused(json!({"status": "partial"})).await, at("/status", "transition"));
        assert_eq!(result.refused(json!({"reviewed_at": "2026-11-21T16:00:00Z"})).await, at("/reviewed_at", "reviewed_by_id"));
        let reviewed = result.change(json!({"reviewed_by_id": samples.id("staff_id")})).await;
        assert_eq!(reviewed["reviewed_at"], "2026-11-22T07:00:00.000000Z");
        assert_eq!(result.change(json!({"status": "corrected", "analytes": other})).await["analytes"][0]["value"], "38.2");
        result.change(json!({"analytes": [{"name": "HCT", "value": "38.3"}]})).await;
        assert_eq!(result.refused(json!({"status": "final"})).await, at("/status", "transition"));
        assert_eq!(result.events().await, ["created", "final", "updated", "updated", "updated"]);
        let at_once = with(&body, json!({"status": "final", "interpretation": "Normal."}));
        assert_eq!(Entry::new(&world, "lab_results", &at_once).await.events().await, ["created", "final"]);
    }

    async fn refills_keep_to_the_schedule(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let drug = |schedule: &str| json!({"name": schedule, "kind": "drug", "price": {"amount": 100, "currency": "USD"}, "controlled_schedule": schedule});
        let body = json!({"patient_id": samples.id("patient_id"), "drug": "X", "quantity": "10", "prescriber_id": samples.id("staff_id"),
            "prescribed_on": "2026-11-20"});
        for (schedule, most) in [("II", 0), ("III", 5), ("IV", 5), ("V", 99), ("none", 99)] {
            let over = with(&body, json!({"schedule": schedule, "refills": most + 1}));
            assert_eq!(not_created(&world, "prescriptions", &over).await, at("/refills", "range"), "{schedule}");
            let made = Entry::new(&world, "prescriptions", &with(&over, json!({"refills": most}))).await;
            assert_eq!(made.now.json["refills_left"], json!(most), "{schedule}");
            assert_eq!(made.refused(json!({"refills_left": most + 1})).await, at("/refills_left", "range"), "{schedule}");
            // A product that is controlled is controlled on a prescription, too.
            let product = world.as_admin().post("/v1/products", &drug(schedule)).await.expect(201).id();
            let of_product = with(&body, json!({"product_id": product, "refills": most}));
            let made = Entry::new(&world, "prescriptions", &of_product).await;
            assert_eq!(made.now.json["schedule"], schedule);
            if schedule != "none" {
                let over = with(&of_product, json!({"refills": most + 1}));
                assert_eq!(not_created(&world, "prescriptions", &over).await, at("/refills", "range"), "{schedule}");
                let other = with(&of_product, json!({"refills": 0, "schedule": if schedule == "V" { "IV" } else { "V" }}));
                assert_eq!(not_created(&world, "prescriptions", &other).await, at("/schedule", "product"), "{schedule}");
            }
        }
    }

    async fn what_was_prescribed_changes_in_a_draft_alone(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"patient_id": samples.id("patient_id"), "drug": "X", "quantity": "10", "prescribed_on": "2026-11-20"});
        assert_eq!(not_created(&world, "prescriptions", &body).await, at("/prescriber_id", "required"));
        let mut draft = Entry::new(&world, "prescriptions", &with(&body, json!({"status": "draft"}))).await;
        draft.change(json!({"quantity": "20", "refills": 3, "refills_left": 3})).await;
        assert_eq!(draft.refused(json!({"status": "active"})).await, at("/prescriber_id", "required"));
        draft.change(json!({"status": "active", "prescriber_id": samples.id("staff_id")})).await;
        for (field, value) in [("quantity", json!("30")), ("refills", json!(4)), ("drug", json!("Y")), ("dose", json!({"qty": "1", "unit": "mg"}))] {
            assert_eq!(draft.refused(json!({field: value})).await, at(&format!("/{field}"), "prescribed"), "{field}");
        }
        assert_eq!(draft.change(json!({"refills_left": 2, "lot": "L1"})).await["refills_left"], 2);
        draft.change(json!({"status": "stopped"})).await;
        assert_eq!(draft.refused(json!({"status": "active"})).await, at("/status", "transition"));
    }

    async fn the_next_vaccination_follows_from_the_last(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"patient_id": patient(&world, &samples, &json!({"birth_date": "2020-01-01"})).await,
            "antigens": ["rabies"], "given_at": "2024-02-29T18:00:00Z", "validity_years": 3});
        let mut given = Entry::new(&world, "vaccinations", &body).await;
        assert_eq!(given.now.json["due_on"], "2027-02-28");
        assert_eq!(given.change(json!({"validity_years": 1})).await["due_on"], "2025-02-28");
        assert_eq!(given.change(json!({"due_on": "2025-06-01"})).await["due_on"], "2025-06-01");
        assert_eq!(given.change(json!({"validity_years": 3})).await["due_on"], "2025-06-01", "one that was given stays");
        assert_eq!(given.change(json!({"due_on": null})).await["due_on"], "2027-02-28");
        for (wrong, pointer, code) in [
            (json!({"expires_on": "2024-02-28"}), "/expires_on", "range"),
            (json!({"due_on": "2024-02-29"}), "/due_on", "range"),
            (json!({"validity_years": 2}), "/validity_years", "range"),
            (json!({"antigens": []}), "/antigens", "empty"),
            (json!({"given_elsewhere": true, "given_by_id": samples.id("staff_id")}), "/given_by_id", "given_elsewhere"),
        ] {
            assert_eq!(given.refused(wrong.clone()).await, at(pointer, code), "{wrong}");
        }
        given.change(json!({"expires_on": "2024-02-29"})).await;
    }

    async fn a_declined_treatment_and_a_resolved_diagnosis_say_why_and_when(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"patient_id": samples.id("patient_id"), "kind": "dental", "description": "Cleaning", "ordered_at": "2026-11-20T15:30:00Z"});
        let mut treatment = Entry::new(&world, "treatments", &body).await;
        assert_eq!(treatment.refused(json!({"status": "declined"})).await, at("/declined_reason", "declined"));
        assert_eq!(treatment.refused(json!({"status": "scheduled"})).await, at("/scheduled_at", "required"));
        assert_eq!(treatment.refused(json!({"asa": 6})).await, at("/asa", "range"));
        assert_eq!(treatment.refused(json!({"asa_emergency": true})).await, at("/asa_emergency", "asa"));
        treatment.change(json!({"status": "declined", "declined_reason": "cost"})).await;
        assert_eq!(treatment.change(json!({"status": "ordered"})).await["declined_reason"], Value::Null);
        assert_eq!(treatment.change(json!({"status": "completed"})).await["performed_at"], "2026-11-22T07:00:00.000000Z");

        let body = json!({"patient_id": samples.id("patient_id"), "text": "Otitis", "diagnosed_on": "2026-11-20", "onset": "2026-11-18"});
        let mut diagnosis = Entry::new(&world, "diagnoses", &body).await;
        assert_eq!(diagnosis.refused(json!({"resolved_on": "2026-11-21"})).await, at("/resolved_on", "not_resolved"));
        assert_eq!(diagnosis.change(json!({"status": "resolved"})).await["resolved_on"], "2026-11-22");
        assert_eq!(diagnosis.refused(json!({"resolved_on": "2026-11-17"})).await, at("/resolved_on", "range"));
        assert_eq!(diagnosis.change(json!({"status": "recurrent"})).await["resolved_on"], Value::Null);
    }
}

//! What every record that is read and written as it stands has in common, and stories of some.

use clinicos_contract::Spec;
use clinicos_testkit::{Samples, World, absent_id, on_both_engines};
use serde_json::{Value, json};

/// The creating operations of plain records.
fn creates(world: &World) -> Vec<&'static Spec> {
    let plain: Vec<String> = clinicos_clinic::RESOURCES
        .iter()
        .filter(|folder| folder.statements.is_some())
        .map(|folder| format!("{}.create", folder.resource.name))
        .collect();
    let specs: Vec<_> = world.specs().into_iter().filter(|spec| plain.iter().any(|id| id == spec.id)).collect();
    assert_eq!(specs.len(), plain.len(), "each kind of plain record can be created");
    specs
}

/// The place of every value in a body for which `is` says yes.
fn places(json: &Value, at: &str, is: &dyn Fn(&Value) -> bool, found: &mut Vec<String>) {
    if is(json) {
        found.push(at.to_owned());
    }
    match json {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| places(item, &format!("{at}/{index}"), is, found))
        }
        Value::Object(members) => members.iter().for_each(|(name, value)| places(value, &format!("{at}/{name}"), is, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn all_places(json: &Value, is: impl Fn(&Value) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    places(json, "", &is, &mut found);
    found
}

on_both_engines! {
    /// However deep in a body: an id means a record of this clinic.
    async fn what_a_body_names_must_be_there(world: World) {
        let (samples, theirs) = (Samples::make(&world, &world.clinic).await, Samples::make(&world, &world.other).await);
        let mut asked = 0;
        for spec in creates(&world) {
            let body = samples.body(&world, spec).unwrap();
            let ids = samples.all_ids();
            for place in all_places(&body, |json| json.as_str().is_some_and(|text| ids.iter().any(|id| id == text))) {
                let prefix = body.pointer(&place).unwrap().as_str().unwrap().split('_').next().unwrap().to_owned();
                let foreign = theirs.all_ids().into_iter().find(|id| id.starts_with(&format!("{prefix}_"))).unwrap();
                for id in [absent_id(&prefix), foreign] {
                    let mut wrong = body.clone();
                    *wrong.pointer_mut(&place).unwrap() = json!(id);
                    let reply = world.as_admin().post(spec.route.path, &wrong).await.refused(422, "rule_broken");
                    let error = &reply.json["errors"][0];
                    assert_eq!((&error["pointer"], &error["code"]), (&json!(place), &json!("unknown_record")), "{}", spec.id);
                    asked += 1;
                }
            }
        }
        assert!(asked >= 8, "{asked} places");
    }

    async fn amounts_are_in_the_clinics_currency(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let mut asked = 0;
        for spec in creates(&world) {
            let body = samples.body(&world, spec).unwrap();
            for place in all_places(&body, |json| json.get("currency").is_some() && json.get("amount").is_some()) {
                let mut wrong = body.clone();
                wrong.pointer_mut(&place).unwrap()["currency"] = json!("EUR");
                let reply = world.as_admin().post(spec.route.path, &wrong).await.refused(422, "rule_broken");
                let errors = reply.json["errors"].as_array().unwrap();
                assert!(errors.iter().any(|error| error["code"] == "currency_mismatch"), "{}: {place}: {errors:?}", spec.id);
                asked += 1;
            }
        }
        assert!(asked >= 1, "{asked} places");
    }

    /// A patch with what is there already is no change: no version, no event.
    async fn nothing_changes_where_nothing_is_different(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        for spec in creates(&world) {
            let made = world.as_admin().post(spec.route.path, &samples.body(&world, spec).unwrap()).await.expect(201);
            let path = format!("{}/{}", spec.route.path, made.id());
            let update = format!("{}.update", spec.resource.name);
            let schema = world.spec(&update).body.unwrap().schema;
            let same: serde_json::Map<String, Value> = made.json.as_object().unwrap().iter()
                .filter(|(name, value)| !value.is_null() && schema.field(name).is_some_and(|(_, field)| field.update))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let events = world.events().await.len();
            let again = world.as_admin().patch(&path, made.etag(), &Value::Object(same)).await.expect(200);
            assert_eq!(again.json, made.json, "{}", spec.id);
            assert_eq!(world.events().await.len(), events, "{}", spec.id);
        }
    }

    async fn an_appointment_goes_its_way(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let body = json!({"client_id": samples.id("client_id"), "patient_ids": [samples.id("patient_id")],
            "starts_at": "2026-12-03T15:30:00Z", "ends_at": "2026-12-03T16:00:00Z"});
        let admin = world.as_admin();
        let mut now = admin.post("/v1/appointments", &body).await.expect(201);
        assert_eq!(now.json["status"], "scheduled");
        let path = format!("/v1/appointments/{}", now.id());
        for status in ["confirmed", "arrived", "in_progress", "completed"] {
            now = admin.patch(&path, now.etag(), &json!({"status": status})).await.expect(200);
        }
        let back = admin.patch(&path, now.etag(), &json!({"status": "scheduled"})).await.refused(422, "rule_broken");
        assert_eq!(back.json["errors"][0]["code"], "transition");
        let names: Vec<String> = world.events().await.into_iter().filter(|event| event.record_id == now.id()).map(|event| event.name).collect();
        let expected = ["created", "confirmed", "arrived", "updated", "updated"].map(|verb| format!("appointment.{verb}"));
        assert_eq!(names, expected);
    }

    async fn a_forbidden_step_names_those_that_are_allowed(world: World) {
        let body = json!({"starts_at": "2026-12-03T15:30:00Z", "ends_at": "2026-12-03T16:00:00Z", "status": "requested"});
        let admin = world.as_admin();
        let made = admin.post("/v1/appointments", &body).await.expect(201);
        let path = format!("/v1/appointments/{}", made.id());
        let reply = admin.patch(&path, made.etag(), &json!({"status": "completed"})).await.refused(422, "rule_broken");
        assert_eq!(reply.json["errors"][0]["pointer"], "/status");
        let detail = reply.json["errors"][0]["detail"].as_str().unwrap();
        assert_eq!(detail, "`completed` cannot follow `requested`; allowed: `tentative`, `scheduled`, `confirmed`, `cancelled`");
        let bare = admin.patch(&path, made.etag(), &json!({"status": "cancelled"})).await.refused(422, "rule_broken");
        assert_eq!(bare.json["errors"][0]["pointer"], "/cancellation");
        let why = json!({"status": "cancelled", "cancellation": {"by": "client", "reason": "weather"}});
        let cancelled = admin.patch(&path, made.etag(), &why).await.expect(200);
        assert_eq!(cancelled.json["cancellation"], json!({"by": "client", "reason": "weather", "late": false}));
    }
}

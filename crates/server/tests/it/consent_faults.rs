//! What cannot be decided is a no (abuse case L4), and a change is judged by what was there and by what it makes of it
//! (abuse case A14).

use clinicos_testkit::{As, Reply, World, on_both_engines};
use serde_json::json;

use crate::consent::{Household, provider, says};

/// What a record says of a client is not in an answer.
fn hides(reply: &Reply, words: &[&str]) -> bool {
    let text = String::from_utf8_lossy(&reply.bytes);
    words.iter().all(|word| !text.contains(word))
}

async fn change(caller: &As, target: &str, body: &serde_json::Value) -> Reply {
    let etag = caller.get(target).await.expect(200).etag().to_owned();
    caller.patch(target, &etag, body).await
}

/// A program that keeps the calendar for who carries payments, and is bound by what clients say of them.
async fn booker(world: &World) -> As {
    let body = json!({
        "name": "Booker", "purpose": "payment", "recipient": "service_provider", "reason": "Books",
        "scopes": ["appointments:write", "patients:write"],
        "categories": ["owner_contact", "owner_financial", "patient_identity", "clinical", "communications"],
    });
    let key = world.as_operator().post(&format!("/v1/keys?clinic_id={}", world.clinic.clinic_id), &body).await.expect(201);
    world.as_key(key.text("secret"))
}

async fn appointment(caller: &As, client: Option<&str>) -> String {
    let body = json!({
        "client_id": client, "starts_at": "2026-12-03T15:30:00Z", "ends_at": "2026-12-03T16:00:00Z", "status": "requested",
        "channel": "online", "reason": "Cannot pay",
    });
    caller.post("/v1/appointments", &body).await.expect(201).id()
}

on_both_engines! {
    /// L4: a consent whose words cannot be read, for whatever reason, is a refusal and never a permission.
    async fn l4_a_consent_that_cannot_be_read_is_a_refusal(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        let (consent, _) = says(&world, &house.shy, "permit", json!({})).await;
        let target = format!("/v1/clients/{}", house.shy);
        assert!(!hides(&app.get(&target).await.expect(200), &["Shy"]));
        let secret = app;
        let mut world = world;
        for (column, odd) in [
            ("decision", "maybe"), ("purposes", "[\"fun\"]"), ("purposes", "{"), ("data_categories", "[1]"),
            ("recipients", "[{\"class\":\"nobody\"}]"), ("recipients", "null"), ("method", "sung"), ("method", ""),
        ] {
            let before = world.put_into("consents", column, &consent, odd).await;
            world = world.restart().await;
            let reply = world.as_same(&secret).get(&target).await.expect(200);
            assert!(hides(&reply, &["Shy", "0123"]), "{column} = {odd}: {}", reply.json);
            world.put_into("consents", column, &consent, &before).await;
        }
        world = world.restart().await;
        assert!(!hides(&world.as_same(&secret).get(&target).await.expect(200), &["Shy"]));
    }

    /// L4: a jurisdiction that nobody knows gives no more than the generic rules, and a refusal stands.
    async fn l4_an_unknown_jurisdiction_lets_nothing_pass_that_is_refused(world: World) {
        let house = Household::make(&world).await;
        let app = provider(&world).await;
        says(&world, &house.shy, "deny", json!({})).await;
        let clinic = world.clinic.clinic_id.clone();
        world.put_into("clinics", "jurisdiction", &clinic, "ZZ-UNHEARD").await;
        let world = world.restart().await;
        let reply = world.as_same(&app).get(&format!("/v1/clients/{}", house.shy)).await.expect(200);
        assert!(hides(&reply, &["Shy", "0123"]), "{}", reply.json);
    }

    /// A14: a record that is pointed from a client who allows it to one who refuses, and back, by somebody whom their
    /// words bind, is judged by whose it was and whose it becomes.
    async fn a14_a_record_that_changes_hands_is_judged_before_and_after(world: World) {
        let house = Household::make(&world).await;
        let (app, admin) = (booker(&world).await, world.as_admin());
        says(&world, &house.shy, "deny", json!({})).await;
        for (from, to) in [(&house.open, &house.shy), (&house.shy, &house.open)] {
            let target = format!("/v1/appointments/{}", appointment(&admin, Some(from.as_str())).await);
            assert_eq!(hides(&app.get(&target).await.expect(200), &["Cannot pay"]), *from == house.shy);
            let refused = change(&app, &target, &json!({"client_id": to})).await.refused(403, "hidden_field");
            assert!(hides(&refused, &["Cannot pay", &house.shy]), "{}", refused.json);
            let after = admin.get(&target).await.expect(200);
            assert_eq!((after.text("client_id"), after.text("reason")), (&**from, "Cannot pay"));
        }
        let patient = format!("/v1/patients/{}", house.shy_patient);
        let owners = json!({"ownerships": [{"client_id": house.open, "role": "primary"}]});
        change(&app, &patient, &owners).await.refused(403, "hidden_field");
        assert!(hides(&app.get(&patient).await.expect(200), &["Rex", &house.open]));
    }

    /// A14: two weak steps are no strong one: what names nobody is not given to a client who refuses, nor filled in there.
    async fn a14_what_is_made_weak_is_not_made_strong(world: World) {
        let house = Household::make(&world).await;
        let (app, admin) = (booker(&world).await, world.as_admin());
        says(&world, &house.shy, "deny", json!({})).await;
        let made = format!("/v1/appointments/{}", appointment(&app, None).await);
        assert!(hides(&app.get(&made).await.expect(200), &["Cannot pay"]), "it names nobody who could allow it");
        for body in [json!({"client_id": house.shy}), json!({"reason": "Cannot pay"}), json!({"patient_ids": [house.shy_patient]})] {
            change(&app, &made, &body).await.refused(403, "hidden_field");
        }
        change(&app, &made, &json!({"room": "Exam 1"})).await.expect(200);
        assert_eq!(admin.get(&made).await.expect(200).json["client_id"], serde_json::Value::Null);
    }
}

//! Stories of messages, reminders, referral cases, consents and documents.

use clinicos_testkit::{Samples, World, on_both_engines};
use serde_json::{Value, json};

/// The announced names of what happened to a record, in order.
async fn told(world: &World, id: &str) -> Vec<String> {
    world.events().await.into_iter().filter(|event| event.record_id == id).map(|event| event.name).collect()
}

/// The pointer and code of what a body breaks.
fn fault(json: &Value) -> (&str, &str) {
    let error = &json["errors"][0];
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

on_both_engines! {
    async fn what_comes_in_is_announced_as_received(world: World) {
        let admin = world.as_admin();
        let stop = json!({"channel": "sms", "direction": "inbound", "category": "other", "status": "received", "sender": "+13125550142", "body": "STOP", "is_opt_out": true});
        let hello = json!({"channel": "email", "direction": "inbound", "category": "medical", "status": "received", "body": "He still coughs."});
        for (body, event) in [(&stop, "message.opted_out"), (&hello, "message.received")] {
            let made = admin.post("/v1/messages", body).await.expect(201);
            assert_eq!(told(&world, &made.id()).await, ["message.created", event]);
            assert!(made.json["sent_at"].is_string(), "when it came in");
        }
        let wrong = json!({"channel": "sms", "direction": "inbound", "category": "other", "status": "delivered"});
        let reply = admin.post("/v1/messages", &wrong).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/status", "direction"));
    }

    async fn a_message_is_said_once(world: World) {
        let admin = world.as_admin();
        let draft = json!({"channel": "sms", "direction": "outbound", "category": "scheduling", "status": "draft", "body": "See you at three"});
        let made = admin.post("/v1/messages", &draft).await.expect(201);
        let path = format!("/v1/messages/{}", made.id());
        let other = admin.patch(&path, made.etag(), &json!({"body": "See you at four"})).await.expect(200);
        let sent = admin.patch(&path, other.etag(), &json!({"status": "sent"})).await.expect(200);
        let reply = admin.patch(&path, sent.etag(), &json!({"body": "See you at five"})).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/body", "not_draft"));
        let early = admin.patch(&path, sent.etag(), &json!({"error_code": "30003"})).await.refused(422, "rule_broken");
        assert_eq!(fault(&early.json), ("/error_code", "no_error"));
        let lost = admin.patch(&path, sent.etag(), &json!({"status": "undelivered", "error_code": "30003"})).await.expect(200);
        admin.patch(&path, lost.etag(), &json!({"status": "delivered", "error_code": null})).await.expect(200);
        let expected = ["created", "updated", "updated", "failed", "delivered"].map(|verb| format!("message.{verb}"));
        assert_eq!(told(&world, &made.id()).await, expected);
    }

    async fn nobody_is_reminded_of_a_patient_who_died(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let patient = format!("/v1/patients/{}", samples.id("patient_id"));
        let alive = admin.get(&patient).await.expect(200);
        let dead = json!({"status": "deceased", "deceased_at": "2026-11-20T15:00:00Z"});
        admin.patch(&patient, alive.etag(), &dead).await.expect(200);
        let mut body = json!({"kind": "wellness", "due_on": "2027-01-10", "patient_id": samples.id("patient_id")});
        let reply = admin.post("/v1/reminders", &body).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/status", "deceased"));
        body["status"] = json!("suppressed");
        let reply = admin.post("/v1/reminders", &body).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/suppressed_reason", "suppressed"));
        body["suppressed_reason"] = json!("deceased");
        let made = admin.post("/v1/reminders", &body).await.expect(201);
        let again = json!({"status": "due", "suppressed_reason": null});
        let reply = admin.patch(&format!("/v1/reminders/{}", made.id()), made.etag(), &again).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/status", "deceased"));
    }

    async fn a_referral_case_goes_its_way(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let mut now = admin.post("/v1/referrals", &samples.body(&world, world.spec("referrals.create")).unwrap()).await.expect(201);
        let path = format!("/v1/referrals/{}", now.id());
        let mut stages = vec![now.text("stage").to_owned()];
        for status in ["accepted", "scheduled", "in_progress", "report_sent", "completed"] {
            now = admin.patch(&path, now.etag(), &json!({"status": status})).await.expect(200);
            stages.push(now.text("stage").to_owned());
        }
        assert_eq!(stages, ["pending", "pending", "scheduled", "in_progress", "in_progress", "completed"]);
        assert!(now.json["completed_at"].is_string());
        let expected = ["created", "received", "accepted", "scheduled", "updated", "report_sent", "completed"].map(|verb| format!("referral.{verb}"));
        assert_eq!(told(&world, &now.id()).await, expected);
        let back = admin.patch(&path, now.etag(), &json!({"status": "pending"})).await.refused(422, "rule_broken");
        assert_eq!(fault(&back.json), ("/status", "transition"));
    }

    /// Also after the document is gone that was shared: else the list could never change again.
    async fn a_share_ends_and_does_not_vanish(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let made = admin.post("/v1/referrals", &samples.body(&world, world.spec("referrals.create")).unwrap()).await.expect(201);
        let path = format!("/v1/referrals/{}", made.id());
        let share = made.json["shares"][0].clone();
        let vanished = admin.patch(&path, made.etag(), &json!({"shares": []})).await.refused(422, "rule_broken");
        assert_eq!(fault(&vanished.json), ("/shares/0", "shared"));
        let document = format!("/v1/documents/{}", samples.id("document_id"));
        let etag = admin.get(&document).await.expect(200).etag().to_owned();
        admin.delete(&document, &etag).await.expect(204);
        let mut ended = share.clone();
        ended["revoked_at"] = json!("2026-11-20T18:00:00Z");
        let revoked = admin.patch(&path, made.etag(), &json!({"shares": [ended]})).await.expect(200);
        let reply = admin.patch(&path, revoked.etag(), &json!({"shares": [share]})).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/shares/0", "shared"));
        let mut other = share.clone();
        other["document_id"] = json!(clinicos_testkit::absent_id("doc"));
        let reply = admin.patch(&path, revoked.etag(), &json!({"shares": [ended, other]})).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/shares/1/document_id", "unknown_record"));
    }

    async fn what_a_client_decided_is_not_written_anew(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let spec = world.spec("consents.create");
        let made = admin.post("/v1/consents", &samples.body(&world, spec).unwrap()).await.expect(201);
        let path = format!("/v1/consents/{}", made.id());
        for (field, value) in samples.body(&world, spec).unwrap().as_object().unwrap() {
            if field != "status" {
                let reply = admin.patch(&path, made.etag(), &json!({field: value})).await;
                assert_eq!(reply.status, 400, "{field}: {}", reply.json);
            }
        }
        let shown = admin.delete(&path, made.etag()).await.refused(409, "conflict");
        assert!(shown.text("detail").contains("`active`"), "{}", shown.json);
        let early = json!({"status": "withdrawn", "withdrawn_at": "2026-11-20T15:59:59Z"});
        let reply = admin.patch(&path, made.etag(), &early).await.refused(422, "rule_broken");
        assert_eq!(fault(&reply.json), ("/withdrawn_at", "range"));
        let withdrawn = admin.patch(&path, made.etag(), &json!({"status": "withdrawn"})).await.expect(200);
        assert!(withdrawn.json["withdrawn_at"].is_string());
        for status in ["active", "proposed", "entered_in_error"] {
            let reply = admin.patch(&path, withdrawn.etag(), &json!({"status": status})).await.refused(422, "rule_broken");
            assert_eq!(fault(&reply.json), ("/status", "transition"));
        }
        let undone = json!({"withdrawn_at": "2026-11-20T17:00:00Z"});
        admin.patch(&path, withdrawn.etag(), &undone).await.refused(422, "rule_broken");
        admin.delete(&path, withdrawn.etag()).await.refused(409, "conflict");
        assert_eq!(told(&world, &made.id()).await, ["consent.created", "consent.granted", "consent.withdrawn"]);
    }

    async fn a_proposed_consent_is_granted_or_deleted(world: World) {
        let samples = Samples::make(&world, &world.clinic).await;
        let admin = world.as_admin();
        let body = json!({"subject": "client", "client_id": samples.id("client_id"), "category": "marketing_sms",
            "decision": "permit", "status": "proposed", "method": "click"});
        let asked = admin.post("/v1/consents", &body).await.expect(201);
        let path = format!("/v1/consents/{}", asked.id());
        let granted = admin.patch(&path, asked.etag(), &json!({"status": "active"})).await.expect(200);
        assert!(granted.json["decided_at"].is_string());
        assert_eq!(told(&world, &asked.id()).await, ["consent.created", "consent.granted"]);
        let other = admin.post("/v1/consents", &body).await.expect(201);
        admin.delete(&format!("/v1/consents/{}", other.id()), other.etag()).await.expect(204);
    }
}

//! The bytes of documents: they come once, they are what was said of them, and they go with their document.

use clinicos_testkit::{As, Reply, on_both_engines};
use serde_json::{Value, json};

/// The text `abc` in base64, and its SHA-256 (the first example of FIPS 180-4's test vectors).
const ABC: &str = "YWJj";
const SHA256_OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

async fn document(admin: &As, more: Value) -> Reply {
    let mut body = json!({"kind": "other", "title": "Three letters", "mime": "text/plain"});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    admin.post("/v1/documents", &body).await.expect(201)
}

on_both_engines! {
    async fn bytes_come_back_as_they_were(world: World) {
        let admin = world.as_admin();
        let made = document(&admin, json!({})).await;
        let (path, content) = (format!("/v1/documents/{}", made.id()), format!("/v1/documents/{}/content", made.id()));
        admin.get(&content).await.refused(404, "not_found");
        let filled = admin.post(&content, &json!({"content": ABC})).await.expect(200);
        let expected = json!({"bytes": 3, "sha256": SHA256_OF_ABC, "has_content": true, "version": 2});
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&filled.json[name], value, "{name}");
        }
        assert_eq!(admin.get(&path).await.expect(200).json, filled.json);
        let read = admin.get(&content).await.expect(200);
        assert_eq!((&read.json["content"], &read.json["sha256"], &read.json["mime"]), (&json!(ABC), &json!(SHA256_OF_ABC), &json!("text/plain")));
        let again = admin.post(&content, &json!({"content": ABC})).await.expect(200);
        assert_eq!(again.json, filled.json, "the same once more is no change");
        admin.post(&content, &json!({"content": "eHl6"})).await.refused(422, "rule_broken");
        assert_eq!(admin.get(&content).await.expect(200).json["content"], ABC);
    }

    async fn bytes_are_what_was_said_of_them(world: World) {
        let admin = world.as_admin();
        for (more, right) in [
            (json!({"sha256": SHA256_OF_ABC, "bytes": 3}), true),
            (json!({"sha256": SHA256_OF_ABC.replace("ad", "ae")}), false),
            (json!({"bytes": 4}), false),
        ] {
            let made = document(&admin, more).await;
            let reply = admin.post(&format!("/v1/documents/{}/content", made.id()), &json!({"content": ABC})).await;
            if right {
                reply.expect(200);
            } else {
                assert_eq!(reply.refused(422, "rule_broken").json["errors"][0]["code"], "other_content");
            }
        }
        let made = document(&admin, json!({})).await;
        let reply = admin.post(&format!("/v1/documents/{}/content", made.id()), &json!({"content": "YWJ"})).await;
        assert_eq!(reply.refused(422, "rule_broken").json["errors"][0]["pointer"], "/content");
    }

    async fn bytes_go_with_their_document(world: World) {
        let admin = world.as_admin();
        let redacted = document(&admin, json!({})).await;
        let deleted = document(&admin, json!({})).await;
        for made in [&redacted, &deleted] {
            admin.post(&format!("/v1/documents/{}/content", made.id()), &json!({"content": ABC})).await.expect(200);
        }
        assert_eq!(world.row_counts().await["document_contents"], 2);
        let path = format!("/v1/documents/{}", redacted.id());
        let now = admin.get(&path).await.expect(200);
        let gone = admin.patch(&path, now.etag(), &json!({"status": "redacted"})).await.expect(200);
        assert_eq!(gone.json["has_content"], false);
        admin.post(&format!("{path}/content"), &json!({"content": ABC})).await.refused(409, "conflict");
        let path = format!("/v1/documents/{}", deleted.id());
        let now = admin.get(&path).await.expect(200);
        admin.delete(&path, now.etag()).await.expect(204);
        for made in [&redacted, &deleted] {
            admin.get(&format!("/v1/documents/{}/content", made.id())).await.refused(404, "not_found");
        }
        assert_eq!(world.row_counts().await["document_contents"], 0);
    }

    async fn what_must_be_kept_is_not_deleted(world: World) {
        let admin = world.as_admin();
        let made = document(&admin, json!({"retention_until": "2033-11-20"})).await;
        let path = format!("/v1/documents/{}", made.id());
        let reply = admin.delete(&path, made.etag()).await.refused(409, "conflict");
        assert!(reply.text("detail").contains("2033-11-20"), "{}", reply.json);
        let over = admin.patch(&path, made.etag(), &json!({"retention_until": "2020-01-01"})).await.expect(200);
        admin.delete(&path, over.etag()).await.expect(204);
    }

    async fn what_is_internal_is_not_shared(world: World) {
        let admin = world.as_admin();
        let made = document(&admin, json!({"sensitivity": "internal"})).await;
        let path = format!("/v1/documents/{}", made.id());
        let reply = admin.patch(&path, made.etag(), &json!({"status": "shared"})).await.refused(422, "rule_broken");
        assert_eq!(reply.json["errors"][0]["pointer"], "/sensitivity");
    }
}

//! How keys are replaced, held to addresses, and seen to be used.

use std::net::IpAddr;

use clinicos_testkit::{As, Call, MadeKey, Reply, World, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::admin;

const HOUR_S: i64 = 3_600;
const EXPIRES: &str = "clinicos-key-expires";

async fn rotate(caller: &As, key_id: &str, body: &Value) -> Reply {
    caller.post(&format!("/v1/keys/{key_id}/rotate"), body).await
}

fn secret(reply: &Reply) -> &str {
    reply.text("secret")
}

/// A call of this key from this address.
async fn from(world: &World, key: &str, address: Option<&str>) -> Reply {
    let peer: Option<IpAddr> = address.map(|address| address.parse().unwrap());
    world.as_key(key).send(Call { peer, ..Call::get("/v1/invoices") }).await
}

async fn patch_key(caller: &As, key_id: &str, change: &Value) -> Reply {
    let path = format!("/v1/keys/{key_id}");
    let etag = caller.get(&path).await.expect(200).etag().to_owned();
    caller.patch(&path, &etag, change).await
}

/// Makes a key as the clinic's admin, with more in the body.
async fn make(world: &World, more: &Value) -> Reply {
    let mut body =
        json!({"name": "Books", "purpose": "payment", "reason": "A test", "scopes": ["invoices:read", "payments:read"]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    world.as_admin().post("/v1/keys", &body).await
}

on_both_engines! {
    /// The story of a rotation: both keys work, the old one says so, then only the new one does.
    async fn k2_an_old_key_ends_when_its_overlap_does(world: World) {
        let old = world.key(&["invoices:read"]).await;
        let admin = world.as_admin();
        assert!(world.as_key(&old.secret).get("/v1/invoices").await.expect(200).header(EXPIRES).is_empty());
        let new = rotate(&admin, &old.id, &json!({"overlap_hours": 2, "reason": "Spring"})).await.expect(201);
        assert_eq!((new.text("rotated_from"), new.text("connection_id"), new.text("state")), (&*old.id, &*old.connection_id, "active"));
        let before = admin.get(&format!("/v1/keys/{}", old.id)).await.expect(200);
        assert_eq!((before.text("replaced_by"), before.text("state")), (&*new.id(), "ending"));
        let reply = world.as_key(&old.secret).get("/v1/invoices").await.expect(200);
        assert_eq!(reply.header(EXPIRES), before.text("ends_at"));
        let refused = world.as_key(&old.secret).get("/v1/clients").await.refused(403, "missing_scope");
        assert_eq!(refused.header(EXPIRES), before.text("ends_at"), "refusals tell it, too");
        assert!(world.as_key(secret(&new)).get("/v1/invoices").await.expect(200).header(EXPIRES).is_empty());
        world.clock.advance_s(2 * HOUR_S - 1);
        world.as_key(&old.secret).get("/v1/invoices").await.expect(200);
        world.clock.advance_s(1);
        let over = world.as_key(&old.secret).get("/v1/invoices").await.refused(401, "unauthenticated");
        assert!(over.text("detail").contains("replaced"), "{}", over.json);
        world.as_key(secret(&new)).get("/v1/invoices").await.expect(200);
        let states = admin.get(&format!("/v1/keys?connection_id={}", old.connection_id)).await.expect(200);
        let states: Vec<&str> = states.data().iter().map(|key| key["state"].as_str().unwrap()).collect();
        assert_eq!(states, ["expired", "active"]);
        let expired = admin.get(&format!("/v1/keys?state=expired&connection_id={}", old.connection_id)).await.expect(200);
        assert_eq!(expired.data().len(), 1);
        let (old_secret, new_secret) = (old.secret.clone(), secret(&new).to_owned());
        let world = world.restart().await;
        world.as_key(&old_secret).get("/v1/invoices").await.refused(401, "unauthenticated");
        world.as_key(&new_secret).get("/v1/invoices").await.expect(200);
        let history = world.as_admin().get(&format!("/v1/connection_changes?connection_id={}", old.connection_id)).await.expect(200);
        let last = history.data().last().unwrap();
        assert_eq!((last["what"].as_str(), last["reason"].as_str()), (Some("key_rotated"), Some("Spring")));
        let rotated = world.events().await.into_iter().find(|event| event.name == "key.rotated").unwrap();
        assert!(rotated.payload.contains(&new.id()) && !rotated.payload.contains("cos_"), "{}", rotated.payload);
    }

    async fn without_an_overlap_the_old_key_ends_at_once(world: World) {
        let old = world.key(&["invoices:read"]).await;
        let new = rotate(&world.as_admin(), &old.id, &json!({"overlap_hours": 0})).await.expect(201);
        world.as_key(&old.secret).get("/v1/invoices").await.refused(401, "unauthenticated");
        world.as_key(secret(&new)).get("/v1/invoices").await.expect(200);
    }

    async fn a_key_is_replaced_once_and_while_it_works(world: World) {
        let admin = world.as_admin();
        let old = world.key(&["invoices:read"]).await;
        for hours in [-1, 169, i64::MAX] {
            let reply = rotate(&admin, &old.id, &json!({"overlap_hours": hours})).await;
            assert!([400, 422].contains(&reply.status), "{hours} {}", reply.json);
            assert_eq!(reply.json["errors"][0]["pointer"], "/overlap_hours", "{hours}");
        }
        let new = rotate(&admin, &old.id, &json!({})).await.expect(201);
        let again = rotate(&admin, &old.id, &json!({})).await.refused(409, "conflict");
        assert!(again.text("detail").contains(&new.id()), "{}", again.json);
        let third = rotate(&admin, &new.id(), &json!({})).await.expect(201);
        assert_eq!(third.text("rotated_from"), new.id());
        world.clock.advance_s(24 * HOUR_S);
        world.as_key(&old.secret).get("/v1/invoices").await.refused(401, "unauthenticated");
        admin.post(&format!("/v1/keys/{}/revoke", third.id()), &Value::Null).await.expect(200);
        rotate(&admin, &third.id(), &json!({})).await.refused(409, "conflict");
        let end = clinicos_contract::Clock::now(&*world.clock).plus_seconds(60).to_string();
        let short = make(&world, &json!({"expires_at": end})).await.expect(201);
        world.clock.advance_s(60);
        rotate(&admin, &short.id(), &json!({})).await.refused(409, "conflict");
        rotate(&admin, &clinicos_testkit::absent_id("key"), &json!({})).await.refused(404, "not_found");
        rotate(&world.as_key(&world.other.admin_key), &old.id, &json!({})).await.refused(404, "not_found");
    }

    async fn a_new_key_is_held_to_no_less_than_the_old_one(world: World) {
        let admin = world.as_admin();
        let end = clinicos_contract::Clock::now(&*world.clock).plus_seconds(86_400);
        let bounds = json!({"expires_at": end.to_string(), "allowed_addresses": ["192.0.2.0/24"]});
        let old = make(&world, &bounds).await.expect(201);
        for (wider, pointer, status) in [
            (json!({"scopes": ["invoices:read", "clients:read"]}), "/scopes/1", 422),
            (json!({"scopes": ["invoices:write"]}), "/scopes/0", 422),
            (json!({"scopes": []}), "/scopes", 422),
            (json!({"scopes": ["nothing:read"]}), "/scopes/0", 400),
            (json!({"expires_at": end.plus_seconds(1).to_string()}), "/expires_at", 422),
            (json!({"allowed_addresses": []}), "/allowed_addresses", 422),
            (json!({"allowed_addresses": ["192.0.2.0/23"]}), "/allowed_addresses", 422),
            (json!({"allowed_addresses": ["192.0.2.1", "198.51.100.1"]}), "/allowed_addresses", 422),
        ] {
            let reply = rotate(&admin, &old.id(), &wider).await.expect(status);
            assert_eq!(reply.json["errors"][0]["pointer"], pointer, "{wider}");
        }
        let narrower = json!({"scopes": ["payments:read"], "allowed_addresses": ["192.0.2.8/29"], "name": "Books 2"});
        let new = rotate(&admin, &old.id(), &narrower).await.expect(201);
        assert_eq!((&new.json["scopes"], &new.json["allowed_addresses"], new.text("name")), (&json!(["payments:read"]), &json!(["192.0.2.8/29"]), "Books 2"));
        assert_eq!(new.text("expires_at"), old.text("expires_at"));
        from(&world, secret(&new), Some("192.0.2.9")).await.refused(403, "missing_scope");
        from(&world, secret(&old), Some("192.0.2.9")).await.expect(200);
        let kept = rotate(&admin, &new.id(), &json!({})).await.expect(201);
        assert_eq!(kept.json["scopes"], json!(["payments:read"]));
        rotate(&admin, &kept.id(), &json!({"scopes": ["invoices:read"]})).await.expect(422);
    }

    /// Nobody gets by rotation the secret of a key that can do more than they can.
    async fn nobody_takes_over_a_stronger_key(world: World) {
        let weak = world.key(&["keys:write", "invoices:read"]).await;
        let caller = world.as_key(&weak.secret);
        let strong = world.full_key().await;
        rotate(&caller, &strong.id, &json!({})).await.refused(403, "cannot_grant");
        let add = format!("/v1/connections/{}/keys", strong.connection_id);
        caller.post(&add, &json!({"name": "Mine"})).await.refused(403, "cannot_grant");
        caller.post(&add, &json!({"name": "Mine", "scopes": ["invoices:read"]})).await.refused(403, "cannot_grant");
        patch_key(&caller, &weak.id, &json!({"name": "Mine"})).await.refused(403, "cannot_grant");
        // Its own key it may replace: the new one can do no more.
        let own = rotate(&caller, &weak.id, &json!({"overlap_hours": 0})).await.expect(201);
        world.as_key(secret(&own)).get("/v1/keys").await.expect(200);
        caller.get("/v1/keys").await.refused(401, "unauthenticated");
    }

    async fn a_key_can_be_added_to_a_connection(world: World) {
        let first = world.key(&["invoices:read", "payments:read"]).await;
        let path = format!("/v1/connections/{}/keys", first.connection_id);
        let admin = world.as_admin();
        admin.post(&path, &json!({"name": "Second", "scopes": ["clients:read"]})).await.expect(422);
        let second = admin.post(&path, &json!({"name": "Second", "scopes": ["payments:read"]})).await.expect(201);
        world.as_key(secret(&second)).get("/v1/payments").await.expect(200);
        world.as_key(secret(&second)).get("/v1/invoices").await.refused(403, "missing_scope");
        world.change_connection(&first.connection_id, &json!({"scopes": ["invoices:read"]})).await;
        world.as_key(secret(&second)).get("/v1/payments").await.refused(403, "missing_scope");
        world.switch(&first.connection_id, "revoke").await;
        world.as_key(secret(&second)).get("/v1/payments").await.refused(401, "unauthenticated");
        admin.post(&path, &json!({"name": "Third"})).await.refused(409, "conflict");
    }

    /// From where a key may be used, however the address is written, and whatever headers claim.
    async fn k1_a_key_works_from_its_addresses_alone(world: World) {
        let made = make(&world, &json!({"allowed_addresses": ["2001:db8:5::/48", "::ffff:203.0.113.0/120", "198.51.100.7"]})).await.expect(201);
        assert_eq!(made.json["allowed_addresses"], json!(["198.51.100.7/32", "203.0.113.0/24", "2001:db8:5::/48"]));
        let key = secret(&made).to_owned();
        for (address, allowed) in [
            (Some("203.0.113.0"), true),
            (Some("203.0.113.255"), true),
            (Some("::ffff:203.0.113.9"), true),
            (Some("198.51.100.7"), true),
            (Some("2001:db8:5:1::9"), true),
            (Some("203.0.114.1"), false),
            (Some("198.51.100.8"), false),
            (Some("::ffff:198.51.100.8"), false),
            (Some("::198.51.100.7"), false),
            (Some("2001:db8:6::1"), false),
            (Some("127.0.0.1"), false),
            (Some("::1"), false),
            (None, false),
        ] {
            let reply = from(&world, &key, address).await;
            if allowed {
                reply.expect(200);
                continue;
            }
            let refused = reply.refused(403, "address_not_allowed");
            let entry = world.entries(refused.request_id()).await.remove(0);
            assert_eq!((entry.status, entry.problem.as_deref()), (403, Some("address_not_allowed")), "{address:?}");
            assert!(entry.reasons.contains(&(clinicos_gate::decide::Reason::AddressNotAllowed as u8)), "{:?}", entry.reasons);
            assert_eq!(entry.actor.credential.map(clinicos_gate::KeyId::from_bytes).unwrap().to_string(), made.id(), "the clinic sees whose key it was");
        }
        let claims = Call { peer: Some("192.0.2.1".parse().unwrap()), ..Call::get("/v1/invoices") };
        let claims = ["x-forwarded-for", "x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip"].into_iter().fold(claims, |call, name| call.header(name, "203.0.113.1"));
        world.as_key(&key).send(claims).await.refused(403, "address_not_allowed");
        // The control socket has no address, and is the operator's.
        let control = Call::get(format!("/v1/invoices?clinic_id={}", world.clinic.clinic_id)).header("authorization", format!("Bearer {key}"));
        world.as_operator().send(control).await.expect(200);
        let world = world.restart().await;
        from(&world, &key, Some("192.0.2.1")).await.refused(403, "address_not_allowed");
        from(&world, &key, Some("203.0.113.1")).await.expect(200);
    }

    /// A key's list narrows its connection's; both can be changed, with effect on the next call.
    async fn k1_both_lists_must_let_a_call_in(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let admin = world.as_admin();
        let changed = world.change_connection(&key.connection_id, &json!({"allowed_addresses": ["10.0.0.0/8", "2001:DB8::/32"]})).await;
        assert_eq!(changed.json["allowed_addresses"], json!(["10.0.0.0/8", "2001:db8::/32"]));
        from(&world, &key.secret, Some("10.1.2.3")).await.expect(200);
        from(&world, &key.secret, Some("192.0.2.1")).await.refused(403, "address_not_allowed");
        let outside = patch_key(&admin, &key.id, &json!({"allowed_addresses": ["10.1.0.0/16", "192.0.2.1"]})).await.refused(422, "rule_broken");
        assert_eq!(outside.json["errors"][0]["pointer"], "/allowed_addresses/1");
        patch_key(&admin, &key.id, &json!({"allowed_addresses": ["10.1.0.0/16"]})).await.expect(200);
        from(&world, &key.secret, Some("10.1.2.3")).await.expect(200);
        from(&world, &key.secret, Some("10.2.2.3")).await.refused(403, "address_not_allowed");
        from(&world, &key.secret, Some("2001:db8::1")).await.refused(403, "address_not_allowed");
        // Wider than the connection is no wider than the connection.
        patch_key(&admin, &key.id, &json!({"allowed_addresses": ["0.0.0.0/0", "::/0"]})).await.expect(200);
        from(&world, &key.secret, Some("10.2.2.3")).await.expect(200);
        from(&world, &key.secret, Some("192.0.2.1")).await.refused(403, "address_not_allowed");
        world.change_connection(&key.connection_id, &json!({"allowed_addresses": []})).await;
        patch_key(&admin, &key.id, &json!({"allowed_addresses": []})).await.expect(200);
        from(&world, &key.secret, None).await.expect(200);
        let history = admin.get(&format!("/v1/connection_changes?connection_id={}", key.connection_id)).await.expect(200);
        let told = |what: &str| history.data().iter().filter(|change| change["what"] == what && change["changed"] == json!(["allowed_addresses"])).count();
        assert_eq!((told("changed"), told("key_changed")), (2, 3));
    }

    async fn what_is_no_network_is_named_by_its_place(world: World) {
        for (list, place) in [
            (json!(["203.0.113.7", "203.0.113.7/24"]), "/allowed_addresses/1"),
            (json!(["office"]), "/allowed_addresses/0"),
            (json!(["fe80::1%eth0"]), "/allowed_addresses/0"),
            (json!(["::ffff:203.0.113.0/95"]), "/allowed_addresses/0"),
            (json!(["10.0.0.0/33"]), "/allowed_addresses/0"),
            (json!(["10.0.0.0/-1"]), "/allowed_addresses/0"),
            (json!([7]), "/allowed_addresses/0"),
            (json!(vec!["10.0.0.1"; 51]), "/allowed_addresses"),
            (json!("10.0.0.1"), "/allowed_addresses"),
        ] {
            let reply = make(&world, &json!({"allowed_addresses": list})).await.refused(400, "invalid_field");
            assert_eq!(reply.json["errors"][0]["pointer"], place, "{list}");
        }
        let suggested = make(&world, &json!({"allowed_addresses": ["203.0.113.7/24"]})).await;
        assert!(suggested.json.to_string().contains("203.0.113.0/24"), "{}", suggested.json);
    }

    /// Where a maker may call from binds what it makes, and what it lets others do.
    async fn k1_addresses_are_handed_down(world: World) {
        let maker = world.key(&["keys:write", "connections:write", "invoices:read"]).await;
        world.change_connection(&maker.connection_id, &json!({"allowed_addresses": ["10.0.0.0/8"]})).await;
        patch_key(&world.as_admin(), &maker.id, &json!({"allowed_addresses": ["10.1.0.0/16"]})).await.expect(200);
        let home: Option<IpAddr> = Some("10.1.0.1".parse().unwrap());
        let caller = world.as_key(&maker.secret);
        let send = async |call: Call| caller.send(Call { peer: home, ..call }).await;
        let body = json!({"name": "A", "purpose": "operations", "reason": "B", "scopes": ["invoices:read", "connections:write"]});
        let made = send(Call::new("POST", "/v1/keys").header("idempotency-key", "k").json(&body)).await.expect(201);
        from(&world, secret(&made), Some("10.1.9.9")).await.expect(200);
        from(&world, secret(&made), Some("10.2.9.9")).await.refused(403, "address_not_allowed");
        let path = format!("/v1/connections/{}", made.text("connection_id"));
        let etag = send(Call::get(path.as_str())).await.expect(200).etag().to_owned();
        for list in [json!([]), json!(["10.0.0.0/8"])] {
            let change = Call::new("PATCH", path.as_str()).header("if-match", &*etag).json(&json!({"allowed_addresses": list}));
            send(change).await.refused(403, "cannot_grant");
        }
        let narrower = Call::new("PATCH", path.as_str()).header("if-match", &*etag).json(&json!({"allowed_addresses": ["10.1.2.0/24"]}));
        send(narrower).await.expect(200);
    }

    async fn a_key_ends_earlier_but_never_later(world: World) {
        let admin = world.as_admin();
        let now = clinicos_contract::Clock::now(&*world.clock);
        let day = |days: i64| now.plus_seconds(days * 86_400).to_string();
        let key = make(&world, &json!({"expires_at": day(60)})).await.expect(201);
        let caller = world.as_key(secret(&key));
        assert!(caller.get("/v1/invoices").await.expect(200).header(EXPIRES).is_empty());
        for later in [json!(day(61)), Value::Null] {
            let reply = patch_key(&admin, &key.id(), &json!({"expires_at": later})).await.expect(422);
            assert_eq!(reply.json["errors"][0]["pointer"], "/expires_at");
        }
        patch_key(&admin, &key.id(), &json!({"expires_at": day(10)})).await.expect(200);
        assert_eq!(caller.get("/v1/invoices").await.expect(200).header(EXPIRES), day(10), "its last two weeks are told");
        let over = patch_key(&admin, &key.id(), &json!({"expires_at": day(0)})).await.expect(200);
        assert_eq!(over.text("state"), "expired");
        caller.get("/v1/invoices").await.refused(401, "unauthenticated");
        admin.post(&format!("/v1/keys/{}/revoke", key.id()), &Value::Null).await.expect(200);
        patch_key(&admin, &key.id(), &json!({"allowed_addresses": ["10.0.0.1"]})).await.refused(409, "conflict");
        patch_key(&admin, &key.id(), &json!({"name": "Old books"})).await.expect(200);
        patch_key(&admin, &key.id(), &json!({"leak_handled": true})).await.refused(409, "conflict");
    }

    /// While all writes are stopped, an admin's key can hold another key to less, and nothing else.
    async fn an_emergency_lets_a_key_be_held_to_less(world: World) {
        let now = clinicos_contract::Clock::now(&*world.clock);
        let day = |days: i64| now.plus_seconds(days * 86_400).to_string();
        let key = make(&world, &json!({"expires_at": day(60), "allowed_addresses": ["10.0.0.0/8"]})).await.expect(201);
        let anywhere = make(&world, &json!({})).await.expect(201);
        let leaked = make(&world, &json!({})).await.expect(201);
        world.as_admin().post(&format!("/v1/keys/{}/mark_leaked", leaked.id()), &json!({})).await.expect(200);
        let mut boss = admin(&world).await;
        boss.open("/console/emergency").await.expect(200);
        boss.submit("/console/emergency", &[("writes", "stop"), ("reason", "Strange invoices")]).await.expect(303);
        for (id, gives) in [
            (key.id(), json!({"name": "Another"})),
            (key.id(), json!({"name": "Another", "expires_at": day(10)})),
            (key.id(), json!({"allowed_addresses": []})),
            (key.id(), json!({"allowed_addresses": ["10.0.0.0/8", "192.0.2.1"]})),
            (leaked.id(), json!({"leak_handled": true})),
        ] {
            patch_key(&world.as_admin(), &id, &gives).await.refused(403, "writes_off");
        }
        for (id, takes) in [
            (key.id(), json!({"allowed_addresses": ["10.1.0.0/16"]})),
            (anywhere.id(), json!({"allowed_addresses": ["10.1.0.0/16"]})),
            (anywhere.id(), json!({"expires_at": day(10)})),
            (key.id(), json!({"expires_at": day(10)})),
            (key.id(), json!({"expires_at": day(0)})),
        ] {
            patch_key(&world.as_admin(), &id, &takes).await.expect(200);
        }
        from(&world, secret(&key), Some("10.1.0.1")).await.refused(401, "unauthenticated");
        from(&world, secret(&anywhere), Some("10.2.0.1")).await.refused(403, "address_not_allowed");
        from(&world, secret(&anywhere), Some("10.1.0.1")).await.expect(200);
    }

    /// Keys that are over pile up: who needs those that work asks for them alone, page by page.
    async fn the_usage_of_keys_is_told_by_their_state(world: World) {
        let keys = [world.key(&["invoices:read"]).await, world.key(&["invoices:read"]).await, world.key(&["invoices:read"]).await];
        for key in &keys {
            from(&world, &key.secret, None).await.expect(200);
        }
        world.as_admin().post(&format!("/v1/keys/{}/revoke", keys[1].id), &Value::Null).await.expect(200);
        let list = async |path: &str| {
            let (mut cursor, mut found) = (String::new(), Vec::new());
            loop {
                let page = world.as_admin().get(&format!("{path}&limit=1{cursor}")).await.expect(200);
                found.extend(page.data().iter().cloned());
                match page.json["next_cursor"].as_str() {
                    Some(next) => cursor = format!("&cursor={next}"),
                    None => return found,
                }
            }
        };
        let ids = |found: &[Value]| found.iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
        let active = list("/v1/key_usage?state=active").await;
        assert_eq!(ids(&active), ids(&list("/v1/keys?state=active").await));
        let of = |key: &MadeKey| active.iter().find(|one| one["id"] == *key.id);
        assert!(of(&keys[0]).is_some_and(|one| one["last_used_at"].is_string() && one["state"] == "active"), "{active:?}");
        assert!(of(&keys[1]).is_none() && of(&keys[2]).is_some());
        let revoked = list(&format!("/v1/key_usage?state=revoked&connection_id={}", keys[1].connection_id)).await;
        assert_eq!(ids(&revoked), [json!(keys[1].id)]);
        assert!(revoked[0]["last_used_at"].is_string(), "{revoked:?}");
        let leaked = "/v1/keys?leaked_at[gt]=1970-01-01T00:00:00Z";
        assert!(list(leaked).await.is_empty());
        world.as_admin().post(&format!("/v1/keys/{}/mark_leaked", keys[2].id), &json!({"note": "A page"})).await.expect(200);
        assert_eq!(ids(&list(leaked).await), [json!(keys[2].id)]);
    }

    /// When a key was used is read from the journal; where from is for those who may change keys.
    async fn the_last_use_of_each_key_is_told(world: World) {
        let one = world.key(&["invoices:read"]).await;
        let two = world.key(&["invoices:read"]).await;
        let reader = world.key(&["usage:read"]).await;
        let first = clinicos_contract::Clock::now(&*world.clock);
        from(&world, &one.secret, Some("192.0.2.1")).await.expect(200);
        world.clock.advance_s(60);
        from(&world, &one.secret, Some("192.0.2.2")).await.expect(200);
        world.as_key(&one.secret).get("/v1/clients").await.expect(403);
        let usage = async |caller: &As, key: &MadeKey| {
            let page = caller.get("/v1/key_usage?limit=200").await.expect(200);
            page.data().iter().find(|usage| usage["id"] == *key.id).unwrap().clone()
        };
        let used = usage(&world.as_admin(), &one).await;
        assert_eq!(used["last_used_at"], json!(first.plus_seconds(60).to_string()));
        assert_eq!((&used["last_address"], &used["addresses_24h"]), (&json!("192.0.2.2"), &json!(2)));
        assert_eq!(usage(&world.as_admin(), &two).await["last_used_at"], Value::Null);
        let seen = usage(&world.as_key(&reader.secret), &one).await;
        assert_eq!((&seen["last_used_at"], &seen["last_address"], &seen["addresses_24h"]), (&used["last_used_at"], &Value::Null, &Value::Null));
        let theirs = world.as_key(&world.other.admin_key).get("/v1/key_usage").await.expect(200);
        assert!(theirs.data().iter().all(|usage| usage["id"] != *one.id));
        let world = world.restart().await;
        let kept = usage(&world.as_admin(), &one).await;
        assert_eq!((&kept["last_used_at"], &kept["last_address"]), (&used["last_used_at"], &Value::Null), "what the journal holds outlives a restart");
    }
}

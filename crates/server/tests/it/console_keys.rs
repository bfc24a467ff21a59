//! Keys in the console, as a browser without scripts uses it.

use std::net::IpAddr;

use clinicos_testkit::{Call, on_both_engines};
use serde_json::json;

use crate::console_browser::{Browser, admin, hidden, invite};

const DAY_S: i64 = 86_400;

/// The key that the page shows.
fn shown(page: &str) -> String {
    let (_, rest) = page.split_once("cos_sandbox_").unwrap();
    "cos_sandbox_".chars().chain(rest.chars().take_while(char::is_ascii_alphanumeric)).collect()
}

fn nonce(browser: &Browser<'_>) -> String {
    hidden(&browser.page, "nonce").unwrap()
}

on_both_engines! {
    async fn a_key_is_rotated_by_a_form(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let (one, of) = (format!("/console/connections/{}", key.connection_id), format!("/console/keys/{}", key.id));
        browser.open(&one).await.expect(200);
        assert!(browser.page.contains(&format!("{of}/rotate")), "{}", browser.page);
        browser.open(&format!("{of}/rotate")).await.expect(200);
        let (nonce, wrong) = (nonce(&browser), [("overlap", "24"), ("addresses", "office")]);
        let refused = browser.submit(&format!("{of}/rotate"), &[&[("nonce", &*nonce)], &wrong[..]].concat()).await;
        assert_eq!(refused.status, 400, "{}", browser.page);
        assert!(browser.page.contains("must be an address"), "{}", browser.page);
        let good = [("nonce", "0123456789abcdef0123456789abcdef"), ("overlap", "24"), ("addresses", ""), ("reason", "Spring")];
        browser.submit(&format!("{of}/rotate"), &good).await.expect(200);
        let new = shown(&browser.page);
        assert!(browser.page.contains("The old key works on until") && browser.page.contains("curl -H"), "{}", browser.page);
        for works in [&key.secret, &new] {
            world.as_key(works).get("/v1/invoices").await.expect(200);
        }
        browser.open(&format!("{of}/rotate")).await.expect(200);
        let again = browser.submit(&format!("{of}/rotate"), &good).await.expect(200);
        assert!(String::from_utf8_lossy(&again.bytes).contains(&new), "a lost answer is sent again");
        world.clock.advance_s(121);
        browser.submit(&format!("{of}/rotate"), &good).await.expect(200);
        assert!(!browser.page.contains(&new), "{}", browser.page);
        assert!(browser.page.contains("It is not shown a second time"), "{}", browser.page);
        browser.open("/console/log?connection=people").await.expect(200);
        assert!(browser.page.contains("replaced a key (sent again, done once)"), "{}", browser.page);
        browser.open(&one).await.expect(200);
        assert!(browser.page.contains("Ending") && browser.page.contains("replaced a key by a new one"), "{}", browser.page);
        assert!(!browser.page.contains(&new));
        world.clock.advance_s(DAY_S);
        assert_eq!(world.as_key(&key.secret).get("/v1/invoices").await.status, 401);
        world.as_key(&new).get("/v1/invoices").await.expect(200);
    }

    /// A key for several clinics is made by one form, and let in by the same one elsewhere.
    async fn a_key_for_an_organization_is_made_and_let_in_by_a_form(world: World) {
        let mut browser = admin(&world).await;
        let form = async |browser: &mut Browser<'_>, more: &[(&str, &str)]| {
            browser.open("/console/keys/new").await.expect(200);
            let nonce = nonce(browser);
            let fields = [("nonce", &*nonce), ("name", "Group"), ("run_by", "Reports Ltd"), ("reason", "Reports"), ("purpose", "payment"), ("scope", "invoices:read"), ("expires", "90"), ("addresses", ""), ("origins", "")];
            browser.submit("/console/keys", &[&fields[..], more].concat()).await
        };
        form(&mut browser, &[("organization", "on"), ("existing", "")]).await.expect(200);
        let own = shown(&browser.page);
        assert!(browser.page.contains(&format!("/v1/invoices?clinic_id={}", world.clinic.clinic_id)), "the command says the clinic: {}", browser.page);
        world.as_key(&own).get("/v1/invoices").await.refused(400, "invalid_parameter");
        let sister = world.new_clinic_of(&world.clinic.organization_id, "Harbor East").await;
        let body = json!({"name": "Group", "purpose": "payment", "reason": "Reports", "scopes": ["invoices:read"], "for_organization": true});
        let theirs = world.as_key(&sister.admin_key).post("/v1/keys", &body).await.expect(201);
        for (id, status, told) in [("key_1", 400, "Or the id of a key that another clinic has"), ("key_00000000000000000000000000", 422, "no such key")] {
            let refused = form(&mut browser, &[("existing", id)]).await;
            assert_eq!(refused.status, status, "{}", browser.page);
            assert!(browser.page.contains(told) && browser.page.contains(&format!("value=\"{id}\"")), "{}", browser.page);
        }
        let done = form(&mut browser, &[("existing", &*theirs.id())]).await.expect(303);
        let page = crate::console_browser::location(&done).to_owned();
        browser.open(&page).await.expect(200);
        assert!(browser.page.contains(theirs.text("hint")) && browser.page.contains("Works at 1 other clinic of the organization, too"), "{}", browser.page);
        assert!(!browser.page.contains("/rotate\"") && !browser.page.contains(&sister.clinic_id), "{}", browser.page);
        browser.open(&format!("/console/keys/{}", theirs.id())).await.expect(200);
        assert!(browser.page.contains("Works at 1 other clinic of the organization, too. Each lets it in"), "{}", browser.page);
        world.as_key(theirs.text("secret")).get(&format!("/v1/invoices?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
    }

    async fn addresses_are_limited_by_forms(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let (one, of) = (format!("/console/connections/{}", key.connection_id), format!("/console/keys/{}", key.id));
        let from = async |address: &str| {
            let peer: Option<IpAddr> = Some(address.parse().unwrap());
            world.as_key(&key.secret).send(Call { peer, ..Call::get("/v1/invoices") }).await.status
        };
        browser.open(&one).await.expect(200);
        browser.submit(&format!("{one}/addresses"), &[("addresses", "10.0.0.0/8\r\n")]).await.expect(303);
        assert_eq!((from("10.1.0.1").await, from("192.0.2.1").await), (200, 403));
        browser.open(&of).await.expect(200);
        browser.submit(&format!("{of}/change"), &[("name", "Books"), ("addresses", "10.1.0.0/16\r\n"), ("ends_on", "")]).await.expect(303);
        assert_eq!((from("10.1.0.1").await, from("10.2.0.1").await), (200, 403));
        browser.open(&of).await.expect(200);
        assert!(browser.page.contains("10.1.0.0/16") && browser.page.contains("10.0.0.0/8") && browser.page.contains("from 10.2.0.1, 3 addresses in 24 hours"), "{}", browser.page);
        browser.submit(&format!("{of}/change"), &[("name", "Books"), ("addresses", "192.0.2.1"), ("ends_on", "")]).await.expect(422);
        assert!(browser.page.contains("outside of what the connection"), "{}", browser.page);
        browser.submit(&format!("{of}/revoke"), &[]).await.expect(303);
        assert_eq!(from("10.1.0.1").await, 401);
        // A further key brings the connection back.
        browser.open(&format!("{one}/keys")).await.expect(200);
        let fields = [("nonce", &*nonce(&browser)), ("name", "Books 2"), ("expires", "90"), ("addresses", ""), ("reason", "")];
        browser.submit(&format!("{one}/keys"), &fields).await.expect(200);
        let second = shown(&browser.page);
        let call = Call { peer: Some("10.2.0.1".parse().unwrap()), ..Call::get("/v1/invoices") };
        world.as_key(&second).send(call).await.expect(200);
    }

    /// A key's page and the list say from where it may really be used.
    async fn a_key_may_be_used_from_what_both_lists_hold(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let (one, of) = (format!("/console/connections/{}", key.connection_id), format!("/console/keys/{}", key.id));
        for (outer, own, told) in [
            ("", "", "Anywhere"),
            ("10.0.0.0/8", "", ">10.0.0.0/8<"),
            ("10.0.0.0/8", "10.1.2.3", ">10.1.2.3<"),
            ("192.0.2.7", "", "Nowhere: "),
        ] {
            browser.open(&one).await.expect(200);
            browser.submit(&format!("{one}/addresses"), &[("addresses", outer)]).await.expect(303);
            browser.open(&of).await.expect(200);
            // A list that lies outside of the connection's is not taken, so the last one came before.
            if !told.starts_with("Nowhere") {
                browser.submit(&format!("{of}/change"), &[("name", "Books"), ("addresses", own)]).await.expect(303);
            }
            for page in [&one, &of] {
                browser.open(page).await.expect(200);
                assert!(browser.page.contains(told), "{page} {outer} {own}: {}", browser.page);
                assert_eq!(browser.page.contains("Anywhere"), told == "Anywhere", "{page} {outer} {own}");
            }
        }
    }

    /// A key ends in two clicks, and why stands in the history, as for a connection.
    async fn a_key_is_revoked_in_two_clicks_with_a_reason(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let (one, of) = (format!("/console/connections/{}", key.connection_id), format!("/console/keys/{}", key.id));
        browser.open(&of).await.expect(200);
        assert!(browser.page.contains(&format!("href=\"{of}/revoke\"")), "{}", browser.page);
        assert!(!browser.page.contains(&format!("action=\"{of}/revoke\"")), "one click ends it: {}", browser.page);
        browser.submit(&format!("{of}/change"), &[("name", "Books"), ("addresses", ""), ("reason", "It was called Key")]).await.expect(303);
        browser.open(&format!("{of}/revoke")).await.expect(200);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        browser.submit(&format!("{of}/revoke"), &[("reason", "The old server is gone")]).await.expect(303);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(401);
        browser.open(&one).await.expect(200);
        for why in ["“The old server is gone”", "“It was called Key”"] {
            assert!(browser.page.contains(why), "{why}: {}", browser.page);
        }
        browser.open(&format!("{of}/revoke")).await.expect(200);
        browser.submit(&format!("{of}/revoke"), &[("reason", "")]).await.expect(303);
        browser.open(&of).await.expect(200);
        assert!(browser.page.contains("the key is revoked already") || browser.page.contains("The key is revoked already"), "{}", browser.page);
    }

    async fn a_leak_needs_an_admin_until_it_is_seen_to(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        browser.open("/console").await.expect(200);
        assert!(!browser.page.contains("had a key that leaked"));
        let report = json!({"key": key.secret, "source_url": "https://paste.example/<b>1</b>", "note": "Hello"});
        world.send(Call::new("POST", "/v1/leaked_keys").json(&report)).await.expect(202);
        let of = format!("/console/keys/{}", key.id);
        for target in ["/console", "/console/connections?filter=needs_you"] {
            browser.open(target).await.expect(200);
            let told = browser.page.contains("had a key that leaked") || browser.page.contains("Had a key that leaked");
            assert!(told && browser.page.contains(&key.connection_id), "{target}: {}", browser.page);
        }
        browser.open(&format!("/console/connections/{}", key.connection_id)).await.expect(200);
        assert!(browser.page.contains("a leak was reported") && browser.page.contains("Somebody outside"), "{}", browser.page);
        browser.open(&of).await.expect(200);
        assert!(browser.page.contains("https://paste.example/&#60;b&#62;1") && browser.page.contains("Hello"), "{}", browser.page);
        assert!(!browser.page.contains("href=\"https://paste"), "a stranger's words are no link");
        browser.submit(&format!("{of}/handled"), &[]).await.expect(303);
        browser.open("/console").await.expect(200);
        assert!(!browser.page.contains("had a key that leaked"), "{}", browser.page);
        let other = world.key(&["invoices:read"]).await;
        let of = format!("/console/keys/{}", other.id);
        browser.open(&of).await.expect(200);
        browser.submit(&format!("{of}/leaked"), &[("note", "A screenshot")]).await.expect(303);
        assert_eq!(world.as_key(&other.secret).get("/v1/invoices").await.status, 401);
        browser.open("/console").await.expect(200);
        assert!(browser.page.contains("had a key that leaked"), "{}", browser.page);
    }

    async fn keys_that_end_or_lie_idle_need_an_admin(world: World) {
        let now = clinicos_contract::Clock::now(&*world.clock);
        let body = json!({"name": "Short", "purpose": "payment", "reason": "A test", "scopes": ["invoices:read"], "expires_at": now.plus_seconds(20 * DAY_S).to_string()});
        world.as_admin().post("/v1/keys", &body).await.expect(201);
        let idle = world.key(&["invoices:read"]).await;
        let path = format!("/v1/connections/{}/keys", idle.connection_id);
        let used = world.as_admin().post(&path, &json!({"name": "Busy"})).await.expect(201).text("secret").to_owned();
        let mut browser = admin(&world).await;
        browser.open("/console").await.expect(200);
        assert!(!browser.page.contains("ends soon") && !browser.page.contains("a key that is not used"), "{}", browser.page);
        world.clock.advance_s(7 * DAY_S);
        browser.sign_in_again().await;
        browser.open("/console").await.expect(200);
        assert!(browser.page.contains("Short ends soon"), "{}", browser.page);
        world.clock.advance_s(60 * DAY_S);
        world.as_key(&used).get("/v1/invoices").await.expect(200);
        browser.sign_in_again().await;
        browser.open("/console").await.expect(200);
        assert!(browser.page.contains("a key that is not used") && !browser.page.contains("ends soon"), "{}", browser.page);
    }

    /// Sent twice, a form makes one key and shows it twice, however much time is between.
    async fn a_form_sent_twice_makes_one_key(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let of = format!("/console/connections/{}/keys", key.connection_id);
        let new = [("name", "Books"), ("expires", "90"), ("run_by", "Acme"), ("reason", "Why"), ("purpose", "payment"), ("scope", "invoices:read")];
        for (form, target, fields) in [("/console/keys/new", "/console/keys", &new[..]), (&*of, &*of, &new[..2])] {
            browser.open(form).await.expect(200);
            let (form, once) = (browser.page.clone(), nonce(&browser));
            let fields = [&[("nonce", &*once)], fields].concat();
            browser.submit(target, &fields).await.expect(200);
            let first = shown(&browser.page);
            world.clock.advance_s(3);
            browser.page.clone_from(&form);
            browser.submit(target, &fields).await.expect(200);
            assert_eq!(shown(&browser.page), first, "{target}");
            browser.page = form;
            let others: Vec<_> = fields.iter().map(|(name, value)| (*name, if *name == "name" { "Other" } else { *value })).collect();
            browser.submit(target, &others).await.expect(422);
            assert!(browser.page.contains("may have made a key already"), "{}", browser.page);
            assert_eq!(nonce(&browser), once, "another nonce would make another key");
        }
        let keys = world.as_admin().get("/v1/keys?limit=200").await.expect(200);
        let made = |name: &str| keys.data().iter().filter(|key| key["name"] == name).count();
        assert_eq!((made("Books"), made("Other")), (2, 0));
    }

    /// A key's page is a click away from where it was made, and from a call that it was refused for.
    async fn a_keys_own_page_is_reached_from_what_speaks_of_it(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let of = format!("/console/connections/{}/keys", key.connection_id);
        let new = [("name", "Books"), ("expires", "30"), ("run_by", "Acme"), ("reason", "Why"), ("purpose", "payment"), ("scope", "invoices:read")];
        for (form, target) in [("/console/keys/new", "/console/keys"), (&*of, &*of)] {
            browser.open(form).await.expect(200);
            let nonce = nonce(&browser);
            browser.submit(target, &[&[("nonce", &*nonce)], &new[..]].concat()).await.expect(200);
            let (secret, page) = (shown(&browser.page), browser.page.clone());
            let linked = |kind: &str| page.split(&format!("href=\"{kind}")).nth(1).and_then(|rest| rest.split('"').next()).map(|id| format!("{kind}{id}"));
            let own = linked("/console/keys/key_").unwrap_or_else(|| panic!("no link to the key: {page}"));
            browser.open(&linked("/console/connections/con_").unwrap()).await.expect(200);
            assert!(browser.page.contains(&own), "{}", browser.page);
            browser.open(&own).await.expect(200);
            browser.submit(&format!("{own}/revoke"), &[]).await.expect(303);
            let refused = world.as_key(&secret).get("/v1/invoices").await.expect(401);
            browser.open(&format!("/console/log/{}", refused.request_id())).await.expect(200);
            assert!(browser.page.contains(&format!("href=\"{own}\"")), "{}", browser.page);
        }
        browser.open(&of).await.expect(200);
        let nonce = nonce(&browser);
        browser.submit(&of, &[&[("nonce", &*nonce)], &new[..]].concat()).await.expect(200);
        let secret = shown(&browser.page);
        world.clock.advance_s(31 * DAY_S);
        let refused = world.as_key(&secret).get("/v1/invoices").await.expect(401);
        browser.sign_in_again().await;
        browser.open(&format!("/console/log/{}", refused.request_id())).await.expect(200);
        assert!(browser.page.contains("The key has expired.") && browser.page.contains("href=\"/console/keys/key_"), "{}", browser.page);
    }

    /// Looking is not changing, for keys as for all else; and addresses are for admins.
    async fn who_is_no_admin_changes_no_key(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let call = Call { peer: Some("192.0.2.77".parse().unwrap()), ..Call::get("/v1/invoices") };
        world.as_key(&key.secret).send(call).await.expect(200);
        let token = invite(&world, "csr@clinic.example", "CSR").await;
        let mut browser = Browser::new(&world);
        browser.accept(&token).await;
        let of = format!("/console/keys/{}", key.id);
        browser.open(&of).await.expect(200);
        assert!(!browser.page.contains("192.0.2.77"), "{}", browser.page);
        for control in ["revoke", "leaked", "change", "handled"] {
            browser.open(&of).await.expect(200);
            let reply = browser.submit(&format!("{of}/{control}"), &[("name", "Mine")]).await;
            // Where something is typed, the answer is the page itself.
            assert_eq!(reply.status, if control == "change" { 403 } else { 303 }, "{control}");
            if reply.status == 303 {
                browser.open(&of).await.expect(200);
            }
            assert!(browser.page.contains("may look, not change"), "{control}: {}", browser.page);
        }
        browser.open(&format!("{of}/rotate")).await.expect(200);
        let fields = [("nonce", "0123456789abcdef0123456789abcdef"), ("overlap", "0")];
        assert_eq!(browser.submit(&format!("{of}/rotate"), &fields).await.status, 403);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
    }

    /// No mistake in a form makes a key that never ends, and none kills one at once.
    async fn a_wrong_end_makes_no_key(world: World) {
        let mut browser = admin(&world).await;
        let before = world.as_admin().get("/v1/keys").await.expect(200).data().len();
        let fields = [("name", "Books"), ("run_by", "Acme"), ("reason", "Why"), ("purpose", "payment"), ("scope", "invoices:read")];
        for wrong in ["banana", "365x", "-5", "", "99999999999", "90.0"] {
            browser.open("/console/keys/new").await.expect(200);
            let nonce = nonce(&browser);
            let typed = [&fields[..], &[("nonce", &nonce), ("expires", wrong)]].concat();
            let refused = browser.submit("/console/keys", &typed).await;
            assert!([400, 422].contains(&refused.status), "{wrong}: {}", refused.status);
            assert!(!browser.page.contains("cos_sandbox_"), "{wrong}");
        }
        browser.open("/console/keys/new").await.expect(200);
        let nonce = nonce(&browser);
        browser.submit("/console/keys", &[&fields[..], &[("nonce", &nonce)]].concat()).await;
        assert_eq!(world.as_admin().get("/v1/keys").await.expect(200).data().len(), before, "a key was made");
        let key = world.key(&["invoices:read"]).await;
        let own = format!("/console/keys/{}", key.id);
        browser.open(&own).await.expect(200);
        let past = [("name", "Key"), ("addresses", ""), ("ends_on", "2020-01-01")];
        browser.submit(&format!("{own}/change"), &past).await.expect(400);
        assert!(browser.page.contains("to end the key now, revoke it"), "{}", browser.page);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
    }
}

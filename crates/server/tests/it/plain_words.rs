//! What the console says of connections to people who are not technical: no alarm by what they set
//! themselves, nobody quoted who said nothing, the same sentences on every page.

use clinicos_contract::Clock as _;
use clinicos_testkit::on_both_engines;
use serde_json::json;

use crate::console_browser::admin;

/// Refusals in a day from which on a connection is told of.
const MANY: usize = 25;

on_both_engines! {
    async fn what_the_clinic_set_raises_no_alarm(world: World) {
        let limited = world.key(&["invoices:read"]).await;
        world.change_connection(&limited.connection_id, &json!({"limits": {"read": 0}})).await;
        let forbidden = world.key(&["invoices:read"]).await;
        world.change_connection(&forbidden.connection_id, &json!({"excluded_operations": ["invoices.list"]})).await;
        let curious = world.key(&["payments:read"]).await;
        let mixed = world.key(&["payments:read"]).await;
        world.change_connection(&mixed.connection_id, &json!({"excluded_operations": ["payments.list"]})).await;
        let clumsy = world.key(&["payments:read"]).await;
        world.change_connection(&clumsy.connection_id, &json!({"excluded_operations": ["payments.list"]})).await;
        // Who tries what it may not, and then does what it knows to be forbidden, hides nothing by that.
        for (key, path, status, times) in [
            (&limited, "/v1/invoices", 429, MANY),
            (&forbidden, "/v1/invoices", 403, MANY),
            (&curious, "/v1/invoices", 403, MANY),
            (&mixed, "/v1/invoices", 403, MANY),
            (&mixed, "/v1/payments", 403, 110),
            (&clumsy, "/v1/payments", 403, MANY),
            (&clumsy, "/v1/invoices", 403, 3),
        ] {
            for _ in 0..times {
                world.as_key(&key.secret).get(path).await.expect(status);
            }
        }
        let mut browser = admin(&world).await;
        browser.open("/console").await.expect(200);
        let needs = browser.page.split("<li class=\"need\">").skip(1).map(|need| need.split("</li>").next().unwrap());
        let needs: Vec<&str> = needs.collect();
        for (key, said) in [
            (&limited, "of its 25 calls were refused by the limit that your clinic set."),
            (&forbidden, "of its 25 calls were refused by your clinic, which forbade such calls."),
            (&curious, "25 of its 25 calls were refused in 24 hours."),
            (&mixed, "135 of its 135 calls were refused in 24 hours, 110 of them by your clinic, which forbade such calls."),
            (&clumsy, "In 24 hours 25 of its 28 calls were refused by your clinic, which forbade such calls."),
        ] {
            let is_alarm = [&curious.connection_id, &mixed.connection_id].contains(&&key.connection_id);
            let need = needs.iter().find(|need| need.contains(&key.connection_id)).unwrap_or_else(|| panic!("{needs:?}"));
            assert!(need.contains(said), "{said}: {need}");
            assert_eq!(need.contains("is refused a lot"), is_alarm, "{need}");
            assert_eq!(need.contains("is held back by your settings"), !is_alarm, "{need}");
        }
    }

    /// That its key ends soon matters more than what the clinic itself set.
    async fn what_a_key_needs_is_said_where_no_alarm_is(world: World) {
        let end = world.clock.now().plus_seconds(3 * 86_400).to_string();
        let body = json!({"name": "Short", "run_by": "A", "reason": "A test", "purpose": "operations", "scopes": ["invoices:read"], "expires_at": end});
        let key = world.as_admin().post("/v1/keys", &body).await.expect(201);
        let (id, secret) = (key.text("connection_id").to_owned(), key.text("secret").to_owned());
        world.change_connection(&id, &json!({"excluded_operations": ["invoices.list"]})).await;
        for _ in 0..MANY {
            world.as_key(&secret).get("/v1/invoices").await.expect(403);
        }
        let mut browser = admin(&world).await;
        browser.open("/console").await.expect(200);
        let need = browser.page.split("<li class=\"need\">").find(|need| need.contains(&id)).unwrap();
        assert!(need.contains("ends soon") && need.contains("Its key “Short” ends"), "{need}");
    }

    async fn a_pause_says_when_it_ends(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let page = format!("/console/connections/{}", key.connection_id);
        for (duration, told) in [("1h", true), ("until_resumed", false)] {
            browser.open(&page).await.expect(200);
            browser.submit(&format!("{page}/pause"), &[("duration", duration)]).await.expect(303);
            let refused = world.as_key(&key.secret).get("/v1/invoices").await.refused(403, "connection_paused");
            assert_eq!(refused.text("detail").contains("paused this connection until 20"), told, "{}", refused.json);
            browser.open("/console").await.expect(200);
            assert_eq!(browser.page.contains("The pause ends by itself: to"), told, "{}", browser.page);
            browser.open(&page).await.expect(200);
            let note = browser.page.split("note n-warn").nth(1).unwrap().split("</div>").next().unwrap();
            assert_eq!(note.contains("paused it (until to"), told, "{note}");
            browser.submit(&format!("{page}/resume"), &[("reason", "They called")]).await.expect(303);
            browser.open(&page).await.expect(200);
            assert!(browser.page.contains("“They called”"), "{}", browser.page);
            world.clock.advance_s(60);
        }
    }

    async fn nobody_is_quoted_who_said_nothing(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let page = format!("/console/connections/{}", key.connection_id);
        let quote = |browser: &crate::console_browser::Browser<'_>| browser.page.matches('“').count();
        browser.open(&page).await.expect(200);
        let before = quote(&browser);
        browser.submit(&format!("{page}/pause"), &[("duration", "until_resumed")]).await.expect(303);
        browser.open(&page).await.expect(200);
        assert_eq!(quote(&browser), before, "{}", browser.page);
        browser.submit(&format!("{page}/resume"), &[]).await.expect(303);
        browser.open(&page).await.expect(200);
        assert_eq!(quote(&browser), before, "{}", browser.page);
        assert!(browser.page.contains("resumed it"), "{}", browser.page);
        for writes in ["stop", "allow"] {
            browser.open("/console/emergency").await.expect(200);
            browser.submit("/console/emergency", &[("writes", writes)]).await.expect(303);
            browser.open("/console/emergency").await.expect(200);
            assert_eq!(quote(&browser), 0, "{writes}: {}", browser.page);
        }
    }

    async fn a_form_that_came_late_is_told_in_the_words_of_the_page(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let page = format!("/console/connections/{}", key.connection_id);
        for (control, fields, said) in [
            ("limits", vec![("read", ""), ("write", "7")], vec!["<dd>the usual limit, ", "<dd>12</dd>", "<dd>7</dd>"]),
            ("scopes", vec![("scope", "payments:read")], vec!["<dd>See invoices and what is owed</dd>", "<dd>See payments and which invoices they pay</dd>"]),
            ("operations", vec![("excluded", "invoices.get")], vec!["<dd>Get an invoice</dd>", "<dd>none</dd>"]),
            ("addresses", vec![("addresses", "")], vec!["<dd>from anywhere</dd>"]),
            ("pause", vec![("duration", "1h")], vec![]),
        ] {
            browser.open(&page).await.expect(200);
            let limit = if control == "limits" { 12 } else { 10 + control.len() };
            world.change_connection(&key.connection_id, &json!({"limits": {"read": limit}})).await;
            let reply = browser.submit(&format!("{page}/{control}"), &fields).await;
            assert_eq!(reply.status, if said.is_empty() { 303 } else { 412 }, "{control}");
            for words in said {
                assert!(browser.page.contains(words), "{control}: `{words}` is not in {}", browser.page);
            }
            for raw in ["<dd>invoices:read", "<dd>payments:read", "<dd>invoices.get", "<dd>nothing"] {
                assert!(!browser.page.contains(raw), "{control}: {}", browser.page);
            }
        }
    }

    async fn addresses_and_origins_may_stand_between_commas(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let page = format!("/console/connections/{}", key.connection_id);
        let read = format!("/v1/connections/{}", key.connection_id);
        let fields = [("addresses", "10.0.0.0/8, 192.0.2.7;\r\n2001:db8::/32,"), ("origins", "https://tool.example/, https://other.example")];
        for field in fields {
            browser.open(&page).await.expect(200);
            browser.submit(&format!("{page}/{}", field.0), &[field]).await.expect(303);
        }
        let stored = world.as_admin().get(&read).await.expect(200);
        assert_eq!(stored.json["allowed_addresses"], json!(["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]));
        assert_eq!(stored.json["browser_origins"], json!(["https://tool.example", "https://other.example"]));
        let own = format!("/console/keys/{}", key.id);
        browser.open(&own).await.expect(200);
        browser.submit(&format!("{own}/change"), &[("name", "Books"), ("addresses", "10.1.0.0/16,10.2.0.0/16")]).await.expect(303);
        browser.open(&page).await.expect(200);
        browser.submit(&format!("{page}/origins"), &[("origins", "https://good.example, tool.example/page")]).await.expect(400);
        assert!(browser.page.contains("“tool.example/page” must be an origin") && !browser.page.contains('`'), "{}", browser.page);
        browser.open(&page).await.expect(200);
        browser.submit(&format!("{page}/addresses"), &[("addresses", "10.0.0.0/8, office")]).await.expect(400);
        assert!(browser.page.contains("“office” must be an address") && !browser.page.contains("“10.0.0.0/8"), "{}", browser.page);
        let opt_ins = json!({"opt_ins": [{"category": "owner_financial", "expires_at": "2027-01-01T12:00:00Z"}]});
        world.change_connection(&key.connection_id, &opt_ins).await;
        browser.open(&page).await.expect(200);
        assert!(browser.page.contains(", until 1 Jan 2027, ") && !browser.page.contains("until 2027-01-01T"), "{}", browser.page);
    }
}

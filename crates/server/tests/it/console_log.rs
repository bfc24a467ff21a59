//! What the console says of calls: who made them, and why they were refused.

use clinicos_testkit::{Reply, World, on_both_engines};
use serde_json::json;

use crate::console_browser::{Browser, admin, invite};

/// What stands on a page between two marks.
pub fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let (_, rest) = page.split_once(from).unwrap_or_else(|| panic!("no `{from}`: {page}"));
    rest.split_once(to).map_or(rest, |(part, _)| part)
}

/// The page of the entry of a key's last call.
async fn entry_of(browser: &mut Browser<'_>, call: Reply) {
    let target = format!("/console/log/{}", call.request_id());
    browser.open(&target).await.expect(200);
}

/// What the page says that decided, and what it says was in order.
fn why(page: &str) -> (&str, &str) {
    let section = between(page, "id=\"why\"", "</section>");
    section.split_once("What was in order").unwrap_or((section, ""))
}

/// A colleague who accepted an invitation.
pub async fn colleague<'w>(world: &'w World, email: &str, role: &str, name: &str) -> Browser<'w> {
    let token = invite(world, email, role).await;
    let mut browser = Browser::new(world);
    browser.open(&format!("/console/welcome?token={token}")).await.expect(200);
    let fields = [("token", &*token), ("name", name), ("password", crate::console_browser::PASSWORD)];
    browser.submit("/console/welcome", &fields).await.expect(303);
    browser
}

on_both_engines! {
    async fn the_log_names_the_person_who_acted(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let revoke = format!("/console/connections/{}/revoke", key.connection_id);
        let mut vera = colleague(&world, "vera@clinic.example", "VA", "Vera Vale").await;
        vera.open("/console/account").await.expect(200);
        vera.submit(&revoke, &[("reason", "No")]).await.expect(403);
        let mut cody = colleague(&world, "cody@clinic.example", "CSR", "Cody Carr").await;
        cody.open("/console/account").await.expect(200);
        cody.submit(&revoke, &[("reason", "No")]).await.expect(403);
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        browser.submit(&revoke, &[("reason", "Done")]).await.expect(303);
        let query = "connection=everybody&operation=connections.revoke";
        for target in [format!("/console/log?{query}"), format!("/console/log.csv?{query}")] {
            browser.open(&target).await.expect(200);
            for name in ["Vera Vale", "Cody Carr", "Sam"] {
                assert!(browser.page.contains(name), "{target} does not name {name}: {}", browser.page);
            }
            assert!(!browser.page.contains("A colleague"), "{}", browser.page);
        }
        let entries = world.journal().await;
        let refused = entries.iter().find(|entry| entry.operation == "connections.revoke" && entry.status == 403).unwrap();
        let id = clinicos_contract::id::text_of(refused.request_id);
        browser.open(&format!("/console/log/req_{id}")).await.expect(200);
        assert!(browser.page.contains("<h1>Cody Carr tried to revoke a connection</h1>"), "{}", browser.page);
    }

    async fn the_history_of_a_connection_names_the_program_that_acted(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let robot = world.key(&["connections:write"]).await;
        world.as_key(&robot.secret).post(&format!("/v1/connections/{}/pause", key.connection_id), &json!({"reason": "Odd"})).await.expect(200);
        let name = world.as_admin().get(&format!("/v1/connections/{}", robot.connection_id)).await.expect(200).text("name").to_owned();
        let mut browser = admin(&world).await;
        browser.open(&format!("/console/connections/{}", key.connection_id)).await.expect(200);
        let history = between(&browser.page, "id=\"history\"", "</section>");
        assert!(history.contains(&format!("<strong>{name}</strong> paused it")) && !history.contains("The key key_"), "{history}");
    }

    /// The reason that decided comes first, in the admin's words; what was in order stands apart.
    async fn a_paused_connections_entry_says_who_paused_it_and_until_when(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        browser.open(&one).await.expect(200);
        browser.submit(&format!("{one}/pause"), &[("duration", "1h"), ("reason", "Looking into it")]).await.expect(303);
        let refused = world.as_key(&key.secret).get("/v1/invoices").await.expect(403);
        entry_of(&mut browser, refused).await;
        let (decided, in_order) = why(&browser.page);
        assert!(decided.contains("The connection is paused.") && !decided.contains("The key is valid."), "{decided}");
        assert!(decided.contains("Sam paused it (until") && decided.contains("“Looking into it”"), "{decided}");
        assert!(decided.contains("connection_paused"), "what the caller was told: {decided}");
        assert!(in_order.contains("The key is valid.") && in_order.contains("The call is within its limits."), "{in_order}");
        // It stays true after the connection calls again.
        browser.open(&one).await.expect(200);
        browser.submit(&format!("{one}/resume"), &[]).await.expect(303);
        let allowed = world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        entry_of(&mut browser, allowed).await;
        assert!(browser.page.contains("Why it was allowed") && !browser.page.contains("What was in order"), "{}", browser.page);
    }

    async fn a_revoked_keys_entry_says_who_revoked_it(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("/console/keys/{}/revoke", key.id), &[]).await.expect(303);
        let refused = world.as_key(&key.secret).get("/v1/invoices").await.expect(401);
        entry_of(&mut browser, refused).await;
        let (decided, _) = why(&browser.page);
        assert!(decided.contains("The key was revoked.") && decided.contains("Sam revoked"), "{decided}");
        assert!(!decided.contains("No valid credential was shown"), "{decided}");
    }

    async fn a_revoked_connections_entry_says_so(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("/console/connections/{}/revoke", key.connection_id), &[("reason", "Moved on")]).await.expect(303);
        let refused = world.as_key(&key.secret).get("/v1/invoices").await.expect(401);
        entry_of(&mut browser, refused).await;
        let (decided, _) = why(&browser.page);
        assert!(decided.contains("The key was revoked.") && decided.contains("Sam revoked it") && decided.contains("“Moved on”"), "{decided}");
        // Nothing is offered that a connection which is over cannot do.
        browser.open(&format!("/console/connections/{}", key.connection_id)).await.expect(200);
        for odd in ["<h3>It can see</h3>", "that works at once", "Stop updating", "It is over"] {
            assert!(!browser.page.contains(odd), "{odd}: {}", browser.page);
        }
        assert!(browser.page.contains("<h3>It could see</h3>"), "{}", browser.page);
    }

    async fn an_expired_keys_entry_says_so(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/keys/new").await.expect(200);
        let fields = [("name", "B"), ("run_by", "A"), ("reason", "R"), ("purpose", "payment"), ("expires", "90"), ("scope", "invoices:read")];
        browser.submit("/console/keys", &fields).await.expect(200);
        let secret = format!("cos_sandbox_{}", between(&browser.page, "cos_sandbox_", "<").split('"').next().unwrap());
        world.clock.advance_s(91 * 86_400);
        let refused = world.as_key(&secret).get("/v1/invoices").await.expect(401);
        browser.sign_in_again().await;
        entry_of(&mut browser, refused).await;
        let (decided, _) = why(&browser.page);
        assert!(decided.contains("The key has expired."), "{decided}");
    }

    async fn what_is_urgent_comes_first_on_home_and_in_the_list(world: World) {
        let (paused, leaked) = (world.key(&["invoices:read"]).await, world.key(&["invoices:read"]).await);
        for (key, name) in [(&paused, "Aaa"), (&leaked, "Zzz")] {
            let target = format!("/v1/connections/{}", key.connection_id);
            let version = world.as_admin().get(&target).await.expect(200).etag().to_owned();
            world.as_admin().patch(&target, &version, &json!({"name": name})).await.expect(200);
        }
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("/console/connections/{}/pause", paused.connection_id), &[("duration", "1h")]).await.expect(303);
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("/console/keys/{}/leaked", leaked.id), &[("reason", "In a chat")]).await.expect(303);
        for target in ["/console", "/console/connections"] {
            browser.open(target).await.expect(200);
            let at = |name: &str| browser.page.find(&format!(">{name}")).unwrap_or_else(|| panic!("{name}: {}", browser.page));
            assert!(at("Zzz") < at("Aaa"), "{target}: {}", browser.page);
        }
        assert!(browser.page.contains("Calls in 24 hours") && !browser.page.contains("Calls today"), "{}", browser.page);
        assert!(!browser.page.contains("<p>Is paused</p>"), "the badge says it: {}", browser.page);
        // Who only looks is not asked to act.
        let mut vera = colleague(&world, "vera@clinic.example", "VA", "Vera Vale").await;
        vera.open("/console").await.expect(200);
        assert!(vera.page.contains("See why it is paused") && !vera.page.contains("Let it call again"), "{}", vera.page);
        assert!(!vera.page.contains("#controls") && !vera.page.contains("need you"), "{}", vera.page);
    }

    async fn a_line_break_in_a_reason_becomes_a_space(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/keys/new").await.expect(200);
        let fields = [
            ("name", "Books"), ("run_by", "Acme"), ("reason", "line one\r\nline two\n\n line three"), ("purpose", "payment"), ("expires", "90"),
            ("scope", "invoices:read"),
        ];
        browser.submit("/console/keys", &fields).await.expect(200);
        browser.open("/console/connections").await.expect(200);
        assert!(browser.page.contains("line one line two line three") && !browser.page.contains('\u{fffd}'), "{}", browser.page);
    }

    async fn who_gave_no_reason_is_not_quoted(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        browser.open(&one).await.expect(200);
        browser.submit(&format!("{one}/pause"), &[("duration", "1h")]).await.expect(303);
        browser.open(&one).await.expect(200);
        assert!(!browser.page.contains("from its page"), "{}", browser.page);
        let note = between(&browser.page, "class=\"note n-warn\"", "</div>");
        assert!(note.contains("Sam paused it (until"), "{note}");
        browser.open(&format!("{one}/revoke")).await.expect(200);
        browser.submit(&format!("{one}/revoke"), &[]).await.expect(303);
        browser.open(&one).await.expect(200);
        assert!(!browser.page.contains("from its page"), "{}", browser.page);
    }

    async fn a_clinic_without_connections_is_told_what_to_do_next(world: World) {
        let mut browser = admin(&world).await;
        let made = world.as_admin().get("/v1/connections").await.expect(200);
        for connection in made.data() {
            browser.open("/console/account").await.expect(200);
            let revoke = format!("/console/connections/{}/revoke", connection["id"].as_str().unwrap());
            browser.submit(&revoke, &[("reason", "Done")]).await.expect(303);
        }
        browser.open("/console").await.expect(200);
        assert!(browser.page.contains("<h1>Nothing is connected yet</h1>") && browser.page.contains("href=\"/console/keys/new\""), "{}", browser.page);
        browser.open("/console/emergency").await.expect(200);
        assert!(browser.page.contains("No connection may change") && !browser.page.contains("If only one of them"), "{}", browser.page);
    }

    async fn the_emergency_history_says_who_turned_it_each_time_and_why(world: World) {
        let mut browser = admin(&world).await;
        let turns = [("stop", "Strange invoices", "stopped all changes"), ("allow", "It was the import", "allowed changes again"), ("stop", "Once more", "stopped all changes")];
        for (number, (writes, reason, _)) in turns.iter().enumerate() {
            world.clock.advance_s(1);
            browser.open("/console/emergency").await.expect(200);
            browser.submit("/console/emergency", &[("writes", writes), ("reason", reason)]).await.expect(303);
            browser.open("/console/emergency").await.expect(200);
            let before = between(&browser.page, "id=\"before\"", "</section>");
            let lines: Vec<&str> = before.split("<li>").skip(1).collect();
            assert_eq!(lines.len(), number + 1, "{before}");
            for (line, (_, reason, what)) in lines.iter().zip(turns.iter().take(number + 1).rev()) {
                assert!(line.contains(&format!("<strong>Sam</strong> {what}")) && line.contains(&format!("“{reason}”")), "{line}");
            }
        }
    }

    /// The last turns are kept, however often it is turned.
    async fn the_emergency_switch_forgets_the_oldest_reasons(world: World) {
        let target = |verb: &str| format!("/v1/emergency/{verb}?clinic_id={}", world.clinic.clinic_id);
        for number in 0..30 {
            let verb = if number % 2 == 0 { "stop_writes" } else { "allow_writes" };
            world.as_operator().post(&target(verb), &json!({"reason": format!("Turn {number}")})).await.expect(200);
        }
        let switch = world.as_operator().get(&format!("/v1/emergency?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
        let turns = switch.json["turns"].as_array().unwrap();
        assert_eq!((turns.len(), &turns[0]["reason"], &turns[19]["reason"]), (20, &json!("Turn 29"), &json!("Turn 10")));
        assert_eq!((&turns[0]["stopped"], &turns[0]["by"]), (&json!(false), &json!("operator")));
    }

    /// Keys that the command line makes need not say who runs them, and the switch can be turned there, too.
    async fn what_the_operator_did_is_told_as_theirs(world: World) {
        let (operator, clinic) = (world.as_operator(), &world.clinic.clinic_id);
        let body = json!({"name": "Till", "reason": "Takes payments", "purpose": "payment", "scopes": ["invoices:read"]});
        let key = operator.post(&format!("/v1/keys?clinic_id={clinic}"), &body).await.expect(201);
        let stop = format!("/v1/emergency/stop_writes?clinic_id={clinic}");
        operator.post(&stop, &json!({"reason": "Strange invoices"})).await.expect(200);
        let mut browser = admin(&world).await;
        browser.open(&format!("/console/connections/{}", key.json["connection_id"].as_str().unwrap())).await.expect(200);
        assert!(browser.page.contains("by the person who runs the server. Its data"), "{}", browser.page);
        browser.open("/console/emergency").await.expect(200);
        let now = between(&browser.page, "id=\"now\"", "</section>");
        assert!(now.contains("The person who runs the server stopped them"), "{now}");
    }

    async fn what_a_log_search_asks_for_is_grouped(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let mut browser = admin(&world).await;
        browser.open("/console/log?operation=invoices.list").await.expect(200);
        let group = between(&browser.page, "<optgroup label=\"Invoices\">", "</optgroup>");
        assert!(group.contains("value=\"invoices.list\" selected") && !group.contains("value=\"payments.list\""), "{group}");
        let (_, words) = browser.page.split_once("<time datetime=\"").unwrap();
        let words = between(words, ">", "<");
        assert_eq!(words.matches(':').count(), 2, "with seconds: {words}");
    }

    /// The file is written page by page, and each page has its own entry.
    async fn a_long_log_is_written_down_page_by_page(world: World) {
        let key = world.key(&["invoices:read"]).await;
        for _ in 0..450 {
            world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        }
        world.store.sealed().await.unwrap();
        let mut browser = admin(&world).await;
        let target = format!("/console/log.csv?connection={}", key.connection_id);
        let pages = async || world.journal().await.iter().filter(|entry| entry.operation == "audit_entries.list").count();
        let before = pages().await;
        let reply = browser.open(&target).await.expect(200);
        assert_eq!(browser.page.lines().count(), 451, "{}", browser.page);
        assert_eq!(browser.page.matches("who,did").count(), 1);
        assert_eq!(pages().await, before + 3, "a page is a call");
        assert!(!reply.headers.contains_key("content-length"), "a file whose length is known was held as a whole");
    }

    /// A day that is none is told: left out, it would widen the search.
    async fn a_wrong_day_is_told(world: World) {
        let mut browser = admin(&world).await;
        for (query, told) in [
            ("from=2026-13-45", "“2026-13-45” is no day"),
            ("to=abcd", "“abcd” is no day"),
            ("from=01%2F02%2F2026", "“01/02/2026” is no day"),
            ("from=2026-11-22&from_time=25%3A00", "“25:00” is no time"),
            ("to_time=14%3A30", "“14:30” of which day?"),
        ] {
            browser.open(&format!("/console/log?{query}")).await.expect(400);
            assert!(browser.page.contains(told), "{query}: {}", browser.page);
            assert!(!browser.page.contains("/console/log/req_"), "{query} shows entries");
            let csv = browser.open(&format!("/console/log.csv?{query}")).await.expect(400);
            assert!(!csv.headers.contains_key("content-disposition"), "{query}");
        }
        browser.open("/console/log?from=2026-11-22").await.expect(200);
    }

    /// A search may begin and end within a day.
    async fn the_log_is_searched_by_the_time_of_day(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let at = world.journal().await.last().unwrap().at;
        let mut browser = admin(&world).await;
        let clinic = world.as_admin().get(&format!("/v1/clinics/{}", world.clinic.clinic_id)).await.expect(200);
        let zone = jiff::tz::TimeZone::get(clinic.text("timezone")).unwrap();
        let minute = |micros: i64| jiff::Timestamp::from_microsecond(micros).unwrap().to_zoned(zone.clone());
        let (before, after) = (minute(at - 60_000_000), minute(at + 60_000_000));
        let edge = |name: &str, at: &jiff::Zoned| format!("{name}={}&{name}_time={}", at.strftime("%Y-%m-%d"), at.strftime("%H%%3A%M"));
        for (query, is_there) in [
            (format!("{}&{}", edge("from", &before), edge("to", &after)), true),
            (edge("from", &after), false),
            (edge("to", &before), false),
        ] {
            browser.open(&format!("/console/log?connection={}&{query}", key.connection_id)).await.expect(200);
            assert_eq!(browser.page.contains("/console/log/req_"), is_there, "{query}: {}", browser.page);
        }
    }
}

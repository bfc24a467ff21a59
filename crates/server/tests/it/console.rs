//! The console, as a browser without scripts uses it: cookies, forms and links.

use std::collections::BTreeSet;

use clinicos_contract::Spec;
use clinicos_testkit::{Call, World, on_both_engines};
use serde_json::json;

use crate::console_browser::{Browser, PASSWORD, admin, hidden, invite, location, target_of, unbase32};

/// The scopes that a page's form offers.
fn scopes_to_tick(page: &str) -> BTreeSet<String> {
    let ticks = page.split("name=\"scope\" value=\"").skip(1);
    ticks.filter_map(|rest| rest.split_once('"')).map(|(scope, _)| scope.to_owned()).collect()
}

on_both_engines! {
    async fn every_page_is_shown_to_an_admin(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let request = world.as_key(&key.secret).get("/v1/clients").await.expect(403).request_id().to_owned();
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        for (target, words) in [
            ("/console".to_owned(), "Harbor"),
            ("/console/account".to_owned(), "sam@clinic.example"),
            ("/console/connections".to_owned(), &*key.connection_id),
            ("/console/connections?filter=can_write".to_owned(), "Can change data"),
            (one.clone(), "See invoices"),
            (format!("{one}?live=off"), "See invoices"),
            (format!("{one}/activity"), "tried to list clients"),
            (format!("{one}/revoke"), "Revoke"),
            ("/console/emergency".to_owned(), "may change something"),
            ("/console/import".to_owned(), "Check the files"),
            ("/console/keys/new".to_owned(), "Name"),
            ("/console/log".to_owned(), "tried to list clients"),
            (format!("/console/log?connection={}&outcome=refused&from=2020-01-01&to=2040-01-01", key.connection_id), "tried to list clients"),
            ("/console/log.csv".to_owned(), "tried to list clients"),
            ("/console/log?connection=everybody".to_owned(), "<strong>Sam</strong>"),
            (format!("/console/log?connection={0}&record={0}", key.connection_id), "Nothing matches"),
            (format!("/console/log/{request}"), "which it is not allowed. If it should be, allow it on the connection"),
        ] {
            let reply = browser.open(&target).await.expect(200);
            assert!(browser.page.contains(words), "{target} does not say `{words}`: {}", browser.page);
            assert_eq!(reply.headers["cache-control"], "no-store", "{target}");
            let policy = reply.headers["content-security-policy"].to_str().unwrap();
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        }
    }

    /// The admin's story: see it, pause it, let it in, take a category away, revoke it.
    async fn what_is_connected_is_stopped_by_forms(world: World) {
        let key = world.key(&["invoices:read", "payments:read", "clients:write"]).await;
        let caller = world.as_key(&key.secret);
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let mut turn = async |control: &str, fields: &[(&str, &str)]| {
            browser.open(&one).await.expect(200);
            let reply = browser.submit(&format!("{one}/{control}"), fields).await;
            assert_eq!((reply.status, location(&reply)), (303, one.as_str()), "{control}");
            browser.open(&one).await.expect(200);
            let said = ["It holds from the next call on", "Revoked. Its next", "Nothing changed"];
            assert!(said.iter().any(|words| browser.page.contains(words)), "{control}: {}", browser.page);
        };
        turn("pause", &[("duration", "1h"), ("reason", "Looking into it")]).await;
        assert_eq!(caller.get("/v1/invoices").await.expect(403).text("code"), "connection_paused");
        world.clock.advance_s(3_601);
        caller.get("/v1/invoices").await.expect(200);
        turn("pause", &[("duration", "until_resumed"), ("reason", "Again")]).await;
        caller.get("/v1/invoices").await.expect(403);
        turn("resume", &[]).await;
        caller.get("/v1/invoices").await.expect(200);
        turn("writes", &[("writes", "off")]).await;
        assert_eq!(caller.post("/v1/clients", &json!({})).await.expect(403).text("code"), "writes_off");
        turn("limits", &[("read", "0"), ("write", "")]).await;
        caller.get("/v1/invoices").await.expect(429);
        turn("limits", &[("read", ""), ("write", "")]).await;
        turn("operations", &[("excluded", "payments.list")]).await;
        assert_eq!(caller.get("/v1/payments").await.expect(403).text("code"), "operation_excluded");
        turn("scopes", &[("scope", "invoices:read"), ("scope", "payments:read")]).await;
        assert_eq!(caller.get("/v1/clients").await.expect(403).text("code"), "missing_scope");
        turn("remove-category", &[("category", "owner_financial")]).await;
        assert_eq!(caller.get("/v1/invoices").await.expect(403).text("code"), "missing_opt_in");
        turn("scopes", &[("scope", "invoices:read"), ("scope", "payments:read")]).await;
        assert_eq!(caller.get("/v1/invoices").await.expect(403).text("code"), "missing_opt_in", "what was taken away stays away");
        turn("revoke", &[("reason", "Done with it")]).await;
        caller.get("/v1/invoices").await.expect(401);
        let history = world.as_admin().get(&format!("/v1/connection_changes?connection_id={}", key.connection_id)).await.expect(200);
        let mut history = history.data().to_vec();
        history.sort_by_key(|change| change["version"].as_i64());
        let what: Vec<&str> = history.iter().map(|change| change["what"].as_str().unwrap()).collect();
        assert_eq!(what, ["created", "paused", "paused", "resumed", "changed", "changed", "changed", "changed", "changed", "changed", "revoked"], "the scopes were the same once");
        assert!(history.iter().skip(1).all(|change| change["actor"].as_str().unwrap().starts_with("usr_")));
    }

    async fn a_key_is_made_by_a_form_and_works(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/keys/new").await.expect(200);
        let fields = [("name", "Books"), ("run_by", "Acme"), ("reason", "Reconcile"), ("purpose", "payment"), ("expires", "90")];
        let refused = browser.submit("/console/keys", &fields).await;
        assert_eq!(refused.status, 422, "{}", browser.page);
        assert!(browser.page.contains("Tick at least one thing") && browser.page.contains("value=\"Acme\""), "{}", browser.page);
        let with_scope = [&fields[..], &[("scope", "invoices:read")]].concat();
        browser.submit("/console/keys", &with_scope).await.expect(200);
        let (_, rest) = browser.page.split_once("cos_sandbox_").unwrap();
        let secret: String = "cos_sandbox_".chars().chain(rest.chars().take_while(char::is_ascii_alphanumeric)).collect();
        world.as_key(&secret).get("/v1/invoices").await.expect(200);
        browser.open("/console/connections").await.expect(200);
        assert!(browser.page.contains("Acme") && !browser.page.contains(&secret));
    }

    /// What only whoever runs the server may do is nothing that a key can be given; what a key
    /// holds of it all the same stands there, to be taken away.
    async fn only_what_a_key_can_use_is_offered(world: World) {
        let mut browser = admin(&world).await;
        let callable: BTreeSet<String> =
            world.specs().into_iter().filter(|spec| !spec.is_operators() && !spec.is_open()).map(Spec::scope).collect();
        browser.open("/console/keys/new").await.expect(200);
        let offered = scopes_to_tick(&browser.page);
        assert_eq!(offered, callable);
        let holds = world.key(&["invoices:read", "synthetic:write"]).await;
        browser.open(&format!("/console/connections/{}", holds.connection_id)).await.expect(200);
        let held = callable.into_iter().chain(["synthetic:write".to_owned()]).collect();
        assert_eq!(scopes_to_tick(&browser.page), held);
    }

    /// A switch for changes says nothing untrue of a connection that may change nothing.
    async fn what_only_reads_has_no_changes_to_turn_on(world: World) {
        let (reads, writes) = (world.key(&["invoices:read"]).await, world.key(&["invoices:write"]).await);
        let mut browser = admin(&world).await;
        for (key, on, off) in [(reads, "Changes: none", "It only reads. On means"), (writes, "Changes: on", "On means: it can change what is listed")] {
            let one = format!("/console/connections/{}", key.connection_id);
            browser.open(&one).await.expect(200);
            assert!(browser.page.contains(on), "{}", browser.page);
            browser.submit(&format!("{one}/writes"), &[("writes", "off")]).await.expect(303);
            browser.open(&one).await.expect(200);
            assert!(browser.page.contains("Changes: off") && browser.page.contains(off), "{}", browser.page);
        }
    }

    async fn all_writes_stop_and_go_on(world: World) {
        let key = world.key(&["clients:write"]).await;
        let mut browser = admin(&world).await;
        for (writes, status) in [("stop", 403), ("allow", 201)] {
            browser.open("/console/emergency").await.expect(200);
            browser.submit("/console/emergency", &[("writes", writes), ("reason", "A test")]).await.expect(303);
            let body = json!({"family_name": format!("Rivera {writes}")});
            let reply = world.as_key(&key.secret).post("/v1/clients", &body).await;
            assert_eq!(reply.status, status, "{}", reply.json);
            world.as_key(&key.secret).get("/v1/clients").await.expect(200);
        }
    }

    /// A page that was loaded before the last stop does not undo it, and a form without a choice
    /// does nothing.
    async fn an_old_page_lets_nothing_in_again(world: World) {
        let key = world.key(&["clients:write"]).await;
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let paused = [("duration", "until_resumed"), ("reason", "Odd")];
        let (stop, allow) = ([("writes", "stop"), ("reason", "Odd")], [("writes", "allow"), ("reason", "Fine")]);
        for (page, halts, halt, goes_on, go_on) in [
            ("/console/emergency", "/console/emergency", &stop[..], "/console/emergency", &allow[..]),
            (&*one, &*format!("{one}/pause"), &paused[..], &*format!("{one}/resume"), &[][..]),
        ] {
            for step in [(halts, halt), (goes_on, go_on), (halts, halt)] {
                browser.open(page).await.expect(200);
                browser.submit(step.0, step.1).await.expect(303);
            }
            browser.open(page).await.expect(200);
            let version: i64 = hidden(&browser.page, "version").unwrap().parse().unwrap();
            let old = browser.page.replace(&format!("name=\"version\" value=\"{version}\""), &format!("name=\"version\" value=\"{}\"", version - 2));
            browser.page = old;
            browser.submit(goes_on, go_on).await.expect(412);
            assert!(browser.page.contains("It has changed meanwhile"), "{page}: {}", browser.page);
            assert_eq!(world.as_key(&key.secret).post("/v1/clients", &json!({"family_name": "Rivera"})).await.status, 403, "{page}");
            browser.submit("/console/emergency", &[("reason", "Nothing was chosen")]).await.expect(422);
            assert_eq!(world.as_key(&key.secret).post("/v1/clients", &json!({"family_name": "Rivera"})).await.status, 403, "{page}");
            browser.open(page).await.expect(200);
            browser.submit(goes_on, go_on).await.expect(303);
            world.as_key(&key.secret).post("/v1/clients", &json!({"family_name": page})).await.expect(201);
        }
    }

    /// Looking is not changing: who is no admin sees the pages, and the door refuses their forms.
    async fn who_is_no_admin_only_looks(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let token = invite(&world, "csr@clinic.example", "CSR").await;
        let mut browser = Browser::new(&world);
        browser.accept(&token).await;
        let one = format!("/console/connections/{}", key.connection_id);
        browser.open(&one).await.expect(200);
        browser.submit(&format!("{one}/pause"), &[("duration", "1h"), ("reason", "No")]).await.expect(303);
        browser.open(&one).await.expect(200);
        assert!(browser.page.contains("may look, not change"), "{}", browser.page);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let refused = world.journal().await.into_iter().find(|entry| entry.operation == "connections.pause").unwrap();
        assert_eq!((refused.status, refused.problem.as_deref()), (403, Some("role_not_allowed")));
    }

    /// What is wrong is not said, and tries run out, for accounts that exist and for those that do not.
    async fn signing_in_tells_nothing(world: World) {
        let mut owner = admin(&world).await;
        let mut stranger = Browser::new(&world);
        let mut pages = Vec::new();
        for email in ["sam@clinic.example", "nobody@clinic.example"] {
            for tries in 0..7 {
                let reply = stranger.sign_in(email, "not the password", "").await;
                assert_eq!(reply.status, if tries < 6 { 401 } else { 429 }, "{email} {tries}");
            }
            pages.push(stranger.page.replace(email, "").replace(&stranger.csrf(), ""));
        }
        assert_eq!(pages[0], pages[1]);
        owner.open("/console").await.expect(200);
        world.clock.advance_s(60);
        let reply = stranger.sign_in("SAM@clinic.example ", PASSWORD, "").await;
        assert_eq!((reply.status, location(&reply)), (303, "/console"));
    }

    /// Abuse case C12: an invitation works once, for a week, and nothing else opens an account.
    async fn c12_an_invitation_works_once(world: World) {
        let token = invite(&world, "once@clinic.example", "Admin").await;
        let mut browser = Browser::new(&world);
        for wrong in ["", "0", &token[1..], &format!("{token}0"), &token.to_uppercase()] {
            browser.open(&format!("/console/welcome?token={wrong}")).await.expect(404);
            let told = if wrong.is_empty() { "It is not complete" } else { "It was used already, has run out" };
            assert!(browser.page.contains(told) && browser.page.contains("Invite anew"), "{wrong}: {}", browser.page);
        }
        browser.open(&format!("/console/welcome?token={token}")).await.expect(200);
        assert!(browser.page.contains("Admin, who decides what may touch"), "the role is explained: {}", browser.page);
        let short = browser.submit("/console/welcome", &[("token", &token), ("name", "A"), ("password", "short")]).await;
        assert_eq!(short.status, 422, "{}", browser.page);
        browser.accept(&token).await;
        Browser::new(&world).open(&format!("/console/welcome?token={token}")).await.expect(404);
        let late = invite(&world, "late@clinic.example", "Admin").await;
        world.clock.advance_s(7 * 86_400);
        Browser::new(&world).open(&format!("/console/welcome?token={late}")).await.expect(404);
        assert_eq!(Browser::new(&world).sign_in("late@clinic.example", PASSWORD, "").await.status, 401);
    }

    /// A form is held within a bound, is told so, and stands in the log like any other refusal.
    async fn a_form_that_is_too_large_is_told(world: World) {
        let mut browser = Browser::new(&world);
        browser.open("/console/sign-in").await.expect(200);
        let (csrf, before) = (browser.csrf(), world.journal().await.len());
        let most = clinicos_console::web::FORM_BYTES_MAX;
        let form = |bytes: usize| format!("csrf={csrf}&email=a%40b.example&password={}", "w".repeat(bytes));
        browser.send_form("/console/sign-in", &form(most)).await.expect(413);
        assert_eq!(world.journal().await.len(), before + 1);
        browser.send_form("/console/sign-in", &form(12)).await.expect(401);
    }

    /// A page that refreshes itself is nobody's doing, and does not say that nothing happened when it sees nothing.
    async fn a_page_that_is_left_open_keeps_nobody_signed_in(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let mut browser = admin(&world).await;
        let (one, watched) = (format!("/console/connections/{}", key.connection_id), format!("/console/connections/{}/activity", key.connection_id));
        browser.open(&one).await.expect(200);
        for _ in 0..4 {
            world.clock.advance_s(1_700);
            browser.open(&watched).await.expect(200);
            assert!(browser.page.contains("/console/log/req_") && !browser.page.contains("signed out"), "{}", browser.page);
        }
        world.clock.advance_s(1_700);
        assert_eq!(browser.open(&watched).await.status, 286);
        assert!(browser.page.contains("You are signed out") && !browser.page.contains("has not called"), "{}", browser.page);
        let reply = browser.open(&one).await;
        assert_eq!(location(&reply).split('?').next(), Some("/console/sign-in"));
    }

    async fn a_session_ends_when_it_must(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console").await.expect(200);
        let kept = browser.cookies.clone();
        browser.open("/console").await.expect(200);
        browser.submit("/console/sign-out", &[]).await.expect(303);
        browser.cookies = kept;
        let reply = browser.open("/console").await;
        assert_eq!((reply.status, location(&reply)), (303, "/console/sign-in?next=%2Fconsole"), "signed out");
        assert_eq!(browser.sign_in("sam@clinic.example", PASSWORD, "").await.status, 303);
        world.clock.advance_s(12 * 3_600);
        assert_eq!(browser.open("/console").await.status, 303, "it lasts 12 hours");
        assert_eq!(browser.sign_in("sam@clinic.example", PASSWORD, "").await.status, 303);
        invite(&world, "second@clinic.example", "Admin").await;
        let token = invite(&world, "third@clinic.example", "Admin").await;
        Browser::new(&world).accept(&token).await;
        let users = world.as_operator().get(&format!("/v1/users?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
        let sam = users.data().iter().find(|user| user["email"] == "sam@clinic.example").unwrap();
        let target = format!("/v1/users/{}?clinic_id={}", sam["id"].as_str().unwrap(), world.clinic.clinic_id);
        let etag = world.as_operator().get(&target).await.expect(200).etag().to_owned();
        world.as_operator().patch(&target, &etag, &json!({"state": "disabled"})).await.expect(200);
        assert_eq!(browser.open("/console").await.status, 303, "access was ended");
        assert_eq!(browser.sign_in("sam@clinic.example", PASSWORD, "").await.status, 401);
    }

    async fn the_last_admin_stays(world: World) {
        admin(&world).await;
        let users = world.as_operator().get(&format!("/v1/users?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
        let target = format!("/v1/users/{}?clinic_id={}", users.data()[0]["id"].as_str().unwrap(), world.clinic.clinic_id);
        for change in [json!({"role": "CSR"}), json!({"state": "disabled"})] {
            let etag = world.as_operator().get(&target).await.expect(200).etag().to_owned();
            world.as_operator().patch(&target, &etag, &change).await.expect(409);
        }
    }

    async fn a_second_factor_is_asked_for_and_counts_once(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        browser.submit("/console/account/second-factor/begin", &[]).await.expect(200);
        let (_, rest) = browser.page.split_once("id=\"secret\">").unwrap();
        let secret = unbase32(rest.split('<').next().unwrap());
        browser.submit("/console/account/second-factor", &[("password", PASSWORD), ("code", "000000")]).await.expect(422);
        assert!(browser.page.contains("not the code"), "{}", browser.page);
        let code = |world: &World| clinicos_gate::sign_in::totp_code_at(&secret, clinicos_contract::Clock::now(&*world.clock).as_micros());
        browser.submit("/console/account/second-factor", &[("password", PASSWORD), ("code", &code(&world))]).await.expect(200);
        let mut other = Browser::new(&world);
        assert_eq!(other.sign_in("sam@clinic.example", PASSWORD, "").await.status, 401);
        world.clock.advance_s(60);
        let good = code(&world);
        assert_eq!(other.sign_in("sam@clinic.example", PASSWORD, &good).await.status, 303);
        assert_eq!(Browser::new(&world).sign_in("sam@clinic.example", PASSWORD, &good).await.status, 401, "a code counts once");
    }

    /// Abuse case A16: what signs a person in opens nothing by the way that integrations come.
    async fn a16_a_session_is_no_key(world: World) {
        let browser = admin(&world).await;
        let (name, token) = browser.cookie("session").unwrap();
        for header in [format!("Bearer {token}"), format!("Session {token}"), format!("Basic {token}")] {
            world.send(Call::get("/v1/invoices").header("authorization", header)).await.expect(401);
        }
        // A browser sends the cookie to the API as well; no operation reads it.
        for spec in world.specs().into_iter().filter(|spec| spec.is_public() && !spec.is_open()) {
            let target = spec.route.path.replace(['{', '}'], "");
            let call = Call::new(spec.route.method.name(), target.as_str()).header("cookie", format!("{name}={token}"));
            let reply = world.send(call).await;
            assert_eq!((reply.status, reply.code()), (401, "unauthenticated"), "{}", spec.id);
        }
        for target in ["/v1/users", "/v1/sessions", "/v1/emergency", "/v1/users/me"] {
            world.as_admin().get(target).await.expect(404);
        }
    }

    /// Whatever an address is asked, with whatever method, it is answered and journaled.
    async fn no_address_of_the_console_is_open(world: World) {
        for (path, methods) in clinicos_console::web::ROUTES {
            let target = target_of(path);
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
                let before = world.journal().await.len();
                let reply = world.send(Call::new(method, target.as_str())).await;
                let what = format!("{method} {target} answered {}", reply.status);
                match (method, methods.contains(method), *path) {
                    ("GET", true, "/console/sign-in" | "/docs" | "/docs.md" | "/docs/{page}" | "/docs/reference/{resource}" | "/favicon.ico" | "/llms.txt") => assert_eq!(reply.status, 200, "{what}"),
                    ("GET", true, "/console/welcome" | "/console/assets/{*path}") => assert_eq!(reply.status, 404, "{what}"),
                    ("GET", true, "/console/connections/{id}/activity") => assert_eq!(reply.status, 286, "{what}"),
                    ("GET", true, _) => assert_eq!(location(&reply).split('?').next(), Some("/console/sign-in"), "{what}"),
                    ("POST", true, _) => assert_eq!(reply.status, 403, "{what}"),
                    _ => assert_eq!(reply.status, 405, "{what}"),
                }
                assert_eq!(world.journal().await.len(), before + 1, "{what}");
            }
        }
    }
}

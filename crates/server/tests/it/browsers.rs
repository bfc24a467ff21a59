//! Calls that browsers send for web pages of other sites (CORS).

use clinicos_testkit::{Call, MadeKey, Reply, World, on_both_engines};
use serde_json::json;

use crate::console_browser::admin;
use crate::findings::{Findings, callable};

const TOOL: &str = "https://tool.example";
const OTHER: &str = "https://other.example:8443";
const ALLOWED: &str = "access-control-allow-origin";

async fn key_with(world: &World, origins: &[&str]) -> MadeKey {
    let key = world.key(&["invoices:read", "clients:write"]).await;
    world.change_connection(&key.connection_id, &json!({"browser_origins": origins})).await;
    key
}

fn question(origin: &str) -> Call {
    Call::new("OPTIONS", "/v1/invoices")
        .header("origin", origin)
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "authorization")
}

async fn from_page(world: &World, key: &MadeKey, origin: &str, call: Call) -> Reply {
    world.as_key(&key.secret).send(call.header("origin", origin)).await
}

async fn list(world: &World, key: &MadeKey, origin: &str) -> Reply {
    from_page(world, key, origin, Call::get("/v1/invoices")).await
}

/// What every answer to a page must not hold.
fn nothing_too_wide(findings: &mut Findings, what: &str, reply: &Reply) {
    findings.check(what, reply.header(ALLOWED) != "*", "allows every page");
    findings.check(what, !reply.headers.contains_key("access-control-allow-credentials"), "allows cookies");
}

/// What a page may not read.
fn unreadable(findings: &mut Findings, what: &str, reply: &Reply) {
    let told = reply.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    findings.check(what, told.is_none(), &format!("tells a page `{told:?}`"));
}

on_both_engines! {
    async fn without_a_list_no_page_may_call(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut findings = Findings::default();
        for origin in [TOOL, "null", "", "https://clinicos.test", "chrome-extension://abcdef"] {
            for (what, reply) in [("preflight", world.send(question(origin)).await), ("call", list(&world, &key, origin).await)] {
                findings.refused(&format!("{what} of {origin}"), &reply, 403, "origin_not_allowed");
                unreadable(&mut findings, &format!("{what} of {origin}"), &reply);
            }
        }
        let program = world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        unreadable(&mut findings, "a program", &program);
        findings.done(&world.journal().await);
    }

    async fn a_listed_page_calls_and_reads(world: World) {
        let key = key_with(&world, &[TOOL, OTHER]).await;
        let mut findings = Findings::default();
        for origin in [TOOL, OTHER] {
            let asked = world.send(question(origin)).await.expect(204);
            assert_eq!(asked.header(ALLOWED), origin);
            assert_eq!(asked.header("access-control-allow-methods"), "GET, HEAD, POST, PATCH, DELETE");
            for name in ["authorization", "content-type", "idempotency-key", "if-match", "clinicos-version"] {
                assert!(asked.header("access-control-allow-headers").split(", ").any(|one| one == name), "{name}");
            }
            assert_eq!(asked.header("access-control-max-age"), "600");
            let called = list(&world, &key, origin).await.expect(200);
            for reply in [&asked, &called] {
                assert_eq!((reply.header(ALLOWED), reply.header("vary")), (origin, "origin"));
                nothing_too_wide(&mut findings, origin, reply);
                findings.check(origin, world.entries(reply.request_id()).await.len() == 1, "is not in the journal once");
            }
            for name in ["etag", "ratelimit", "ratelimit-policy", "retry-after", "x-request-id", "idempotent-replayed", "deprecation", "sunset"] {
                assert!(called.header("access-control-expose-headers").split(", ").any(|one| one == name), "{name}");
            }
        }
        findings.done(&world.journal().await);
    }

    /// Refusals of every operation can be read by a listed page, and by no other.
    async fn problems_are_readable_where_calls_are(world: World) {
        let key = key_with(&world, &[TOOL]).await;
        let mut findings = Findings::default();
        for spec in callable(&world) {
            let absent = spec.route.path.split('/').map(|part| if part.starts_with('{') { "absent" } else { part });
            let call = Call::new(spec.route.method.name(), absent.collect::<Vec<_>>().join("/") + "?surprise=1");
            let listed = from_page(&world, &key, TOOL, call.clone()).await;
            findings.check(spec.id, listed.status >= 400, "the call was to be refused");
            findings.check(spec.id, listed.header(ALLOWED) == TOOL, "the refusal cannot be read");
            let foreign = from_page(&world, &key, OTHER, call).await;
            findings.refused(spec.id, &foreign, 403, "origin_not_allowed");
            unreadable(&mut findings, spec.id, &foreign);
        }
        for (call, code) in [
            (Call::get("/v1/nowhere"), "not_found"),
            (Call::new("PUT", "/v1/invoices"), "method_not_allowed"),
            (Call::get("/v1//invoices"), "path_not_canonical"),
        ] {
            let reply = from_page(&world, &key, TOOL, call).await;
            findings.check(code, reply.code() == code && reply.header(ALLOWED) == TOOL, "the refusal cannot be read");
        }
        let nobody = world.send(Call::get("/v1/invoices").header("origin", TOOL)).await;
        findings.refused("nobody", &nobody, 401, "unauthenticated");
        unreadable(&mut findings, "nobody", &nobody);
        world.change_connection(&key.connection_id, &json!({"limits": {"read": 0}})).await;
        let limited = list(&world, &key, TOOL).await.refused(429, "rate_limited");
        assert_eq!(limited.header(ALLOWED), TOOL);
        findings.done(&world.journal().await);
    }

    /// One origin has one spelling; what is like it is another one.
    async fn what_is_like_a_listed_origin_is_not_it(world: World) {
        let key = key_with(&world, &[TOOL, "http://localhost:5173"]).await;
        let mut findings = Findings::default();
        for origin in [
            "null",
            "https://TOOL.example",
            "HTTPS://tool.example",
            "https://tool.example/",
            "https://tool.example:443",
            "https://tool.example:8443",
            "https://tool.example.",
            "http://tool.example",
            "https://a.tool.example",
            "https://tool.example.evil.example",
            "https://eviltool.example",
            "https://tool.example, https://tool.example",
            "https://tool.example https://other.example",
            "http://localhost",
            "http://localhost:5174",
            "http://127.0.0.1:5173",
            "*",
        ] {
            for (what, reply) in [("preflight", world.send(question(origin)).await), ("call", list(&world, &key, origin).await)] {
                findings.refused(&format!("{what} of {origin}"), &reply, 403, "origin_not_allowed");
                unreadable(&mut findings, &format!("{what} of {origin}"), &reply);
            }
        }
        // A browser sends one origin; two are nobody's, also if both are listed.
        let twice = world.as_key(&key.secret).send(Call::get("/v1/invoices").header("origin", TOOL).header("origin", TOOL)).await;
        findings.refused("two origins", &twice, 403, "origin_not_allowed");
        let asked = world.send(question(TOOL).header("origin", TOOL)).await;
        findings.refused("two origins in a preflight", &asked, 403, "origin_not_allowed");
        findings.done(&world.journal().await);
    }

    /// A preflight knows no credential, so it speaks for all; the call is decided by its own connection.
    async fn another_connections_origin_is_not_ones_own(world: World) {
        let (mine, theirs) = (key_with(&world, &[TOOL]).await, key_with(&world, &[OTHER]).await);
        world.send(question(OTHER)).await.expect(204);
        let refused = list(&world, &mine, OTHER).await.refused(403, "origin_not_allowed");
        assert!(!refused.headers.contains_key(ALLOWED));
        list(&world, &theirs, OTHER).await.expect(200);
        let reasons = world.entries(refused.request_id()).await.remove(0).reasons;
        assert_eq!(reasons.last(), Some(&36), "{reasons:?}");
    }

    async fn a_page_stops_with_its_connection(world: World) {
        let key = key_with(&world, &[TOOL]).await;
        world.switch(&key.connection_id, "pause").await;
        // The page may learn that it is paused.
        world.send(question(TOOL)).await.expect(204);
        assert_eq!(list(&world, &key, TOOL).await.refused(403, "connection_paused").header(ALLOWED), TOOL);
        world.switch(&key.connection_id, "resume").await;
        list(&world, &key, TOOL).await.expect(200);
        world.change_connection(&key.connection_id, &json!({"browser_origins": [OTHER]})).await;
        world.send(question(TOOL)).await.refused(403, "origin_not_allowed");
        list(&world, &key, TOOL).await.refused(403, "origin_not_allowed");
        list(&world, &key, OTHER).await.expect(200);
        world.switch(&key.connection_id, "revoke").await;
        world.send(question(OTHER)).await.refused(403, "origin_not_allowed");
        assert!(!list(&world, &key, OTHER).await.refused(401, "unauthenticated").headers.contains_key(ALLOWED));
    }

    async fn what_is_listed_outlives_a_restart(world: World) {
        let key = key_with(&world, &[TOOL]).await;
        let world = world.restart().await;
        world.send(question(TOOL)).await.expect(204);
        list(&world, &key, TOOL).await.expect(200);
        world.send(question(OTHER)).await.refused(403, "origin_not_allowed");
    }

    /// Pages that this server shows are no other site's.
    async fn our_own_pages_go_on(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let caller = world.as_key(&key.secret);
        for call in [
            Call::get("/v1/invoices").header("origin", clinicos_testkit::BASE_URL),
            Call::get("/v1/invoices").header("origin", "http://10.0.0.5:8080").header("host", "10.0.0.5:8080"),
            Call::get("/v1/invoices").header("origin", "http://lan.test").header("sec-fetch-site", "same-origin"),
        ] {
            caller.send(call).await.expect(200);
        }
        let same_site = Call::get("/v1/invoices").header("origin", "http://www.clinicos.test").header("sec-fetch-site", "same-site");
        caller.send(same_site).await.refused(403, "origin_not_allowed");
    }

    /// OPTIONS is an answer to browsers alone, and only within the API.
    async fn a_preflight_is_told_from_any_other_options(world: World) {
        key_with(&world, &[TOOL]).await;
        let mut findings = Findings::default();
        for (what, call, status, code) in [
            ("no question", Call::new("OPTIONS", "/v1/invoices").header("origin", TOOL), 405, "method_not_allowed"),
            ("no origin", question(TOOL).without("origin"), 405, "method_not_allowed"),
            ("our own page", question(clinicos_testkit::BASE_URL), 405, "method_not_allowed"),
            ("a page of the server", Call { target: "/docs/problems/not_found".to_owned(), ..question(TOOL) }, 405, "method_not_allowed"),
            ("a bad path", Call { target: "/v1//invoices".to_owned(), ..question(TOOL) }, 400, "path_not_canonical"),
        ] {
            findings.refused(what, &world.send(call).await, status, code);
        }
        findings.done(&world.journal().await);
    }

    /// A preflight is free for nobody: the address pays.
    async fn preflights_are_charged_to_the_address(world: World) {
        let quotas = clinicos_gate::limits::Policy { address: 3, ..clinicos_gate::limits::Policy::UNLIMITED };
        let small = World::open_with(world.store.engine(), quotas).await;
        let peer = Some([198, 51, 100, 1].into());
        for _ in 0..3 {
            small.send(Call { peer, ..question(TOOL) }).await.refused(403, "origin_not_allowed");
        }
        small.send(Call { peer, ..question(TOOL) }).await.refused(429, "rate_limited");
    }

    async fn origins_are_checked_one_by_one(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let path = format!("/v1/connections/{}", key.connection_id);
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        let many: Vec<String> = (0..21).map(|number| format!("https://tool{number}.example")).collect();
        for (origins, status, pointer, code) in [
            (json!(["https://tool.example", "https://tool.example/"]), 400, "/browser_origins/1", "format"),
            (json!(["*"]), 400, "/browser_origins/0", "format"),
            (json!(["null"]), 400, "/browser_origins/0", "format"),
            (json!(["http://tool.example"]), 400, "/browser_origins/0", "format"),
            (json!([7]), 400, "/browser_origins/0", "type"),
            (json!([format!("https://{}", "a.".repeat(200))]), 400, "/browser_origins/0", "too_long"),
            (json!(many), 400, "/browser_origins", "too_long"),
            (json!("https://tool.example"), 400, "/browser_origins", "type"),
            (json!(null), 400, "/browser_origins", "type"),
            (json!([TOOL, OTHER, TOOL]), 422, "/browser_origins/2", "repeated"),
        ] {
            let body = json!({"browser_origins": origins});
            let patched = world.as_admin().patch(&path, &etag, &body).await.expect(status);
            let new = json!({"name": "A", "purpose": "operations", "reason": "B", "scopes": ["invoices:read"], "browser_origins": origins});
            let made = world.as_admin().post("/v1/keys", &new).await.expect(status);
            for reply in [patched, made] {
                let error = &reply.json["errors"][0];
                assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}: {}", reply.json);
            }
        }
        let twenty = json!({"browser_origins": many[..20]});
        let changed = world.as_admin().patch(&path, &etag, &twenty).await.expect(200);
        assert_eq!(changed.json["browser_origins"], twenty["browser_origins"]);
    }

    /// A key is made with its list, and each change of it stands in the history and in an event.
    async fn the_list_is_given_with_the_key_and_changed_later(world: World) {
        let new = json!({"name": "Tool", "purpose": "operations", "reason": "A page", "scopes": ["invoices:read"], "browser_origins": [TOOL]});
        let made = world.as_admin().post("/v1/keys", &new).await.expect(201);
        let connection_id = made.text("connection_id").to_owned();
        let key = MadeKey { secret: made.text("secret").to_owned(), id: made.id(), connection_id: connection_id.clone() };
        list(&world, &key, TOOL).await.expect(200);
        let changed = world.change_connection(&connection_id, &json!({"browser_origins": []})).await;
        assert_eq!(changed.json["browser_origins"], json!([]));
        list(&world, &key, TOOL).await.refused(403, "origin_not_allowed");
        let history = world.as_admin().get(&format!("/v1/connection_changes?connection_id={connection_id}")).await.expect(200);
        let noted: Vec<_> = history.data().iter().filter(|change| change["changed"] == json!(["browser_origins"])).collect();
        assert_eq!(noted.len(), 1, "{:?}", history.json);
    }

    /// What binds a grantor binds what it makes: only an admin's own tool lets in any page.
    async fn nobody_lets_in_pages_that_may_not_call_with_their_own_key(world: World) {
        let new = |origins: &[&str]| {
            json!({"name": "A", "purpose": "payment", "reason": "B", "scopes": ["keys:write", "connections:write"], "browser_origins": origins})
        };
        let made = world.as_admin().post("/v1/keys", &new(&[TOOL])).await.expect(201);
        let other = world.as_admin().post("/v1/keys", &new(&[])).await.expect(201);
        let holder = world.as_key(made.text("secret"));
        holder.post("/v1/keys", &new(&[TOOL])).await.expect(201);
        holder.post("/v1/keys", &new(&[TOOL, OTHER])).await.refused(403, "cannot_grant");
        let path = format!("/v1/connections/{}", other.text("connection_id"));
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        holder.patch(&path, &etag, &json!({"browser_origins": [OTHER]})).await.refused(403, "cannot_grant");
        holder.patch(&path, &etag, &json!({"browser_origins": [TOOL]})).await.expect(200);
    }

    /// Origins are typed one on each line; what is wrong with one is told, and changes nothing.
    async fn web_pages_are_let_in_by_forms(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/keys/new").await.expect(200);
        let fields = [("name", "Tool"), ("run_by", "Us"), ("reason", "A page"), ("purpose", "operations"), ("expires", "90"), ("scope", "invoices:read")];
        browser.submit("/console/keys", &[&fields[..], &[("origins", "tool.example")]].concat()).await.expect(400);
        assert!(browser.page.contains("must be an origin as browsers write it") && browser.page.contains(">tool.example</textarea>"), "{}", browser.page);
        browser.submit("/console/keys", &[&fields[..], &[("origins", "https://tool.example\r\n")]].concat()).await.expect(200);
        let (_, rest) = browser.page.split_once("cos_sandbox_").unwrap();
        let secret: String = "cos_sandbox_".chars().chain(rest.chars().take_while(char::is_ascii_alphanumeric)).collect();
        let (_, rest) = browser.page.split_once("/console/connections/con_").unwrap();
        let one = format!("/console/connections/con_{}", rest.chars().take_while(char::is_ascii_alphanumeric).collect::<String>());
        let from = async |origin: &str| world.as_key(&secret).send(Call::get("/v1/invoices").header("origin", origin)).await.status;
        assert_eq!((from("https://tool.example").await, from("http://localhost:5173").await), (200, 403));
        for (typed, answer, says, statuses) in [
            (" https://tool.example\r\n http://localhost:5173\r\n", 303, "It holds from the next call on", (200, 200)),
            ("https://tool.example/, http://localhost:5173;", 303, "Nothing changed", (200, 200)),
            ("https://tool.example/page/", 400, "must be an origin as browsers write it", (200, 200)),
            ("", 303, "It holds from the next call on", (403, 403)),
        ] {
            browser.open(&one).await.expect(200);
            browser.submit(&format!("{one}/origins"), &[("origins", typed)]).await.expect(answer);
            if answer == 303 {
                browser.open(&one).await.expect(200);
            }
            assert!(browser.page.contains(says), "{}", browser.page);
            assert_eq!((from("https://tool.example").await, from("http://localhost:5173").await), statuses, "{typed}");
        }
        assert!(browser.page.contains("no longer let web pages of https://tool.example call"), "{}", browser.page);
    }
}

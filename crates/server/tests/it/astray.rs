//! Where no page is: people get a page, programs a problem, and neither gets in by another spelling.

use clinicos_testkit::{Call, Reply, World, on_both_engines};

use crate::console_browser::{Browser, admin, files_form, location};

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn ask(world: &World, method: &str, target: &str, accept: &str) -> Reply {
    let before = world.journal().await.len();
    let reply = world.send(Call::new(method, target).header("accept", accept)).await;
    assert_eq!(world.journal().await.len(), before + 1, "{method} {target}");
    reply
}

fn is_page(reply: &Reply) -> bool {
    let policy = reply.headers.get("content-security-policy").is_some();
    reply.header("content-type") == "text/html; charset=utf-8"
        && policy
        && ["Go home", "The first help page"].iter().any(|link| String::from_utf8_lossy(&reply.bytes).contains(link))
}

on_both_engines! {
    async fn a_browser_gets_a_page_and_a_program_a_problem(world: World) {
        for target in ["/console/nothing", "/console/connections/con_1/a/b", "/docs/nothing", "/docs/a/b", "/nothing", "/docs/reference/nothing"] {
            let reply = ask(&world, "GET", target, HTML).await.expect(404);
            assert!(is_page(&reply), "{target}: {}", String::from_utf8_lossy(&reply.bytes));
            assert!(!reply.request_id().is_empty() || String::from_utf8_lossy(&reply.bytes).contains("req_"), "{target}");
        }
        for (target, accept) in [("/console/nothing", "*/*"), ("/docs/a/b", "application/json"), ("/v1/nothing", HTML), ("/v1", HTML), ("/v1/invoices/a/b/c", HTML)] {
            let reply = ask(&world, "GET", target, accept).await.refused(404, "not_found");
            assert_eq!(reply.header("content-type"), "application/problem+json", "{target}");
        }
        ask(&world, "GET", "/v1/invoices", HTML).await.refused(401, "unauthenticated");
        let reply = ask(&world, "GET", "/console/%2e%2e/v1", HTML).await.expect(400);
        assert!(is_page(&reply));
    }

    /// A page that is nobody's own names who is signed in and leads back, and holds nothing of theirs.
    async fn a_public_page_names_who_is_signed_in(world: World) {
        let mut sam = admin(&world).await;
        let mut stranger = Browser::new(&world);
        let kept = sam.cookies.clone();
        for (target, status) in [("/docs", 200), ("/docs/limits", 200), ("/docs/reference/invoices", 200), ("/nothing", 404), ("/console/nothing", 404)] {
            let call = || Call::get(target).header("accept", HTML);
            let reply = sam.send(call()).await.expect(status);
            assert!(sam.page.contains("href=\"/console/account\"") && sam.page.contains("<span>Sam</span></a>"), "{target}: {}", sam.page);
            assert!(!sam.page.contains("Sign in</a>") && !sam.page.contains("name=\"csrf\""), "{target}: {}", sam.page);
            assert_eq!(reply.header("cache-control"), "no-store", "{target}");
            let vary = reply.headers.get_all("vary").iter().any(|value| value == "cookie");
            assert!(vary && reply.headers.get("set-cookie").is_none(), "{target}");
            stranger.send(call()).await.expect(status);
            assert!(stranger.page.contains("Sign in</a>") && !stranger.page.contains("Sam"), "{target}: {}", stranger.page);
            let content = |page: &str| page.split_once("<main").unwrap().1.split("<details").next().unwrap().to_owned();
            assert_eq!(content(&sam.page), content(&stranger.page), "{target}");
        }
        sam.open("/console").await.expect(200);
        sam.submit("/console/sign-out", &[]).await.expect(303);
        sam.cookies = kept;
        let before = world.journal().await.len();
        sam.open("/docs").await.expect(200);
        assert!(!sam.page.contains("<span>Sam</span></a>") && sam.page.contains("Sign in</a>"), "{}", sam.page);
        assert_eq!(world.journal().await.len(), before + 1, "a session that is over is not asked about");
    }

    /// A session that is over by itself is no reason to ask, and to write a refusal into the clinic's log.
    async fn a_public_page_asks_for_nobody_whose_session_ran_out(world: World) {
        let mut sam = admin(&world).await;
        let kept = sam.cookies.clone();
        for (minutes, times) in [(121, 1), (110, 7)] {
            sam.sign_in_again().await;
            for _ in 0..times {
                sam.open("/console").await.expect(200);
                world.clock.advance_s(minutes * 60);
            }
            for target in ["/docs", "/nothing"] {
                let before = world.journal().await.len();
                sam.send(Call::get(target).header("accept", HTML)).await;
                assert!(!sam.page.contains("<span>Sam</span></a>") && sam.page.contains("Sign in</a>"), "{}", sam.page);
                assert_eq!(world.journal().await.len(), before + 1, "{target}, {times} times {minutes} minutes");
            }
        }
        sam.cookies = kept;
        let before = world.journal().await.len();
        let large = "x".repeat(200_000);
        let form = files_form("", "demo", &[("clients.csv", &large)]);
        assert_eq!(sam.send(form).await.status, 413, "files are read of nobody whose session is over");
        assert_eq!(world.journal().await.len(), before + 1);
    }

    async fn a_slash_behind_a_page_leads_to_the_page(world: World) {
        for (target, to) in [
            ("/console/", "/console"),
            ("/docs/", "/docs"),
            ("/docs/limits/", "/docs/limits"),
            ("/console/log/?record=x", "/console/log?record=x"),
            ("/console/nothing/", "/console/nothing"),
        ] {
            for accept in [HTML, "*/*"] {
                let reply = ask(&world, "GET", target, accept).await;
                assert_eq!((reply.status, location(&reply)), (308, to), "{target}");
            }
        }
        for target in ["/v1/invoices/", "/console//", "/docs/%2e/", "/docs/../", "/consolex/", "/", "//docs/"] {
            let reply = ask(&world, "GET", target, "*/*").await;
            assert_ne!(reply.status, 308, "{target}");
            assert!(target == "/" || reply.code() == "path_not_canonical", "{target}: {}", reply.status);
        }
        ask(&world, "POST", "/console/keys/", "*/*").await.refused(400, "path_not_canonical");
    }

    async fn the_icon_is_served_where_browsers_look(world: World) {
        let reply = ask(&world, "GET", "/favicon.ico", "image/*").await.expect(200);
        assert_eq!(reply.header("content-type"), "image/x-icon");
        assert_eq!(reply.header("cache-control"), "public, max-age=86400");
        assert_eq!(&reply.bytes[..4], [0, 0, 1, 0]);
        let page = ask(&world, "GET", "/console/sign-in", HTML).await.expect(200);
        let page = String::from_utf8_lossy(&page.bytes).into_owned();
        let (_, rest) = page.split_once("rel=\"icon\"").unwrap();
        let href = rest.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
        let reply = ask(&world, "GET", href, "image/*").await.expect(200);
        assert_eq!(reply.header("content-type"), "image/svg+xml");
        assert!(reply.header("cache-control").contains("immutable"));
    }

    /// A head that is too large for us, and not for the parser, gets a problem and an entry.
    async fn a_head_that_is_too_large_is_journaled(world: World) {
        let long = |bytes: usize| format!("/v1/invoices?limit={}", "1".repeat(bytes));
        for target in [long(9_000), long(60_000)] {
            ask(&world, "GET", &target, "*/*").await.refused(414, "uri_too_long");
        }
        ask(&world, "GET", &long(8_000), "*/*").await.refused(401, "unauthenticated");
        let large = Call::get("/v1/invoices").header("x-much", "x".repeat(33 << 10));
        let many = (0..101).fold(Call::get("/v1/invoices"), |call, number| call.header(&format!("x-{number}"), "y"));
        for call in [large, many] {
            let before = world.journal().await.len();
            world.send(call).await.refused(431, "head_too_large");
            assert_eq!(world.journal().await.len(), before + 1);
        }
    }
}

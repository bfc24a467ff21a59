//! What the console's answers say beside their page: the door's own status, when to come back, which
//! methods there are; and what the log says of forms that were refused.

use std::collections::BTreeSet;

use clinicos_console::web::ROUTES;
use clinicos_gate::limits::Policy;
use clinicos_testkit::{Call, Engine, World, on_both_engines};

use crate::console_browser::{Browser, admin, location, target_of};

/// Pages that are told from the binary alone, and an invitation that is none.
fn asks_no_operation(path: &str) -> bool {
    let open = ["/console/assets/", "/console/sign-in", "/console/welcome", "/docs", "/favicon.ico", "/llms.txt"];
    open.iter().any(|start| path.starts_with(start))
}

/// The pages that ask the door as the person who is signed in.
fn pages() -> impl Iterator<Item = String> {
    let asks = |(path, methods): &&(&str, &str)| methods.contains("GET") && !asks_no_operation(path);
    ROUTES.iter().filter(asks).map(|(path, _)| target_of(path))
}

/// Sends a form without its token; gives the pages of the entries of all such forms.
async fn forged(browser: &mut Browser<'_>, world: &World) -> BTreeSet<String> {
    browser.send_form("/console/emergency", "csrf=0&writes=stop").await.expect(403);
    let entries = world.journal().await.into_iter().filter(|entry| entry.operation == "console.refused");
    entries.map(|entry| format!("/console/log/req_{}", clinicos_contract::id::text_of(entry.request_id))).collect()
}

on_both_engines! {
    async fn a_wrong_method_is_told_the_right_ones(world: World) {
        let mut browser = admin(&world).await;
        for (path, methods) in ROUTES {
            let target = target_of(path);
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].into_iter().filter(|method| !methods.contains(method)) {
                let reply = browser.send(Call::new(method, target.as_str())).await;
                assert_eq!((reply.status, reply.header("allow")), (405, *methods), "{method} {target}");
            }
            let reply = browser.send(Call::new(if methods.contains("GET") { "GET" } else { "POST" }, target.as_str())).await;
            assert_ne!(reply.status, 405, "{target}");
        }
    }

    async fn who_asks_too_much_is_told_when_to_come_back(world: World) {
        let quotas = Policy { connection: [30, 1_000, 1_000, 1_000], clinic_factor: 1, ..Policy::UNLIMITED };
        let small = World::open_with(world.store.engine(), quotas).await;
        let mut browser = admin(&small).await;
        let mut opened = 0;
        while browser.open("/console/account").await.status != 429 {
            opened += 1;
            assert!(opened < 40, "there is no end to it");
        }
        for target in pages() {
            let reply = browser.open(&target).await;
            let wait = reply.header("retry-after").parse::<u64>().unwrap_or_default();
            assert!(reply.status == 429 && wait >= 1, "{target}: {} {wait}", reply.status);
        }
        let mut stranger = Browser::new(&small);
        for _ in 0..6 {
            stranger.sign_in("sam@clinic.example", "not the password", "").await.expect(401);
        }
        let reply = stranger.sign_in("sam@clinic.example", "not the password", "").await.expect(429);
        assert!(!reply.header("retry-after").is_empty(), "no word of when to try again");
        let small = World::open_with(world.store.engine(), Policy { address: 1, ..Policy::UNLIMITED }).await;
        let mut browser = Browser::new(&small);
        browser.address = Some([198, 51, 100, 1].into());
        browser.open("/console/sign-in").await.expect(200);
        let reply = browser.send(Call::get("/console/sign-in").header("accept", "text/html")).await.expect(429);
        assert!(!reply.header("retry-after").is_empty() && browser.page.contains("Too many calls"), "{}", browser.page);
    }

    async fn a_server_that_cannot_answer_says_when_to_ask_again(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/emergency").await.expect(200);
        world.faults.fail_call(1);
        let reply = browser.submit("/console/emergency", &[("writes", "stop"), ("reason", "Odd")]).await;
        assert_eq!((reply.status, reply.header("retry-after")), (503, "1"), "{}", browser.page);
        world.faults.clear();
        // What cannot be journaled is not answered: SQLite stops for good, PostgreSQL for that call.
        for (path, _) in ROUTES.iter().filter(|(_, methods)| methods.contains("GET")) {
            world.faults.fail_commit();
            let reply = browser.open(&target_of(path)).await;
            world.faults.clear();
            if reply.status == 503 || world.store.engine() == Engine::Sqlite {
                assert_eq!((reply.status, reply.header("retry-after")), (503, "1"), "{path}: {}", browser.page);
            }
        }
    }

    /// The log names who was signed in, and what is refused keeps nobody signed in.
    async fn a_refused_form_is_somebodys(world: World) {
        let mut browser = admin(&world).await;
        let hers = forged(&mut browser, &world).await;
        assert_eq!(hers.len(), 1);
        for entry in &hers {
            browser.open(entry).await.expect(200);
            assert!(browser.page.contains("<h1>Sam sent a request that could not be taken</h1>"), "{}", browser.page);
        }
        let all = forged(&mut Browser::new(&world), &world).await;
        for nobodys in all.difference(&hers) {
            browser.open(nobodys).await.expect(404);
        }
        assert_eq!(all.len(), 2);
        for _ in 0..3 {
            world.clock.advance_s(3_000);
            forged(&mut browser, &world).await;
        }
        let reply = browser.open("/console").await;
        assert_eq!(location(&reply).split('?').next(), Some("/console/sign-in"), "{}", browser.page);
    }
}

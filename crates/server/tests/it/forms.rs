//! Forms: whose they are, what becomes of one whose session is over, and of one that comes late.

use clinicos_testkit::{Call, on_both_engines};

use crate::console_browser::{Browser, admin, unmasked};

on_both_engines! {
    async fn a_form_is_taken_from_its_own_page_alone(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        browser.open(&one).await.expect(200);
        let csrf = browser.csrf();
        browser.open(&one).await.expect(200);
        assert_ne!(browser.csrf(), csrf, "it looks different in each answer");
        let plain = unmasked(&csrf);
        assert_eq!(unmasked(&browser.csrf()), plain, "and is the same behind its pad");
        let form = |token: &str| {
            let mut call = Call::new("POST", format!("{one}/revoke")).header("content-type", "application/x-www-form-urlencoded");
            call.body = format!("csrf={token}&reason=x").into();
            call
        };
        browser.send(form("")).await.expect(403);
        browser.send(form("0000")).await.expect(403);
        browser.send(form(&plain)).await.expect(403);
        browser.send(form(&csrf).header("sec-fetch-site", "cross-site")).await.expect(403);
        browser.send(form(&csrf).header("host", "clinicos.test").header("origin", "https://evil.example")).await.expect(403);
        browser.send(form(&csrf).set("content-type", "text/plain")).await.expect(403);
        let mut other = Browser::new(&world);
        other.open("/console/sign-in").await.expect(200);
        let theirs = other.csrf();
        browser.send(form(&theirs)).await.expect(403);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let refused = world.journal().await.into_iter().filter(|entry| entry.operation == "console.refused").count();
        assert_eq!(refused, 7, "each refusal is in the journal");
        // An older page of the same session still works, and one of them is enough.
        browser.send(form(&csrf)).await.expect(303);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(401);
    }
}

//! Forms that are kept for one more click: they come back as they were typed, or not at all.

use clinicos_testkit::{Reply, World, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::{Browser, PASSWORD, admin, hidden, invite, location};
use crate::forms::{filled, from_page, plain, signed_in};

const LINES: &str = "10.0.0.0/8\r\n192.0.2.7";

on_both_engines! {
    async fn lines_come_back_as_they_were_typed(world: World) {
        let (mut browser, one) = at_a_connection(&world).await;
        let late = form(&browser, &[("addresses", LINES), ("reason", "The office")]);
        world.clock.advance_s(3 * 3_600);
        leave_and_return(&mut browser, &one, "addresses", &late).await.expect(200);
        let kept = plain(&hidden(&browser.page, "addresses").unwrap());
        assert_eq!(kept, "10.0.0.0/8\n192.0.2.7", "{}", browser.page);
        // As a browser sends it.
        let fields = [("addresses", &*kept.replace('\n', "\r\n")), ("reason", "The office")];
        browser.submit(&format!("{one}/addresses"), &fields).await.expect(303);
        assert_eq!(record(&world, &one).await["allowed_addresses"], json!(["10.0.0.0/8", "192.0.2.7/32"]));
        browser.open(&one).await.expect(200);
        let late = form(&browser, &[("addresses", LINES)]);
        browser.submit(&format!("{one}/addresses"), &[("addresses", "192.0.2.9")]).await.expect(303);
        browser.send_form(&format!("{one}/addresses"), &late).await.expect(412);
        assert_eq!(hidden(&browser.page, "addresses").as_deref(), Some("10.0.0.0/8\n192.0.2.7"), "{}", browser.page);
    }

    /// Without the field that it is in, the form would allow more than was typed.
    async fn a_form_with_a_key_in_it_is_not_kept_at_all(world: World) {
        let (mut browser, one) = at_a_connection(&world).await;
        let secret = world.key(&["invoices:read"]).await.secret;
        let bare = secret.rsplit('_').next().unwrap();
        for typed in [&*secret, bare, &format!("10.0.0.0/8\r\n{secret}")] {
            browser.open(&one).await.expect(200);
            let late = form(&browser, &[("addresses", typed), ("reason", "The office")]);
            world.clock.advance_s(3 * 3_600);
            browser.send(from_page(&format!("{one}/addresses"), &late, &one)).await.expect(401);
            assert!(!browser.page.contains("name=\"kept\"") && !browser.page.contains(bare), "{}", browser.page);
            browser.sign_in_again().await;
            browser.open(&one).await.expect(200);
            let late = form(&browser, &[("addresses", typed)]);
            browser.submit(&format!("{one}/limits"), &[("read", "30"), ("write", "")]).await.expect(303);
            browser.send_form(&format!("{one}/addresses"), &late).await;
            assert!(!browser.page.contains("type=\"hidden\" name=\"addresses\"") && !browser.page.contains(bare), "{}", browser.page);
            browser.open(&one).await.expect(200);
            browser.submit(&format!("{one}/limits"), &[("read", ""), ("write", "")]).await.expect(303);
        }
        // What begins like a key and is too short for one is no secret.
        browser.open(&one).await.expect(200);
        let late = form(&browser, &[("read", "30"), ("reason", "cos_live_abc was too fast")]);
        world.clock.advance_s(3 * 3_600);
        leave_and_return(&mut browser, &one, "limits", &late).await.expect(200);
        assert_eq!(hidden(&browser.page, "reason").as_deref(), Some("cos_live_abc was too fast"), "{}", browser.page);
    }

    /// On a shared computer somebody else may sign in next.
    async fn a_kept_form_is_shown_to_whoever_typed_it_alone(world: World) {
        let (mut browser, one) = at_a_connection(&world).await;
        let token = invite(&world, "kim@clinic.example", "Admin").await;
        Browser::new(&world).accept(&token).await;
        let late = form(&browser, &[("duration", "until_resumed"), ("reason", "Confidential")]);
        world.clock.advance_s(3 * 3_600);
        let (before, mut sealed) = (browser.cookies.clone(), Vec::new());
        for _ in 0..2 {
            browser.cookies = before.clone();
            browser.send(from_page(&format!("{one}/pause"), &late, &one)).await.expect(401);
            assert!(!browser.page.contains("Confidential") && !browser.page.contains("until_resumed"), "{}", browser.page);
            sealed.extend(hidden(&browser.page, "kept"));
        }
        let kept = sealed.pop().unwrap();
        assert_ne!(sealed.pop().unwrap()[60..], kept[60..], "it is sealed, not only written otherwise");
        let fields = |email| [("email", email), ("password", PASSWORD), ("next", &*one), ("kept", &*kept)];
        let reply = browser.submit("/console/sign-in", &fields("kim@clinic.example")).await.expect(303);
        assert_eq!(location(&reply), one);
        browser.cookies.clear();
        browser.open("/console/sign-in").await.expect(200);
        let mut another = kept.clone();
        another.replace_range(60..61, if &another[60..61] == "A" { "B" } else { "A" });
        for odd in [&*another, &kept[..80], "kept=%2Fconsole%2Fkeys&reason=x"] {
            let mut browser = Browser::new(&world);
            browser.open("/console/sign-in").await.expect(200);
            let mut fields = fields("sam@clinic.example");
            fields[3].1 = odd;
            browser.submit("/console/sign-in", &fields).await.expect(303);
        }
        browser.submit("/console/sign-in", &fields("sam@clinic.example")).await.expect(200);
        assert_eq!(hidden(&browser.page, "reason").as_deref(), Some("Confidential"), "{}", browser.page);
    }

    /// Whose a form is, a session says that is known still.
    async fn a_form_of_nobody_is_not_kept(world: World) {
        let (mut browser, one) = at_a_connection(&world).await;
        let mut other = signed_in(&world).await;
        let late = form(&browser, &[("duration", "until_resumed"), ("reason", "Confidential")]);
        other.open("/console/account").await.expect(200);
        let session = hidden(&other.page, "session").unwrap();
        other.submit("/console/account/sessions/end", &[("session", &session)]).await.expect(303);
        browser.send(from_page(&format!("{one}/pause"), &late, &one)).await.expect(401);
        assert!(!browser.page.contains("name=\"kept\"") && !browser.page.contains("is kept"), "{}", browser.page);
        assert_eq!(hidden(&browser.page, "next").as_deref(), Some(&*one));
    }

    /// A browser sends no box that is not ticked.
    async fn what_was_unticked_is_told(world: World) {
        let (mut browser, one) = at_a_connection(&world).await;
        browser.submit(&format!("{one}/operations"), &[("excluded", "invoices.get")]).await.expect(303);
        browser.open(&one).await.expect(200);
        let late = form(&browser, &[("reason", "")]);
        browser.submit(&format!("{one}/limits"), &[("read", "30"), ("write", "")]).await.expect(303);
        browser.send_form(&format!("{one}/operations"), &late).await.expect(412);
        let told = |page: &str, now: &str| page.contains(&format!("<dt>Forbidden calls</dt><dd>{now}</dd>"));
        assert!(told(&browser.page, "Get an invoice") && told(&browser.page, "none"), "{}", browser.page);
        browser.open(&one).await.expect(200);
        let none = form(&browser, &[("reason", "")]);
        world.clock.advance_s(3 * 3_600);
        leave_and_return(&mut browser, &one, "operations", &none).await.expect(200);
        assert!(told(&browser.page, "none"), "{}", browser.page);
        browser.submit(&format!("{one}/operations"), &[]).await.expect(303);
        assert_eq!(record(&world, &one).await["excluded_operations"], json!([]));
    }

    /// Its nonce tells when it was made; one from before any session of now tells nothing.
    async fn a_kept_form_that_makes_a_key_makes_one(world: World) {
        let (mut browser, one) = at_a_connection(&world).await;
        let keys = async |count| {
            let of = one.rsplit('/').next().unwrap();
            let keys = world.as_admin().get(&format!("/v1/keys?connection_id={of}")).await.expect(200);
            assert_eq!(keys.data().len(), count, "{}", keys.json);
        };
        for (hours, is_kept, count) in [(3, true, 2), (13, false, 3)] {
            browser.open(&format!("{one}/keys")).await.expect(200);
            let nonce = hidden(&browser.page, "nonce").unwrap();
            let late = filled(&browser, &[("nonce", &nonce), ("name", "Another"), ("addresses", ""), ("expires", "90")]);
            world.clock.advance_s(hours * 3_600);
            leave_and_return(&mut browser, &one, "keys", &late).await.expect(200);
            let next = hidden(&browser.page, "nonce").unwrap();
            assert_eq!(next == nonce, is_kept, "{hours} hours");
            let csrf = browser.csrf();
            for _ in 0..2 {
                world.clock.advance_s(60);
                let form = format!("csrf={csrf}&nonce={next}&name=Another&addresses=&expires=90");
                browser.send_form(&format!("{one}/keys"), &form).await.expect(200);
            }
            keys(count).await;
        }
    }

    /// What was refused made nothing; sent again, it is the same form.
    async fn a_refused_invitation_keeps_its_nonce(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/people").await.expect(200);
        let nonce = hidden(&browser.page, "nonce").unwrap();
        let fields = |nonce, email| [("nonce", nonce), ("name", "Kim"), ("email", email), ("role", "CSR")];
        browser.submit("/console/people", &fields(&nonce, "nobody")).await.expect(400);
        assert_eq!(hidden(&browser.page, "nonce").as_ref(), Some(&nonce));
    }

    /// A slip in a form of an old page does not make it a form of the page as it is now.
    async fn a_refused_form_is_still_as_old_as_its_page(world: World) {
        let (mut first, one) = at_a_connection(&world).await;
        let mut second = signed_in(&world).await;
        second.open(&one).await.expect(200);
        let version = hidden(&second.page, "version");
        first.submit(&format!("{one}/limits"), &[("read", "30"), ("write", "")]).await.expect(303);
        second.submit(&format!("{one}/limits"), &[("read", "many"), ("write", "")]).await.expect(400);
        assert_eq!(hidden(&second.page, "version"), version);
        second.submit(&format!("{one}/limits"), &[("read", "120"), ("write", "")]).await.expect(412);
        assert!(second.page.contains("It has changed meanwhile") && second.page.contains("<dd>30</dd>"), "{}", second.page);
        assert_eq!(record(&world, &one).await["limits"]["read"], 30);
        second.submit(&format!("{one}/limits"), &[("read", "120"), ("write", "")]).await.expect(303);

        let key = world.key(&["invoices:read"]).await;
        let own = format!("/console/keys/{}", key.id);
        for browser in [&mut first, &mut second] {
            browser.open(&own).await.expect(200);
        }
        first.submit(&format!("{own}/change"), &[("name", "One"), ("addresses", "")]).await.expect(303);
        second.submit(&format!("{own}/change"), &[("name", ""), ("addresses", "")]).await.expect(400);
        second.submit(&format!("{own}/change"), &[("name", "Two"), ("addresses", "")]).await.expect(412);
        assert!(second.page.contains("<dd>One</dd>") && second.page.contains("<dd>Two</dd>"), "{}", second.page);
    }

    /// What the form itself finds wrong is not done, though the API would take it.
    async fn a_time_that_no_form_offers_ends_no_key(world: World) {
        let mut browser = admin(&world).await;
        let key = world.key(&["invoices:read"]).await;
        let (own, of) = (format!("/console/keys/{}", key.id), format!("/console/connections/{}/keys", key.connection_id));
        for time in ["2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"] {
            browser.open(&own).await.expect(200);
            browser.submit(&format!("{own}/change"), &[("name", "Mine"), ("addresses", ""), ("ends_on", time)]).await.expect(400);
            assert!(browser.page.contains("id=\"ends-on-wrong\"") && browser.page.contains(&format!("value=\"{time}\"")), "{}", browser.page);
            assert!(!browser.page.contains("not a time"), "{}", browser.page);
            browser.open(&of).await.expect(200);
            let nonce = hidden(&browser.page, "nonce").unwrap();
            let fields = [("nonce", &*nonce), ("name", "Another"), ("addresses", ""), ("expires", time)];
            browser.submit(&of, &fields).await.expect(400);
            assert!(browser.page.contains("Choose when the key ends."), "{}", browser.page);
        }
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let kept = world.as_admin().get(&format!("/v1/keys/{}", key.id)).await.expect(200).json;
        assert_eq!((kept["name"] == "Mine", &kept["state"]), (false, &json!("active")), "{kept}");
        let keys = world.as_admin().get(&format!("/v1/keys?connection_id={}", key.connection_id)).await.expect(200);
        assert_eq!(keys.data().len(), 1, "no other key was made");
    }
}

/// The admin's browser at the page of a connection, and that page.
async fn at_a_connection(world: &World) -> (Browser<'_>, String) {
    let one = format!("/console/connections/{}", world.key(&["invoices:read"]).await.connection_id);
    let mut browser = admin(world).await;
    browser.open(&one).await.expect(200);
    (browser, one)
}

/// A form of the page that is open, with the version that the page shows.
fn form(browser: &Browser<'_>, fields: &[(&str, &str)]) -> String {
    let version = hidden(&browser.page, "version").unwrap();
    filled(browser, &[&[("version", &*version)], fields].concat())
}

/// Sends a form whose session is over, and signs the admin in again with what the page holds.
async fn leave_and_return(browser: &mut Browser<'_>, one: &str, control: &str, late: &str) -> Reply {
    browser.send(from_page(&format!("{one}/{control}"), late, one)).await.expect(401);
    let kept = plain(&hidden(&browser.page, "kept").unwrap_or_default());
    let fields = [("email", "sam@clinic.example"), ("password", PASSWORD), ("next", one), ("kept", &*kept)];
    browser.submit("/console/sign-in", &fields).await
}

/// A connection, as the API tells it.
async fn record(world: &World, page: &str) -> Value {
    world.as_admin().get(&page.replace("/console/", "/v1/")).await.expect(200).json
}

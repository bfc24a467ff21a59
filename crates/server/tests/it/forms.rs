//! Forms: whose they are, what becomes of one whose session is over, and of one that comes late.

use clinicos_testkit::{Call, World, on_both_engines};

use crate::console_browser::{Browser, PASSWORD, admin, encoded, hidden, invite, location, unmasked};

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

    /// A form of a page that was open for too long is no loss: it is kept until its person is back.
    async fn a_form_whose_session_is_over_waits_for_the_next_sign_in(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let mut browser = admin(&world).await;
        browser.open(&one).await.expect(200);
        world.clock.advance_s(12 * 3_600);
        let reason = "Odd <b> & \"odder\"";
        let form = filled(&browser, &[("duration", "until_resumed"), ("reason", reason)]);
        browser.send(from_page(&format!("{one}/pause"), &form, &one)).await.expect(401);
        assert!(browser.page.contains("You are signed out, so nothing was done; sign in again. What you typed is kept."), "{}", browser.page);
        assert_eq!(hidden(&browser.page, "next").as_deref(), Some(one.as_str()));
        let kept = hidden(&browser.page, "kept").unwrap();
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let sign_in = |password: &'static str| [("email", "sam@clinic.example"), ("password", password), ("next", one.as_str()), ("kept", &*kept)];
        browser.submit("/console/sign-in", &sign_in("not the password")).await.expect(401);
        assert_eq!(hidden(&browser.page, "kept").as_ref(), Some(&kept), "a wrong password loses nothing");
        browser.submit("/console/sign-in", &sign_in(PASSWORD)).await.expect(200);
        assert!(browser.page.contains("You are signed in again") && browser.page.contains(&format!("href=\"{one}\"")), "{}", browser.page);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        assert_eq!(plain(&hidden(&browser.page, "reason").unwrap()), reason);
        let fields = [("duration", "until_resumed"), ("reason", reason)];
        browser.submit(&format!("{one}/pause"), &fields).await.expect(303);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(403);
        browser.open(&one).await.expect(200);
        assert!(plain(&browser.page).contains(&format!("“{reason}”")), "{}", browser.page);
    }

    /// A browser forgets its session's cookie when its time is over; then nobody knows whose a form is.
    async fn a_form_whose_cookie_is_gone_is_not_kept(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let mut browser = admin(&world).await;
        browser.open(&one).await.expect(200);
        let (name, _) = browser.cookie("session").unwrap();
        browser.cookies.remove(&name);
        let form = filled(&browser, &[("duration", "until_resumed"), ("reason", "Odd")]);
        browser.send(from_page(&format!("{one}/pause"), &form, &one)).await.expect(401);
        assert!(browser.page.contains("You are signed out, so nothing was done; sign in again.") && !browser.page.contains("is kept"), "{}", browser.page);
        assert_eq!((hidden(&browser.page, "next"), hidden(&browser.page, "kept")), (Some(one), None));
    }

    /// What is secret is not kept, and nothing leads to another site.
    async fn a_form_that_waits_holds_no_secret_and_leads_nowhere_else(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        let form = filled(&browser, &[("password", PASSWORD), ("new_password", "four other words here")]);
        world.clock.advance_s(12 * 3_600);
        let elsewhere = "https://evil.example/console/account";
        for (referer, next) in [("/console/account", "/console/account"), (elsewhere, "/console/account"), ("//evil.example", "/console/account"), ("/console/log?record=x", "/console/log?record=x")] {
            browser.send(from_page("/console/account/password", &form, referer)).await.expect(401);
            assert_eq!(hidden(&browser.page, "next").as_deref(), Some(next), "{referer}");
            assert!(!browser.page.contains("name=\"kept\"") && !browser.page.contains("four"), "{}", browser.page);
        }
        let to_another_site = "kept=https%3A%2F%2Fevil.example%2Fconsole%2Fkeys&reason=x";
        for (next, kept) in [("https://evil.example", to_another_site), ("//evil.example/console", "kept=%2F%2Fevil.example&reason=x"), ("/console/../v1", ""), ("/nowhere", "")] {
            let mut again = Browser::new(&world);
            again.open("/console/sign-in").await.expect(200);
            let fields = [("email", "sam@clinic.example"), ("password", PASSWORD), ("next", next), ("kept", kept)];
            let answer = again.submit("/console/sign-in", &fields).await;
            assert_eq!((answer.status, location(&answer)), (303, "/console"), "{next}");
        }
        // Whoever does not say where a form comes from is not asked to sign in for it.
        let mut stranger = Browser::new(&world);
        stranger.send_form("/console/people", "csrf=0&name=Eve&email=eve%40evil.example&role=Admin").await.expect(403);
        assert!(!stranger.page.contains("evil.example"), "{}", stranger.page);
        let theirs = from_page("/console/people", "csrf=0&name=Eve&role=Admin", elsewhere).set("sec-fetch-site", "cross-site");
        stranger.send(theirs).await.expect(403);
    }

    /// Two people change the same: the second is told what the first did, and decides.
    async fn a_form_that_comes_late_says_who_was_first(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let mut first = admin(&world).await;
        let token = invite(&world, "kim@clinic.example", "Admin").await;
        let mut second = Browser::new(&world);
        second.accept(&token).await;
        second.open(&one).await.expect(200);
        first.open(&one).await.expect(200);
        first.submit(&format!("{one}/limits"), &[("read", "30"), ("write", ""), ("reason", "Too fast")]).await.expect(303);
        let late = [("read", "120"), ("write", ""), ("reason", "They asked")];
        second.submit(&format!("{one}/limits"), &late).await.expect(412);
        let page = plain(&second.page);
        for said in ["Sam changed its limit of reading calls from the usual one to 30 a minute, today, ", "“Too fast”", "<dd>30</dd>", "<dd>120</dd>", "They asked"] {
            assert!(page.contains(said), "no `{said}`: {page}");
        }
        let limit = async || world.as_admin().get(&format!("/v1/connections/{}", key.connection_id)).await.expect(200).json["limits"]["read"].clone();
        assert_eq!(limit().await, 30, "nothing was done");
        // One click, with what the page holds: it is based on what was shown.
        second.submit(&format!("{one}/limits"), &late).await.expect(303);
        assert_eq!(limit().await, 120);
        first.open(&format!("/console/keys/{}", key.id)).await.expect(200);
        second.open(&format!("/console/keys/{}", key.id)).await.expect(200);
        first.submit(&format!("/console/keys/{}/change", key.id), &[("name", "One"), ("addresses", "")]).await.expect(303);
        second.submit(&format!("/console/keys/{}/change", key.id), &[("name", "Two"), ("addresses", "")]).await.expect(412);
        assert!(second.page.contains("<dd>One</dd>") && second.page.contains("<dd>Two</dd>") && second.page.contains("changed a key"), "{}", second.page);
        second.submit(&format!("/console/keys/{}/change", key.id), &[("name", "Two"), ("addresses", "")]).await.expect(303);
    }
}

/// The admin of the clinic, signed in in another browser.
pub async fn signed_in(world: &World) -> Browser<'_> {
    let mut browser = Browser::new(world);
    assert_eq!(browser.sign_in("sam@clinic.example", PASSWORD, "").await.status, 303);
    browser
}

/// A form of the page that is open.
pub fn filled(browser: &Browser<'_>, fields: &[(&str, &str)]) -> String {
    let fields = fields.iter().map(|(name, value)| format!("&{name}={}", encoded(value)));
    format!("csrf={}{}", browser.csrf(), fields.collect::<String>())
}

/// A form as a browser sends it that says where it stood.
pub fn from_page(target: &str, form: &str, page: &str) -> Call {
    let referer = if page.contains("://") { page.to_owned() } else { format!("http://clinicos.test{page}") };
    let mut call = Call::new("POST", target)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("referer", referer);
    call.body = form.to_owned().into();
    call
}

/// A text of a page, as a person reads it.
pub fn plain(text: &str) -> String {
    text.replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&lt;", "<")
        .replace("&#60;", "<")
        .replace("&gt;", ">")
        .replace("&#62;", ">")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
        .replace("&#38;", "&")
}

//! A second factor is its owner's: a session that was left open, or stolen, changes nothing of it.

use clinicos_contract::Clock as _;
use clinicos_gate::sign_in::totp_code_at;
use clinicos_testkit::{World, on_both_engines};

use crate::console_browser::{Browser, PASSWORD, admin, location, unbase32};

const SAM: &str = "sam@clinic.example";
const FACTOR: &str = "/console/account/second-factor";
const GUESS: &str = "not the password";

/// What the page says beside a field.
fn beside<'p>(page: &'p str, field: &str) -> Option<&'p str> {
    let (_, rest) = page.split_once(&format!("<p class=\"wrong\" id=\"{field}-wrong\">"))?;
    rest.split("</p>").next()
}

fn code(world: &World, secret: &[u8]) -> String {
    totp_code_at(secret, world.clock.now().as_micros())
}

/// Begins to set a factor up; its secret.
async fn begun(browser: &mut Browser<'_>) -> Vec<u8> {
    browser.open("/console/account").await.expect(200);
    browser.submit(&format!("{FACTOR}/begin"), &[]).await.expect(200);
    unbase32(browser.page.split_once("id=\"secret\">").unwrap().1.split('<').next().unwrap())
}

async fn is_on(browser: &mut Browser<'_>) -> bool {
    browser.open("/console/account").await.expect(200);
    browser.page.contains("a password alone does not open your account")
}

on_both_engines! {
    /// Whoever has a session, and even the phone, and not the password: the owner is not locked out.
    async fn a_session_alone_changes_no_second_factor(world: World) {
        let mut browser = admin(&world).await;
        let secret = begun(&mut browser).await;
        for password in ["", GUESS] {
            let fields = [("password", password), ("code", &code(&world, &secret))];
            browser.submit(FACTOR, &fields).await.expect(422);
            assert!(beside(&browser.page, "on-password").unwrap().contains("not your present password"), "{}", browser.page);
            assert!(browser.page.contains("id=\"secret\""), "the picture stays: {}", browser.page);
        }
        assert!(!is_on(&mut browser).await);
        browser.submit(&format!("{FACTOR}/begin"), &[]).await.expect(200);
        let fields = [("password", PASSWORD), ("code", &code(&world, &secret))];
        browser.submit(FACTOR, &fields).await.expect(200);
        assert!(browser.page.contains("class=\"recovery\""), "a wrong password used no code up: {}", browser.page);
        world.clock.advance_s(30);
        let next = code(&world, &secret);
        for (form, target) in [("renew", format!("{FACTOR}/recovery-codes")), ("off", format!("{FACTOR}/off"))] {
            browser.open("/console/account").await.expect(200);
            browser.submit(&target, &[("password", GUESS), ("code", &next)]).await.expect(422);
            let said = beside(&browser.page, &format!("{form}-password")).unwrap_or_else(|| panic!("{}", browser.page));
            assert!(said.contains("not your present password") && !browser.page.contains("class=\"recovery\""), "{said}");
            browser.submit(&target, &[("password", GUESS), ("code", "000")]).await.expect(422);
            assert!(beside(&browser.page, &format!("{form}-code")).is_none(), "a code is judged: {}", browser.page);
            assert!(is_on(&mut browser).await);
        }
        let mut other = Browser::new(&world);
        assert_eq!(other.sign_in(SAM, PASSWORD, "").await.status, 401, "it is still asked for");
        browser.submit(&format!("{FACTOR}/off"), &[("password", PASSWORD), ("code", &next)]).await.expect(303);
        assert_eq!(other.sign_in(SAM, PASSWORD, "").await.status, 303);
    }

    /// Who stole a session and looks at the picture first does not know the secret that is confirmed.
    async fn another_session_learns_nothing_of_a_secret_that_waits(world: World) {
        let mut owner = admin(&world).await;
        let mut thief = Browser::new(&world);
        assert_eq!(thief.sign_in(SAM, PASSWORD, "").await.status, 303);
        let first = begun(&mut owner).await;
        assert_eq!(begun(&mut owner).await, first, "the same session is shown the same picture");
        let seen = begun(&mut thief).await;
        assert_ne!(seen, first, "another session is shown another one");
        let fields = [("password", PASSWORD), ("code", &code(&world, &first))];
        owner.submit(FACTOR, &fields).await;
        assert!(!is_on(&mut owner).await, "what was replaced does not count");
        let second = begun(&mut owner).await;
        assert!(second != first && second != seen);
        let fields = [("password", PASSWORD), ("code", &code(&world, &second))];
        owner.submit(FACTOR, &fields).await.expect(200);
        assert_ne!(thief.open("/console/account").await.status, 200, "sessions that began without a code are over");
        assert!(is_on(&mut owner).await);
        world.clock.advance_s(30);
        assert_eq!(thief.sign_in(SAM, PASSWORD, &code(&world, &seen)).await.status, 401);
        assert_eq!(thief.sign_in(SAM, PASSWORD, &code(&world, &second)).await.status, 303);
    }

    /// Nobody mends the form in rounds. Of a code that is right, nothing is said, and it is not used up.
    async fn a_wrong_password_and_a_wrong_code_are_told_at_once(world: World) {
        let mut browser = admin(&world).await;
        let secret = begun(&mut browser).await;
        let right = code(&world, &secret);
        let wrong = if right == "000000" { "000001" } else { "000000" };
        browser.submit(FACTOR, &[("password", GUESS), ("code", wrong)]).await.expect(422);
        assert!(beside(&browser.page, "on-password").unwrap().contains("not your present password"), "{}", browser.page);
        assert!(beside(&browser.page, "on-code").unwrap().contains("within 30 seconds"), "{}", browser.page);
        browser.submit(FACTOR, &[("password", GUESS), ("code", &right)]).await.expect(422);
        assert!(beside(&browser.page, "on-code").is_none(), "{}", browser.page);
        browser.submit(FACTOR, &[("password", PASSWORD), ("code", wrong)]).await.expect(422);
        assert!(beside(&browser.page, "on-password").is_none(), "{}", browser.page);
        browser.submit(FACTOR, &[("password", PASSWORD), ("code", &right)]).await.expect(200);
    }

    /// Guesses at the password are counted together, whatever form they are typed into.
    async fn a_password_is_guessed_in_no_form_more_often_than_in_another(world: World) {
        let mut browser = admin(&world).await;
        let secret = begun(&mut browser).await;
        let change = [("password", GUESS), ("new_password", "four other words here")];
        let mut answers = Vec::new();
        for _ in 0..5 {
            answers.push(browser.submit(FACTOR, &[("password", GUESS), ("code", &code(&world, &secret))]).await.status);
            answers.push(browser.submit("/console/account/password", &change).await.status);
        }
        assert_eq!(answers, [422; 10]);
        let right = [("password", PASSWORD), ("code", &code(&world, &secret))];
        browser.submit(FACTOR, &right).await.expect(429);
        browser.submit("/console/account/password", &[("password", PASSWORD), change[1]]).await.expect(429);
        assert!(browser.page.contains("oo many tries; wait ") && browser.page.contains("seconds, then try again"), "{}", browser.page);
        assert!(!is_on(&mut browser).await);
    }

    /// What is wrong with a new password stands beside its field.
    async fn a_password_change_says_what_is_wrong_where_it_is_typed(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        for (field, fields) in [
            ("change-password", [("password", GUESS), ("new_password", "four other words here")]),
            ("change-new", [("password", PASSWORD), ("new_password", "short")]),
        ] {
            browser.submit("/console/account/password", &fields).await.expect(422);
            assert!(beside(&browser.page, field).is_some(), "{field}: {}", browser.page);
            for (_, typed) in fields {
                assert!(!browser.page.contains(typed), "a password is shown again: {}", browser.page);
            }
        }
    }

    /// Decision 0023: whoever makes a link for a colleague comes to no more than a password.
    async fn who_is_invited_anew_keeps_the_second_factor(world: World) {
        let mut browser = admin(&world).await;
        let secret = begun(&mut browser).await;
        browser.submit(FACTOR, &[("password", PASSWORD), ("code", &code(&world, &secret))]).await.expect(200);
        let spare = browser.page.split_once("<code class=\"recovery\">").unwrap().1.split('<').next().unwrap().to_owned();
        let clinic = &world.clinic.clinic_id;
        let users = world.as_operator().get(&format!("/v1/users?clinic_id={clinic}")).await.expect(200);
        let sam = users.data()[0]["id"].as_str().unwrap().to_owned();
        let target = format!("/v1/users/{sam}/reinvite?clinic_id={clinic}");
        let invited = world.as_operator().post(&target, &serde_json::Value::Null).await.expect(200);
        assert_eq!(invited.json["second_factor"], true);
        let token = invited.text("invitation").to_owned();
        let mut anew = Browser::new(&world);
        anew.open(&format!("/console/welcome?token={token}")).await.expect(200);
        let new = "four other words here";
        let fields = [("token", token.as_str()), ("name", "Sam"), ("password", new)];
        let answer = anew.submit("/console/welcome", &fields).await;
        assert_eq!((answer.status, location(&answer)), (303, "/console/sign-in"), "the link alone signs nobody in");
        assert_eq!(anew.open("/console").await.status, 303);
        assert_eq!(anew.sign_in(SAM, new, "").await.status, 401, "a password alone does not");
        world.clock.advance_s(60);
        assert_eq!(anew.sign_in(SAM, new, &code(&world, &secret)).await.status, 303, "the same app does");
        assert_eq!(Browser::new(&world).sign_in(SAM, new, &spare).await.status, 303, "and the codes that were kept");
        assert!(is_on(&mut anew).await);
    }
}

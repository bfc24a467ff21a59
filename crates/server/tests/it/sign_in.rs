//! Signing in: whose tries run out, and what a second factor is worth.

use std::net::IpAddr;

use clinicos_contract::Clock as _;
use clinicos_gate::sign_in::totp_code_at;
use clinicos_testkit::{World, on_both_engines};
use futures_util::future::{join, join_all};

use crate::console_browser::{Browser, PASSWORD, admin, invite, location, unbase32};

const SAM: &str = "sam@clinic.example";
const FACTOR: &str = "/console/account/second-factor";

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

/// The secret that the open page shows.
fn secret(browser: &Browser<'_>) -> Option<Vec<u8>> {
    let (_, rest) = browser.page.split_once("id=\"secret\">")?;
    Some(unbase32(rest.split('<').next().unwrap()))
}

fn code(world: &World, secret: &[u8]) -> String {
    totp_code_at(secret, world.clock.now().as_micros())
}

/// Six digits that are the code of no step near now.
fn wrong_code(world: &World, secret: &[u8]) -> String {
    let near: Vec<String> =
        (-3..=3).map(|steps| totp_code_at(secret, world.clock.now().plus_seconds(30 * steps).as_micros())).collect();
    (0..9).map(|digit| format!("{digit}").repeat(6)).find(|code| !near.contains(code)).unwrap()
}

/// Turns the second factor on; the secret and the recovery codes.
async fn with_factor(world: &World, browser: &mut Browser<'_>) -> (Vec<u8>, Vec<String>) {
    browser.open("/console/account").await.expect(200);
    browser.submit(&format!("{FACTOR}/begin"), &[]).await.expect(200);
    let secret = secret(browser).unwrap();
    browser.submit(FACTOR, &[("password", PASSWORD), ("code", &code(world, &secret))]).await.expect(200);
    (secret, recovery_codes(&browser.page))
}

fn recovery_codes(page: &str) -> Vec<String> {
    page.split("<li><code class=\"recovery\">").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

async fn status(browser: &mut Browser<'_>, email: &str, password: &str, code: &str) -> u16 {
    browser.sign_in(email, password, code).await.status
}

on_both_engines! {
    /// A password that is tried first by whoever guesses is refused, with what to do instead.
    async fn a_password_that_is_easy_to_guess_is_refused(world: World) {
        let token = invite(&world, SAM, "Admin").await;
        let mut browser = Browser::new(&world);
        browser.open(&format!("/console/welcome?token={token}")).await.expect(200);
        for weak in ["aaaaaaaaaaaa", "passwordpassword", "qwertyuiop123", "sam@clinic.example", "Clinicos2026!", "abababababab!"] {
            let fields = [("token", token.as_str()), ("name", "Sam Rivera"), ("password", weak)];
            browser.submit("/console/welcome", &fields).await.expect(422);
            assert!(browser.page.contains("unrelated words"), "{weak}: {}", browser.page);
        }
        browser.accept(&token).await;
        browser.open("/console/account").await.expect(200);
        let same = [("password", PASSWORD), ("new_password", PASSWORD)];
        browser.submit("/console/account/password", &same).await.expect(422);
        assert!(browser.page.to_lowercase().contains("the one that you have now"), "{}", browser.page);
    }

    /// A clinic's name stands on its door: it is no password, at the first one and at a change.
    async fn the_clinics_name_is_no_password(world: World) {
        let path = format!("/v1/clinics/{}", world.clinic.clinic_id);
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        world.as_admin().patch(&path, &etag, &serde_json::json!({"name": "Willow Lane Veterinary"})).await.expect(200);
        let token = invite(&world, SAM, "Admin").await;
        let mut browser = Browser::new(&world);
        browser.open(&format!("/console/welcome?token={token}")).await.expect(200);
        let weak = ["WillowLane2026", "veterinary-lane", "Willow Lane Veterinary"];
        for password in weak {
            let fields = [("token", token.as_str()), ("name", "Sam Rivera"), ("password", password)];
            browser.submit("/console/welcome", &fields).await.expect(422);
            assert!(browser.page.contains("a name that others know"), "{password}: {}", browser.page);
        }
        browser.accept(&token).await;
        browser.open("/console/account").await.expect(200);
        for password in weak {
            browser.submit("/console/account/password", &[("password", PASSWORD), ("new_password", password)]).await.expect(422);
            assert!(browser.page.contains("a name that others know"), "{password}: {}", browser.page);
        }
        let words = "willow trees and lane horses";
        browser.submit("/console/account/password", &[("password", PASSWORD), ("new_password", words)]).await.expect(303);
    }

    async fn right_sign_ins_cost_no_tries(world: World) {
        admin(&world).await;
        for _ in 0..20 {
            assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, "").await, 303);
        }
        let mut stranger = Browser::new(&world);
        for _ in 0..6 {
            assert_eq!(status(&mut stranger, SAM, "not the password", "").await, 401);
        }
        assert_eq!(status(&mut stranger, SAM, "not the password", "").await, 429);
    }

    /// Who signed in with this browser before is not locked out by others, in the same network or
    /// from everywhere.
    async fn a_stranger_uses_up_no_tries_of_a_known_device(world: World) {
        let mut known = admin(&world).await;
        known.address = address("203.0.113.7");
        known.open("/console").await.expect(200);
        known.submit("/console/sign-out", &[]).await.expect(303);
        for network in 1..=12 {
            let mut stranger = Browser::new(&world);
            stranger.address = address(&if network == 1 { "203.0.113.7".to_owned() } else { format!("198.51.100.{network}") });
            for _ in 0..7 {
                status(&mut stranger, SAM, "not the password", "").await;
            }
            assert_eq!(status(&mut stranger, SAM, PASSWORD, "").await, 429, "{network}");
        }
        let mut same_network = Browser::new(&world);
        same_network.address = address("203.0.113.7");
        for name in 0..40 {
            status(&mut same_network, &format!("{name}@clinic.example"), "not the password", "").await;
        }
        assert_eq!(status(&mut known, SAM, PASSWORD, "").await, 303);
        known.submit("/console/sign-out", &[]).await;
        let mut new = Browser::new(&world);
        new.address = address("192.0.2.1");
        assert_eq!(status(&mut new, SAM, PASSWORD, "").await, 429, "a new device shares the account's tries");
        world.clock.advance_s(60);
        assert_eq!(status(&mut new, SAM, PASSWORD, "").await, 303);
    }

    /// The cookie of a device opens nothing: it counts for its own account alone, within tries of
    /// its own, as it was made, and for a year.
    async fn a_known_device_has_tries_of_its_own_and_no_more(world: World) {
        let mut known = admin(&world).await;
        let token = invite(&world, "other@clinic.example", "CSR").await;
        let mut other = Browser::new(&world);
        other.accept(&token).await;
        let cookie = |browser: &Browser<'_>| browser.cookie("device").unwrap().1;
        assert!(!cookie(&known).contains("sam") && cookie(&known) != cookie(&other));
        let mut stranger = Browser::new(&world);
        for _ in 0..6 {
            status(&mut stranger, SAM, "not the password", "").await;
        }
        let genuine = cookie(&known);
        let mut forged: Vec<String> = vec![cookie(&other), String::new(), "x".repeat(60), format!("{genuine}0"), genuine[1..].to_owned()];
        for at in [0, 20, genuine.len() - 1] {
            let mut bytes = genuine.clone().into_bytes();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            forged.push(String::from_utf8(bytes).unwrap());
        }
        for forged in forged {
            let mut stranger = Browser::new(&world);
            stranger.cookies.insert(known.cookie("device").unwrap().0, forged.clone());
            assert_eq!(status(&mut stranger, SAM, PASSWORD, "").await, 429, "{forged}");
        }
        for _ in 0..10 {
            assert_eq!(status(&mut known, SAM, "not the password", "").await, 401);
        }
        assert_eq!(status(&mut known, SAM, PASSWORD, "").await, 429);
        world.clock.advance_s(60);
        assert_eq!(status(&mut known, SAM, PASSWORD, "").await, 303);
        // One browser remembers several people.
        assert_eq!(status(&mut known, "other@clinic.example", PASSWORD, "").await, 303);
        let mut stranger = Browser::new(&world);
        for email in [SAM, "other@clinic.example"] {
            for _ in 0..6 {
                status(&mut stranger, email, "not the password", "").await;
            }
            assert_eq!(status(&mut known, email, PASSWORD, "").await, 303, "{email}");
        }
        world.clock.advance_s(366 * 86_400);
        for _ in 0..6 {
            assert_eq!(status(&mut stranger, SAM, "not the password", "").await, 401);
        }
        assert_eq!(status(&mut known, SAM, PASSWORD, "").await, 429, "a year later nothing is known of it");
    }

    /// RFC 6238, 5.2: a step is accepted once, wherever it is shown, and a restart forgets nothing.
    async fn a_code_counts_once_from_the_one_that_turned_it_on(world: World) {
        let mut browser = admin(&world).await;
        let (secret, _) = with_factor(&world, &mut browser).await;
        let first = code(&world, &secret);
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &first).await, 401, "it turned the factor on");
        world.clock.advance_s(30);
        let second = code(&world, &secret);
        let (mut one, mut two) = (Browser::new(&world), Browser::new(&world));
        let both = tokio::join!(status(&mut one, SAM, PASSWORD, &second), status(&mut two, SAM, PASSWORD, &second));
        assert!(both == (303, 401) || both == (401, 303), "{both:?}");
        let kept = browser.cookies.clone();
        let world = world.restart().await;
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &second).await, 401, "a restart forgets nothing");
        world.clock.advance_s(30);
        let third = code(&world, &secret);
        let mut browser = Browser::new(&world);
        browser.cookies = kept;
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("{FACTOR}/recovery-codes"), &[("password", PASSWORD), ("code", &third)]).await.expect(200);
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &third).await, 401, "it made new recovery codes");
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("{FACTOR}/off"), &[("password", PASSWORD), ("code", &third)]).await.expect(422);
        assert!(browser.page.contains("not the code"), "{}", browser.page);
    }

    async fn a_wrong_digit_does_not_begin_anew(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("{FACTOR}/begin"), &[]).await.expect(200);
        let first = secret(&browser).unwrap();
        let wrong = wrong_code(&world, &first);
        browser.submit(FACTOR, &[("password", PASSWORD), ("code", &wrong)]).await.expect(422);
        assert!(browser.page.contains("not the code"), "{}", browser.page);
        assert_eq!(secret(&browser).as_deref(), Some(&*first), "the page goes on with the same secret");
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("{FACTOR}/begin"), &[]).await.expect(200);
        assert_eq!(secret(&browser).as_deref(), Some(&*first));
        browser.submit(&format!("{FACTOR}/cancel"), &[]).await.expect(303);
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("{FACTOR}/begin"), &[]).await.expect(200);
        let second = secret(&browser).unwrap();
        assert_ne!(second, first);
        let wrong = wrong_code(&world, &second);
        let mut answers = Vec::new();
        for _ in 0..12 {
            answers.push(browser.submit(FACTOR, &[("password", PASSWORD), ("code", &wrong)]).await.status);
        }
        assert_eq!(answers, [[422; 9].as_slice(), &[429; 3]].concat(), "ten tries, one of which was used above");
        browser.open("/console/account").await.expect(200);
        browser.submit(&format!("{FACTOR}/begin"), &[]).await.expect(200);
        assert_eq!(secret(&browser).as_deref(), Some(&*second));
        world.clock.advance_s(600);
        browser.submit(FACTOR, &[("password", PASSWORD), ("code", &code(&world, &second))]).await.expect(200);
        assert_eq!(recovery_codes(&browser.page).len(), 10);
    }

    async fn a_recovery_code_lets_in_once(world: World) {
        let mut browser = admin(&world).await;
        let (secret, codes) = with_factor(&world, &mut browser).await;
        assert_eq!(codes.len(), 10, "{}", browser.page);
        browser.open("/console/account").await.expect(200);
        assert!(recovery_codes(&browser.page).is_empty() && browser.page.contains("10 recovery codes"), "{}", browser.page);
        assert!(!codes.iter().any(|code| browser.page.contains(code)), "they are shown once");
        let typed = codes[0].to_lowercase().replace('-', " ");
        let mut other = Browser::new(&world);
        let reply = other.sign_in(SAM, PASSWORD, &typed).await;
        assert_eq!((reply.status, location(&reply)), (303, "/console"));
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &codes[0]).await, 401, "once");
        assert_eq!(status(&mut Browser::new(&world), SAM, "not the password", &codes[1]).await, 401);
        let (mut one, mut two) = (Browser::new(&world), Browser::new(&world));
        let both = tokio::join!(status(&mut one, SAM, PASSWORD, &codes[1]), status(&mut two, SAM, PASSWORD, &codes[1]));
        assert!(both == (303, 401) || both == (401, 303), "{both:?}");
        other.open("/console/account").await.expect(200);
        assert!(other.page.contains("8 recovery codes"), "{}", other.page);
        world.clock.advance_s(30);
        other.submit(&format!("{FACTOR}/recovery-codes"), &[("password", PASSWORD), ("code", &code(&world, &secret))]).await.expect(200);
        let new = recovery_codes(&other.page);
        assert!(new.len() == 10 && new.iter().all(|code| !codes.contains(code)));
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &codes[2]).await, 401, "new ones take the place of the old");
        other.open("/console/account").await.expect(200);
        other.submit(&format!("{FACTOR}/off"), &[("password", PASSWORD), ("code", &new[0])]).await.expect(303);
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, "").await, 303, "a recovery code takes the factor away, too");
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &new[1]).await, 303, "a code that is not asked for does no harm");
    }

    /// Who lost both phone and codes asks whoever runs the server.
    async fn the_operator_takes_a_second_factor_away(world: World) {
        let mut browser = admin(&world).await;
        let (_, codes) = with_factor(&world, &mut browser).await;
        let users = world.as_operator().get(&format!("/v1/users?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
        let target = format!("/v1/users/{}/end_second_factor?clinic_id={}", users.data()[0]["id"].as_str().unwrap(), world.clinic.clinic_id);
        world.as_admin().post(&target, &serde_json::Value::Null).await.expect(404);
        let user = world.as_operator().post(&target, &serde_json::Value::Null).await.expect(200);
        assert_eq!(user.json["second_factor"], false);
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, "").await, 303);
        world.clock.advance_s(30);
        let (_, new) = with_factor(&world, &mut browser).await;
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &codes[0]).await, 401, "old codes are gone");
        assert_eq!(status(&mut Browser::new(&world), SAM, PASSWORD, &new[0]).await, 303);
        world.as_operator().post(&target, &serde_json::Value::Null).await.expect(200);
        world.as_operator().post(&target, &serde_json::Value::Null).await.refused(409, "conflict");
    }

    /// Whoever is signing in with a password while it is changed is not in afterwards.
    async fn no_session_of_the_password_that_was_outlives_it(world: World) {
        for round in 0..3 {
            let email = format!("kim{round}@clinic.example");
            let mut own = Browser::new(&world);
            own.accept(&invite(&world, &email, "DVM").await).await;
            own.open("/console/account").await.expect(200);
            let mut thieves: Vec<_> = (0..4).map(|_| Browser::new(&world)).collect();
            let sign_ins = join_all(thieves.iter_mut().map(|thief| thief.sign_in(&email, PASSWORD, "")));
            let change = own.submit("/console/account/password", &[("password", PASSWORD), ("new_password", "four other words here")]);
            let (sign_ins, changed) = join(sign_ins, change).await;
            assert_eq!((changed.status, location(&changed)), (303, "/console/account"), "{}", own.page);
            for (thief, reply) in thieves.iter_mut().zip(sign_ins) {
                assert!([303, 401].contains(&reply.status), "{}", reply.status);
                let account = thief.open("/console/account").await;
                assert_eq!(account.status, 303, "signed in with the password that was");
            }
            own.open("/console/account").await.expect(200);
        }
    }

    /// A copy of the database tells nobody whether they guessed a password.
    async fn the_journal_has_no_hash_to_guess_by(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/account").await.expect(200);
        let new = "four other words here";
        browser.submit("/console/account/password", &[("password", PASSWORD), ("new_password", new)]).await.expect(303);
        let journal = world.journal().await;
        for operation in ["users.accept_invitation", "users.change_password"] {
            let mut entries = journal.iter().filter(|entry| entry.operation == operation).peekable();
            assert!(entries.peek().is_some(), "{operation}");
            assert!(entries.all(|entry| entry.body_hash.is_none()), "{operation}");
        }
        let invited = journal.iter().find(|entry| entry.operation == "users.invite").unwrap();
        assert!(invited.body_hash.is_some(), "what holds no password can be compared by who has the keyring");
    }
}

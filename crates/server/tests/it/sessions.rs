//! Where somebody is signed in, since when, and how that ends.

use clinicos_testkit::{Reply, World, on_both_engines};

use crate::console_browser::{Browser, PASSWORD, admin, invite, location};

const SAM: &str = "sam@clinic.example";
const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0 canary-agent";
const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1";

/// What the account page says of sessions: device, last use, beginning and, but for this one, what
/// ends it. The times are as machines read them.
fn sessions(page: &str) -> Vec<(String, String, String, Option<String>)> {
    let between = |text: &str, from: &str, to: &str| Some(text.split_once(from)?.1.split_once(to)?.0.to_owned());
    let rows = page.split("<tr><th scope=\"row\">").skip(1).map(|row| row.split("</tr>").next().unwrap());
    let times =
        |row: &str| row.split("datetime=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()).collect::<Vec<_>>();
    rows.map(|row| {
        let [last, began] = times(row).try_into().unwrap();
        (row.split('<').next().unwrap().to_owned(), last, began, between(row, "name=\"session\" value=\"", "\""))
    })
    .collect()
}

async fn signed_in<'w>(world: &'w World, email: &str, agent: &str) -> Browser<'w> {
    let mut browser = Browser::new(world);
    browser.agent = agent.to_owned();
    assert_eq!(browser.sign_in(email, PASSWORD, "").await.status, 303);
    browser
}

/// The sessions that a browser is shown.
async fn shown(browser: &mut Browser<'_>) -> Vec<(String, String, String, Option<String>)> {
    browser.open("/console/account").await.expect(200);
    sessions(&browser.page)
}

async fn is_in(browser: &mut Browser<'_>) -> bool {
    browser.open("/console").await.status == 200
}

on_both_engines! {
    async fn a_session_says_on_what_and_when_it_was_used(world: World) {
        let mut first = admin(&world).await;
        let mut desk = signed_in(&world, SAM, FIREFOX).await;
        world.clock.advance_s(1_200);
        desk.open("/console").await.expect(200);
        let used = clinicos_contract::Clock::now(&*world.clock);
        world.clock.advance_s(1_200);
        let mut phone = signed_in(&world, SAM, SAFARI).await;
        let seen = shown(&mut phone).await;
        assert_eq!(seen[0].0, "Safari on iPhone", "this one first");
        let other = seen.iter().find(|(device, ..)| device == "Firefox on Windows").unwrap();
        assert_eq!(other.1, used.to_string(), "when it was used last");
        assert_eq!(other.2, used.plus_seconds(-1_200).to_string(), "when it began");
        assert!(seen.iter().any(|(device, ..)| device == "A browser"), "{seen:?}");
        let seen = shown(&mut first).await;
        assert_eq!(seen[0].0, "A browser");
        for place in [world.database_bytes(), format!("{:?}", world.journal().await).into_bytes()] {
            assert!(!place.windows(12).any(|bytes| bytes == b"canary-agent"), "what a browser says is not kept");
        }
        let kept = phone.cookies.clone();
        let world = world.restart().await;
        let mut phone = Browser::new(&world);
        phone.cookies = kept;
        let seen = shown(&mut phone).await;
        assert!(seen.iter().any(|(device, last, ..)| device == "Firefox on Windows" && *last == used.to_string()), "{seen:?}");
    }

    async fn a_session_that_lay_idle_is_no_place_where_somebody_is_signed_in(world: World) {
        Browser::new(&world).accept(&invite(&world, SAM, "Admin").await).await;
        let mut desk = signed_in(&world, SAM, FIREFOX).await;
        assert!(is_in(&mut desk).await);
        world.clock.advance_s(3_600);
        let mut phone = signed_in(&world, SAM, SAFARI).await;
        assert_eq!(shown(&mut phone).await.len(), 3, "with the one of the invitation, which was never used");
        world.clock.advance_s(3_601);
        let seen = shown(&mut phone).await;
        assert!(seen.iter().all(|(device, ..)| device != "Firefox on Windows"), "{seen:?}");
        assert_eq!(seen[0].0, "Safari on iPhone");
        assert!(!is_in(&mut desk).await);
    }

    async fn sessions_tell_when_they_were_used_page_by_page(world: World) {
        let mut browsers = vec![admin(&world).await];
        for _ in 0..4 {
            world.clock.advance_s(60);
            let mut browser = signed_in(&world, SAM, FIREFOX).await;
            browser.open("/console").await.expect(200);
            browsers.push(browser);
        }
        let list = async |query: &str| {
            let target = format!("/v1/sessions?clinic_id={}{query}", world.clinic.clinic_id);
            world.as_operator().get(&target).await.expect(200)
        };
        let all = list("").await;
        let told = |reply: &Reply| reply.data().iter().map(|one| one["last_used_at"].clone()).collect::<Vec<_>>();
        assert_eq!(all.data().len(), 5);
        assert!(told(&all)[1..].iter().all(|used| used.is_string()), "{}", all.json);
        let (mut cursor, mut paged) = (String::new(), Vec::new());
        loop {
            let page = list(&format!("&limit=2&fields=last_used_at{cursor}")).await;
            paged.extend(told(&page));
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(paged, told(&all));
        let without = list("&fields=device").await;
        assert!(without.data().iter().all(|one| one.get("last_used_at").is_none() && one.get("device").is_some()), "{}", without.json);
    }

    async fn another_session_is_ended_from_this_one(world: World) {
        let mut here = admin(&world).await;
        let mut there = signed_in(&world, SAM, FIREFOX).await;
        let mut elsewhere = signed_in(&world, SAM, SAFARI).await;
        let end_of = |seen: &[(String, String, String, Option<String>)], device: &str| {
            seen.iter().find(|(on, ..)| on == device).and_then(|(.., end)| end.clone()).unwrap()
        };
        let seen = shown(&mut here).await;
        assert_eq!(seen.iter().filter(|(.., end)| end.is_none()).count(), 1, "this one is ended by signing out");
        let end = end_of(&seen, "Firefox on Windows");
        let answer = here.submit("/console/account/sessions/end", &[("session", &end)]).await;
        assert_eq!((answer.status, location(&answer)), (303, "/console/account"));
        assert!(!is_in(&mut there).await && is_in(&mut elsewhere).await && is_in(&mut here).await);
        assert_eq!(shown(&mut here).await.len(), 2);
        here.submit("/console/account/sessions/end", &[("session", &end)]).await.expect(303);
        here.open("/console/account").await.expect(200);
        assert!(here.page.contains("over already"), "{}", here.page);
        // A colleague's is out of reach, even to an admin: there is another way to end somebody's access.
        Browser::new(&world).accept(&invite(&world, "vet@clinic.example", "DVM").await).await;
        let mut vet = signed_in(&world, "vet@clinic.example", FIREFOX).await;
        let theirs = shown(&mut vet).await;
        let theirs = theirs.iter().find_map(|(.., end)| end.clone()).unwrap();
        for session in [theirs.as_str(), "ses_1", ""] {
            here.submit("/console/account/sessions/end", &[("session", session)]).await;
        }
        assert_eq!(shown(&mut vet).await.len(), 2);
        let cookies = there.cookies.clone();
        let world = world.restart().await;
        let mut there = Browser::new(&world);
        there.cookies = cookies;
        assert!(!is_in(&mut there).await, "a restart revives nothing");
    }

    async fn a_new_password_ends_the_other_sessions_alone(world: World) {
        let mut here = admin(&world).await;
        let mut others = [signed_in(&world, SAM, FIREFOX).await, signed_in(&world, SAM, SAFARI).await];
        Browser::new(&world).accept(&invite(&world, "vet@clinic.example", "DVM").await).await;
        let mut vet = signed_in(&world, "vet@clinic.example", FIREFOX).await;
        here.open("/console/account").await.expect(200);
        let change = [("password", PASSWORD), ("new_password", "four other words here")];
        here.submit("/console/account/password", &change).await.expect(303);
        for other in &mut others {
            assert!(!is_in(other).await);
        }
        assert!(is_in(&mut here).await && is_in(&mut vet).await);
        assert_eq!(shown(&mut here).await.len(), 1);
    }
}

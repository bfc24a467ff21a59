//! People of a clinic: who may sign in, who was invited, and how a lost password is made good.

use clinicos_testkit::{Reply, World, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::{Browser, PASSWORD, admin, invite};

/// The address of a person, and of what is done with them.
async fn target(world: &World, email: &str, verb: &str) -> String {
    let clinic = world.clinic.clinic_id.clone();
    let users = world.as_operator().get(&format!("/v1/users?clinic_id={clinic}")).await.expect(200);
    let user = users.data().iter().find(|user| user["email"] == email).unwrap();
    format!("/v1/users/{}{verb}?clinic_id={clinic}", user["id"].as_str().unwrap())
}

/// Changes a person, as whoever runs the server.
async fn change(world: &World, email: &str, change: Value) -> Reply {
    let target = target(world, email, "").await;
    let etag = world.as_operator().get(&target).await.expect(200).etag().to_owned();
    world.as_operator().patch(&target, &etag, &change).await
}

/// Invites a person anew; gives the token.
async fn reinvite(world: &World, email: &str) -> String {
    let user = world.as_operator().post(&target(world, email, "/reinvite").await, &Value::Null).await.expect(200);
    assert_eq!(user.json["state"], "invited");
    user.text("invitation").to_owned()
}

on_both_engines! {
    /// Abuse case C14: who was disabled before they accepted has no way in, now or later.
    async fn c14_the_invitation_of_a_disabled_person_is_over(world: World) {
        admin(&world).await;
        let token = invite(&world, "left@clinic.example", "Admin").await;
        Browser::new(&world).open(&format!("/console/welcome?token={token}")).await.expect(200);
        change(&world, "left@clinic.example", json!({"state": "disabled"})).await.expect(200);
        let mut browser = Browser::new(&world);
        browser.open(&format!("/console/welcome?token={token}")).await.expect(404);
        browser.open("/console/sign-in").await.expect(200);
        browser.submit("/console/welcome", &[("token", &token), ("name", "Left"), ("password", PASSWORD)]).await.expect(404);
        let without_password = change(&world, "left@clinic.example", json!({"state": "active"})).await.expect(422);
        assert_eq!(without_password.json["errors"][0]["pointer"], "/state");
        let world = world.restart().await;
        Browser::new(&world).open(&format!("/console/welcome?token={token}")).await.expect(404);
        assert_eq!(Browser::new(&world).sign_in("left@clinic.example", PASSWORD, "").await.status, 401);
    }

    /// Only the change that takes the last admin away is refused.
    async fn others_are_changed_where_no_admin_accepted_yet(world: World) {
        invite(&world, "boss@clinic.example", "Admin").await;
        let token = invite(&world, "vet@clinic.example", "DVM").await;
        Browser::new(&world).accept(&token).await;
        change(&world, "vet@clinic.example", json!({"name": "Dr. Vet"})).await.expect(200);
        change(&world, "vet@clinic.example", json!({"state": "disabled"})).await.expect(200);
        change(&world, "vet@clinic.example", json!({"state": "active", "role": "Admin"})).await.expect(200);
        change(&world, "vet@clinic.example", json!({"role": "DVM"})).await.expect(409);
    }

    /// A new invitation takes the place of password, sessions and the invitation before it.
    async fn who_is_invited_anew_sets_a_new_password(world: World) {
        admin(&world).await;
        let first = invite(&world, "vet@clinic.example", "DVM").await;
        let second = reinvite(&world, "vet@clinic.example").await;
        Browser::new(&world).open(&format!("/console/welcome?token={first}")).await.expect(404);
        let mut vet = Browser::new(&world);
        vet.accept(&second).await;
        vet.open("/console").await.expect(200);
        let third = reinvite(&world, "vet@clinic.example").await;
        assert_eq!(vet.open("/console").await.status, 303, "the session is over");
        assert_eq!(Browser::new(&world).sign_in("vet@clinic.example", PASSWORD, "").await.status, 401, "the password is forgotten");
        Browser::new(&world).open(&format!("/console/welcome?token={second}")).await.expect(404);
        Browser::new(&world).accept(&third).await;
        Browser::new(&world).open(&format!("/console/welcome?token={third}")).await.expect(404);
        change(&world, "vet@clinic.example", json!({"state": "disabled"})).await.expect(200);
        let fourth = reinvite(&world, "vet@clinic.example").await;
        Browser::new(&world).accept(&fourth).await;
    }

    /// An invitation that ran out is replaced: the address is not lost.
    async fn an_invitation_that_ran_out_is_made_anew(world: World) {
        admin(&world).await;
        invite(&world, "late@clinic.example", "CSR").await;
        world.clock.advance_s(8 * 86_400);
        let again = json!({"email": "late@clinic.example", "name": "Late", "role": "CSR"});
        let clinic = format!("/v1/users?clinic_id={}", world.clinic.clinic_id);
        let refused = world.as_operator().post(&clinic, &again).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/email");
        assert_eq!(refused.json["errors"][0]["code"], "already_exists");
        let token = reinvite(&world, "late@clinic.example").await;
        Browser::new(&world).accept(&token).await;
    }

    /// Whoever runs the server lets the last admin in again; the second factor stays what it was.
    async fn the_operator_lets_the_last_admin_in_again(world: World) {
        admin(&world).await;
        let token = reinvite(&world, "sam@clinic.example").await;
        Browser::new(&world).accept(&token).await;
        let target = target(&world, "sam@clinic.example", "/reinvite").await;
        world.as_admin().post(&target, &Value::Null).await.expect(404);
    }

    /// The admin's story, by forms: invite, change the role, invite anew, end access.
    async fn an_admin_looks_after_people_by_forms(world: World) {
        let mut boss = admin(&world).await;
        boss.open("/console/people").await.expect(200);
        let fields = [("name", "Vee"), ("email", "vee@clinic.example"), ("role", "DVM")];
        boss.submit("/console/people", &fields).await.expect(200);
        let mut vee = Browser::new(&world);
        vee.accept(&token(&boss.page)).await;
        boss.open("/console/people").await.expect(200);
        assert!(boss.page.contains("vee@clinic.example"), "{}", boss.page);
        boss.submit("/console/people", &fields).await.expect(422);
        assert!(boss.page.contains("This address cannot be invited") && boss.page.contains("value=\"Vee\""), "{}", boss.page);
        let id = target(&world, "vee@clinic.example", "").await;
        let path = format!("/console/people/{}", id.split(['/', '?']).nth(3).unwrap());
        let version = world.as_operator().get(&id).await.expect(200).json["version"].to_string();
        let form = format!("csrf={}&version={version}&role=Manager", boss.csrf());
        boss.send_form(&format!("{path}/role"), &form).await.expect(303);
        assert_eq!(world.as_operator().get(&id).await.json["role"], "Manager");
        boss.open("/console/people").await.expect(200);
        boss.submit(&format!("{path}/reinvite"), &[]).await.expect(200);
        let link = token(&boss.page);
        assert_eq!(vee.open("/console").await.status, 303);
        boss.open("/console/people").await.expect(200);
        assert!(!boss.page.contains(&link), "it is shown once");
        let version = world.as_operator().get(&id).await.expect(200).json["version"].to_string();
        let form = format!("csrf={}&version={version}", boss.csrf());
        boss.open("/console/people").await.expect(200);
        assert!(!boss.page.contains(&format!("action=\"{path}/disable\"")), "one click ends it: {}", boss.page);
        boss.open(&format!("{path}/disable")).await.expect(200);
        boss.send_form(&format!("{path}/disable"), &format!("{form}&reason=Moved+away")).await.expect(303);
        boss.open("/console/people").await.expect(200);
        assert!(boss.page.contains("“Moved away”") && boss.page.contains("They may not sign in any more."), "{}", boss.page);
        Browser::new(&world).open(&format!("/console/welcome?token={link}")).await.expect(404);
        let own = target(&world, "sam@clinic.example", "").await;
        let own = format!("/console/people/{}/reinvite", own.split(['/', '?']).nth(3).unwrap());
        boss.open("/console/people").await.expect(200);
        boss.submit(&own, &[]).await.expect(303);
        boss.open("/console/people").await.expect(200);
        assert!(boss.page.contains("cannot invite yourself"), "{}", boss.page);
        // Whoever comes back is not told of as if they had left.
        boss.submit(&format!("{path}/reinvite"), &[("nonce", "0123456789abcdef0123456789abcdef")]).await.expect(200);
        assert!(world.as_operator().get(&id).await.json["state_reason"].is_null());
    }
}

/// The token of the link that a page shows.
fn token(page: &str) -> String {
    let (_, rest) = page.split_once("/console/welcome?token=").unwrap();
    rest.chars().take_while(char::is_ascii_alphanumeric).collect()
}

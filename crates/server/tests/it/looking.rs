//! Who is no admin looks: the same pages, without controls, and a door that refuses the forms.

use std::sync::atomic::Ordering;

use clinicos_gate::Door as _;
use clinicos_testkit::{World, on_both_engines};
use serde_json::json;

use crate::console_browser::{Browser, admin, files_form, invite, location};

/// Forms that are about the very person who sends them.
const OWN: [&str; 3] = ["/console/account", "/console/sign-", "/console/welcome"];

fn is_own(action: &str) -> bool {
    OWN.iter().any(|own| action.starts_with(own))
}

/// Where the forms of a page are sent to, those about the person themselves left out.
fn controls(page: &str) -> Vec<String> {
    let forms = page.split("<form").skip(1).filter(|form| form.split('>').next().unwrap().contains("method=\"post\""));
    let actions = forms.filter_map(|form| Some(form.split_once("action=\"")?.1.split('"').next()?.to_owned()));
    actions.filter(|action| !is_own(action)).collect()
}

/// An import that waits to be started.
/// The id of the clinic's admin.
async fn boss_id(world: &World) -> String {
    let users = world.as_operator().get(&format!("/v1/users?clinic_id={}", world.clinic.clinic_id)).await.expect(200);
    users.data().iter().find(|user| user["role"] == "Admin").unwrap()["id"].as_str().unwrap().to_owned()
}

async fn import(world: &World) -> String {
    let body = json!({"name": "Old data", "mapping": clinicos_intake::built_in("petclinic")});
    world.as_admin().post("/v1/imports", &body).await.expect(201).id()
}

on_both_engines! {
    /// Calls that ended in a fault of the program are told to admins, who can tell whoever runs the server.
    async fn faults_of_the_server_are_told_to_admins(world: World) {
        let mut boss = admin(&world).await;
        let token = invite(&world, "csr@clinic.example", "CSR").await;
        let mut looking = Browser::new(&world);
        looking.accept(&token).await;
        world.gate.services().panics.fetch_add(2, Ordering::Relaxed);
        boss.open("/console").await.expect(200);
        assert!(boss.page.contains("of this server ended in a fault of its own"), "{}", boss.page);
        looking.open("/console").await.expect(200);
        assert!(!looking.page.contains("id=\"server-faults\""), "{}", looking.page);
    }

    async fn who_only_looks_sees_the_pages_without_controls(world: World) {
        let key = world.key(&["invoices:read", "clients:write"]).await;
        let mut boss = admin(&world).await;
        let token = invite(&world, "csr@clinic.example", "CSR").await;
        let mut browser = Browser::new(&world);
        browser.accept(&token).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let import = format!("/console/import/{}", import(&world).await);
        let boss_id = boss_id(&world).await;
        for (target, has_controls) in [
            ("/console".to_owned(), false),
            ("/console/connections".to_owned(), false),
            (one.clone(), true),
            (format!("{one}/revoke"), true),
            ("/console/emergency".to_owned(), true),
            ("/console/keys/new".to_owned(), true),
            (format!("{one}/keys"), true),
            (format!("/console/keys/{}", key.id), true),
            (format!("/console/keys/{}/rotate", key.id), true),
            (format!("/console/keys/{}/revoke", key.id), true),
            ("/console/export".to_owned(), true),
            ("/console/import".to_owned(), true),
            (import.clone(), true),
            (format!("{import}/mapping"), true),
            ("/console/people".to_owned(), true),
            (format!("/console/people/{boss_id}/disable"), true),
            ("/console/log".to_owned(), false),
            ("/console/records".to_owned(), false),
            ("/console/records/invoices".to_owned(), false),
        ] {
            boss.open(&target).await.expect(200);
            assert_eq!(!controls(&boss.page).is_empty(), has_controls, "{target} {:?}", controls(&boss.page));
            browser.open(&target).await.expect(200);
            assert_eq!(controls(&browser.page), Vec::<String>::new(), "{target}");
            for leads_to_one in ["href=\"/console/keys/new\"", "/revoke\"", "/rotate\"", "href=\"#controls\""] {
                assert!(!browser.page.contains(leads_to_one), "{target} has {leads_to_one}");
            }
            if has_controls {
                let says = "Your role, CSR, looks and does not change. Sam can change this.";
                assert!(browser.page.contains(says), "{target}: {}", browser.page);
                assert!(!boss.page.contains("looks and does not change"), "{target}");
            }
        }
        browser.open(&one).await.expect(200);
        assert!(browser.page.contains("Invoices and what is owed") && browser.page.contains("Changes to this connection"));
    }

    /// Without its control, a form is still an address: the door refuses each.
    async fn the_door_refuses_every_form_of_who_only_looks(world: World) {
        let key = world.key(&["invoices:read", "clients:write"]).await;
        admin(&world).await;
        let token = invite(&world, "csr@clinic.example", "CSR").await;
        let mut browser = Browser::new(&world);
        browser.accept(&token).await;
        let import = import(&world).await;
        let of_connections =
            ["pause", "resume", "writes", "limits", "operations", "origins", "scopes", "remove-category", "revoke", "revoke-made"];
        let of_people = ["role", "disable", "reinvite"];
        let boss_id = boss_id(&world).await;
        let of_keys = ["change", "handled", "revoke", "leaked"];
        let posts = clinicos_console::web::ROUTES.iter().filter(|(path, methods)| methods.contains("POST") && !is_own(path));
        let targets = posts.flat_map(|(path, _)| {
            let (id, controls) = match path.split('/').nth(2) {
                Some("keys") => (&key.id, &of_keys[..]),
                Some("import") => (&import, &[""][..]),
                Some("people") => (&boss_id, &of_people[..]),
                _ => (&key.connection_id, &of_connections[..]),
            };
            let path = path.replace("{id}", id);
            controls.iter().map(move |control| path.replace("{control}", control)).collect::<Vec<_>>()
        });
        let mut targets: Vec<String> = targets.collect();
        targets.push(format!("/console/connections/{}/revoke", key.connection_id));
        targets.sort();
        targets.dedup();
        let before = world.as_admin().get(&format!("/v1/connections/{}", key.connection_id)).await.expect(200);
        let fields = [
            ("duration", "1h"), ("reason", "No"), ("writes", "off"), ("read", "1"), ("write", "1"), ("excluded", "invoices.list"),
            ("scope", "invoices:read"), ("category", "practice"), ("name", "N"), ("role", "CSR"), ("email", "n@clinic.example"), ("run_by", "N"), ("purpose", "payment"), ("version", "1"),
        ];
        for target in targets {
            browser.open("/console/account").await.expect(200);
            let seen = world.journal().await.len();
            let fields = fields.map(|(name, value)| match name {
                "writes" if target == "/console/emergency" => (name, "stop"),
                _ => (name, value),
            });
            let reply = match target.as_str() {
                "/console/import" => {
                    let csrf = browser.csrf();
                    browser.send(files_form(&csrf, "petclinic", &[("owners.csv", "OwnerID\n"), ("pets.csv", "PetID\n")])).await
                }
                _ => browser.submit(&target, &fields).await,
            };
            assert!(reply.status == 403 || (reply.status == 303 && !location(&reply).contains("sign-in")), "{target}: {}", reply.status);
            let entries = world.journal().await;
            let new = &entries[..entries.len() - seen];
            let refused = new.iter().filter(|entry| entry.problem.as_deref() == Some("role_not_allowed")).count();
            assert_eq!(refused, 1, "{target}: {:?}", new.iter().map(|entry| (&entry.operation, entry.status)).collect::<Vec<_>>());
        }
        let after = world.as_admin().get(&format!("/v1/connections/{}", key.connection_id)).await.expect(200);
        assert_eq!(before.json, after.json);
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
    }
}

//! Records of the clinic in the console: every kind, each record, what was done to it and who saw it.

use clinicos_contract::{Method, Reply as Answers, Spec};
use clinicos_testkit::{Samples, World, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::{Browser, admin, invite, location};
use crate::console_log::{between, colleague};

/// Lists of what a clinic records, by what the catalogue says: each has identifiers in other systems.
fn lists(world: &World) -> Vec<&'static Spec> {
    let is_record = |spec: &&'static Spec| {
        matches!(spec.reply, Answers::List { schema } if schema.field("external_ids").is_some())
            && spec.route.method == Method::Get
            && !spec.route.path.contains('{')
            && !world.is_operators(spec)
    };
    world.specs().into_iter().filter(is_record).collect()
}

fn name(list: &Spec) -> &'static str {
    list.route.path.strip_prefix("/v1/").unwrap()
}

/// The page of a section, by its heading's id.
fn section<'p>(page: &'p str, id: &str) -> &'p str {
    between(page, &format!("id=\"{id}\""), "</section>")
}

/// Every record of a list, as the API tells it.
async fn records(world: &World, list: &Spec) -> Vec<Value> {
    world.as_admin().get(&format!("{}?limit=200", list.route.path)).await.expect(200).data().to_vec()
}

async fn client(world: &World, given: &str, family: &str) -> Value {
    let body = json!({"given_name": given, "family_name": family});
    world.as_admin().post("/v1/clients", &body).await.expect(201).json
}

fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

on_both_engines! {
    /// What programs were given of a client, by program; who looked at the clinic stands apart.
    async fn a_client_is_told_what_left(world: World) {
        let dana = client(&world, "Dana", "Whitfield").await;
        let made = world.as_operator().post(&format!("/v1/keys?clinic_id={}", world.clinic.clinic_id), &json!({
            "name": "Books & Co", "purpose": "payment", "recipient": "service_provider", "reason": "Books",
            "scopes": ["clients:read"], "categories": ["owner_contact"],
        })).await.expect(201);
        let books = world.as_key(made.text("secret"));
        let path = format!("/console/records/clients/{}", id(&dana));
        let mut browser = admin(&world).await;
        browser.open(&path).await.expect(200);
        assert!(section(&browser.page, "ways").contains(&format!("href=\"{path}/left\"")), "{}", browser.page);
        browser.open(&format!("{path}/left")).await.expect(200);
        assert!(!browser.page.contains("Books &#38; Co"), "{}", browser.page);
        books.get(&format!("/v1/clients/{}", id(&dana))).await.expect(200);
        let word = json!({"subject": "client", "client_id": id(&dana), "category": "data_sharing", "decision": "deny", "purposes": ["payment"], "status": "active", "method": "signed"});
        let consent = world.as_admin().post("/v1/consents", &word).await.expect(201).id();
        books.get(&format!("/v1/clients/{}", id(&dana))).await.expect(200);
        browser.open(&format!("{path}/left")).await.expect(200);
        let told = section(&browser.page, "program-1");
        assert!(told.contains("Books &#38; Co") && told.contains("Service provider, for payment. 2 answers"), "{told}");
        assert!(told.contains("<th scope=\"row\">"), "{told}");
        assert!(told.contains(&format!("/console/records/consents/{consent}")), "{told}");
        assert!(section(&browser.page, "people").contains("<th scope=\"row\">"), "{}", browser.page);
    }

    /// Nothing here names a kind: what is new in the catalogue is on the pages.
    async fn every_kind_of_record_has_its_pages(world: World) {
        Samples::make(&world, &world.clinic).await;
        let mut browser = admin(&world).await;
        browser.open("/console/records").await.expect(200);
        let all = browser.page.clone();
        let lists = lists(&world);
        assert_eq!(all.matches("<li class=\"card\"><h3>").count(), lists.len(), "{all}");
        assert!(lists.len() > 8, "{}", lists.len());
        for list in lists {
            assert!(all.contains(&format!("href=\"/console/records/{}\"", name(list))), "{}: {all}", list.id);
            let rows = records(&world, list).await;
            assert!(!rows.is_empty(), "{} has no sample", list.id);
            let target = format!("/console/records/{}", name(list));
            browser.open(&target).await.expect(200);
            for row in rows.iter().take(25) {
                assert!(browser.page.contains(&format!("href=\"{target}/{}\"", id(row))), "{target}: {}", browser.page);
            }
            browser.open(&format!("{target}/{}", id(&rows[0]))).await.expect(200);
            assert!(between(&browser.page, "id=\"system\"", "</section>").contains(id(&rows[0])), "{}", browser.page);
            for raw in ["{&#34;", "[&#34;", "[{", ">null<"] {
                assert!(!browser.page.contains(raw), "{target} shows JSON: {}", browser.page);
            }
        }
    }

    /// What is kept about connections and people has pages of its own, and strangers see nothing.
    async fn what_is_no_record_of_this_clinic_is_not_there(world: World) {
        let theirs = Samples::make(&world, &world.other).await;
        let mut browser = admin(&world).await;
        let of_them = format!("/console/records/clients/{}", theirs.id("client_id"));
        for target in [
            "/console/records/connections".to_owned(),
            "/console/records/audit_entries".to_owned(),
            "/console/records/nothing".to_owned(),
            "/console/records/clients/cli_00000000000000000000000000".to_owned(),
            "/console/records/clients/x".to_owned(),
            of_them.clone(),
        ] {
            browser.open(&target).await.expect(404);
        }
        let entries = world.journal().await;
        let asked = entries.iter().filter(|entry| entry.operation == "clients.get" && entry.status == 404);
        assert!(asked.clone().count() == 3 && asked.into_iter().all(|entry| entry.actor.on_behalf_of.is_some()), "asked as the person");
        let reply = Browser::new(&world).open(&of_them).await.expect(303);
        assert!(location(&reply).starts_with("/console/sign-in"), "{}", location(&reply));
    }

    async fn a_record_is_told_in_words(world: World) {
        let api = world.as_admin();
        let jane = client(&world, "Jane", "Miller").await;
        let lines = json!([{"description": "Exam <b>", "unit_price": {"amount": 123_450, "currency": "USD"}, "revenue_category": "lab_in_house"}]);
        let body = json!({"client_id": id(&jane), "number": "A-77", "issued_on": "2026-03-02", "due_on": "2036-03-02", "stage": "open", "lines": lines});
        let invoice = api.post("/v1/invoices", &body).await.expect(201).json;
        let mut browser = admin(&world).await;
        browser.open(&format!("/console/records/invoices/{}", id(&invoice))).await.expect(200);
        assert!(browser.page.contains("<h1>Invoice A-77</h1>"), "{}", browser.page);
        let about = section(&browser.page, "about");
        assert!(about.contains("<dt>Issued</dt>") && about.contains("<time datetime=\"2026-03-02\">2 Mar 2026</time>"), "{about}");
        assert!(about.contains(">Open</span>") && !about.contains("1234"), "{about}");
        assert!(section(&browser.page, "amounts").contains(">1,234.50 USD</span>"), "{}", browser.page);
        let links = section(&browser.page, "links");
        assert!(links.contains(&format!("<a href=\"/console/records/clients/{}\">Jane Miller</a>", id(&jane))), "{links}");
        let parts = section(&browser.page, "part-lines");
        assert!(parts.contains("Exam &#60;b&#62;") && parts.contains("Lab in house"), "{parts}");
        browser.open(&format!("/console/records/clients/{}", id(&jane))).await.expect(200);
        let ways = section(&browser.page, "ways");
        assert!(ways.contains(&format!("href=\"/console/records/invoices?client_id={}\"", id(&jane))), "{ways}");
        browser.open(&format!("/console/records/invoices?client_id={}", id(&jane))).await.expect(200);
        assert!(browser.page.contains("Jane Miller</a>") && browser.page.contains(">A-77</a>"), "{}", browser.page);
    }

    /// A duplicate that was merged away says where it went, and being asked to again is no second merge.
    async fn what_was_merged_away_leads_to_what_stayed(world: World) {
        let api = world.as_admin();
        let owner = client(&world, "Ann", "Reed").await;
        let owned = json!([{"client_id": id(&owner), "role": "primary", "from": "2021-06-12"}]);
        let patient = async |name| {
            let body = json!({"name": name, "species": "canine", "ownerships": owned});
            api.post("/v1/patients", &body).await.expect(201).json
        };
        let mut browser = admin(&world).await;
        for (resource, gone, kept) in [
            ("clients", client(&world, "Jane", "Miler").await, client(&world, "Jane", "Miller").await),
            ("patients", patient("Rexx").await, patient("Rex").await),
        ] {
            for _ in 0..2 {
                api.post(&format!("/v1/{resource}/{}/merge", id(&gone)), &json!({"into": id(&kept)})).await.expect(200);
            }
            browser.open(&format!("/console/records/{resource}/{}", id(&gone))).await.expect(200);
            let note = between(&browser.page, "role=\"note\"", "</p>");
            assert!(note.contains("was merged into <a href=\""), "{note}");
            assert!(note.contains(&format!("/console/records/{resource}/{}\"", id(&kept))), "{note}");
            assert!(!note.contains("was deleted") && !browser.page.contains(">Deleted</span>"), "{note}");
            for record in [&gone, &kept] {
                browser.open(&format!("/console/records/{resource}/{}", id(record))).await.expect(200);
                assert_eq!(section(&browser.page, "history").matches("merged a ").count(), 1, "{}", browser.page);
                assert!(!section(&browser.page, "seen").contains("merged a "), "{}", browser.page);
            }
        }
    }

    async fn a_list_is_paged_and_filtered(world: World) {
        let api = world.as_admin();
        let jane = client(&world, "Jane", "Miller").await;
        let owned = json!([{"client_id": id(&jane), "role": "primary", "from": "2021-06-12"}]);
        let mut made = Vec::new();
        for number in 0..30 {
            let species = if number < 2 { "canine" } else { "feline" };
            let body = json!({"name": format!("Cat {number:02}"), "species": species, "ownerships": owned});
            made.push(api.post("/v1/patients", &body).await.expect(201).json);
        }
        let mut browser = admin(&world).await;
        browser.open("/console/records/patients").await.expect(200);
        assert_eq!(browser.page.matches("<tr><th scope=\"row\">").count(), 25, "{}", browser.page);
        assert!(browser.page.contains(">Cat 00</a>") && !browser.page.contains(">Cat 25</a>"), "by name");
        let next = between(&browser.page, "aria-label=\"Pages\"", "</nav>");
        let next = between(next, "href=\"", "\"").replace("&#38;", "&");
        browser.open(&next).await.expect(200);
        assert_eq!(browser.page.matches("<tr><th scope=\"row\">").count(), 5, "{}", browser.page);
        browser.open("/console/records/patients?species=canine").await.expect(200);
        assert_eq!(browser.page.matches("<tr><th scope=\"row\">").count(), 2, "{}", browser.page);
        assert!(browser.page.contains("<option value=\"canine\" selected>Canine</option>"), "{}", browser.page);
        browser.open("/console/records/patients?name=Nobody").await.expect(200);
        assert!(browser.page.contains("Nothing matches."), "{}", browser.page);
        browser.open("/console/records/patients?species=unicorn").await.expect(400);
        assert!(browser.page.contains("role=\"alert\""), "{}", browser.page);
        browser.open("/console/records/invoices").await.expect(200);
        assert!(browser.page.contains("Your clinic has no invoices yet."), "{}", browser.page);
        browser.open("/console/records/invoices?issued_on-from=soon").await.expect(400);
        assert!(browser.page.contains("“soon” is no day."), "{}", browser.page);
        let etag = api.get(&format!("/v1/patients/{}", id(&made[0]))).await.expect(200).etag().to_owned();
        api.delete(&format!("/v1/patients/{}", id(&made[0])), &etag).await.expect(204);
        browser.open("/console/records/patients?species=canine").await.expect(200);
        assert!(!browser.page.contains(">Cat 00</a>"), "{}", browser.page);
        browser.open("/console/records/patients?species=canine&deleted=yes").await.expect(200);
        assert!(browser.page.contains(">Cat 00</a> <span class=\"badge b-bad\">Deleted</span>"), "{}", browser.page);
        browser.open(&format!("/console/records/patients/{}", id(&made[0]))).await.expect(200);
        assert!(browser.page.contains("This patient was deleted"), "{}", browser.page);
    }

    async fn who_wrote_it_and_who_saw_it_is_told(world: World) {
        let jane = client(&world, "Jane", "Miller").await;
        let path = format!("/v1/clients/{}", id(&jane));
        let etag = world.as_admin().get(&path).await.expect(200).etag().to_owned();
        world.as_admin().patch(&path, &etag, &json!({"language": "fr"})).await.expect(200);
        let key = world.key(&["clients:read"]).await;
        world.as_key(&key.secret).get("/v1/clients").await.expect(200);
        let mut vera = colleague(&world, "vera@clinic.example", "VA", "Vera Vale").await;
        let page = format!("/console/records/clients/{}", id(&jane));
        vera.open(&page).await.expect(200);
        let mut browser = admin(&world).await;
        browser.open(&page).await.expect(200);
        let history = section(&browser.page, "history");
        for did in ["created a client", "changed a client"] {
            assert_eq!(history.matches(did).count(), 1, "{history}");
        }
        let seen = section(&browser.page, "seen");
        assert!(seen.contains("<strong>Vera Vale</strong>") && seen.contains("read 1 client<"), "{seen}");
        assert!(!seen.contains("changed a client"), "told once: {seen}");
        assert!(seen.contains(&format!("/console/log?connection=everybody&#38;record={}", id(&jane))), "{seen}");
        // Whoever looks is in the log by name, with what was shown; nothing else is read.
        let entries = world.journal().await;
        let read = entries.iter().filter(|entry| entry.operation == "clients.get" && entry.actor.on_behalf_of.is_some());
        assert_eq!(read.count(), 2);
        let entry = between(&browser.page, "id=\"seen\"", "</section>");
        let entry = between(entry, "href=\"/console/log/", "\"");
        browser.open(&format!("/console/log/{entry}")).await.expect(200);
        assert!(browser.page.contains(&format!("href=\"{page}\"")), "{}", browser.page);
    }

    async fn a_record_is_found_by_what_people_know_of_it(world: World) {
        let jane = client(&world, "Jane", "Miller").await;
        let body = json!({"given_name": "Ana", "family_name": "Reyes", "role": "dvm"});
        let ana = world.as_admin().post("/v1/staff", &body).await.expect(201).json;
        let mut browser = admin(&world).await;
        for (typed, to) in [
            ("miller", format!("clients/{}", id(&jane))),
            ("ana+reyes", format!("staff/{}", id(&ana))),
            (id(&jane), format!("clients/{}", id(&jane))),
        ] {
            let reply = browser.open(&format!("/console/records?find={typed}")).await.expect(303);
            assert_eq!(location(&reply), format!("/console/records/{to}"), "{typed}");
        }
        client(&world, "Tom", "Miller").await;
        browser.open("/console/records?find=Miller").await.expect(200);
        let which = section(&browser.page, "which");
        assert!(which.contains(&format!("href=\"/console/records/clients/{}\"", id(&jane))) && which.contains("Tom Miller"), "{which}");
        browser.open("/console/records?find=Nobody").await.expect(200);
        assert!(browser.page.contains("No client or member of staff has the family name “Nobody”"), "{}", browser.page);
        browser.open(&format!("/console/records?find={}", world.clinic.admin_connection_id)).await.expect(200);
        assert!(browser.page.contains("That id is of no record that can be read here."), "{}", browser.page);
    }

    /// Looking needs no more than a role that looks, and the pages change nothing.
    async fn who_only_looks_sees_the_same_records(world: World) {
        let jane = client(&world, "Jane", "Miller").await;
        let token = invite(&world, "csr@clinic.example", "CSR").await;
        let mut browser = Browser::new(&world);
        browser.accept(&token).await;
        for target in ["/console/records".to_owned(), "/console/records/clients".to_owned(), format!("/console/records/clients/{}", id(&jane))] {
            browser.open(&target).await.expect(200);
            assert!(!browser.page.split("<main").nth(1).unwrap().contains("method=\"post\""), "{target}");
        }
    }
}

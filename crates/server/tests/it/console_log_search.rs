//! Searching the access log in the console: whose calls, which record, and the file of it.

use clinicos_testkit::{Call, on_both_engines};
use serde_json::json;

use crate::console_browser::admin;
use crate::console_log::{between, colleague};

on_both_engines! {
    /// The page itself reads, and so does every other one: that would hide what matters.
    async fn the_log_begins_with_connections_and_changes(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        let mut vera = colleague(&world, "vera@clinic.example", "VA", "Vera Vale").await;
        vera.open("/console/connections").await.expect(200);
        vera.submit(&format!("/console/connections/{}/revoke", key.connection_id), &[("reason", "No")]).await.expect(403);
        let mut browser = admin(&world).await;
        browser.open("/console/connections").await.expect(200);
        browser.submit(&format!("/console/connections/{}/pause", key.connection_id), &[("duration", "1h")]).await.expect(303);
        let entries = world.journal().await;
        let person = entries.iter().find(|entry| entry.operation == "connections.pause").and_then(|entry| entry.actor.on_behalf_of);
        let person = format!("usr_{}", clinicos_contract::id::text_of(person.unwrap()));
        let (paused, refused, read, looked) = ("paused a connection<", "tried to revoke a connection<", "read 0 invoices<", "looked at the access log<");
        browser.open("/console/log?connection=everybody").await.expect(200);
        for (query, shown, left_out) in [
            (String::new(), vec![paused, refused, read], vec![looked, "read 1 clinic<"]),
            ("?connection=connections".to_owned(), vec![read], vec![paused, refused, looked]),
            ("?connection=people".to_owned(), vec![paused, looked], vec![read]),
            (format!("?connection={person}"), vec![paused, looked], vec![read, refused]),
            ("?connection=everybody&operation=audit_entries.list".to_owned(), vec![looked], vec![paused]),
        ] {
            browser.open(&format!("/console/log{query}")).await.expect(200);
            let found = between(&browser.page, "id=\"found\"", "</section>");
            assert!(shown.iter().all(|words| found.contains(words)), "{query}: {found}");
            assert!(!left_out.iter().any(|words| found.contains(words)), "{query}: {found}");
            assert_eq!(found.contains("What people only looked at is left out."), query.is_empty(), "{found}");
        }
        let who = between(&browser.page, "<select id=\"connection\"", "</select>");
        assert!(who.contains("Vera Vale") && who.contains("Connections and changes"), "{who}");
    }

    async fn the_file_says_why_and_when_at_the_clinic(world: World) {
        let key = world.key(&["invoices:read"]).await;
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
        world.as_key(&key.secret).get("/v1/clients").await.expect(403);
        let mut browser = admin(&world).await;
        browser.open(&format!("/console/log.csv?connection={}", key.connection_id)).await.expect(200);
        let lines: Vec<&str> = browser.page.lines().collect();
        assert_eq!(lines[0], "time_utc,time_at_clinic,time_zone,who,did,outcome,reason,status,operation,records,request_id");
        let (refused, allowed) = (lines[1], lines[2]);
        assert!(refused.contains("\"The scope is not granted. ") && refused.contains("\"403\""), "{refused}");
        assert!(allowed.contains("\"allowed\",\"\",\"200\""), "{allowed}");
        let cells: Vec<&str> = allowed.split("\",\"").collect();
        let zone = world.as_admin().get(&format!("/v1/clinics/{}", world.clinic.clinic_id)).await.expect(200).text("timezone").to_owned();
        assert!(cells[2].starts_with(&format!("{zone} (UTC")), "{allowed}");
        let utc: jiff::Timestamp = cells[0].trim_start_matches('"').parse().unwrap();
        let local = utc.to_zoned(jiff::tz::TimeZone::get(&zone).unwrap()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        assert_eq!(cells[1], local);
        browser.open("/console/log").await.expect(200);
        assert!(browser.page.contains(&format!("Times are those of your clinic, {zone}.")), "{}", browser.page);
    }

    /// People know numbers and names, not ids.
    async fn a_record_is_found_by_its_number_or_name(world: World) {
        let api = world.as_admin();
        let client = |given: &str, email: &str| json!({"given_name": given, "family_name": "Okafor", "emails": [email]});
        let jane = api.post("/v1/clients", &client("Jane", "jane@example.com")).await.expect(201).text("id").to_owned();
        let tom = api.post("/v1/clients", &client("Tom", "tom@example.com")).await.expect(201).text("id").to_owned();
        let invoice = api.post("/v1/invoices", &json!({"client_id": jane, "number": "A-77", "lines": [{"description": "Exam", "unit_price": {"amount": 100, "currency": "USD"}, "revenue_category": "exams"}]})).await;
        let invoice = invoice.expect(201).text("id").to_owned();
        let key = world.key(&["invoices:read", "clients:read"]).await;
        world.as_key(&key.secret).get(&format!("/v1/invoices/{invoice}")).await.expect(200);
        let mut browser = admin(&world).await;
        for (typed, id) in [("A-77", &invoice), ("%23A-77", &invoice), ("jane+okafor", &jane), ("Tom+Okafor", &tom)] {
            let reply = browser.open(&format!("/console/log?record={typed}&outcome=allowed")).await.expect(303);
            assert_eq!(reply.header("location"), format!("/console/log?connection=everybody&outcome=allowed&record={id}"), "{typed}");
        }
        browser.open(&format!("/console/log?record={invoice}")).await.expect(200);
        assert!(between(&browser.page, "id=\"found\"", "</section>").contains("read 1 invoice<"), "{}", browser.page);
        // By its id it is searched as by its number: who saw it is often a person.
        browser.open(&format!("/console/log?record={invoice}")).await.expect(200);
        assert!(between(&browser.page, "id=\"found\"", "</section>").matches("read 1 invoice<").count() > 1, "{}", browser.page);
        assert!(between(&browser.page, "<select id=\"connection\"", "</select>").contains("value=\"everybody\" selected"), "{}", browser.page);
        assert!(!browser.page.contains("What people only looked at is left out."), "{}", browser.page);
        browser.open("/console/log?record=okafor").await.expect(200);
        let which = between(&browser.page, "id=\"which\"", "</section>");
        for (words, id) in [("Jane Okafor, jane@example.com", &jane), ("Tom Okafor, tom@example.com", &tom)] {
            assert!(which.contains(words) && which.contains(&format!("connection=everybody&#38;record={id}")), "{which}");
        }
        assert!(!browser.page.contains("id=\"found\""), "nothing is listed before one is chosen: {}", browser.page);
        browser.open("/console/log?record=Nobody").await.expect(200);
        assert!(browser.page.contains("No client or member of staff has the family name “Nobody”, and no animal and no product that name."), "{}", browser.page);
        browser.open("/console/log?record=A-78").await.expect(200);
        assert!(browser.page.contains("No invoice has the number “A-78”, no client or member of staff that family name, and no animal and no product that name."), "{}", browser.page);
        // It is asked as the person: what they looked for is in the log like anything else.
        let entries = world.journal().await;
        let looked = entries.iter().find(|entry| entry.operation == "clients.list").unwrap();
        assert!(looked.actor.on_behalf_of.is_some(), "{looked:?}");
    }

    /// "None" is said only after everything was looked through.
    async fn a_record_is_not_said_to_be_missing_before_all_was_looked_at(world: World) {
        let api = world.as_admin();
        for number in 0..22 {
            let given = if number < 21 { format!("Adam {number}") } else { "Zoe".to_owned() };
            api.post("/v1/clients", &json!({"given_name": given, "family_name": "Smith"})).await.expect(201);
        }
        let last = api.post("/v1/clients", &json!({"given_name": "Mary Ann", "family_name": "Smith"})).await.expect(201).text("id").to_owned();
        let mut browser = admin(&world).await;
        let found = browser.open("/console/log?record=mary+ann+smith").await.expect(303);
        assert_eq!(found.header("location"), format!("/console/log?connection=everybody&record={last}"));
        browser.open("/console/log?record=zoe+smith").await.expect(303);
        browser.open("/console/log?record=Smith").await.expect(200);
        let which = between(&browser.page, "id=\"which\"", "</section>");
        assert_eq!(which.matches("<th scope=\"row\">").count(), 20, "{which}");
        assert!(which.contains("More than 20 records go by that name. Write more of it"), "{which}");
        browser.open("/console/log?record=Adam+Smith").await.expect(200);
        let which = between(&browser.page, "id=\"which\"", "</section>");
        assert!(which.contains("More than 20 records go by that name."), "{which}");
        // What cannot be asked for is told as that, and not as a record that is not there.
        browser.open(&format!("/console/log?record={}", "7".repeat(50))).await.expect(200);
        assert!(browser.page.contains("Invoices could not be searched for it."), "{}", browser.page);
        assert!(!browser.page.contains("No invoice has"), "{}", browser.page);
        let entries = world.journal().await;
        let asked = |from: &str| entries.iter().filter(|entry| entry.operation == from).count();
        assert!(asked("clients.list") > 0 && asked("invoices.list") == 1, "what has no digit is no invoice's number");
    }

    /// Which address is missing in the list, or who has the key who should not.
    async fn an_entry_refused_for_its_address_says_where_it_came_from(world: World) {
        let body = json!({"name": "Till", "run_by": "A", "reason": "Takes payments", "purpose": "payment", "scopes": ["invoices:read"], "allowed_addresses": ["192.0.2.0/24"]});
        let key = world.as_admin().post("/v1/keys", &body).await.expect(201);
        let call = |peer: &str| {
            let call = Call::get("/v1/invoices").header("authorization", format!("Bearer {}", key.text("secret")));
            world.send(Call { peer: Some(peer.parse().unwrap()), ..call })
        };
        let refused = call("::ffff:198.51.100.7").await.expect(403);
        let allowed = call("192.0.2.9").await.expect(200);
        let mut browser = admin(&world).await;
        browser.open(&format!("/console/log/{}", refused.request_id())).await.expect(200);
        assert!(between(&browser.page, "id=\"why\"", "</section>").contains("It came from 198.51.100.7."), "{}", browser.page);
        browser.open(&format!("/console/log/{}", allowed.request_id())).await.expect(200);
        assert!(!browser.page.contains("192.0.2.9"), "of a call that was allowed it is not kept: {}", browser.page);
        browser.open(&format!("/console/log.csv?connection={}", key.text("connection_id"))).await.expect(200);
        assert!(browser.page.contains("It came from 198.51.100.7.") && !browser.page.contains("192.0.2.9"), "{}", browser.page);
        let kept = world.journal().await;
        assert_eq!(kept.iter().filter(|entry| entry.refused_address.is_some()).count(), 1);
    }
}

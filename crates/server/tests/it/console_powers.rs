//! What the console says that a connection may do: what it may do now, and the same everywhere.

use clinicos_contract::{Access, Clock as _};
use clinicos_testkit::{World, on_both_engines};
use serde_json::json;

use crate::console_browser::admin;

/// The operations of a scope.
fn operations(world: &World, scope: &str) -> Vec<&'static str> {
    let specs = world.specs().into_iter().filter(|spec| spec.scope() == scope && !spec.is_operators());
    specs.map(|spec| spec.id).collect()
}

/// The part of a page between two texts.
fn between<'p>(page: &'p str, begin: &str, end: &str) -> &'p str {
    page.split_once(begin).and_then(|(_, rest)| rest.split_once(end)).map_or("", |(part, _)| part)
}

on_both_engines! {
    async fn the_summary_says_what_a_connection_may_do_now(world: World) {
        let key = world.key(&["invoices:read", "payments:write", "payments:refund"]).await;
        let mut browser = admin(&world).await;
        let page = format!("/console/connections/{}", key.connection_id);
        let payments = operations(&world, "payments:write");
        let most: Vec<_> = payments.iter().copied().filter(|id| *id != "payments.delete").collect();
        assert!(most.len() + 1 == payments.len() && most.len() > 2, "{payments:?}");
        let (sees, changes) = ("<h3>It can see</h3>", "<h3>It can change</h3>");
        for (change, said, not_said, in_boxes) in [
            (json!({}), vec![(sees, "Invoices and what is owed."), (sees, "Payments and which invoices they pay."), (changes, "Record, change and delete payments."), (changes, "efund a payment")], vec!["(not:", "At most"], ""),
            (json!({"excluded_operations": ["payments.delete", "invoices.list"]}), vec![(changes, "Record, change and delete payments (not: delete a payment)."), (sees, "Invoices and what is owed (not: list invoices).")], vec![], "Forbidden now: delete a payment."),
            (json!({"excluded_operations": payments}), vec![(sees, "Invoices and what is owed.")], vec!["Record, change and delete payments"], "Forbidden now: "),
            (json!({"excluded_operations": [], "limits": {"read": 10, "write": 0}}), vec![(sees, "At most 10 reading calls a minute; "), (changes, "At most 0 changing calls a minute; ")], vec!["Record, change and delete payments", "efund a payment"], "Now not: its limit is 0 calls a minute."),
            (json!({"limits": {"read": 0, "write": null}}), vec![(sees, "Nothing."), (changes, "Record, change and delete payments.")], vec!["Invoices and what is owed"], "Now not: its limit is 0 calls a minute."),
            (json!({"limits": {"read": null}, "writes_enabled": false}), vec![(sees, "Invoices and what is owed."), (changes, "Changes are off now")], vec!["At most"], "Now not: changes are off."),
            (json!({"writes_enabled": true, "opt_ins": []}), vec![(sees, "Nothing."), (changes, "Nothing.")], vec!["Invoices and what is owed", "Record, change and delete"], "Now not: this kind of data is closed to it."),
        ] {
            world.change_connection(&key.connection_id, &change).await;
            browser.open(&page).await.expect(200);
            let summary = between(&browser.page, sees, "</section>");
            let part = |at: &str| if at == sees { summary.split(changes).next().unwrap() } else { summary.split(changes).nth(1).unwrap() };
            for (at, words) in said {
                assert!(part(at).contains(words), "{change}: `{words}` is not in {}", part(at));
            }
            for words in not_said {
                assert!(!summary.contains(words), "{change}: `{words}` is in {summary}");
            }
            let boxes = between(&browser.page, "aria-label=\"What it may do\"", "</form>");
            assert!(boxes.contains("Record, change and delete payments") && boxes.contains(in_boxes), "{change}: {boxes}");
            assert_eq!(in_boxes.is_empty(), !boxes.contains("ow not: ") && !boxes.contains("Forbidden now"), "{change}: {boxes}");
        }
    }

    async fn what_is_left_of_a_power_decides_what_can_change_data(world: World) {
        let key = world.key(&["invoices:read", "payments:write"]).await;
        let mut browser = admin(&world).await;
        for (change, can) in [
            (json!({}), true),
            (json!({"excluded_operations": operations(&world, "payments:write")}), false),
            (json!({"excluded_operations": []}), true),
            (json!({"limits": {"write": 0}}), false),
        ] {
            world.change_connection(&key.connection_id, &change).await;
            browser.open("/console/connections?filter=can_write").await.expect(200);
            assert_eq!(browser.page.contains(&key.connection_id), can, "{change}: {}", browser.page);
        }
    }

    /// The gate takes what the clinic opted in to for this purpose, until it ends.
    async fn what_was_opted_in_to_for_another_purpose_shows_nothing(world: World) {
        let key = world.key(&["invoices:read", "clients:read"]).await;
        let mut browser = admin(&world).await;
        let of = |purpose: Option<&str>, end: Option<&str>| {
            let opt_in = |category: &str| json!({"category": category, "purpose": purpose, "expires_at": end});
            json!({"opt_ins": [opt_in("owner_financial"), opt_in("owner_contact")]})
        };
        let end = world.clock.now().plus_seconds(60).to_string();
        for (change, later_s, sees) in
            [(of(None, None), 0, true), (of(Some("payment"), None), 0, false), (of(None, Some(&end)), 0, true), (of(None, Some(&end)), 60, false)]
        {
            world.change_connection(&key.connection_id, &change).await;
            world.clock.advance_s(later_s);
            // The door and the page say the same.
            world.as_key(&key.secret).get("/v1/clients?fields=family_name").await.expect(if sees { 200 } else { 403 });
            browser.open(&format!("/console/connections/{}", key.connection_id)).await.expect(200);
            let summary = between(&browser.page, "<h3>It can see</h3>", "<h3>It can change</h3>");
            assert_eq!(summary.contains("Invoices and what is owed."), sees, "{change}: {summary}");
            browser.open("/console/connections").await.expect(200);
            let row = between(&browser.page, &key.connection_id, "</tr>");
            assert_eq!(row.contains("nvoices and what is owed"), sees, "{change}: {row}");
            browser.open("/console/connections?filter=owner_contact").await.expect(200);
            assert_eq!(browser.page.contains(&key.connection_id), sees, "{change}: {}", browser.page);
        }
    }

    /// What takes a record away is said to whoever allows it.
    async fn deleting_is_said_where_it_is_allowed(world: World) {
        let deletes = world.specs().into_iter().filter(|spec| {
            !spec.is_operators() && spec.access == Access::Write && spec.summary.starts_with("Delete ")
        });
        let mut seen = 0;
        for spec in deletes {
            assert!(spec.resource.can_change.contains("delete"), "{}: {}", spec.id, spec.resource.can_change);
            seen += 1;
        }
        assert!(seen >= 5, "{seen}");
    }

    /// What was used is not offered to be removed.
    async fn only_what_is_not_used_is_offered_to_be_removed(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let page = format!("/console/connections/{}", key.connection_id);
        let offer = "Remove what it does not need";
        let mut categories = vec![json!({"category": "owner_financial"})];
        for (more, offered) in [(None, false), (Some(json!({"category": "clinical"})), true)] {
            categories.extend(more);
            world.change_connection(&key.connection_id, &json!({"opt_ins": categories})).await;
            browser.open(&page).await.expect(200);
            assert_eq!(browser.page.contains(offer), offered, "{}", browser.page);
        }
    }
}

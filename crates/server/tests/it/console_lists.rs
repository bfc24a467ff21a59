//! Lists of the console that are too long for one page.

use std::collections::BTreeSet;

use clinicos_console::words::Count;
use clinicos_testkit::on_both_engines;
use futures_util::future::join_all;
use serde_json::json;

use crate::console_browser::{Browser, admin, files_form};

/// The address that a link of the pager leads to.
fn linked(page: &str, words: &str) -> Option<String> {
    let pager = page.split("class=\"pager\"").nth(1)?.split("</nav>").next()?;
    let before = pager.split_once(&format!(">{words}"))?.0;
    Some(before.rsplit("href=\"").next()?.split('"').next()?.replace("&#38;", "&"))
}

/// Every address that begins like this, over all pages of a list; and how many pages there were.
async fn over_all_pages(browser: &mut Browser<'_>, first: &str, linked_by: &str, row: &str) -> (BTreeSet<String>, usize) {
    let (mut next, mut seen, mut pages) = (Some(first.to_owned()), BTreeSet::new(), 0);
    while let Some(target) = next {
        browser.open(&target).await.expect(200);
        pages += 1;
        let before = seen.len();
        let rows = browser.page.split(row).skip(1);
        seen.extend(rows.filter_map(|rest| Some(rest.split('"').next()?.to_owned())));
        assert!((1..=100).contains(&(seen.len() - before)), "{target} shows {} rows", seen.len() - before);
        next = linked(&browser.page, linked_by);
    }
    (seen, pages)
}

on_both_engines! {
    /// However many there are, each connection stands on some page, and each page says which part it is.
    async fn a_long_list_is_told_page_by_page(world: World) {
        let wanted = 210;
        for _ in 0..wanted / 10 {
            join_all((0..10).map(|_| world.key(&["invoices:read"]))).await;
        }
        let mut browser = admin(&world).await;
        let row = "<th scope=\"row\"><a href=\"/console/connections/";
        let (seen, pages) = over_all_pages(&mut browser, "/console/connections", "Next", row).await;
        assert!(browser.page.contains(&format!("201 to {0} of {0}<", Count(wanted + 1))), "{}", browser.page);
        assert_eq!((pages, seen.len() as u64), (3, wanted + 1));
    }

    async fn all_people_and_all_keys_stand_on_some_page(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let add = format!("/v1/connections/{}/keys", key.connection_id);
        let invite = format!("/v1/users?clinic_id={}", world.clinic.clinic_id);
        for number in 0..101 {
            world.as_admin().post(&add, &json!({"name": format!("Key {number}")})).await.expect(201);
            let body = json!({"email": format!("p{number}@clinic.example"), "name": format!("Person {number}"), "role": "CSR"});
            world.as_operator().post(&invite, &body).await.expect(201);
        }
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let keys = over_all_pages(&mut browser, &one, "Next", "<th scope=\"row\"><a href=\"/console/keys/").await;
        assert_eq!((keys.0.len(), keys.1), (102, 2));
        let people = over_all_pages(&mut browser, "/console/people", "Next", "<details class=\"more\"><summary>").await;
        assert_eq!((people.0.len(), people.1), (102, 2));
    }

    async fn all_imports_stand_on_some_page(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        let csrf = browser.csrf();
        let (owners, pets) = ("OwnerID,First Name,Last Name,Address,City,Phone\n", "PetID,Name,Birth Date,Species,OwnerID\n");
        for _ in 0..101 {
            world.clock.advance_s(1);
            browser.send(files_form(&csrf, "petclinic", &[("owners.csv", owners), ("pets.csv", pets)])).await.expect(303);
        }
        let found = over_all_pages(&mut browser, "/console/import", "Older", "<a href=\"/console/import/imp_").await;
        assert_eq!((found.0.len(), found.1), (101, 2));
    }
}

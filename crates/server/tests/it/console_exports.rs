//! The clinic's whole record, taken along by a person: what the page tells, what the files hold, how it ends.

use clinicos_testkit::{Samples, on_both_engines};
use serde_json::Value;

use crate::console_browser::{Browser, admin, invite, location};

/// Begins an export by its form; the address of its page.
async fn begun(browser: &mut Browser<'_>) -> String {
    browser.open("/console/export").await.expect(200);
    let reply = browser.submit("/console/export", &[]).await.expect(303);
    location(&reply).to_owned()
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect()
}

on_both_engines! {
    async fn a_person_takes_the_record_along_a_file_after_the_other(world: World) {
        Samples::make(&world, &world.clinic).await;
        let mut browser = admin(&world).await;
        browser.open("/console/records").await.expect(200);
        assert!(browser.page.contains("href=\"/console/export\""), "the way there");
        let one = begun(&mut browser).await;
        browser.open(&one).await.expect(200);
        assert!(browser.page.contains("Nothing was downloaded yet") && browser.page.contains("<progress"), "{}", browser.page);
        assert!(!browser.page.contains("hx-trigger=\"every"), "nothing moves yet");
        let description: Value = serde_json::from_slice(&browser.open(&format!("{one}/files/export.json")).await.expect(200).bytes).unwrap();
        let files: Vec<(String, u64)> = description["files"].as_array().unwrap().iter()
            .map(|file| (file["resource"].as_str().unwrap().to_owned(), file["records"].as_u64().unwrap()))
            .filter(|(_, records)| *records > 0)
            .collect();
        assert!(files.iter().any(|(name, _)| name == "document_contents") && files.len() > 10, "{files:?}");
        for (at, (name, records)) in files.iter().enumerate() {
            let before = world.journal().await.len();
            let reply = browser.open(&format!("{one}/files/{name}.ndjson")).await.expect(200);
            assert!(reply.header("content-disposition").starts_with("attachment"), "{name}");
            let found = lines(&reply.bytes);
            assert_eq!(found.len() as u64, *records, "{name}");
            let entries = world.journal().await;
            let chunk = entries[..entries.len() - before].iter().find(|entry| entry.operation == "exports.chunk").unwrap();
            assert!(!chunk.records.is_empty(), "{name}: the log names what left");
            browser.open(&one).await.expect(200);
            let is_last = at + 1 == files.len();
            assert_eq!(browser.page.contains("hx-trigger=\"every"), !is_last, "{name}");
            assert_eq!(browser.page.contains("Everything was downloaded"), is_last, "{name}");
        }
        let reply = browser.submit(&format!("{one}/cancel"), &[]).await.expect(303);
        assert_eq!(location(&reply), "/console/export");
        // Whoever comes back to it is told, and led to where they can begin another one.
        let reply = browser.open(&one).await.expect(303);
        assert_eq!(location(&reply), "/console/export");
        browser.open("/console/export").await.expect(200);
        assert!(browser.page.contains("That export is over"), "{}", browser.page);
    }

    async fn a_download_is_decided_anew_and_belongs_to_who_began_it(world: World) {
        Samples::make(&world, &world.clinic).await;
        let mut boss = admin(&world).await;
        let one = begun(&mut boss).await;
        boss.open(&one).await.expect(200);
        let token = invite(&world, "csr@clinic.example", "CSR").await;
        let mut looks = Browser::new(&world);
        looks.accept(&token).await;
        for target in [format!("{one}/files/clients.ndjson"), format!("{one}/files/export.json")] {
            looks.open(&target).await.expect(404);
            let reply = world.send(clinicos_testkit::Call::get(target.as_str())).await;
            assert!(reply.status == 303 && location(&reply).starts_with("/console/sign-in"), "{target}: {}", reply.status);
        }
        boss.open(&format!("{one}/files/nothing.ndjson")).await.expect(404);
        boss.open(&format!("{one}/files/clients.ndjson")).await.expect(200);
    }
}

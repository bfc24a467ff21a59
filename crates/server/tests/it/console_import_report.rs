//! What the page of an import says of records that were not imported, and the files that it gives.

use clinicos_testkit::on_both_engines;

use crate::console_browser::{admin, files_form, location};
use crate::console_imports::{import, is_silent, says, send};

const PEOPLE: &str = "Client No;Last Name;Phone;Cattery\nC1;Ames;+1 608 555 1023;yes\nC2;;=1+1;\nC3;;'=2;\n";
const PETS: &str = "Pet No;Name;Species;Client No;Born\nP1;Leo;cat;C1;2020-01-02\nP2;Max;dog;C2;2020-01-02\nP3;;cat;C1;2020-01-03\nP4;Sly;cat;C3;2020-01-03\n";

on_both_engines! {
    /// What is wrong stands in the order of files and lines, and what waits stands by itself.
    async fn what_is_wrong_stands_in_order_and_what_waits_by_itself(world: World) {
        let mut browser = admin(&world).await;
        let path = send(&world, &mut browser, &[("people.csv", PEOPLE), ("pets.csv", PETS)]).await;
        says(&browser, &["Held back", "line 3 of “people.csv” was rejected", "line 4 of “people.csv” was rejected"]);
        is_silent(&browser, &["external id", "External id", "minor units"]);
        let at = |words: &str| browser.page.find(words).unwrap_or_else(|| panic!("no `{words}`: {}", browser.page));
        let order = [
            at("people.csv, line 3</th>"),
            at("people.csv, line 4</th>"),
            at("pets.csv, line 4</th>"),
            at("id=\"held-back\""),
            at("pets.csv, line 3</th>"),
            at("pets.csv, line 5</th>"),
        ];
        assert!(order.is_sorted(), "{order:?} {}", browser.page);
        browser.open(&format!("{path}/rejects.csv")).await.expect(200);
        let lines: Vec<&str> = browser.page.lines().collect();
        assert_eq!(lines[0], "\"_file\",\"_line\",\"_outcome\",\"_column\",\"_reason\",\"record\"");
        let begins = [
            "\"people.csv\",\"3\",\"rejected\"",
            "\"people.csv\",\"4\",\"rejected\"",
            "\"pets.csv\",\"3\",\"held_back\"",
            "\"pets.csv\",\"4\",\"rejected\"",
            "\"pets.csv\",\"5\",\"held_back\"",
        ];
        assert_eq!(lines.len(), begins.len() + 1, "one line of names: {lines:?}");
        assert!(lines.iter().skip(1).zip(begins).all(|(line, begins)| line.starts_with(begins)), "{lines:?}");
    }

    /// A cell that has a `'` of its own before what looks like a formula has it after it came back, too.
    async fn cells_come_back_as_they_were(world: World) {
        let mut browser = admin(&world).await;
        let path = send(&world, &mut browser, &[("people.csv", PEOPLE), ("pets.csv", PETS)]).await;
        browser.open(&format!("{path}/rejects.csv?file=people.csv")).await.expect(200);
        let people = browser.page.clone();
        assert!(people.contains("\"'=1+1\"") && people.contains("\"''=2\""), "{people}");
        let mended = people.replace("\"C2\";\"\"", "\"C2\";\"Bell\"").replace("\"C3\";\"\"", "\"C3\";\"Cole\"");
        let path = send(&world, &mut browser, &[("people.csv", &mended)]).await;
        import(&world, &mut browser, &path).await;
        let clients = world.as_admin().get("/v1/clients?limit=100").await.expect(200);
        let phone = |name: &str| {
            let client = clients.data().iter().find(|client| client["family_name"] == name).unwrap();
            client["phones"][0]["number"].clone()
        };
        assert_eq!((phone("Bell"), phone("Cole")), ("=1+1".into(), "'=2".into()));
    }

    /// A quote that is not closed is closed in what is downloaded, and everything behind it comes in.
    async fn a_quote_is_closed_in_what_was_rejected(world: World) {
        let mut browser = admin(&world).await;
        let people = "Client No;Last Name;Phone\nC1;Ames;1\nC2;\"Bell;2\nC3;Cole;=3\nC4;\"Dunn\";4\nC5;Eve;5\n";
        let path = send(&world, &mut browser, &[("people.csv", people)]).await;
        browser.open(&format!("{path}/rejects.csv")).await.expect(200);
        assert!(browser.page.contains("C2;\"\"Bell;2\nC3;Cole;=3\nC4;\"\"Dunn\"\";4\""), "as it stood: {}", browser.page);
        browser.open(&format!("{path}/rejects.csv?file=people.csv")).await.expect(200);
        let mended = browser.page.replace("\"Bell", "\"Bell\"");
        assert!(mended.contains("\nC2;\"Bell\";2;rejected;3;") && mended.contains("\nC3;Cole;'=3;rejected;4;"), "{mended}");
        let path = send(&world, &mut browser, &[("people.csv", &mended)]).await;
        import(&world, &mut browser, &path).await;
        let clients = world.as_admin().get("/v1/clients?limit=100").await.expect(200);
        let names: std::collections::BTreeSet<&str> =
            clients.data().iter().filter_map(|client| client["family_name"].as_str()).collect();
        assert!(["Bell", "Cole", "Dunn"].iter().all(|name| names.contains(name)), "{names:?}");
    }

    /// The column that says whose line it is shows whose, and not all that the other one is.
    async fn a_line_shows_whose_it_is(world: World) {
        let mut browser = admin(&world).await;
        let read = |name: &str| std::fs::read_to_string(crate::imports::fixtures("northwind").join(name)).unwrap();
        let names = ["customers.csv", "order_details.csv", "orders.csv", "products.csv"];
        let texts = names.map(read);
        let files: Vec<(&str, &str)> = names.into_iter().zip(texts.iter().map(String::as_str)).collect();
        browser.open("/console/import").await.expect(200);
        let csrf = browser.csrf();
        let sent = browser.send(files_form(&csrf, "northwind", &files)).await.expect(303);
        let path = location(&sent).to_owned();
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        let cells = "<th scope=\"row\">order_id</th><td data-l=\"Fills\">Which record it belongs to</td>\
                     <td data-l=\"In the file\">10248</td><td data-l=\"As imported\">10248</td>";
        says(&browser, &[cells]);
    }

    /// One byte that is none of a text rejects its record, on the page as on the command line.
    async fn one_nul_rejects_one_record(world: World) {
        let mut browser = admin(&world).await;
        let people = "Client No;Last Name;Phone\nC1;A\0mes;1\nC2;Bell;2\n";
        send(&world, &mut browser, &[("people.csv", people)]).await;
        says(&browser, &["1 would be created and 1 would be rejected", "people.csv, line 2</th>"]);
    }
}

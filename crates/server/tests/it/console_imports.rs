//! Files of a small clinic, brought in by somebody who has never written a mapping.

use clinicos_testkit::{World, on_both_engines};
use serde_json::{Value, json};

use crate::console_browser::{Browser, admin, files_form, location};

const CLIENTS: &str = "Name,Email,Phone\nAnn Ames,ann@a.example,(608) 555-1023\nBea Bell,bea@b.example,+1 608 555 1024\n";
const INVOICES: &str =
    "Invoice #,Date,Client,Amount,Paid\n1001,01/15/2026,Ann Ames,125.50,yes\n1002,01/16/2026,Bea Bell,80.00,no\n";

/// Sends files of which the mapping is guessed, and lets the server look at them; gives the path.
pub async fn send(world: &World, browser: &mut Browser<'_>, files: &[(&str, &str)]) -> String {
    browser.open("/console/import").await.expect(200);
    let csrf = browser.csrf();
    let sent = browser.send(files_form(&csrf, "propose", files)).await.expect(303);
    let path = location(&sent).to_owned();
    crate::import_jobs::work(world).await;
    browser.open(&path).await.expect(200);
    path
}

/// Presses the button of the page that is open.
pub async fn import(world: &World, browser: &mut Browser<'_>, path: &str) {
    browser.submit(&format!("{path}/start"), &[("dry_run", "false")]).await.expect(303);
    crate::import_jobs::work(world).await;
    browser.open(path).await.expect(200);
    assert!(browser.page.contains("Done"), "{}", browser.page);
}

async fn all(world: &World, what: &str) -> Vec<Value> {
    let mark = if what.contains('?') { '&' } else { '?' };
    world.as_admin().get(&format!("/v1/{what}{mark}limit=100")).await.expect(200).data().to_vec()
}

pub fn says(browser: &Browser<'_>, all: &[&str]) {
    for words in all {
        assert!(browser.page.contains(words), "no `{words}`: {}", browser.page);
    }
}

pub fn is_silent(browser: &Browser<'_>, all: &[&str]) {
    for words in all {
        assert!(!browser.page.contains(words), "`{words}`: {}", browser.page);
    }
}

on_both_engines! {
    /// A file in which one row is one invoice makes invoices of that amount, and none that is paid by nothing.
    async fn one_row_is_one_invoice_of_its_amount(world: World) {
        let mut browser = admin(&world).await;
        let path = send(&world, &mut browser, &[("clients.csv", CLIENTS), ("invoices.csv", INVOICES)]).await;
        says(&browser, &["clients.csv, invoices.csv", "4 would be created", "Import now", "“Paid” of invoices.csv is left out"]);
        import(&world, &mut browser, &path).await;
        let mut invoices = all(&world, "invoices?include=lines").await;
        invoices.sort_by_key(|invoice| invoice["number"].to_string());
        let told = |invoice: &Value| (invoice["total"]["amount"].clone(), invoice["status"].clone(), invoice["lines"][0]["description"].clone());
        assert_eq!(invoices.iter().map(told).collect::<Vec<_>>(), [
            (json!(12_550), invoices[0]["status"].clone(), json!("Invoice 1001")),
            (json!(8_000), invoices[1]["status"].clone(), json!("Invoice 1002")),
        ]);
        assert!(invoices.iter().all(|invoice| invoice["status"] != "paid" && invoice["issued_on"].as_str().unwrap().starts_with("2026-01-1")));
        assert_eq!(all(&world, "clients").await.len(), 2);
        // The same files once more, from another sheet: nothing comes twice.
        let path = send(&world, &mut browser, &[("clients again.csv", CLIENTS), ("invoices.csv", INVOICES)]).await;
        says(&browser, &["What was chosen then is chosen again", "0 would be created and 4 would be left as they are"]);
        import(&world, &mut browser, &path).await;
        assert_eq!((all(&world, "clients").await.len(), all(&world, "invoices").await.len()), (2, 2));
    }

    /// An amount that is missing is told, in one row and in the whole file.
    async fn no_invoice_is_paid_because_its_amount_is_missing(world: World) {
        let mut browser = admin(&world).await;
        let one = INVOICES.replace("125.50", "");
        send(&world, &mut browser, &[("clients.csv", CLIENTS), ("invoices.csv", &one)]).await;
        says(&browser, &["1 would be rejected", "invoices.csv, line 2", "must be given"]);
        let none = "Invoice #,Date,Client,Paid\n1001,01/15/2026,Ann Ames,yes\n1002,01/16/2026,Bea Bell,no\n";
        let path = send(&world, &mut browser, &[("clients.csv", CLIENTS), ("invoices.csv", none)]).await;
        says(&browser, &["Nothing can be imported yet", "one of 0.00, and stand as paid", "Say it"]);
        is_silent(&browser, &["Import now"]);
        let page = browser.page.clone();
        browser.open("/console/import").await.expect(200);
        says(&browser, &["Something is left to be said"]);
        browser.page = page;
        browser.submit(&format!("{path}/start"), &[("dry_run", "false")]).await.expect(303);
        browser.open(&path).await.expect(200);
        says(&browser, &["the mapping is not finished", "one of 0.00"]);
        assert_eq!(all(&world, "clients").await.len() + all(&world, "invoices").await.len(), 0);
    }

    /// Where nothing looks like a number, the admin is asked; what was answered holds from then on.
    async fn what_tells_records_apart_is_asked_and_remembered(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        let csrf = browser.csrf();
        let mut nameless = files_form(&csrf, "propose", &[("clients.csv", CLIENTS)]);
        nameless.body = String::from_utf8(nameless.body.to_vec()).unwrap().replace("Old One", "").into();
        browser.send(nameless).await.expect(422);
        says(&browser, &["Write the name of the program that these files were exported from."]);
        let path = send(&world, &mut browser, &[("clients.csv", CLIENTS), ("rota.csv", "Day,Who\nMonday,Sam\n")]).await;
        says(&browser, &[
            "Nothing can be imported yet", "clients.csv: Choose the column that tells its records apart",
            "“Name”, “Email”, “Phone”", "rota.csv is left out. Too few of its columns are known from elsewhere: “Day”, “Who”.",
        ]);
        is_silent(&browser, &["Import now", "Organization name"]);
        let form = format!("{path}/mapping");
        browser.open(&form).await.expect(200);
        says(&browser, &["choose one", "Email: differs in every record", "value=\"old-one\""]);
        let mut typed = vec![
            ("system", "old-one"), ("currency", "USD"), ("decimal_mark", "."), ("what-0", "clients"), ("was-0", "clients"),
            ("col-0-0", "family_name"), ("col-0-1", "email"), ("col-0-2", "phone_home"), ("what-1", ""), ("was-1", ""),
        ];
        browser.submit(&form, &typed).await.expect(422);
        says(&browser, &["clients.csv: Choose the column that tells its records apart."]);
        typed.push(("key-0", "Email"));
        browser.submit(&form, &typed).await.expect(303);
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        import(&world, &mut browser, &path).await;
        let more = format!("{CLIENTS}Cy Cole,cy@c.example,608 555 1025\n").replace("Name,Email,Phone", "Name,Email,Phone");
        let path = send(&world, &mut browser, &[("clients 2027.csv", &more)]).await;
        says(&browser, &["What was chosen then is chosen again", "1 would be created and 2 would be left as they are"]);
        import(&world, &mut browser, &path).await;
        let clients = all(&world, "clients").await;
        assert_eq!(clients.len(), 3);
        let ann = clients.iter().find(|client| client["emails"][0]["address"] == "ann@a.example" || client["emails"][0] == "ann@a.example").unwrap();
        assert_eq!((&ann["family_name"], &ann["organization_name"], &ann["tags"]), (&json!("Ann Ames"), &Value::Null, &json!([])));
        browser.open("/console/import").await.expect(200);
        says(&browser, &["value=\"old-one\"", "clients 2027.csv"]);
    }

    /// What a file leaves open, and words that nobody knows, stand on the page from which it is started.
    async fn what_could_be_read_otherwise_is_told_before_it_is_started(world: World) {
        let mut browser = admin(&world).await;
        let clients = "Client No,Name,Country\nC1,Ames,Lummerland\n";
        let pets = "PetID,Name,Species,Sex,Born,Owner,Remarks\n1,Leo,Cat,M/N,03/04/2020,C1,bites\n2,Smaug,Dragon,Spayed,05/06/2021,C1,\n";
        let path = send(&world, &mut browser, &[("pets.csv", pets), ("clients.csv", clients)]).await;
        says(&browser, &[
            "03/04/2020 is read as 4 March 2020", "it could as well mean 3 April 2020",
            "In “Species” of pets.csv, “Dragon” (1 record) is not a word that is known, and becomes “exotic other”.", "Left out: Remarks.",
            "“Country” of clients.csv is left out, because one word of it is not known: “Lummerland” (1 record).",
        ]);
        import(&world, &mut browser, &path).await;
        let mut patients = all(&world, "patients").await;
        patients.sort_by_key(|patient| patient["name"].to_string());
        let told = |patient: &Value| ["sex", "reproductive_status", "species"].map(|name| patient[name].as_str().unwrap().to_owned());
        assert_eq!(told(&patients[0]), ["male", "neutered", "feline"]);
        assert_eq!(told(&patients[1]), ["female", "spayed", "exotic_other"]);
        let decided = pets.replace("03/04/2020", "25/12/2020").replace("PetID", "Pet No");
        send(&world, &mut browser, &[("pets.csv", &decided)]).await;
        is_silent(&browser, &["can be read in two ways"]);
        says(&browser, &["2020-12-25"]);
    }

    /// A number that comes twice is the key of all others, and the page says which it is.
    async fn a_number_that_comes_twice_is_told_before_it_is_started(world: World) {
        let mut browser = admin(&world).await;
        let rows: String = (1..=30).map(|at| format!("C{at},Name {at}\n")).collect();
        send(&world, &mut browser, &[("clients.csv", &format!("Client No,Name\n{rows}C7,Another\n"))]).await;
        let told = "“Client No” of clients.csv comes again in 1 record, such as “C7”: the first record with it counts";
        says(&browser, &[told, "30 would be created", "1 would be rejected"]);
    }

    /// `1.290` is a thousand or one: nobody but people can say, and nothing is imported until they did.
    async fn amounts_that_can_be_two_are_asked_for(world: World) {
        let mut browser = admin(&world).await;
        let products = "Item No,Item,Price\n1,Scanner,1.290\n2,Table,1.500\n";
        let path = send(&world, &mut browser, &[("products.csv", products)]).await;
        let asked = "Say how amounts are written: “1.290” in “Price” of products.csv can be two numbers, with thousands or with a fraction.";
        says(&browser, &["Nothing can be imported yet", asked, "2 would be rejected"]);
        is_silent(&browser, &["Import now"]);
        let form = format!("{path}/mapping");
        browser.open(&form).await.expect(200);
        says(&browser, &["<option value=\"\" selected>choose one</option>"]);
        let typed = |mark: &'static str| vec![
            ("system", "old-one"), ("currency", "USD"), ("decimal_mark", mark), ("what-0", "products"), ("was-0", "products"),
            ("key-0", "Item No"), ("col-0-1", "name"), ("col-0-2", "price"),
        ];
        browser.submit(&form, &typed("")).await.expect(422);
        says(&browser, &[asked]);
        browser.submit(&form, &typed(",")).await.expect(303);
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        is_silent(&browser, &["Say how amounts are written"]);
        import(&world, &mut browser, &path).await;
        let mut prices: Vec<i64> = all(&world, "products").await.iter().map(|one| one["price"]["amount"].as_i64().unwrap()).collect();
        prices.sort_unstable();
        assert_eq!(prices, [129_000, 150_000]);
        // Cents show it.
        let clear = products.replace("1.500", "\"2.500,50\"").replace("Item No", "No");
        send(&world, &mut browser, &[("products.csv", &clear)]).await;
        says(&browser, &["1 would be changed and 1 would be left as it is", "Import now", "1290.00 ", "2500.50 "]);
    }

    /// What was chosen for other files does not stand against the values, and not for another program.
    async fn values_decide_over_what_is_remembered(world: World) {
        let mut browser = admin(&world).await;
        let clients = "Client No,Name\nC1,Ames\n";
        let pets = |born: &str| format!("PetID,Name,Species,Born,Owner\n1,Leo,Cat,{born},C1\n2,Max,Dog,03/04/2020,C1\n");
        let path = send(&world, &mut browser, &[("pets.csv", &pets("12/25/2020")), ("clients.csv", clients)]).await;
        import(&world, &mut browser, &path).await;
        send(&world, &mut browser, &[("pets.csv", &pets("25/12/2020")), ("clients.csv", clients)]).await;
        says(&browser, &["What was chosen then is chosen again", "2020-12-25", "2020-04-03"]);
        is_silent(&browser, &["rejected"]);
    }

    /// A day without a time is one of the clinic, and not of Greenwich.
    async fn times_are_those_of_the_clinic(world: World) {
        let mut browser = admin(&world).await;
        let clients = "Client ID,Last Name\nC1,Ames\n";
        let payments = "Receipt No,Client ID,Date,Amount,Method\n7,C1,2026-01-02,12.50,Cash\n";
        let path = send(&world, &mut browser, &[("clients.csv", clients), ("payments.csv", payments)]).await;
        import(&world, &mut browser, &path).await;
        let payment = &all(&world, "payments").await[0];
        let zone = all(&world, "clinics").await[0]["timezone"].as_str().unwrap().to_owned();
        let midnight = jiff::civil::date(2026, 1, 2).in_tz(&zone).unwrap().timestamp();
        assert_eq!(payment["tendered_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap(), midnight, "{zone}");
        assert_ne!(zone, "UTC");
    }

    /// A page that is out of date starts nothing, and leads to how it is now.
    async fn a_stale_page_starts_nothing(world: World) {
        let mut browser = admin(&world).await;
        let path = send(&world, &mut browser, &[("clients.csv", "Client No,Name\nC1,Ames\n"), ("pets.csv", "PetID,Name,Species,Owner\n1,Leo,cat,C1\n")]).await;
        let stale = browser.page.clone();
        let form = format!("{path}/mapping");
        browser.open(&form).await.expect(200);
        let stale_form = browser.page.clone();
        let typed = |name: &'static str| vec![
            ("system", "old-one"), ("currency", "USD"), ("decimal_mark", "."),
            ("what-0", "clients"), ("was-0", "clients"), ("key-0", "Client No"), ("col-0-1", "family_name"),
            ("what-1", "patients"), ("was-1", "patients"), ("key-1", "PetID"), ("col-1-1", name), ("col-1-2", "species"),
            ("col-1-3", "owner"), ("col-1-0", if name == "name" { "" } else { "name" }),
        ];
        browser.submit(&form, &typed("name")).await.expect(303);
        crate::import_jobs::work(&world).await;
        for (page, target, fields) in [
            (stale.clone(), format!("{path}/start"), vec![("dry_run", "false")]),
            (stale_form, form.clone(), typed("breed")),
            (stale, format!("{path}/start"), vec![("dry_run", "true")]),
        ] {
            browser.page = page;
            let answer = browser.submit(&target, &fields).await.expect(303);
            assert_eq!(location(&answer), path);
            browser.open(&path).await.expect(200);
            says(&browser, &["Nothing was started: this import has changed since", "Import now"]);
        }
        crate::import_jobs::work(&world).await;
        assert_eq!(all(&world, "patients").await.len(), 0);
        browser.open(&path).await.expect(200);
        import(&world, &mut browser, &path).await;
        assert_eq!(all(&world, "patients").await[0]["name"], "Leo");
        // What is through is looked at, and not changed.
        browser.open(&form).await.expect(200);
        says(&browser, &["This import runs or has ended", "system = &#34;old-one&#34;"]);
        is_silent(&browser, &["Check the files with this"]);
    }

    /// What was rejected is downloaded, mended and sent back as the file that it was.
    async fn rejects_are_mended_and_sent_back(world: World) {
        let mut browser = admin(&world).await;
        let people = "Client No;Last Name;Phone;Cattery\nC1;Ames;+1 608 555 1023;yes\nC2;;=1+1;\n";
        let pets = "Pet No;Name;Species;Client No;Born\nP1;Leo;cat;C1;2020-01-02\nP2;Max;dog;C2;2020-01-02\nP3;Sly;cat;C1;soon\n";
        let path = send(&world, &mut browser, &[("people.csv", people), ("pets.csv", pets)]).await;
        says(&browser, &["Would not be imported", "people.csv to mend", "pets.csv to mend"]);
        import(&world, &mut browser, &path).await;
        assert_eq!((all(&world, "clients").await.len(), all(&world, "patients").await.len()), (1, 1));
        let reply = browser.open(&format!("{path}/rejects.csv?file=people.csv")).await.expect(200);
        assert!(reply.headers["content-disposition"].to_str().unwrap().contains("filename=\"people.csv\""));
        let people = browser.page.clone();
        assert!(people.starts_with("\"Client No\";\"Last Name\";\"Phone\";\"Cattery\";\"_outcome\";\"_line\";\"_column\";\"_reason\"\r\n"), "{people}");
        assert!(people.contains("\"C2\";\"\";\"'=1+1\";\"\";\"rejected\";\"3\";"), "{people}");
        browser.open(&format!("{path}/rejects.csv?file=pets.csv")).await.expect(200);
        let pets = browser.page.clone();
        assert!(pets.contains("\"P2\";") && pets.contains("\"held_back\"") && pets.contains("must be a date written like 2026-04-25"), "{pets}");
        let mended = [("people.csv", people.replace("\"C2\";\"\"", "\"C2\";\"Bell\"")), ("pets.csv", pets.replace("\"soon\"", "\"2020-03-04\""))];
        let mended: Vec<(&str, &str)> = mended.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let path = send(&world, &mut browser, &mended).await;
        says(&browser, &["What was chosen then is chosen again", "3 would be created."]);
        is_silent(&browser, &["_reason", "_outcome"]);
        import(&world, &mut browser, &path).await;
        let clients = all(&world, "clients").await;
        assert_eq!((clients.len(), all(&world, "patients").await.len()), (2, 3));
        let bell = clients.iter().find(|client| client["family_name"] == "Bell").unwrap();
        assert_eq!(bell["phones"][0]["number"], "=1+1", "no mark of ours is left in it");
    }

    /// Of two files of one name one would be lost: neither is taken.
    async fn two_files_of_one_name_are_refused(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        let csrf = browser.csrf();
        let files = [("clients.csv", CLIENTS), ("clients.csv", "Name,Email\nCy Cole,cy@c.example\n")];
        browser.send(files_form(&csrf, "propose", &files)).await.expect(422);
        says(&browser, &["Two files are called “clients.csv”"]);
        assert_eq!(world.as_admin().get("/v1/imports").await.expect(200).data().len(), 0);
    }

    /// What is no table is named with what it is, and nothing is sent.
    async fn files_that_are_no_tables_are_told_by_what_they_are(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        let csrf = browser.csrf();
        for (text, words) in [
            ("PK\u{3}\u{4}xl/workbook.xml", "“clients.xlsx”: It is an Excel workbook"),
            ("%PDF-1.7", "“clients.xlsx”: It is a PDF"),
            ("id,\0,\0", "“clients.xlsx”: It is no text"),
            ("", "“clients.xlsx”: It is empty"),
        ] {
            for (mapping, files) in [("propose", vec![("clients.xlsx", text), ("pets.csv", "PetID,Name,Species\n1,Leo,cat\n")])] {
                browser.send(files_form(&csrf, mapping, &files)).await.expect(422);
                says(&browser, &[words]);
            }
        }
        assert_eq!(world.as_admin().get("/v1/imports").await.expect(200).data().len(), 0);
        // UTF-16, as Excel writes “Unicode text”, is read.
        let mut call = files_form(&csrf, "propose", &[("clients.txt", "HERE")]);
        let utf16: Vec<u8> = "\u{feff}Client No\tName\tCity\n1\tLéo\tParis\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let at = call.body.windows(4).position(|window| window == b"HERE").unwrap();
        let (before, after) = (call.body[..at].to_vec(), call.body[at + 4..].to_vec());
        call.body = [before, utf16, after].concat().into();
        let path = location(&browser.send(call).await.expect(303)).to_owned();
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        says(&browser, &["Léo", "1 would be created"]);
    }

    /// A mapping that says more than can be chosen is changed as text, and loses nothing; the same files
    /// are read by it again.
    async fn a_mapping_with_expressions_loses_none(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        let csrf = browser.csrf();
        let mapping = "system = \"old-one\"\n[[file]]\nname = \"stock.csv\"\nresource = \"products\"\nkey = \"No\"\n[file.fields]\nname = \"Title\"\nkind = { value = \"retail\" }\nprice = { expression = \"Net * 2\" }\n";
        let mut call = files_form(&csrf, "propose", &[("stock.csv", "No,Title,Net\r\n1,Chew,1.25\r\n")]);
        let own = "name=\"own_mapping\"\r\n\r\n";
        call.body = String::from_utf8(call.body.to_vec()).unwrap().replace(own, &format!("{own}{mapping}")).into();
        let path = location(&browser.send(call).await.expect(303)).to_owned();
        crate::import_jobs::work(&world).await;
        let form = format!("{path}/mapping");
        browser.open(&form).await.expect(200);
        says(&browser, &["This mapping says more than can be chosen", "Net * 2"]);
        let other = mapping.replace("Net * 2", "Net * 3");
        browser.submit(&form, &[("mapping_text", "system = 7")]).await.expect(422);
        says(&browser, &["system = 7</textarea>", "The mapping as text"]);
        browser.open(&form).await.expect(200);
        browser.submit(&form, &[("mapping_text", &other)]).await.expect(303);
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        import(&world, &mut browser, &path).await;
        assert_eq!(all(&world, "products").await[0]["price"]["amount"], 375);
        let path = send(&world, &mut browser, &[("stock.csv", "No,Title,Net\n1,Chew,2.00\n")]).await;
        import(&world, &mut browser, &path).await;
        assert_eq!(all(&world, "products").await[0]["price"]["amount"], 600);
    }

    /// Where no column tells records apart, two do it together.
    async fn two_columns_tell_records_apart_together(world: World) {
        let mut browser = admin(&world).await;
        let clients = "Client No,Name\nC1,Ames\nC2,Bell\n";
        let pets = "Name,Species,Owner\nLeo,cat,C1\nLeo,cat,C2\nMax,dog,C1\nMax,dog,C1\n";
        let path = send(&world, &mut browser, &[("clients.csv", clients), ("pets.csv", pets)]).await;
        says(&browser, &["pets.csv: Choose the column that tells its records apart"]);
        let form = format!("{path}/mapping");
        browser.open(&form).await.expect(200);
        let typed = [
            ("system", "old-one"), ("currency", "USD"), ("decimal_mark", "."),
            ("what-0", "clients"), ("was-0", "clients"), ("key-0", "Client No"), ("col-0-1", "family_name"),
            ("what-1", "patients"), ("was-1", "patients"), ("key-1", "Name"), ("with-1", "Owner"),
            ("col-1-0", "name"), ("col-1-1", "species"), ("col-1-2", "owner"),
        ];
        browser.submit(&form, &typed).await.expect(303);
        crate::import_jobs::work(&world).await;
        browser.open(&form).await.expect(200);
        says(&browser, &["<option value=\"Owner\" selected>Owner</option>"]);
        browser.open(&path).await.expect(200);
        says(&browser, &["pets.csv, line 5", "line 4 of “pets.csv” has the key"]);
        import(&world, &mut browser, &path).await;
        assert_eq!(all(&world, "patients").await.len(), 3);
        let path = send(&world, &mut browser, &[("clients.csv", clients), ("pets.csv", pets)]).await;
        import(&world, &mut browser, &path).await;
        assert_eq!(all(&world, "patients").await.len(), 3, "the same files make nothing twice");
    }

    /// Lines of JSON are proposed as well.
    async fn lines_of_json_are_read(world: World) {
        let mut browser = admin(&world).await;
        let text = "{\"id\": 7, \"last_name\": \"Ames\", \"contact\": {\"email\": \"ann@a.example\"}}\n{\"id\": 8, \"last_name\": null}\n";
        let path = send(&world, &mut browser, &[("clients.jsonl", text)]).await;
        says(&browser, &["clients.jsonl: clients", "ann@a.example", "1 would be created and 1 would be rejected"]);
        import(&world, &mut browser, &path).await;
        browser.open(&format!("{path}/rejects.csv?file=clients.jsonl")).await.expect(200);
        let line = browser.page.trim().replace("null", "\"Bell\"");
        assert!(line.contains(",\"_reason\":"), "{line}");
        let path = send(&world, &mut browser, &[("clients.jsonl", &line)]).await;
        import(&world, &mut browser, &path).await;
        assert_eq!(all(&world, "clients").await.len(), 2);
    }
}

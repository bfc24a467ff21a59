//! Forms that are refused: all that is wrong is told at once, beside its field, and nothing that was
//! typed is lost.

use clinicos_gate::limits::Policy;
use clinicos_testkit::{World, on_both_engines};

use crate::console_browser::{Browser, PASSWORD, admin, files_form, hidden, invite, location};

/// The tag of the field with this id.
fn tag<'p>(page: &'p str, id: &str) -> &'p str {
    let at = page.find(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("no field `{id}`: {page}"));
    let start = page[..at].rfind('<').unwrap();
    &page[start..start + page[start..].find('>').unwrap()]
}

/// What the page says beside a field; the field points to it, and the summary to the field.
fn told<'p>(page: &'p str, id: &str, label: &str) -> &'p str {
    let field = tag(page, id);
    assert!(field.contains(&format!("{id}-wrong")), "`{id}` does not point to what is wrong: {field}");
    let is_input = ["<input", "<select", "<textarea"].iter().any(|kind| field.starts_with(kind));
    assert_eq!(field.contains("aria-invalid=\"true\""), is_input, "{field}");
    assert!(page.contains(&format!("<a href=\"#{id}\">{label}</a>: ")), "the summary does not lead to `{id}`: {page}");
    let (_, rest) = page.split_once(&format!("id=\"{id}-wrong\"")).unwrap();
    rest.split("</p>").next().unwrap()
}

/// That these fields are faulty, and no other.
fn all_told(page: &str, faults: &[(&str, &str, &str)]) {
    for (id, label, words) in faults {
        let told = told(page, id, label);
        assert!(told.contains(words), "`{id}` does not say `{words}`: {told}");
    }
    assert_eq!(page.matches("-wrong\"><svg").count(), faults.len(), "{page}");
    assert_eq!(page.matches("Please correct this first").count(), 1, "{page}");
    assert_eq!(page.matches("<li><a href=\"#").count(), faults.len(), "a line of the summary for each field: {page}");
    for of_the_api in ["Allowed addresses", "Browser origins", "Limits read", "Change reason", "Run by:", "Expires at"] {
        assert!(!page.contains(&format!("{of_the_api}:")), "{page}");
    }
}

async fn refused(browser: &mut Browser<'_>, open: &str, target: &str, fields: &[(&str, &str)]) {
    browser.open(open).await.expect(200);
    assert!(!browser.page.contains("aria-invalid"), "nothing was sent yet: {}", browser.page);
    let nonce = hidden(&browser.page, "nonce").unwrap_or_default();
    let reply = browser.submit(target, &[&[("nonce", &*nonce)], fields].concat()).await;
    assert!([400, 422].contains(&reply.status), "{target}: {} {}", reply.status, browser.page);
}

/// More than any reason may have.
fn long() -> String {
    ["ab"; 201].join(" ")
}

on_both_engines! {
    async fn a_new_connections_faults_are_told_at_once(world: World) {
        let mut browser = admin(&world).await;
        let long = long();
        let fields = [
            ("name", ""), ("run_by", "Acme & Sons"), ("reason", &*long), ("purpose", "payment"), ("expires", "7"),
            ("addresses", "office\r\n10.0.0.1/8\r\n203.0.113.7"), ("origins", "tool.example"),
        ];
        refused(&mut browser, "/console/keys/new", "/console/keys", &fields).await;
        all_told(&browser.page, &[
            ("name", "Name", "Fill this in."),
            ("reason", "Why your clinic wants it", "at most 500 characters"),
            ("scope", "What it may do", "Tick at least one"),
            ("expires", "The key ends", "Choose when the key ends."),
            ("addresses", "From where it may be used", "“office” must be an address or a network"),
            ("origins", "Origins", "“tool.example” must be an origin as browsers write it"),
        ]);
        assert!(told(&browser.page, "addresses", "From where it may be used").contains("write 10.0.0.0/8"), "{}", browser.page);
        for kept in ["Acme &#38; Sons", &long, "office\n10.0.0.1/8\n203.0.113.7</textarea>", ">tool.example</textarea>", "value=\"payment\" selected"] {
            assert!(browser.page.contains(kept), "{kept} is lost: {}", browser.page);
        }
        assert!(tag(&browser.page, "name").contains("name-hint name-wrong"), "its hint stays");
    }

    async fn a_new_keys_and_a_rotations_faults_are_told_at_once(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let long = long();
        let of = format!("/console/connections/{}/keys", key.connection_id);
        let fields = [("name", " "), ("expires", "banana"), ("addresses", "here"), ("reason", &*long)];
        refused(&mut browser, &of, &of, &fields).await;
        all_told(&browser.page, &[
            ("name", "Name", "Fill this in."),
            ("expires", "The key ends", "Choose when"),
            ("addresses", "From where it may be used", "“here” must be an address"),
            ("reason", "Why", "at most 500 characters"),
        ]);
        assert!(browser.page.contains(">here</textarea>"), "{}", browser.page);
        let rotate = format!("/console/keys/{}/rotate", key.id);
        refused(&mut browser, &rotate, &rotate, &[("overlap", "24"), ("addresses", "here"), ("reason", &*long)]).await;
        all_told(&browser.page, &[
            ("addresses", "From where it may be used", "“here” must be an address"),
            ("reason", "Why", "at most 500 characters"),
        ]);
    }

    async fn a_keys_change_that_is_refused_stands_there_as_it_was_typed(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let own = format!("/console/keys/{}", key.id);
        for (day, told) in [("2020-01-01", "That day has begun already"), ("someday", "Say on which day")] {
            let fields = [("name", ""), ("addresses", "here\r\n10.0.0.0/8"), ("ends_on", day)];
            refused(&mut browser, &own, &format!("{own}/change"), &fields).await;
            all_told(&browser.page, &[
                ("name", "Name", "Fill this in."),
                ("addresses", "From where it may be used", "“here” must be an address"),
                ("ends-on", "End it on", told),
            ]);
            assert!(browser.page.contains("here\n10.0.0.0/8</textarea>") && browser.page.contains(&format!("value=\"{day}\"")), "{}", browser.page);
        }
        world.as_key(&key.secret).get("/v1/invoices").await.expect(200);
    }

    async fn a_control_that_is_refused_stands_open_as_it_was_typed(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let one = format!("/console/connections/{}", key.connection_id);
        let (limit, long) = ("A whole number up to 60,000, or empty for the usual limit.", long());
        let limits = [("read", "many"), ("write", "99999999"), ("reason", &*long)];
        let calls = [("read-limit", "Reading calls a minute", limit), ("write-limit", "Changing calls a minute", limit), ("limits-reason", "Why", "at most 500")];
        let addresses = [("addresses", "here\r\nthere"), ("reason", "Tidy")];
        let places = [("addresses", "From where it may be used", "“there” must be an address")];
        let scopes = [("reason", "Less")];
        let nothing = [("scope", "What it may do", "Tick at least one thing that it may do. To stop it altogether, pause or revoke it.")];
        let origins = [("origins", "https://a.example\r\ntool.example"), ("reason", "A tool")];
        let pages = [("origins", "Origins, one on each line", "“tool.example” must be an origin")];
        for (control, fields, faults, kept) in [
            ("limits", &limits[..], &calls[..], &*long),
            ("addresses", &addresses[..], &places[..], "here\nthere</textarea>"),
            ("scopes", &scopes[..], &nothing[..], "value=\"Less\""),
            ("origins", &origins[..], &pages[..], "https://a.example\ntool.example</textarea>"),
        ] {
            let before = world.journal().await.iter().filter(|entry| entry.status >= 400).count();
            refused(&mut browser, &one, &format!("{one}/{control}"), fields).await;
            all_told(&browser.page, faults);
            assert!(browser.page.contains(kept), "{control}: {kept} is lost: {}", browser.page);
            assert_eq!(browser.page.matches("<details class=\"more\" open>").count(), 1, "{control}: {}", browser.page);
            assert!(world.journal().await.iter().filter(|entry| entry.status >= 400).count() > before, "{control} is not in the log");
            // Mended, it is taken from the page that told what is wrong.
            let fine = [("read", "100"), ("write", ""), ("addresses", "10.0.0.0/8"), ("scope", "invoices:read"), ("origins", "")];
            browser.submit(&format!("{one}/{control}"), &fine).await.expect(303);
        }
        browser.open(&one).await.expect(200);
        assert!(tag(&browser.page, "read-limit").contains("value=\"100\""), "{}", browser.page);
    }

    /// What is typed is shown again; a key that is put where none belongs is not.
    async fn a_key_in_the_wrong_field_is_not_shown_again(world: World) {
        let key = world.key(&["invoices:read"]).await;
        let mut browser = admin(&world).await;
        let secret = &*key.secret;
        let fields = [("name", secret), ("run_by", secret), ("reason", secret), ("expires", "90"), ("addresses", secret), ("origins", secret)];
        refused(&mut browser, "/console/keys/new", "/console/keys", &fields).await;
        assert!(!browser.page.contains(secret), "{}", browser.page);
        let one = format!("/console/connections/{}", key.connection_id);
        for (control, name) in [("addresses", "addresses"), ("origins", "origins"), ("limits", "read")] {
            refused(&mut browser, &one, &format!("{one}/{control}"), &[(name, secret), ("reason", secret)]).await;
            assert!(!browser.page.contains(secret), "{control}: {}", browser.page);
        }
    }

    async fn the_usual_limit_is_the_servers_own(world: World) {
        let quotas = Policy { connection: [777, 55, 1_000, 1_000], ..Policy::UNLIMITED };
        let small = World::open_with(world.store.engine(), quotas).await;
        let key = small.key(&["invoices:read"]).await;
        let mut browser = admin(&small).await;
        browser.open(&format!("/console/connections/{}", key.connection_id)).await.expect(200);
        assert!(browser.page.contains("the usual limit, 777.") && browser.page.contains("the usual limit, 55."), "{}", browser.page);
    }

    async fn an_invitations_faults_are_told_at_once(world: World) {
        let mut browser = admin(&world).await;
        let fields = [("name", ""), ("email", "nobody"), ("role", "King")];
        refused(&mut browser, "/console/people", "/console/people", &fields).await;
        all_told(&browser.page, &[("name", "Name", "Fill this in."), ("email", "E-mail address", "e-mail"), ("role", "Role", "ust be one of")]);
        assert!(tag(&browser.page, "email").contains("value=\"nobody\""), "{}", browser.page);
        refused(&mut browser, "/console/people", "/console/people", &[("name", "Sam"), ("email", "sam@clinic.example"), ("role", "CSR")]).await;
        told(&browser.page, "email", "E-mail address");
        assert!(browser.page.contains("value=\"CSR\" selected") && tag(&browser.page, "name").contains("value=\"Sam\""), "{}", browser.page);
    }

    /// Passwords are told apart from the rest: what is wrong with them is said, and they are not shown again.
    async fn a_passwords_faults_are_told_and_it_is_not_shown(world: World) {
        let token = invite(&world, "new@clinic.example", "CSR").await;
        let welcome = format!("/console/welcome?token={token}");
        let mut stranger = Browser::new(&world);
        refused(&mut stranger, &welcome, "/console/welcome", &[("token", &token), ("name", ""), ("password", "short")]).await;
        told(&stranger.page, "name", "Your name");
        assert!(!stranger.page.contains("short\""), "{}", stranger.page);
        refused(&mut stranger, &welcome, "/console/welcome", &[("token", &token), ("name", "Noa"), ("password", "short")]).await;
        all_told(&stranger.page, &[("password", "Password", "At least 12 characters")]);
        assert!(tag(&stranger.page, "name").contains("value=\"Noa\""), "{}", stranger.page);
        let mut browser = admin(&world).await;
        let typed = [("password", "not the present one"), ("new_password", "quite another set of words")];
        refused(&mut browser, "/console/account", "/console/account/password", &typed).await;
        all_told(&browser.page, &[("change-password", "Password now", "This is not your present password.")]);
        assert!(typed.iter().all(|(_, words)| !browser.page.contains(words)), "{}", browser.page);
        let typed = [("password", PASSWORD), ("new_password", "short")];
        refused(&mut browser, "/console/account", "/console/account/password", &typed).await;
        all_told(&browser.page, &[("change-new", "New password", "At least 12 characters")]);
    }

    async fn an_uploads_faults_are_told_at_once(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        let csrf = browser.csrf();
        let before = world.journal().await.iter().filter(|entry| entry.status >= 400).count();
        browser.send(files_form(&csrf, "nothing", &[])).await.expect(422);
        all_told(&browser.page, &[("mapping", "Where the files come from", "Choose a mapping"), ("file", "Files", "Choose the files.")]);
        assert_eq!(world.journal().await.iter().filter(|entry| entry.status >= 400).count(), before + 1);
        browser.send(files_form(&csrf, "petclinic", &[])).await.expect(422);
        all_told(&browser.page, &[("file", "Files", "The mapping reads `owners.csv`")]);
        assert!(told(&browser.page, "file", "Files").contains("`pets.csv`"), "{}", browser.page);
        let mut call = files_form(&csrf, "petclinic", &[("a.csv", "id\r\n")]);
        let own = "name=\"own_mapping\"\r\n\r\n";
        call.body = String::from_utf8(call.body.to_vec()).unwrap().replace(own, &format!("{own}system = 7\r\n[[file]]")).into();
        browser.send(call).await.expect(422);
        told(&browser.page, "own-mapping", "A mapping of your own");
        assert!(browser.page.contains("system = 7\n[[file]]</textarea>") && browser.page.contains("Choose the files again"), "{}", browser.page);
    }

    /// Files that are more than a form takes lead back to it, with the limit and the way out.
    async fn too_many_files_lead_back_to_their_form(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        assert!(browser.page.contains("at most 15 MB together"), "{}", browser.page);
        let csrf = browser.csrf();
        let large = "x".repeat(clinicos_console::web::FILES_BYTES_MAX);
        browser.send(files_form(&csrf, "petclinic", &[("owners.csv", &large)])).await.expect(413);
        all_told(&browser.page, &[("file", "Files", "They have more than 15 MB together")]);
        for words in ["clinicos import", "--watch", "<form class=\"narrow\" method=\"post\" action=\"/console/import\""] {
            assert!(browser.page.contains(words), "no `{words}`: {}", browser.page);
        }
        let refused = world.journal().await.iter().filter(|entry| entry.status == 413).count();
        assert_eq!(refused, 1, "it stands in the log");
        let csrf = browser.csrf();
        browser.send(files_form(&csrf, "petclinic", &[])).await.expect(422);
    }

    /// Without a script: files are sent by a form, checked, looked at, and imported.
    async fn files_are_imported_by_forms(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        let owners = "OwnerID,First Name,Last Name,Address,City,Phone\n1,Ann,Ames,,,\n2,=1+1,,,,x\n3,,,,,\n";
        let pets = "PetID,Name,Birth Date,Species,OwnerID\n1,Leo,2020-01-01,cat,1\n";
        let csrf = browser.csrf();
        browser.send(files_form(&csrf, "petclinic", &[("owners.csv", owners)])).await.expect(422);
        assert!(browser.page.contains("The mapping reads `pets.csv`"), "{}", browser.page);
        browser.send(files_form("no token", "petclinic", &[])).await.expect(403);
        let sent = browser.send(files_form(&csrf, "petclinic", &[("owners.csv", owners), ("pets.csv", pets)])).await.expect(303);
        let path = location(&sent).to_owned();
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        for words in ["Checked; nothing was changed yet", "Ames", "owners.csv, line 4", "Import now"] {
            assert!(browser.page.contains(words), "no `{words}`: {}", browser.page);
        }
        let csv = browser.open(&format!("{path}/rejects.csv")).await.expect(200);
        assert!(csv.headers["content-disposition"].to_str().unwrap().contains("rejects.csv"));
        assert!(browser.page.contains("\"owners.csv\",\"4\",\"rejected\""), "{}", browser.page);
        browser.open(&path).await.expect(200);
        let started = browser.submit(&format!("{path}/start"), &[("dry_run", "false")]).await;
        assert_eq!((started.status, location(&started)), (303, path.as_str()));
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        assert!(browser.page.contains("Done"), "{}", browser.page);
        browser.open("/console/import").await.expect(200);
        assert!(browser.page.contains("3 new, 0 changed, 1 rejected"), "{}", browser.page);
        assert_eq!(world.as_admin().get("/v1/patients").await.expect(200).data().len(), 1);
    }

    /// Who has no mapping chooses one: column by column, without a script, and without writing TOML.
    async fn a_mapping_is_made_by_choosing(world: World) {
        let mut browser = admin(&world).await;
        browser.open("/console/import").await.expect(200);
        assert!(browser.page.contains("Start a mapping from my files"), "{}", browser.page);
        let csrf = browser.csrf();
        browser.send(files_form(&csrf, "propose", &[])).await.expect(422);
        all_told(&browser.page, &[("file", "Files", "Choose the files.")]);
        browser.send(files_form(&csrf, "propose", &[("a.csv", "x,x\n")])).await.expect(422);
        all_told(&browser.page, &[("file", "Files", "No columns can be told apart")]);
        let people = "Cust No;Surname;Forename;Tel;Cattery\n7;Ames;Ann;555;yes\n8;Bell;Bea;;\n";
        let animals = "Animal No;Pet Name;Type;DOB;Cust No\n1;Leo;Cat;03/04/2020;7\n2;Rex;dog;05/06/2021;8\n";
        let stock = "Code;Title;Cost\nA1;Chew;1,25\n";
        let files = [("people.csv", people), ("animals.csv", animals), ("stock.csv", stock)];
        let sent = browser.send(files_form(&csrf, "propose", &files)).await.expect(303);
        let path = location(&sent).to_owned();
        crate::import_jobs::work(&world).await;
        browser.open(&path).await.expect(200);
        for words in ["What the columns become", "people.csv: clients", "Surname", "Family name", "Left out: Cattery.", "2020-03-04"] {
            assert!(browser.page.contains(words), "no `{words}`: {}", browser.page);
        }
        let toml = browser.open(&format!("{path}/mapping.toml")).await.expect(200);
        assert!(toml.headers["content-disposition"].to_str().unwrap().contains("mapping.toml"));
        assert!(browser.page.contains("family_name = \"Surname\""), "{}", browser.page);
        // The file that was left out becomes products, of which the price is to be chosen; the days are those of Europe.
        let form = format!("{path}/mapping");
        browser.open(&form).await.expect(200);
        assert!(browser.page.contains("The values leave it open"), "{}", browser.page);
        let typed = |what: &'static str, was: &'static str, price: &'static str| {
            vec![
                ("system", "old"), ("currency", "usd"), ("decimal_mark", ","),
                ("what-0", "patients"), ("was-0", "patients"), ("key-0", "Animal No"),
                ("col-0-1", "name"), ("col-0-2", "species"), ("col-0-3", "birth_date"), ("day-0-3", "2"), ("col-0-4", "owner"),
                ("what-1", "clients"), ("was-1", "clients"), ("key-1", "Cust No"),
                ("col-1-1", "family_name"), ("col-1-2", "given_name"), ("col-1-3", "phone_home"), ("col-1-4", "tag"),
                ("what-2", what), ("was-2", was), ("key-2", "Code"), ("col-2-1", "name"), ("col-2-2", price),
            ]
        };
        assert_eq!(browser.submit(&form, &typed("products", "", "")).await.status, 200, "its columns are shown first");
        assert!(browser.page.contains("name=\"col-2-2\"") && browser.page.contains("value=\"USD\""), "{}", browser.page);
        assert_eq!(browser.submit(&form, &typed("products", "products", "cost")).await.status, 422);
        assert!(browser.page.contains("stock.csv: Choose the column for “Price of one, before tax”."), "{}", browser.page);
        let sent = browser.submit(&form, &typed("products", "products", "price")).await;
        assert_eq!((sent.status, location(&sent)), (303, path.as_str()), "{}", browser.page);
        crate::import_jobs::work(&world).await;
        browser.open(&form).await.expect(200);
        assert!(tag(&browser.page, "system").contains("value=\"old\""), "what was chosen is shown again: {}", browser.page);
        browser.open(&path).await.expect(200);
        browser.submit(&format!("{path}/start"), &[("dry_run", "false")]).await;
        crate::import_jobs::work(&world).await;
        let list = async |target: &str| world.as_admin().get(target).await.expect(200).data().to_vec();
        let (clients, patients, products) = (list("/v1/clients").await, list("/v1/patients").await, list("/v1/products").await);
        assert_eq!((clients.len(), patients.len(), products.len()), (2, 2, 1));
        let leo = patients.iter().find(|patient| patient["name"] == "Leo").unwrap();
        assert_eq!((&leo["birth_date"], &leo["species"]), (&"2020-04-03".into(), &"feline".into()));
        let ann = clients.iter().find(|client| client["id"] == leo["client_id"]).unwrap();
        assert_eq!((&ann["phones"][0]["number"], &ann["tags"][0]), (&"555".into(), &"yes".into()));
        assert_eq!(products[0]["price"], serde_json::json!({"amount": 125, "currency": "USD"}));
    }
}

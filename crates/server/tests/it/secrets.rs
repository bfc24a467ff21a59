//! Abuse case L5: while every operation and every form is used, with everything logged, no
//! secret stands in what the server writes, and no personal data in logs, journal and events.

use clinicos_contract::{Body, Category, Clock as _, Schema, Shape};
use clinicos_server::record::manifest::hex;
use clinicos_testkit::{Call, Reply, Samples, World, on_both_engines};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::canaries::{Canaries, Log, base64, file_of};
use crate::console_browser::{Browser, encoded, files_form, hidden, location, unbase32, unmasked};

/// What is sent in place of a person's data.
const PERSON: &str = "Canarycatcher";
const PERSON_PHONE: &str = "(312) 555-8264";
const PERSON_EMAIL: &str = "canarycatcher.person@example.com";
const STAFF_EMAIL: &str = "canarykeeper@clinic.example";
const STAFF_NAME: &str = "Canarykeeper";
const PASSWORD: &str = "canary words kept apart";
const NEXT_PASSWORD: &str = "canary words kept together";
const KEY_START: &str = "cos_sandbox_";
/// Behind the start: 43 of chance, 6 of a checksum.
const KEY_LETTERS: usize = 49;
const WRONG_PASSWORD: &str = "canary words of a stranger";

/// The same body with canaries for what it says of a person.
fn with_canaries(body: &Value, schema: &Schema) -> Value {
    let Value::Object(members) = body else { return body.clone() };
    let member = |(name, value): (&String, &Value)| {
        let field = schema.field(name).map(|(_, field)| field);
        let value = match name.as_str() {
            "content" => json!(base64(file_of(PERSON).as_bytes())),
            "original" => json!(json!([PERSON, PERSON_EMAIL]).to_string()),
            _ => field.map_or(value.clone(), |field| of_person(value, &field.shape, field.category)),
        };
        (name.clone(), value)
    };
    Value::Object(members.iter().map(member).collect::<Map<_, _>>())
}

fn of_person(value: &Value, shape: &Shape, category: Category) -> Value {
    let is_personal = [Category::OwnerContact, Category::Staff].contains(&category);
    match (shape, value) {
        (Shape::List(inner), Value::Array(items)) => items.iter().map(|item| of_person(item, inner, category)).collect(),
        (Shape::Object(schema) | Shape::Record(schema), Value::Object(_)) => with_canaries(value, schema),
        (Shape::Email, Value::String(_)) if is_personal => json!(PERSON_EMAIL),
        (Shape::Text, Value::String(text)) if is_personal && text.contains("555") => json!(PERSON_PHONE),
        (Shape::Text, Value::String(_)) if is_personal => json!(PERSON),
        _ => value.clone(),
    }
}

/// What was sent and came back so far.
struct Watch<'w> {
    world: &'w World,
    secrets: Canaries,
    /// What binds forms to a browser: pages hold it, refused ones too.
    bonds: Canaries,
    people: Canaries,
    refusals: Vec<u8>,
    refused: usize,
}

impl<'w> Watch<'w> {
    fn new(world: &'w World) -> Self {
        let mut watch = Self {
            world,
            secrets: Canaries::default(),
            bonds: Canaries::default(),
            people: Canaries::default(),
            refusals: Vec::new(),
            refused: 0,
        };
        watch.secrets.add("an admin's key", &world.clinic.admin_key);
        watch.secrets.add("another admin's key", &world.other.admin_key);
        for (what, password) in
            [("a password", PASSWORD), ("a new password", NEXT_PASSWORD), ("a wrong password", WRONG_PASSWORD)]
        {
            watch.secrets.add(what, password);
        }
        let people =
            [("name", PERSON), ("phone", PERSON_PHONE), ("e-mail", PERSON_EMAIL), ("login", STAFF_EMAIL), ("staff", STAFF_NAME)];
        for (what, value) in people {
            watch.people.add(what, value);
        }
        watch
    }

    /// Keeps what a refusal says, and the secrets that an answer gives.
    fn saw(&mut self, reply: &Reply) {
        if reply.status >= 400 {
            // A form that is shown again carries on what it was opened with.
            let page = String::from_utf8_lossy(&reply.bytes).into_owned();
            let token = hidden(&page, "token").map(|token| format!("name=\"token\" value=\"{token}\""));
            let secret = page.split_once("id=\"secret\">").and_then(|(_, rest)| rest.split('<').next());
            // So is what was typed where no password belongs: it stands in its field again.
            let typed = [format!("value=\"{PASSWORD}\""), format!(">{PASSWORD}</textarea>")].map(Some);
            let typed = typed.into_iter().filter(|_| page.contains("Please correct this first"));
            let carried = [token, secret.map(|secret| format!("id=\"secret\">{secret}<"))].into_iter().chain(typed);
            let page = carried.into_iter().flatten().fold(page.clone(), |page, carried| page.replace(&carried, ""));
            self.refusals.extend(page.bytes());
            let headers = reply.headers.iter().filter(|(name, _)| *name != "set-cookie");
            self.refusals.extend(format!("{:?}", headers.collect::<Vec<_>>()).bytes());
            self.refused += 1;
        }
        for name in ["secret", "invitation"] {
            let value = reply.text(name).to_owned();
            if !value.is_empty() {
                self.secrets.add(name, &value);
            }
        }
    }

    /// Every operation of the API: as it should be called, and with its secrets in wrong places.
    async fn call_everything(&mut self) {
        let world = self.world;
        for spec in world.specs() {
            let samples = Samples::of(world, &world.clinic, spec).await;
            let (caller, mut call) = (samples.caller(world, spec), samples.ready(world, spec).await);
            if spec.id == "documents.add_content" {
                let announced = samples.plain(world, world.spec("documents.create")).await;
                let mut document = announced.body_json();
                document["sha256"] = json!(hex(&Sha256::digest(file_of(PERSON))));
                document["bytes"] = json!(file_of(PERSON).len());
                let made = caller.send(announced.json(&document)).await.expect(201);
                call.target = format!("/v1/documents/{}/content", made.id());
            }
            if let (Some(Body { schema, .. }), Value::Object(_)) = (&spec.body, call.body_json()) {
                call = call.clone().json(&with_canaries(&call.body_json(), schema));
            }
            let reply = caller.send(call.clone()).await;
            assert!(reply.status < 300, "{}: {}", reply.label, reply.json);
            self.saw(&reply);
            let key = &world.clinic.admin_key;
            let mut broken = call.clone();
            broken.body = format!("{{\"given_name\": \"{PERSON}\", \"secret\": \"{key}\", ").into();
            let path = call.target.split('?').next().unwrap().to_owned();
            let wrong = [
                call.clone().query(&format!("api_key={key}")),
                call.clone().query(&format!("family_name={PERSON}&emails={PERSON_EMAIL}&limit={key}")),
                call.clone().set("idempotency-key", format!("{key} {PERSON}")),
                call.clone().set("if-match", key.as_str()).header("clinicos-version", key.as_str()),
                call.clone().json(&json!({"given_name": {"of": PERSON}, "amount": key, "secret": key})),
                Call::new(&call.method, format!("{path}/{key}")),
                Call::new(&call.method, format!("/v1/clients/{key}")),
                broken,
            ];
            for call in wrong {
                self.saw(&caller.send(call).await);
            }
            for scheme in ["Basic", "Bearer Bearer", "Session"] {
                self.saw(&world.send(call.clone().header("authorization", format!("{scheme} {key}"))).await);
            }
            let short = &key[..key.len() - 1];
            self.saw(&world.send(call.clone().header("authorization", format!("Bearer {short}"))).await);
            self.saw(&world.send(call.header("cookie", format!("clinicos_session={key}"))).await);
        }
    }

    /// Sends a form as its page made it, and once more as if from elsewhere.
    async fn form(&mut self, browser: &mut Browser<'_>, page: &str, target: &str, fields: &[(&str, &str)]) {
        self.saw(&browser.open(page).await);
        self.bonds.add("the token of a form", &unmasked(&browser.csrf()));
        self.bonds.add("the token of a form, as it was shown", &browser.csrf());
        let token = hidden(&browser.page, "csrf").unwrap();
        let mut stale = Call::new("POST", target).header("content-type", "application/x-www-form-urlencoded");
        let typed = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        stale.body = format!("csrf={}0&{}", &token[1..], typed.collect::<Vec<_>>().join("&")).into();
        self.saw(&browser.send(stale).await.expect(403));
        browser.open(page).await;
        let reply = browser.submit(target, fields).await;
        assert!(reply.status < 500, "{target}: {}", browser.page);
        self.saw(&reply);
        for rest in browser.page.split("class=\"recovery\">").skip(1) {
            self.secrets.add("a recovery code", rest.split('<').next().unwrap());
        }
        // A key that was made is shown this once.
        for rest in browser.page.split(KEY_START).skip(1) {
            let letters: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
            if letters.len() == KEY_LETTERS {
                self.secrets.add("a key of a form", &format!("{KEY_START}{letters}"));
            }
        }
        for (name, canaries) in [("session", &mut self.secrets), ("visitor", &mut self.bonds)] {
            if let Some((_, value)) = browser.cookie(name) {
                canaries.add(name, &value);
            }
        }
    }

    /// The code of this moment.
    fn code(&mut self, secret: &str) -> String {
        let code = clinicos_gate::sign_in::totp_code_at(&unbase32(secret), self.world.clock.now().as_micros());
        self.secrets.add("a code", &code);
        code
    }

    async fn people_come_in(&mut self, browser: &mut Browser<'_>) {
        let invite = format!("/v1/users?clinic_id={}", self.world.clinic.clinic_id);
        let body = json!({"email": STAFF_EMAIL, "name": STAFF_NAME, "role": "Admin"});
        let invited = self.world.as_operator().post(&invite, &body).await.expect(201);
        self.saw(&invited);
        let token = invited.text("invitation").to_owned();
        let welcome = format!("/console/welcome?token={token}");
        let page = "/console/welcome";
        self.form(browser, &welcome, page, &[("token", &token), ("name", STAFF_NAME), ("password", "short")]).await;
        self.form(browser, &welcome, page, &[("token", &token), ("name", STAFF_NAME), ("password", PASSWORD)]).await;
        self.saw(&Browser::new(self.world).open(&welcome).await.expect(404));
        let account = "/console/account";
        self.form(browser, account, "/console/account/second-factor/begin", &[]).await;
        self.form(browser, account, "/console/account/second-factor/cancel", &[]).await;
        browser.open(account).await.expect(200);
        browser.submit("/console/account/second-factor/begin", &[]).await.expect(200);
        let (_, rest) = browser.page.split_once("id=\"secret\">").unwrap();
        let secret = rest.split('<').next().unwrap().to_owned();
        self.secrets.add("the secret of the second factor", &secret);
        self.form(browser, account, "/console/account/second-factor", &[("password", PASSWORD), ("code", "000000")]).await;
        let code = self.code(&secret);
        let guess = [("password", WRONG_PASSWORD), ("code", code.as_str())];
        self.form(browser, account, "/console/account/second-factor", &guess).await;
        // `form` opens the page anew, and the secret that is waiting stays the same.
        self.form(browser, account, "/console/account/second-factor", &[("password", PASSWORD), ("code", &code)]).await;
        for target in ["/console/account/second-factor/recovery-codes", "/console/account/second-factor/off"] {
            self.world.clock.advance_s(60);
            let code = self.code(&secret);
            self.form(browser, account, target, &[("password", PASSWORD), ("code", &code)]).await;
        }
        let words = [("password", WRONG_PASSWORD), ("new_password", NEXT_PASSWORD)];
        self.form(browser, account, "/console/account/password", &words).await;
        self.form(browser, account, "/console/account/password", &[("password", PASSWORD), ("new_password", NEXT_PASSWORD)])
            .await;
        self.form(browser, account, "/console/account/sessions/end", &[("session", "ses_1")]).await;
        let typed = [("email", STAFF_EMAIL), ("password", WRONG_PASSWORD), ("code", "123456")];
        let mut stranger = Browser::new(self.world);
        self.form(&mut stranger, "/console/sign-in", "/console/sign-in", &typed).await;
    }

    /// Files come in, are checked and are given up.
    async fn files(&mut self, browser: &mut Browser<'_>) {
        let page = "/console/import";
        self.form(browser, page, "/console/import", &[("mapping", "propose"), ("program", PERSON)]).await;
        self.form(browser, page, "/console/import", &[("mapping", "petclinic"), ("own_mapping", PERSON)]).await;
        browser.open(page).await.expect(200);
        let owners = file_of(PERSON) + &format!("2,,{PERSON_EMAIL}\n");
        let pets = "PetID,Name,Birth Date,Species,OwnerID\n1,Leo,2020-01-01,cat,1\n";
        let files = files_form(&browser.csrf(), "petclinic", &[("owners.csv", &owners), ("pets.csv", pets)]);
        let sent = browser.send(files).await.expect(303);
        let import = location(&sent).to_owned();
        crate::import_jobs::work(self.world).await;
        self.saw(&browser.open(&format!("{import}/rejects.csv")).await);
        let typed = [("system", PERSON), ("currency", PERSON), ("what-0", PERSON), ("key-0", PERSON), ("col-0-1", PERSON)];
        self.form(browser, &format!("{import}/mapping"), &format!("{import}/mapping"), &typed).await;
        self.form(browser, &format!("{import}/mapping"), &format!("{import}/mapping"), &[("mapping_text", PERSON)]).await;
        self.form(browser, &import, &format!("{import}/start"), &[("dry_run", "true")]).await;
        self.form(browser, &import, &format!("{import}/cancel"), &[]).await;
    }

    /// The record is taken along.
    async fn export(&mut self, browser: &mut Browser<'_>) {
        self.form(browser, "/console/export", "/console/export", &[("resources", PERSON)]).await;
        browser.open("/console/export").await.expect(200);
        let begun = browser.submit("/console/export", &[]).await.expect(303);
        let export = location(&begun).to_owned();
        self.saw(&browser.open(&format!("{export}/files/clients.ndjson")).await.expect(200));
        self.form(browser, &export, &format!("{export}/cancel"), &[("reason", PERSON)]).await;
    }

    /// A colleague is invited, changed, invited anew and let go.
    async fn people(&mut self, browser: &mut Browser<'_>) {
        let (page, email) = ("/console/people", "canarycolleague@clinic.example");
        self.people.add("a colleague", email);
        self.form(browser, page, "/console/people", &[("email", PERSON), ("name", STAFF_NAME), ("role", "CSR")]).await;
        self.form(browser, page, "/console/people", &[("email", email), ("name", STAFF_NAME), ("role", "CSR")]).await;
        self.invitations(browser);
        let users =
            self.world.as_operator().get(&format!("/v1/users?clinic_id={}", self.world.clinic.clinic_id)).await.expect(200);
        let colleague = users.data().iter().find(|user| user["email"] == email).unwrap();
        let person = format!("/console/people/{}", colleague["id"].as_str().unwrap());
        for control in ["role", "reinvite"] {
            self.form(browser, page, &format!("{person}/{control}"), &[("role", "VA")]).await;
            self.invitations(browser);
        }
        let end = format!("{person}/disable");
        self.form(browser, &end, &end, &[("reason", PERSON)]).await;
    }

    /// Keeps the links that the open page shows this once.
    fn invitations(&mut self, browser: &Browser<'_>) {
        for rest in browser.page.split("/console/welcome?token=").skip(1) {
            self.secrets.add("an invitation", rest.split(|letter: char| !letter.is_ascii_alphanumeric()).next().unwrap());
        }
    }

    async fn every_control(&mut self, browser: &mut Browser<'_>) {
        let key = self.world.key(&["invoices:read", "clients:write"]).await;
        self.secrets.add("a key", &key.secret);
        let one = format!("/console/connections/{}", key.connection_id);
        let own = format!("/console/keys/{}", key.id);
        let reason =
            [("name", "Another"), ("expires", "90"), ("addresses", "203.0.113.7"), ("overlap", "24"), ("reason", PERSON)];
        self.form(browser, &format!("{one}/keys"), &format!("{one}/keys"), &reason).await;
        self.form(browser, &format!("{own}/rotate"), &format!("{own}/rotate"), &reason).await;
        self.form(browser, &format!("{own}/revoke"), &format!("{own}/revoke"), &[("reason", PERSON)]).await;
        for control in ["change", "leaked", "handled"] {
            let fields = [("name", "Another"), ("addresses", PASSWORD), ("note", PERSON), ("reason", PERSON)];
            self.form(browser, &own, &format!("{own}/{control}"), &fields).await;
        }
        let controls: [(&str, &[(&str, &str)]); 9] = [
            ("pause", &[("duration", "1h"), ("reason", PERSON)]),
            ("resume", &[]),
            ("writes", &[("writes", "off")]),
            ("limits", &[("read", "10"), ("write", PASSWORD)]),
            ("operations", &[("excluded", "payments.list")]),
            ("origins", &[("origins", PASSWORD)]),
            ("addresses", &[("addresses", PASSWORD)]),
            ("scopes", &[("scope", "invoices:read")]),
            ("remove-category", &[("category", "owner_financial")]),
        ];
        for (control, fields) in controls {
            self.form(browser, &one, &format!("{one}/{control}"), fields).await;
        }
        self.form(browser, &format!("{one}/revoke"), &format!("{one}/revoke"), &[("reason", PERSON)]).await;
        let made =
            [("name", "Books"), ("run_by", "Acme"), ("reason", PERSON), ("purpose", "payment"), ("scope", "invoices:read")];
        self.form(browser, "/console/keys/new", "/console/keys", &made).await;
        self.files(browser).await;
        self.export(browser).await;
        self.people(browser).await;
        for writes in ["stop", "allow"] {
            self.form(browser, "/console/emergency", "/console/emergency", &[("writes", writes), ("reason", PERSON)]).await;
        }
        for page in ["/console", "/console/connections", "/console/log", "/console/account", &one, &format!("{one}/activity")] {
            self.saw(&browser.open(page).await);
        }
        for target in [
            format!("/console/log?record={PERSON}"),
            format!("/console/nothing/{PERSON}"),
            format!("/docs/{PASSWORD}").replace(' ', "-"),
        ] {
            self.saw(&browser.open(&target).await);
        }
    }

    /// Looks for every canary in everything that was written.
    async fn look(&self, log: &[u8], csv: &[u8]) {
        let entries = self.world.journal().await;
        let events = self.world.events().await;
        assert!(entries.len() > 500 && events.len() > 50 && self.refused > 300 && csv.len() > 10_000, "too little was done");
        let events = events.iter().map(|event| {
            format!("{} {} {} {:?} {} {}", event.position, event.id, event.name, event.clinic_id, event.record_id, event.payload)
        });
        let journal = format!("{entries:?}").into_bytes();
        let events = events.collect::<Vec<_>>().join("\n").into_bytes();
        let mut found = Vec::new();
        for (place, bytes) in [("logs", log), ("journal", &journal), ("events", &events), ("the log as CSV", csv)] {
            found.extend(self.secrets.found_in(bytes).into_iter().map(|what| format!("{place}: {what}")));
            found.extend(self.bonds.found_in(bytes).into_iter().map(|what| format!("{place}: {what}")));
            // The file says who of the clinic acted, by name.
            let is_who_acted = |what: &String| place == "the log as CSV" && what.starts_with("staff, ");
            let people = self.people.found_in(bytes).into_iter().filter(|what| !is_who_acted(what));
            found.extend(people.map(|what| format!("{place}: {what} of a person")));
        }
        found.extend(self.secrets.found_in(&self.refusals).into_iter().map(|what| format!("refusals: {what}")));
        let mut kept = Canaries::default();
        // Six digits stand in any database.
        let lasting = self.secrets.0.iter().chain(&self.bonds.0).filter(|(value, _)| value.len() > 8);
        kept.0.extend(lasting.map(|(value, what)| (value.clone(), what.clone())));
        found.extend(kept.found_in(&self.world.database_bytes()).into_iter().map(|what| format!("the database: {what}")));
        assert!(found.is_empty(), "{}", found.join("\n"));
        assert!(
            !self.people.found_in(&self.world.database_bytes()).is_empty(),
            "not even the clients' table has the clients' names"
        );
    }
}

on_both_engines! {
    async fn l5_no_secret_is_written_anywhere(world: World) {
        let log = Log::start();
        let mut watch = Watch::new(&world);
        let mut browser = Browser::new(&world);
        watch.people_come_in(&mut browser).await;
        watch.every_control(&mut browser).await;
        watch.call_everything().await;
        // A fault of the store is logged with its source.
        world.faults.fail_call(1);
        watch.saw(&world.as_admin().get("/v1/clients").await);
        world.faults.clear();
        let csv = browser.open("/console/log.csv").await.expect(200).bytes;
        watch.form(&mut browser, "/console/account", "/console/sign-out", &[]).await;
        tracing::trace!("the log is listened to");
        let log = log.bytes();
        assert!(String::from_utf8_lossy(&log).contains("the log is listened to"));
        watch.look(&log, &csv).await;
    }
}

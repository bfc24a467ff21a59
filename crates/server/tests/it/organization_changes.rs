//! The change feed of a key that several clinics let in: each row by its own clinic's grant, in its
//! own clinic's log, and one cursor.

use std::collections::{BTreeMap, BTreeSet};

use clinicos_gate::{ClinicId, ConnectionId};
use clinicos_store::journal::audit::Entry;
use clinicos_testkit::{As, BASE_URL, Reply, World, on_both_engines, record_ids};
use serde_json::{Value, json};

use crate::answers::{against_the_document, document, ids_in};
use crate::changes::until_waiting;
use crate::changes_followed::{Author, Dice, Made};
use crate::organization_keys::Sisters;
use crate::pages::all_pages;

const ALL: &[&str] = &["changes:read", "clients:read", "patients:read", "products:read", "invoices:read", "payments:read"];
const FEW: &[&str] = &["changes:read", "clients:read"];

/// Somebody who keeps a copy of every clinic that lets them.
struct Copy {
    caller: As,
    query: &'static str,
    cursor: String,
    /// Every record, by its clinic and its id.
    records: BTreeMap<String, BTreeMap<String, Value>>,
    gaps: Vec<String>,
    told: Vec<Value>,
}

impl Copy {
    async fn begin(caller: As, query: &'static str) -> Self {
        let begun = caller.get(&format!("/v1/changes?{query}")).await.expect(200);
        assert!(begun.data().is_empty(), "{}", begun.json);
        let cursor = begun.text("next_cursor").to_owned();
        Self { caller, query, cursor, records: BTreeMap::new(), gaps: Vec::new(), told: Vec::new() }
    }

    fn target(&self, more: &str) -> String {
        format!("/v1/changes?{}&cursor={}{more}", self.query, self.cursor)
    }

    /// The next page, as it is.
    async fn page(&mut self, world: &World) -> Reply {
        world.store.sealed().await.unwrap();
        let page = self.caller.get(&self.target("")).await.expect(200);
        self.cursor = page.text("next_cursor").to_owned();
        page
    }

    /// Follows until there is nothing more.
    async fn catch_up(&mut self, world: &World) {
        loop {
            let page = self.page(world).await;
            for change in page.data() {
                self.told.push(change.clone());
                let clinic = change["clinic_id"].as_str().unwrap().to_owned();
                let id = || change["record_id"].as_str().unwrap().to_owned();
                match change["kind"].as_str().unwrap() {
                    "gap" => self.read_again(&clinic).await,
                    "record" => drop(self.records.entry(clinic).or_default().insert(id(), change["record"].clone())),
                    _ => drop(self.records.entry(clinic).or_default().remove(&id())),
                }
            }
            if page.json["has_more"] == json!(false) {
                return;
            }
        }
    }

    /// Drops what is held of a clinic, and reads its lists, as far as it lets this caller.
    async fn read_again(&mut self, clinic: &str) {
        self.gaps.push(clinic.to_owned());
        self.records.remove(clinic);
        for resource in ["clients", "patients", "products", "invoices", "payments", "refunds"] {
            let list = format!("/v1/{resource}?limit=200&clinic_id={clinic}");
            if self.caller.get(&list).await.status != 200 {
                continue;
            }
            for row in all_pages(&self.caller, &list).await {
                let id = row["id"].as_str().unwrap().to_owned();
                let whole = self.caller.get(&format!("/v1/{resource}/{id}?clinic_id={clinic}")).await;
                if whole.status == 200 {
                    self.records.entry(clinic.to_owned()).or_default().insert(id, whole.json);
                }
            }
        }
    }
}

async fn create(caller: &As, name: &str) -> String {
    caller.post("/v1/clients", &json!({"family_name": name})).await.expect(201).id()
}

fn place(entry: &Entry) -> (String, String) {
    let connection = entry.actor.connection.map(ConnectionId::from_bytes).unwrap().to_string();
    (entry.clinic.map(ClinicId::from_bytes).unwrap().to_string(), connection)
}

/// The one change of a page, which is a gap.
fn gap(page: &Reply) -> &Value {
    let [gap] = page.data() else { panic!("{}", page.json) };
    assert_eq!((&gap["kind"], &gap["event"], &gap["record"]), (&json!("gap"), &json!("changes.gap"), &Value::Null));
    &gap["clinic_id"]
}

on_both_engines! {
    async fn rows_of_every_clinic_come_in_commit_order(world: World) {
        let sisters = Sisters::make(&world, [FEW, FEW]).await;
        let (own, theirs) = (world.as_admin(), sisters.as_admin(&world));
        let mut copy = Copy::begin(sisters.as_key(&world), "limit=3").await;
        let sister = sisters.sister.clinic_id.clone();
        let narrow = copy.caller.get(&format!("/v1/changes?clinic_id={sister}")).await.expect(200);
        let mut made = Vec::new();
        for number in 0..8 {
            let (admin, clinic) = if [1, 2, 5].contains(&number) { (&theirs, &sister) } else { (&own, &world.clinic.clinic_id) };
            made.push((clinic.clone(), create(admin, &format!("C{number}")).await));
        }
        // The clinic of another organization is told of to nobody here.
        create(&world.as_key(&world.other.admin_key), "Elsewhere").await;
        copy.catch_up(&world).await;
        let text = |change: &Value, name: &str| change[name].as_str().unwrap().to_owned();
        let told: Vec<(String, String)> = copy.told.iter().map(|one| (text(one, "clinic_id"), text(one, "record_id"))).collect();
        assert_eq!(told, made);
        let document = document(&world).await;
        let page = copy.caller.get(&format!("/v1/changes?cursor={}", copy.cursor)).await.expect(200);
        assert_eq!(against_the_document(&document, world.spec("changes.list"), &page), Vec::<String>::new());
        assert!(page.text("next_page_url").starts_with(BASE_URL) && page.data().is_empty());
        let only = copy.caller.get(&format!("/v1/changes?clinic_id={sister}&cursor={}", narrow.text("next_cursor"))).await.expect(200);
        let theirs: Vec<&String> = made.iter().filter(|(clinic, _)| *clinic == sister).map(|(_, id)| id).collect();
        assert_eq!(only.data().iter().map(|one| one["record_id"].as_str().unwrap()).collect::<Vec<_>>(), theirs);
        let [entry] = world.entries(only.request_id()).await.try_into().unwrap();
        assert_eq!(place(&entry), (sister.clone(), sisters.connections[1].clone()));
        // A cursor is of one clinic or of all.
        copy.caller.get(&format!("/v1/changes?cursor={}", narrow.text("next_cursor"))).await.refused(400, "invalid_cursor");
        copy.caller.get(&format!("/v1/changes?clinic_id={sister}&cursor={}", copy.cursor)).await.refused(400, "invalid_cursor");
        let foreign = copy.caller.get(&format!("/v1/changes?clinic_id={}", world.other.clinic_id)).await.refused(404, "not_found");
        let random = copy.caller.get("/v1/changes?clinic_id=cln_00000000000000000000000000").await.refused(404, "not_found");
        assert_eq!(foreign.masked(), random.masked());
    }

    /// Each clinic's log names what left of that clinic, by its own connection, and nothing else.
    async fn l2_each_log_names_its_own_rows(world: World) {
        let sisters = Sisters::make(&world, [FEW, FEW]).await;
        let mut copy = Copy::begin(sisters.as_key(&world), "").await;
        for (admin, count) in [(world.as_admin(), 3), (sisters.as_admin(&world), 1)] {
            for number in 0..count {
                create(&admin, &format!("C{number}")).await;
            }
        }
        let page = copy.page(&world).await;
        let entries: BTreeMap<_, _> = world.entries(page.request_id()).await.into_iter().map(|entry| (place(&entry), entry)).collect();
        let places = [(world.clinic.clinic_id.clone(), sisters.connections[0].clone()), (sisters.sister.clinic_id.clone(), sisters.connections[1].clone())];
        assert_eq!(entries.keys().cloned().collect::<BTreeSet<_>>(), places.iter().cloned().collect());
        let mut bytes = 0;
        for (clinic, connection) in &places {
            let rows: Vec<&Value> = page.data().iter().filter(|one| one["clinic_id"] == json!(clinic)).collect();
            let entry = &entries[&(clinic.clone(), connection.clone())];
            assert_eq!(ids_in(entry), record_ids(&json!(rows)));
            assert_eq!((entry.status, entry.operation.as_str(), entry.problem.as_deref()), (200, "changes.list", None));
            assert!(!entry.reasons.is_empty() && entry.bytes > 0);
            bytes += entry.bytes;
        }
        assert!(bytes < page.bytes.len() as u64, "each entry counts its own rows");
        let path = format!("/v1/audit_entries/{}", page.request_id().replacen("req_", "aud_", 1));
        for (admin, (_, connection)) in [world.as_admin(), sisters.as_admin(&world)].iter().zip(&places) {
            let found = admin.get(&path).await.expect(200).json.to_string();
            assert_eq!(places.iter().map(|(_, one)| found.contains(one)).collect::<Vec<_>>(), places.iter().map(|(_, one)| one == connection).collect::<Vec<_>>());
        }
        // What says that nothing happened is about both of them, too.
        let idle = copy.page(&world).await;
        assert_eq!((idle.data().len(), world.entries(idle.request_id()).await.len()), (0, 2));
    }

    /// A clinic that stops it is told of once, and nothing of it leaves; the others go on.
    async fn b1_a_clinic_that_ends_it_falls_out_at_once(world: World) {
        let sisters = Sisters::make(&world, [FEW, FEW]).await;
        let (own, theirs) = (world.as_admin(), sisters.as_admin(&world));
        let (mut copy, sister) = (Copy::begin(sisters.as_key(&world), "").await, json!(sisters.sister.clinic_id));
        for verb in ["pause", "resume", "revoke"] {
            let mut made = BTreeSet::new();
            create(&theirs, "Before").await;
            made.insert(create(&own, "Before").await);
            sisters.switch(&world, verb).await;
            made.insert(create(&own, "After").await);
            create(&theirs, "After").await;
            let page = copy.page(&world).await;
            assert_eq!(gap(&page), &sister, "{verb}");
            assert_eq!(page.json["has_more"], json!(true), "{verb}: the other clinic is not disturbed");
            let is_in = verb == "resume";
            assert_eq!(world.entries(page.request_id()).await.len(), if is_in { 2 } else { 1 }, "{verb}");
            let after = copy.page(&world).await;
            let told: BTreeSet<String> = after.data().iter().filter(|one| one["clinic_id"] != sister).map(|one| one["record_id"].as_str().unwrap().to_owned()).collect();
            assert_eq!(told, made, "{verb}");
            assert_eq!(after.data().iter().any(|one| one["clinic_id"] == sister), is_in, "{verb}: {}", after.json);
            let clinics: Vec<String> = world.entries(after.request_id()).await.iter().map(|entry| place(entry).0).collect();
            assert_eq!(clinics.contains(&sisters.sister.clinic_id), is_in, "{verb}");
        }
        copy.caller.get(&format!("/v1/changes?clinic_id={}", sisters.sister.clinic_id)).await.refused(401, "unauthenticated");
        // Where none allows it, the first says why; it goes on where it was.
        world.switch(&sisters.connections[0], "pause").await;
        copy.caller.get(&copy.target("")).await.refused(403, "connection_paused");
        world.switch(&sisters.connections[0], "resume").await;
        assert!(copy.page(&world).await.data().is_empty());
        world.switch(&sisters.connections[0], "revoke").await;
        copy.caller.get(&copy.target("")).await.refused(401, "unauthenticated");
    }

    /// A clinic that begins to let the key in is told of as a gap, and no cursor is lost.
    async fn a_clinic_that_lets_it_in_later_is_a_gap(world: World) {
        let sisters = Sisters::make(&world, [FEW, FEW]).await;
        let mut copy = Copy::begin(sisters.as_key(&world), "").await;
        let third = world.new_clinic_of(&world.clinic.organization_id, "Harbor West").await;
        let admin = world.as_key(&third.admin_key);
        let id = create(&admin, "Long there").await;
        let body = json!({"name": "Group", "purpose": "operations", "reason": "A test", "scopes": FEW, "existing_key_id": sisters.id});
        admin.post("/v1/keys", &body).await.expect(201);
        copy.catch_up(&world).await;
        assert_eq!(copy.gaps, std::slice::from_ref(&third.clinic_id));
        assert!(copy.records[&third.clinic_id].contains_key(&id));
    }

    /// Each row is shown by its own clinic's grant.
    async fn a2_each_row_is_decided_by_its_own_clinic(world: World) {
        let sisters = Sisters::make(&world, [&["changes:read", "clients:read", "products:read"], FEW]).await;
        let caller = sisters.as_key(&world);
        let sister = sisters.sister.clinic_id.clone();
        let product = json!({"name": "Last", "sku": "L-1", "kind": "retail", "price": {"amount": 1, "currency": "USD"}});
        let mut copy = Copy::begin(caller.clone(), "").await;
        let mut products = Copy::begin(caller.clone(), "types=product").await;
        let mut made = Vec::new();
        for admin in [world.as_admin(), sisters.as_admin(&world)] {
            made.push(create(&admin, "Whitfield").await);
            admin.post("/v1/products", &product).await.expect(201);
        }
        copy.catch_up(&world).await;
        products.catch_up(&world).await;
        let told: Vec<(bool, &str)> = copy.told.iter().map(|one| (one["clinic_id"] == json!(sister), one["type"].as_str().unwrap())).collect();
        assert_eq!(told, [(false, "client"), (false, "product"), (true, "client")]);
        assert_eq!(products.told.iter().map(|one| one["clinic_id"] == json!(sister)).collect::<Vec<_>>(), [false]);
        caller.get("/v1/changes?types=invoice").await.refused(403, "missing_scope");
        caller.get("/v1/changes?types=product,invoice").await.refused(403, "missing_scope");
        // More categories at one of them: a gap there, and fields left out at the other alone.
        sisters.change(&world, &json!({"opt_ins": [{"category": "owner_contact"}, {"category": "owner_financial"}]})).await;
        let page = copy.page(&world).await;
        assert_eq!(gap(&page), &json!(sister));
        for (admin, id) in [world.as_admin(), sisters.as_admin(&world)].iter().zip(&made) {
            let etag = admin.get(&format!("/v1/clients/{id}")).await.expect(200).etag().to_owned();
            admin.patch(&format!("/v1/clients/{id}"), &etag, &json!({"family_name": "Whitfield-Ames"})).await.expect(200);
        }
        let page = copy.page(&world).await;
        for (change, clinic) in page.data().iter().zip([&world.clinic.clinic_id, &sister]) {
            let path = format!("/v1/clients/{}?clinic_id={clinic}", change["record_id"].as_str().unwrap());
            assert_eq!(change["record"], caller.get(&path).await.expect(200).json);
        }
        let hidden: Vec<bool> = page.data().iter().map(|one| one["record"].get("_redactions").is_some()).collect();
        assert_eq!(hidden, [true, false], "{}", page.json);
        let redacted: BTreeMap<String, bool> = world.entries(page.request_id()).await.iter().map(|entry| (place(entry).0, entry.redacted != 0)).collect();
        assert_eq!((redacted[&world.clinic.clinic_id], redacted[&sister]), (true, false));
    }

    /// Who waits is decided anew at each clinic: what was revoked meanwhile is not shown.
    async fn b1_a_wait_ends_without_the_clinic_that_ended_it(world: World) {
        let sisters = Sisters::make(&world, [FEW, FEW]).await;
        let copy = Copy::begin(sisters.as_key(&world), "").await;
        world.store.sealed().await.unwrap();
        let waiting = tokio::spawn({
            let (caller, target) = (copy.caller.clone(), copy.target("&wait=30"));
            async move { caller.get(&target).await }
        });
        until_waiting(&world).await;
        sisters.switch(&world, "revoke").await;
        create(&sisters.as_admin(&world), "New").await;
        let reply = waiting.await.unwrap().expect(200);
        assert_eq!(gap(&reply), &json!(sisters.sister.clinic_id));
        let [entry] = world.entries(reply.request_id()).await.try_into().unwrap();
        assert_eq!(place(&entry).0, world.clinic.clinic_id);
    }

    /// Each clinic's limit holds; one that allows nothing is left out.
    async fn each_connection_is_charged(world: World) {
        let sisters = Sisters::make(&world, [FEW, FEW]).await;
        let mut copy = Copy::begin(sisters.as_key(&world), "").await;
        sisters.change(&world, &json!({"limits": {"read": 3}})).await;
        for left in ["1", "0"] {
            let reply = copy.page(&world).await;
            assert!(reply.header("ratelimit").contains(&format!("r={left}")), "{}", reply.header("ratelimit"));
        }
        let refused = copy.caller.get(&copy.target("")).await.refused(429, "rate_limited");
        let [entry] = world.entries(refused.request_id()).await.try_into().unwrap();
        assert_eq!(place(&entry), (sisters.sister.clinic_id.clone(), sisters.connections[1].clone()));
        let own = world.clinic.clinic_id.clone();
        copy.caller.get(&format!("/v1/changes?clinic_id={own}")).await.expect(200);
        sisters.change(&world, &json!({"limits": {"read": 0}})).await;
        assert_eq!(gap(&copy.page(&world).await), &json!(sisters.sister.clinic_id));
        copy.caller.get(&format!("/v1/changes?clinic_id={}", sisters.sister.clinic_id)).await.refused(429, "rate_limited");
    }

    /// Whatever is written at each, whichever pauses: the copy is exact.
    async fn a_follower_holds_an_exact_copy_of_every_clinic(world: World) {
        let sisters = Sisters::make(&world, [ALL, ALL]).await;
        let mut copy = Copy::begin(sisters.as_key(&world), "limit=7").await;
        let mut authors = [(world.as_admin(), 1), (sisters.as_admin(&world), 2)]
            .map(|(caller, seed)| Author { caller, dice: Dice::new(seed), made: Made::default() });
        for round in 0..60 {
            for author in &mut authors {
                author.act().await;
            }
            match round {
                20 | 50 => sisters.switch(&world, "pause").await,
                30 | 55 => sisters.switch(&world, "resume").await,
                _ => {}
            }
            if round % 5 == 4 {
                copy.catch_up(&world).await;
            }
        }
        copy.catch_up(&world).await;
        assert!(copy.gaps.len() >= 3 && copy.gaps.iter().all(|clinic| *clinic == sisters.sister.clinic_id), "{:?}", copy.gaps);
        let mut exact = Copy::begin(copy.caller.clone(), "").await;
        for clinic in [&world.clinic.clinic_id, &sisters.sister.clinic_id] {
            exact.read_again(clinic).await;
            assert!(exact.records[clinic].len() > 10);
            assert_eq!(copy.records[clinic], exact.records[clinic], "{clinic}");
        }
    }
}

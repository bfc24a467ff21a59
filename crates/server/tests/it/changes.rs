//! The change feed: in commit order, no more than a direct read shows, and nothing left out in silence.

use std::collections::BTreeMap;

use clinicos_testkit::{As, BASE_URL, Reply, Samples, World, on_both_engines, record_ids};
use serde_json::{Value, json};

use crate::answers::{against_the_document, document, ids_in};
use crate::console_browser::admin as admin_of;

/// Somebody who keeps a copy by what the feed tells.
#[derive(Clone)]
pub struct Follower {
    caller: As,
    query: String,
    cursor: String,
    /// Every record, by its id.
    pub copy: BTreeMap<String, Value>,
    /// Every change in the order it was told.
    pub told: Vec<Value>,
}

impl Follower {
    /// Begins now, with the rest of the query: `types=client`.
    pub async fn begin(caller: As, query: &str) -> Self {
        let begun = caller.get(&format!("/v1/changes?{query}")).await.expect(200);
        assert!(begun.data().is_empty(), "{}", begun.json);
        let cursor = begun.text("next_cursor").to_owned();
        Self { caller, query: query.to_owned(), cursor, copy: BTreeMap::new(), told: Vec::new() }
    }

    /// The next page, as it is.
    pub async fn page(&mut self, world: &World) -> Reply {
        world.store.sealed().await.unwrap();
        let reply = self.caller.get(&self.target("")).await.expect(200);
        self.cursor = reply.text("next_cursor").to_owned();
        reply
    }

    pub fn target(&self, more: &str) -> String {
        format!("/v1/changes?{}&cursor={}{more}", self.query, self.cursor)
    }

    /// Does what the next page says. Tells whether there was a gap.
    pub async fn step(&mut self, world: &World) -> bool {
        let page = self.page(world).await;
        self.keep(&page)
    }

    /// Follows until there is nothing more. Tells whether there was a gap.
    pub async fn catch_up(&mut self, world: &World) -> bool {
        loop {
            let page = self.page(world).await;
            if self.keep(&page) {
                return true;
            }
            if page.json["has_more"] == json!(false) {
                return false;
            }
        }
    }

    fn keep(&mut self, page: &Reply) -> bool {
        for change in page.data() {
            self.told.push(change.clone());
            let id = || change["record_id"].as_str().unwrap().to_owned();
            match change["kind"].as_str().unwrap() {
                "record" => drop(self.copy.insert(id(), change["record"].clone())),
                "tombstone" => drop(self.copy.remove(&id())),
                "gap" => return true,
                other => panic!("{other}"),
            }
        }
        false
    }
}

fn client(name: &str) -> Value {
    json!({"family_name": name})
}

fn names(changes: &[Value]) -> Vec<&str> {
    changes.iter().map(|change| change["event"].as_str().unwrap()).collect()
}

/// Renames a record.
async fn rename(caller: &As, id: &str, name: &str) {
    let path = format!("/v1/clients/{id}");
    let etag = caller.get(&path).await.expect(200).etag().to_owned();
    caller.patch(&path, &etag, &client(name)).await.expect(200);
}

async fn delete(caller: &As, path: &str) {
    let etag = caller.get(path).await.expect(200).etag().to_owned();
    caller.delete(path, &etag).await.expect(204);
}

/// Where a record of this type is read directly.
fn direct(world: &World, kind: &str) -> &'static str {
    let gets = world.specs().into_iter().filter(|spec| spec.id.ends_with(".get"));
    gets.into_iter().find(|spec| spec.reply_schema().is_some_and(|schema| schema.name == kind)).unwrap().route.path
}

on_both_engines! {
    /// Each change is told once, in commit order, with the record as it is now and not as it was.
    async fn changes_are_told_in_commit_order(world: World) {
        let admin = world.as_admin();
        admin.post("/v1/clients", &client("Before")).await.expect(201);
        world.store.sealed().await.unwrap();
        let mut follower = Follower::begin(world.as_admin(), "limit=3").await;
        let mut ids = Vec::new();
        for name in ["A", "B", "C", "D"] {
            ids.push(admin.post("/v1/clients", &client(name)).await.expect(201).id());
        }
        // The clock stands still, so that only the order of commits can tell them apart.
        rename(&admin, &ids[0], "A2").await;
        delete(&admin, &format!("/v1/clients/{}", ids[1])).await;
        assert!(!follower.catch_up(&world).await);
        let told: Vec<(&str, &str, &str, i64)> = follower.told.iter().map(|change| {
            let text = |name: &str| change[name].as_str().unwrap();
            (text("event"), text("record_id"), text("kind"), change["sequence"].as_i64().unwrap())
        }).collect();
        assert_eq!(told, [
            ("client.created", ids[0].as_str(), "record", 1),
            ("client.created", &ids[1], "tombstone", 1),
            ("client.created", &ids[2], "record", 1),
            ("client.created", &ids[3], "record", 1),
            ("client.updated", &ids[0], "record", 2),
            ("client.deleted", &ids[1], "tombstone", 2),
        ]);
        assert_eq!(follower.told[0]["record"]["family_name"], "A2", "as it is now");
        assert_eq!(follower.told[1]["record"], Value::Null);
        assert!(follower.told.iter().all(|change| change["type"] == "client" && change["occurred_at"].is_string()));
        let mut in_order: Vec<String> = world.events().await.into_iter().skip_while(|event| event.record_id != ids[0]).map(|event| event.id).collect();
        in_order.truncate(follower.told.len());
        assert_eq!(follower.told.iter().map(|change| change["id"].as_str().unwrap()).collect::<Vec<_>>(), in_order);
        // Nothing new: the cursor is there all the same, and goes on.
        let idle = follower.page(&world).await;
        assert_eq!((idle.data().len(), &idle.json["has_more"]), (0, &json!(false)));
        assert!(idle.json["next_page_url"].as_str().unwrap().starts_with(&format!("{BASE_URL}/v1/changes?limit=3&cursor=")));
        admin.post("/v1/clients", &client("E")).await.expect(201);
        assert_eq!(follower.page(&world).await.data().len(), 1);
    }

    /// What a change shows is what a direct read answers, with the same fields left out; the entry
    /// names every record once.
    async fn a_change_shows_what_a_direct_read_shows(world: World) {
        let document = document(&world).await;
        let key = world.key(&["changes:read", "clients:read", "patients:read", "invoices:read", "payments:read"]).await;
        let narrow = world.as_key(&key.secret);
        let mut followers = [Follower::begin(world.as_admin(), "").await, Follower::begin(narrow.clone(), "").await];
        Samples::make(&world, &world.clinic).await;
        Samples::make(&world, &world.other).await;
        for follower in &mut followers {
            let page = follower.page(&world).await;
            assert!(page.data().len() > 5, "{}", page.json);
            for change in page.data() {
                let kind = change["type"].as_str().unwrap();
                let path = direct(&world, kind).replace(&format!("{{{kind}_id}}"), change["record_id"].as_str().unwrap());
                assert_eq!(change["record"], follower.caller.get(&path).await.expect(200).json, "{path}");
            }
            assert_eq!(against_the_document(&document, world.spec("changes.list"), &page), Vec::<String>::new());
            let entries = world.entries(page.request_id()).await;
            let [entry] = entries.as_slice() else { panic!("{} entries", entries.len()) };
            assert_eq!(ids_in(entry), record_ids(&page.json));
            let noted: usize = entry.records.iter().map(|group| group.ids.len() / 16).sum();
            assert_eq!(noted, ids_in(entry).len(), "an id is noted twice");
        }
    }

    /// Records of resources that the caller may not read leave no trace.
    async fn what_may_not_be_read_is_not_told(world: World) {
        let key = world.key(&["changes:read", "products:read"]).await;
        let few = world.as_key(&key.secret);
        let mut follower = Follower::begin(few.clone(), "limit=1").await;
        Samples::make(&world, &world.clinic).await;
        follower.catch_up(&world).await;
        // What moves in the stock changes the product.
        assert_eq!(names(&follower.told), ["product.created", "product.updated"]);
        // The clinic next door made as many.
        let mut theirs = Follower::begin(world.as_key(&world.other.admin_key), "").await;
        Samples::make(&world, &world.clinic).await;
        theirs.catch_up(&world).await;
        assert!(theirs.told.is_empty(), "{:?}", theirs.told);
        let refused = few.get("/v1/changes?types=product,client").await.refused(403, "missing_scope");
        let direct = few.get("/v1/clients/cli_00000000000000000000000000").await.refused(403, "missing_scope");
        assert_eq!(refused.json["missing_scope"], direct.json["missing_scope"]);
        few.get("/v1/changes?types=product").await.expect(200);
        for (types, code) in [("nothing", "unknown"), ("", "unknown"), ("product,product", "repeated"), ("organization", "unknown")] {
            let reply = world.as_admin().get(&format!("/v1/changes?types={types}")).await.refused(400, "invalid_parameter");
            assert_eq!((&reply.json["errors"][0]["pointer"], &reply.json["errors"][0]["code"]), (&json!("types"), &json!(code)), "{types}");
        }
        let without = world.key(&["clients:read"]).await;
        world.as_key(&without.secret).get("/v1/changes").await.refused(403, "missing_scope");
    }

    async fn types_narrow_and_bind_the_cursor(world: World) {
        let mut some = Follower::begin(world.as_admin(), "types=product,client").await;
        let mut invoices = Follower::begin(world.as_admin(), "types=invoice").await;
        Samples::make(&world, &world.clinic).await;
        some.catch_up(&world).await;
        invoices.catch_up(&world).await;
        assert!(some.told.iter().all(|change| ["product", "client"].contains(&change["type"].as_str().unwrap())), "{:?}", names(&some.told));
        assert!(some.told.iter().any(|change| change["type"] == "product") && some.told.iter().any(|change| change["type"] == "client"));
        assert!(!invoices.told.is_empty() && invoices.told.iter().all(|change| change["type"] == "invoice"));
        let cursor = &some.cursor;
        let admin = world.as_admin();
        admin.get(&format!("/v1/changes?types=client,product&limit=7&cursor={cursor}")).await.expect(200);
        for query in ["types=client", "types=client,product,invoice", ""] {
            admin.get(&format!("/v1/changes?{query}&cursor={cursor}")).await.refused(400, "invalid_cursor");
        }
        world.as_key(&world.other.admin_key).get(&some.target("")).await.refused(400, "invalid_cursor");
    }

    /// Whoever may see less, or more, than when the cursor was made holds too much, or too little.
    async fn another_grant_is_a_gap(world: World) {
        let key = world.key(&["changes:read", "clients:read", "products:read"]).await;
        let caller = world.as_key(&key.secret);
        let mut follower = Follower::begin(caller.clone(), "").await;
        let both = ["changes:read", "clients:read", "products:read"];
        for change in [json!({"scopes": ["changes:read", "clients:read"]}), json!({"scopes": both}), json!({"excluded_operations": ["clients.get"]}), json!({"excluded_operations": []}), json!({"opt_ins": [{"category": "owner_contact"}]})] {
            world.as_admin().post("/v1/clients", &client("Somebody")).await.expect(201);
            assert!(!follower.catch_up(&world).await);
            world.as_admin().post("/v1/clients", &client("Somebody else")).await.expect(201);
            world.change_connection(&key.connection_id, &change).await;
            let page = follower.page(&world).await;
            let [gap] = page.data() else { panic!("{change}: {}", page.json) };
            assert_eq!((&gap["kind"], &gap["event"], &gap["record"]), (&json!("gap"), &json!("changes.gap"), &Value::Null), "{change}");
            assert_eq!(page.json["has_more"], json!(false));
            let after = follower.page(&world).await;
            assert!(after.data().is_empty(), "{change}: goes on after the gap: {}", after.json);
        }
        world.switch(&key.connection_id, "revoke").await;
        caller.get(&follower.target("")).await.expect(401);
    }

    /// Changes that are no longer there are not left out in silence.
    async fn forgotten_changes_are_a_gap(world: World) {
        world.store.sealed().await.unwrap();
        let mut late = Follower::begin(world.as_admin(), "").await;
        for name in ["A", "B", "C"] {
            world.as_admin().post("/v1/clients", &client(name)).await.expect(201);
        }
        let events = world.events().await;
        let [.., before, _, _, _] = events.as_slice() else { panic!("{} events", events.len()) };
        world.forget_events(before.position).await;
        let begun = late.cursor.clone();
        assert!(!late.catch_up(&world).await, "everything after the cursor is still there");
        assert_eq!(late.told.len(), 3);
        world.forget_events(before.position + 1).await;
        late.cursor = begun;
        assert!(late.catch_up(&world).await);
        assert!(!late.catch_up(&world).await);
    }

    /// A page looks at so many events at most, and goes on.
    async fn a_page_examines_so_much(world: World) {
        let key = world.key(&["changes:read", "products:read"]).await;
        let mut follower = Follower::begin(world.as_key(&key.secret), "limit=1").await;
        let rows: Vec<Value> = (0..500).map(|row| json!({"external_id": format!("C-{row}"), "family_name": "Many"})).collect();
        for batch in 0..21 {
            let body = json!({"system": format!("s{batch}"), "rows": rows});
            world.as_admin().post("/v1/clients/import", &body).await.expect(200);
        }
        world.as_admin().post("/v1/products", &json!({"name": "Last", "sku": "L-1", "kind": "item", "price": {"amount": 1, "currency": "USD"}})).await;
        let first = follower.page(&world).await;
        assert_eq!((first.data().len(), &first.json["has_more"]), (0, &json!(true)), "10,500 events stand in between");
        follower.catch_up(&world).await;
        assert_eq!(follower.page(&world).await.data().len(), 0);
    }

    /// A wait ends when something is committed, and what is told then is decided then.
    async fn a_wait_ends_with_a_commit(world: World) {
        let follower = Follower::begin(world.as_admin(), "").await;
        let waiting = tokio::spawn({
            let (caller, target) = (world.as_admin(), follower.target("&wait=30"));
            async move { caller.get(&target).await }
        });
        until_waiting(&world).await;
        let id = world.as_admin().post("/v1/clients", &client("New")).await.expect(201).id();
        let reply = waiting.await.unwrap().expect(200);
        assert_eq!(reply.data()[0]["record_id"], json!(id));
        assert_eq!(world.entries(reply.request_id()).await.len(), 1);
    }

    /// What happens to others wakes nobody for good, and a narrowed grant holds for who waits.
    async fn a_wait_is_decided_when_it_ends(world: World) {
        let key = world.key(&["changes:read", "clients:read"]).await;
        let follower = Follower::begin(world.as_key(&key.secret), "").await;
        let waiting = tokio::spawn({
            let (caller, target) = (world.as_key(&key.secret), follower.target("&wait=30"));
            async move { caller.get(&target).await }
        });
        until_waiting(&world).await;
        world.switch(&key.connection_id, "pause").await;
        world.as_admin().post("/v1/clients", &client("New")).await.expect(201);
        waiting.await.unwrap().refused(403, "connection_paused");
    }

    /// How far a follower is, is what it surely holds: where it went on from when it came last.
    async fn how_far_a_follower_is_is_told(world: World) {
        let key = world.key(&["changes:read", "clients:read"]).await;
        let mut browser = admin_of(&world).await;
        let mut follower = Follower::begin(world.as_key(&key.secret), "").await;
        let path = format!("/v1/connections/{}/usage", key.connection_id);
        let usage = async || world.as_admin().get(&path).await.expect(200).json;
        assert_eq!((usage().await.get("followed_at"), usage().await.get("behind")), (None, None));
        follower.catch_up(&world).await;
        let caught_up = follower.page(&world).await;
        assert!(caught_up.data().is_empty());
        assert_eq!(usage().await["behind"], json!(0));
        for name in ["A", "B"] {
            world.as_admin().post("/v1/clients", &client(name)).await.expect(201);
        }
        world.store.sealed().await.unwrap();
        assert_eq!(usage().await["behind"], json!(2));
        assert_eq!(follower.page(&world).await.data().len(), 2);
        assert_eq!(usage().await["behind"], json!(2), "whether the page arrived is not known");
        follower.page(&world).await;
        let now = usage().await;
        assert_eq!((&now["behind"], now["followed_at"].is_string()), (&json!(0), true));
        let page = browser.open(&format!("/console/connections/{}", key.connection_id)).await.expect(200);
        let text = String::from_utf8(page.bytes.to_vec()).unwrap();
        assert!(text.contains("Following changes") && text.contains("holds everything; last came "), "{text}");
    }

    /// Who waits is woken by what happens at its clinic, and by nothing else.
    async fn who_waits_looks_again_for_its_own_clinic_alone(world: World) {
        let admin = world.as_admin();
        let name = json!({"family_name": "Whitfield"});
        admin.post("/v1/clients", &name).await.expect(201);
        world.store.sealed().await.unwrap();
        let follower = Follower::begin(world.as_admin(), "").await;
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let (caller, target) = (world.as_admin(), follower.target("&wait=30"));
                tokio::spawn(async move { caller.get(&target).await })
            })
            .collect();
        while world.store.events_waited_for() < 3 {
            tokio::task::yield_now().await;
        }
        let elsewhere = world.as_key(&world.other.admin_key);
        for _ in 0..5 {
            elsewhere.post("/v1/clients", &name).await.expect(201);
            world.store.sealed().await.unwrap();
        }
        let made = admin.post("/v1/clients", &name).await.expect(201).id();
        for one in waiting {
            let reply = one.await.unwrap().expect(200);
            assert_eq!(reply.data()[0]["record_id"], json!(made));
        }
        assert_eq!(world.gate.looks_of_waiting(), 3);
    }

    /// A wait ends with the refusal, and not with its time.
    async fn b1_a_wait_ends_when_its_connection_does(world: World) {
        for (verb, status) in [("pause", 403), ("revoke", 401)] {
            let key = world.key(&["changes:read", "clients:read"]).await;
            let follower = Follower::begin(world.as_key(&key.secret), "").await;
            world.store.sealed().await.unwrap();
            let waiting = tokio::spawn({
                let (caller, target) = (world.as_key(&key.secret), follower.target("&wait=30"));
                async move { caller.get(&target).await }
            });
            until_waiting(&world).await;
            world.switch(&key.connection_id, verb).await;
            let told = tokio::time::timeout(std::time::Duration::from_secs(15), waiting).await;
            let reply = told.unwrap().unwrap();
            assert_eq!(reply.status, status, "{verb}: {}", reply.json);
        }
    }

    async fn a_server_that_stops_answers_who_waits(world: World) {
        let follower = Follower::begin(world.as_admin(), "").await;
        let waiting = tokio::spawn({
            let (caller, target) = (world.as_admin(), follower.target("&wait=30"));
            async move { caller.get(&target).await }
        });
        until_waiting(&world).await;
        world.gate.stop_waiting();
        let reply = waiting.await.unwrap().expect(200);
        assert!(reply.data().is_empty() && reply.json["next_cursor"].is_string());
        // Nobody waits any more.
        assert!(world.as_admin().get(&follower.target("&wait=30")).await.expect(200).data().is_empty());
        for wait in ["-1", "31", "x", ""] {
            world.as_admin().get(&follower.target(&format!("&wait={wait}"))).await.refused(400, "invalid_parameter");
        }
    }
}

/// Returns once a call waits for events.
pub async fn until_waiting(world: &World) {
    while world.store.events_waited_for() == 0 {
        tokio::task::yield_now().await;
    }
}

//! What the server does with an import that is stopped, cancelled or broken while it runs, and what it
//! tells meanwhile.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

use clinicos_contract::{Problem, problem};
use clinicos_gate::limits::Policy;
use clinicos_gate::{
    Answer, Catalogue, Credential, Door, Gate, OpenStream, Origin, RawAnswer, RawRefusal, Request, Services, SessionId, UserId,
};
use clinicos_server::import::job::Jobs;
use clinicos_testkit::{As, World, on_both_engines};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::import_jobs::{count, send, start, work};

const MAPPING: &str =
    "system = \"old\"\n[[file]]\nname = \"c.csv\"\nresource = \"clients\"\nkey = \"id\"\n[file.fields]\nfamily_name = \"name\"\n";
/// Ten batches.
const ROWS: usize = 3_000;

/// So many clients.
fn clients(rows: usize) -> Vec<(&'static str, Vec<u8>)> {
    let rows: String = (0..rows).map(|row| format!("{row},Owner {row}\n")).collect();
    vec![("c.csv", format!("id,name\n{rows}").into_bytes())]
}

type Before = Box<dyn Fn(&'static str, usize) -> BoxFuture<'static, ()> + Send + Sync>;

/// A door at which something happens before a call: told its operation, and how often that was called.
struct Watched {
    gate: Gate,
    before: Before,
    /// Calls for which the server is busy: the operation, and which of its calls.
    busy: Vec<(&'static str, usize)>,
    calls: Mutex<std::collections::HashMap<&'static str, usize>>,
}

impl Watched {
    fn new(world: &World, before: Before) -> Arc<Self> {
        Arc::new(Self { gate: world.gate.clone(), before, busy: Vec::new(), calls: Mutex::default() })
    }

    fn busy(world: &World, busy: &[(&'static str, usize)]) -> Arc<Self> {
        let before: Before = Box::new(|_, _| std::future::ready(()).boxed());
        Arc::new(Self { gate: world.gate.clone(), before, busy: busy.to_vec(), calls: Mutex::default() })
    }

    fn calls(&self, operation: &str) -> usize {
        self.calls.lock().unwrap().get(operation).copied().unwrap_or_default()
    }
}

impl Door for Watched {
    fn call(&self, request: Request) -> BoxFuture<'_, Answer> {
        let id = request.operation.spec().id;
        let number = {
            let mut calls = self.calls.lock().unwrap();
            let number = calls.entry(id).or_default();
            *number += 1;
            *number
        };
        async move {
            (self.before)(id, number).await;
            if !self.busy.contains(&(id, number)) {
                return self.gate.call(request).await;
            }
            let problem = Problem::new(&problem::UNAVAILABLE, "the server is busy");
            let (label, route, Request { credential, origin, .. }) = ("tests.busy", String::new(), request);
            self.gate.refuse(RawRefusal { label, route, credential, problem, origin }).await
        }
        .boxed()
    }
    fn refuse(&self, refusal: RawRefusal) -> BoxFuture<'_, Answer> {
        self.gate.refuse(refusal)
    }
    fn account(&self, answer: RawAnswer) -> BoxFuture<'_, Answer> {
        self.gate.account(answer)
    }
    fn preflight(&self, origin: Origin) -> BoxFuture<'_, Answer> {
        self.gate.preflight(origin)
    }
    fn knows(&self, credential: &Credential) -> bool {
        self.gate.knows(credential)
    }
    fn user_of(&self, credential: &Credential) -> Option<UserId> {
        self.gate.user_of(credential)
    }
    fn living_sessions(&self, user: UserId) -> HashSet<SessionId> {
        self.gate.living_sessions(user)
    }
    fn charge_address(&self, address: IpAddr) -> Result<(), Problem> {
        self.gate.charge_address(address)
    }
    fn has_room_for_stranger(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        self.gate.has_room_for_stranger(address)
    }
    fn begin_stream(&self, credential: &Credential) -> Result<Option<OpenStream>, Problem> {
        self.gate.begin_stream(credential)
    }
    fn stopping(&self) -> BoxFuture<'_, ()> {
        self.gate.stopping()
    }
    fn is_ready(&self) -> bool {
        self.gate.is_ready()
    }
    fn catalogue(&self) -> &Catalogue {
        self.gate.catalogue()
    }
    fn services(&self) -> &Services {
        self.gate.services()
    }
}

/// Lets the server do what waits, behind this door.
async fn work_behind(world: &World, door: &Arc<Watched>) {
    let jobs = Jobs::new(door.clone(), world.store.clone());
    let (_stop, stopped) = watch::channel(false);
    while jobs.next(&stopped).await.unwrap() {}
}

/// What is asked of the operator's way: the same of the clinic that tests are about.
fn of_clinic(world: &World, path: &str) -> String {
    format!("{path}?clinic_id={}", world.clinic.clinic_id)
}

async fn begun(world: &World, caller: &As, files: &[(&str, Vec<u8>)], dry_run: bool) -> String {
    let path = send(caller, MAPPING, files).await;
    start(caller, &path, dry_run).await.expect(200);
    assert_eq!(world.as_operator().get(&of_clinic(world, &path)).await.expect(200).text("state"), "running");
    path
}

/// How many clients there are.
async fn there(world: &World) -> u64 {
    crate::imports::all(&world.as_admin(), "/v1/clients?limit=200").await.len() as u64
}

on_both_engines! {
    /// Cancelled while it is written: what was under way ends and is counted, and nothing follows.
    async fn a_cancelled_import_writes_no_more(world: World) {
        let admin = world.as_admin();
        let path = begun(&world, &admin, &clients(ROWS), false).await;
        let (caller, cancel) = (admin.clone(), format!("{path}/cancel"));
        let before = move |operation: &'static str, number: usize| {
            let (caller, cancel) = (caller.clone(), cancel.clone());
            async move {
                if (operation, number) == ("clients.import", 1) {
                    assert_eq!(caller.post(&cancel, &Value::Null).await.expect(200).text("state"), "cancelled");
                }
            }
            .boxed()
        };
        let door = Watched::new(&world, Box::new(before));
        work_behind(&world, &door).await;
        let ended = admin.get(&path).await.expect(200);
        let written = there(&world).await;
        assert!(door.calls("clients.import") <= 2, "only what was under way: {}", door.calls("clients.import"));
        assert!(written > 0 && written < ROWS as u64, "{written}");
        assert_eq!((ended.text("state"), count(&ended.json, "created")), ("cancelled", vec![written]), "{}", ended.json);
        assert_eq!(count(&ended.json, "of"), [ROWS as u64]);
        assert_eq!(ended.text("detail"), "cancelled while it ran: what was written before that stays");
        work(&world).await;
        assert_eq!(there(&world).await, written, "and nobody goes on with it");
        admin.post(&format!("{path}/cancel"), &Value::Null).await.refused(409, "conflict");
    }

    /// While a batch waits for its budget, too: it is not written once that is back.
    async fn a_batch_that_waits_is_not_written_after_a_cancel(world: World) {
        let quotas = Policy { jobs: 1, ..Policy::UNLIMITED };
        let world = World::open_with(world.store.engine(), quotas).await;
        let admin = world.as_admin();
        let path = begun(&world, &admin, &clients(600), false).await;
        let (caller, cancel, clock) = (admin.clone(), format!("{path}/cancel"), world.clock.clone());
        let before = move |operation: &'static str, number: usize| {
            let (caller, cancel, clock) = (caller.clone(), cancel.clone(), clock.clone());
            async move {
                match (operation, number) {
                    ("clients.import", 2) => drop(caller.post(&cancel, &Value::Null).await.expect(200)),
                    ("imports.report", 2) => clock.advance_s(3_600),
                    _ => {}
                }
            }
            .boxed()
        };
        let door = Watched::new(&world, Box::new(before));
        work_behind(&world, &door).await;
        assert_eq!(door.calls("clients.import"), 2, "one was written, and one refused");
        assert_eq!(there(&world).await, 300);
        assert_eq!(count(&admin.get(&path).await.expect(200).json, "created"), [300]);
    }

    /// The server writes in a lane of its own: whoever started the import goes on working, and no
    /// refusals fill the log.
    async fn an_import_spends_nobodys_budget(world: World) {
        let quotas = Policy { connection: [1_000_000, 1_000, 1_000, 3], ..Policy::UNLIMITED };
        let world = World::open_with(world.store.engine(), quotas).await;
        let admin = world.as_admin();
        let path = begun(&world, &admin, &clients(ROWS), true).await;
        work(&world).await;
        start(&admin, &path, false).await.expect(200);
        work(&world).await;
        assert_eq!(count(&admin.get(&path).await.expect(200).json, "created"), [ROWS as u64]);
        let body = json!({"system": "old", "rows": [{"external_id": "0", "family_name": "Owner 0"}]});
        admin.post("/v1/clients/import", &body).await.expect(200);
        let refused: Vec<_> = world.journal().await.into_iter().filter(|entry| entry.status >= 400).collect();
        assert!(refused.is_empty(), "{refused:?}");
        admin.post("/v1/clients/import", &body).await.refused(429, "rate_limited");
    }

    /// How far it is stands in its record while it runs, and on its page; a dry run is logged as one.
    async fn an_import_says_how_far_it_is(world: World) {
        let mut browser = crate::console_browser::admin(&world).await;
        let admin = world.as_admin();
        let path = begun(&world, &admin, &clients(ROWS), true).await;
        let seen: Arc<Mutex<Vec<(u64, u64)>>> = Arc::default();
        let (caller, asked, saw, clock) = (world.as_operator(), of_clinic(&world, &path), seen.clone(), world.clock.clone());
        browser.open("/console/import").await.expect(200);
        let before = move |operation: &'static str, _: usize| {
            let (caller, asked, saw, clock) = (caller.clone(), asked.clone(), saw.clone(), clock.clone());
            async move {
                if operation == "clients.import" {
                    clock.advance_s(2);
                    let now = caller.get(&asked).await.expect(200);
                    let one = |name: &str| count(&now.json, name).first().copied().unwrap_or_default();
                    saw.lock().unwrap().push((one("read"), one("of")));
                }
            }
            .boxed()
        };
        let door = Watched::new(&world, Box::new(before));
        work_behind(&world, &door).await;
        let seen = seen.lock().unwrap().clone();
        assert_eq!(seen.first(), Some(&(0, ROWS as u64)), "it begins with how many there are");
        assert!(seen.iter().any(|(read, of)| (300..3_000).contains(read) && *of == ROWS as u64), "{seen:?}");
        browser.open(&format!("/console/import/{}", path.rsplit('/').next().unwrap())).await.expect(200);
        let target = "/v1/audit_entries?operation=clients.import&limit=1";
        let entry = admin.get(target).await.expect(200);
        assert!(entry.data()[0]["reasons"].as_array().unwrap().contains(&json!("it was a dry run: nothing was changed")));
        browser.open("/console/log").await.expect(200);
        assert!(browser.page.contains("checked how to import clients (a dry run)"), "{}", browser.page);
        assert!(!browser.page.contains("imported clients"), "{}", browser.page);
    }

    async fn a_row_that_is_too_large_is_rejected_alone(world: World) {
        let admin = world.as_admin();
        let mapping = "system = \"old\"\n[[file]]\nname = \"c.csv\"\nresource = \"invoices\"\nkey = \"id\"\n[file.fields]\nclient_external_id = \"client\"\n\
                       stage = { value = \"open\" }\nissued_on = \"day\"\n[file.fields.lines]\nfile = \"l.csv\"\nparent = \"bill\"\n[file.fields.lines.fields]\ndescription = { template = \"{what}{what}\" }\nunit_price = \"price\"\nquantity = { value = 1 }\n";
        let long = "x".repeat(200 << 10);
        let lines: String = (0..25).map(|line| format!("1,{long},{line}\n")).collect();
        let files = vec![
            ("c.csv", b"id,client,day\n1,7,2025-01-01\n2,7,2025-01-01\n".to_vec()),
            ("l.csv", format!("bill,what,price\n{lines}2,Exam,5\n").into_bytes()),
        ];
        let client = json!({"system": "old", "rows": [{"external_id": "7", "family_name": "Ames"}]});
        admin.post("/v1/clients/import", &client).await.expect(200);
        let path = send(&admin, mapping, &files).await;
        start(&admin, &path, false).await.expect(200);
        work(&world).await;
        let done = admin.get(&path).await.expect(200);
        let counts = ["created", "rejected", "held_back"].map(|name| count(&done.json, name));
        assert_eq!((done.text("state"), counts), ("done", [vec![1, 1], vec![1, 0], vec![0, 25]]), "{}", done.json["files"]);
        let rejects = admin.get(&format!("{path}/rejects")).await.expect(200);
        assert!(rejects.data().iter().any(|one| one["faults"][0]["code"] == "too_large"));
    }

    /// A server that is busy for a moment ends no import, whatever it is asked at that moment: files that are gone
    /// would have to be sent again.
    async fn an_import_goes_on_when_the_server_is_busy_for_a_moment(world: World) {
        let admin = world.as_admin();
        let mut files = clients(3);
        files[0].1.extend_from_slice(b"4\n");
        let path = begun(&world, &admin, &files, true).await;
        for (dry_run, busy, state) in [
            // The first report of a dry run is what it shows of the files.
            (true, &[("imports.report", 1), ("imports.report", 3)][..], "checked"),
            (false, &[("imports.report", 1), ("import_rejects.add", 1), ("clients.import", 1)], "done"),
        ] {
            if !dry_run {
                start(&admin, &path, false).await.expect(200);
            }
            let door = Watched::busy(&world, busy);
            work_behind(&world, &door).await;
            let ended = admin.get(&path).await.expect(200);
            let counts = (count(&ended.json, "created"), count(&ended.json, "rejected"));
            assert_eq!((ended.text("state"), counts), (state, (vec![3], vec![1])), "{}", ended.json);
            let rejects = admin.get(&format!("{path}/rejects")).await.expect(200);
            assert_eq!(rejects.data().len(), 1, "it is told once: {}", rejects.json);
            assert!(busy.iter().all(|(operation, number)| door.calls(operation) > *number), "{busy:?}");
        }
    }

    /// An upgrade may write the rows of a batch otherwise than they were sent before: such an import goes on all the same.
    async fn an_import_goes_on_though_its_batches_are_other_ones(world: World) {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("c.csv"), &clients(700)[0].1).unwrap();
        let cut = crate::imports::run(&world, MAPPING, dir.path(), ("imp-1", false), 1).await;
        assert!(cut.error.is_some());
        let written = there(&world).await;
        let with_more = format!("{MAPPING}given_name = {{ value = \"N.\" }}\n");
        let ran = crate::imports::run(&world, &with_more, dir.path(), ("imp-1", false), usize::MAX).await;
        assert!(ran.error.is_none(), "{:?}", ran.error);
        assert_eq!(ran.file("c.csv"), [700, 700 - written, written, 0, 0, 0]);
        let again = crate::imports::run(&world, &with_more, dir.path(), ("imp-1", false), usize::MAX).await;
        assert_eq!(again.file("c.csv"), ran.file("c.csv"), "the same batches are answered as they were");
    }

    /// A fault of the program ends the import that it is in, and no other one waits for it.
    async fn a_panic_ends_one_import_and_no_other(world: World) {
        let admin = world.as_admin();
        let path = begun(&world, &admin, &clients(3), false).await;
        world.clock.advance_s(1);
        let next = begun(&world, &admin, &clients(3), false).await;
        let before = |operation: &'static str, number: usize| {
            assert!((operation, number) != ("imports.report", 1), "a fault of the program");
            std::future::ready(()).boxed()
        };
        let door = Watched::new(&world, Box::new(before));
        work_behind(&world, &door).await;
        let ended = admin.get(&path).await.expect(200);
        assert_eq!(ended.text("state"), "failed");
        assert!(ended.text("detail").contains("a fault of this server"), "{}", ended.json);
        assert_eq!(admin.get(&next).await.expect(200).text("state"), "done");
    }

    /// A server that stops leaves the import as it is, and goes on after the next start: nothing is lost
    /// and nothing is there twice.
    async fn an_import_goes_on_after_a_stop(world: World) {
        let admin = world.as_admin();
        let path = begun(&world, &admin, &clients(ROWS), false).await;
        let (stop, stopped) = watch::channel(false);
        let stop = Arc::new(stop);
        let before = move |operation: &'static str, number: usize| {
            if (operation, number) == ("clients.import", 2) {
                stop.send_replace(true);
            }
            std::future::ready(()).boxed()
        };
        let door = Watched::new(&world, Box::new(before));
        assert!(Jobs::new(door.clone(), world.store.clone()).next(&stopped).await.unwrap());
        assert!(door.calls("clients.import") <= 3 && there(&world).await < ROWS as u64);
        assert_eq!(admin.get(&path).await.expect(200).text("state"), "running", "nobody says that it failed");
        assert_eq!(door.calls("imports.finish"), 0);
        work(&world).await;
        let done = admin.get(&path).await.expect(200);
        assert_eq!((done.text("state"), count(&done.json, "created")), ("done", vec![ROWS as u64]));
        assert_eq!(there(&world).await, ROWS as u64);
    }
}

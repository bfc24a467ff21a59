//! A server in a world of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use axum::Router;
use clinicos_contract::{Category, Clock, Entropy, Spec, Timestamp};
use clinicos_gate::limits::Policy;
use clinicos_gate::{Door, Environment, Gate, KeyringFile};
use clinicos_server::compose::{self, Settings};
use clinicos_server::files::Disk;
use clinicos_server::http::{Who, router};
use clinicos_store::journal::audit::Entry;
use clinicos_store::journal::outbox::Placed;
use clinicos_store::{Engine, Faults, Options, Store, Value};
use serde_json::{Value as Json, json};

use crate::call::{As, Call, Reply};
use crate::database::Database;
use crate::files::{Meanwhile, Watched};
use crate::journal;
use crate::samples::fill;
use crate::still::{SeededEntropy, StillClock};

/// So much that no test meets a limit that it did not set itself.
const QUOTAS: Policy = Policy { connection: [1_000_000; 4], clinic_factor: 5, address: 1_000_000, jobs: 1_000_000 };
const ENVIRONMENT: Environment = Environment::Sandbox;
/// Where the server says that it is reached.
pub const BASE_URL: &str = "http://clinicos.test";

/// A clinic, and the key of its admin.
#[derive(Debug, Clone)]
pub struct Clinic {
    /// `org_…`
    pub organization_id: String,
    /// `cln_…`
    pub clinic_id: String,
    /// A key with every scope that a clinic can grant, opted in to every category.
    pub admin_key: String,
    /// The connection of that key.
    pub admin_connection_id: String,
}

/// A key that was made for a test.
#[derive(Debug, Clone)]
pub struct MadeKey {
    /// The key itself.
    pub secret: String,
    /// `key_…`
    pub id: String,
    /// `con_…`
    pub connection_id: String,
}

/// A server with two clinics of two organizations.
pub struct World {
    /// The clinic that tests are about.
    pub clinic: Clinic,
    /// Somebody else's.
    pub other: Clinic,
    /// The server's clock.
    pub clock: Arc<StillClock>,
    /// Faults of the store, on demand.
    pub faults: Arc<Faults>,
    /// The store below the door.
    pub store: Store,
    /// The door.
    pub gate: Gate,
    /// What happens beside the next read of a file.
    pub meanwhile: Meanwhile,
    quotas: Policy,
    keyring: KeyringFile,
    entropy: Arc<SeededEntropy>,
    public: Router,
    control: Router,
    counter: Arc<AtomicU64>,
    database: Database,
    documents: tempfile::TempDir,
}

impl World {
    /// A fresh world.
    pub async fn open(engine: Engine) -> Self {
        Self::open_with(engine, QUOTAS).await
    }

    /// Another fresh world on the same engine. What is done to both in the same order comes to the same.
    pub async fn beside(&self) -> Self {
        Self::open(if self.database.url().is_some() { Engine::Postgres } else { Engine::Sqlite }).await
    }

    /// A fresh world with other quotas.
    pub async fn open_with(engine: Engine, quotas: Policy) -> Self {
        let clock = Arc::new(StillClock::new());
        let entropy = Arc::new(SeededEntropy::new(7));
        let database = Database::create(engine, ENVIRONMENT.name(), &(clock.clone() as Arc<dyn Clock>)).await;
        let keyring = KeyringFile::generate(ENVIRONMENT.name(), &*entropy);
        let faults = Arc::new(Faults::new());
        let documents = tempfile::tempdir().unwrap();
        let meanwhile = Meanwhile::default();
        let parts = Parts {
            clock: &clock,
            entropy: &entropy,
            faults: &faults,
            keyring: &keyring,
            quotas,
            documents: documents.path(),
            meanwhile: &meanwhile,
        };
        let (store, gate) = parts.start(&database).await;
        let nobody = || Clinic {
            organization_id: String::new(),
            clinic_id: String::new(),
            admin_key: String::new(),
            admin_connection_id: String::new(),
        };
        let (public, control) = routers(&gate);
        let mut world = Self {
            clinic: nobody(),
            other: nobody(),
            clock,
            faults,
            store,
            gate,
            meanwhile,
            quotas,
            keyring,
            entropy,
            public,
            control,
            counter: Arc::default(),
            database,
            documents,
        };
        world.clinic = world.new_clinic("Harbor").await;
        world.other = world.new_clinic("Prairie").await;
        world
    }

    /// Stops the server and starts it again over the same database.
    pub async fn restart(mut self) -> Self {
        self.store.close().await.unwrap();
        let parts = Parts {
            clock: &self.clock,
            entropy: &self.entropy,
            faults: &self.faults,
            keyring: &self.keyring,
            quotas: self.quotas,
            documents: self.documents.path(),
            meanwhile: &self.meanwhile,
        };
        (self.store, self.gate) = parts.start(&self.database).await;
        (self.public, self.control) = routers(&self.gate);
        self
    }

    /// A second server over the same database and the same directory of documents: its store, and the admin there.
    pub async fn another_node(&self) -> (Store, As) {
        let parts = Parts {
            clock: &self.clock,
            entropy: &self.entropy,
            faults: &Arc::new(Faults::new()),
            keyring: &self.keyring,
            quotas: self.quotas,
            documents: self.documents.path(),
            meanwhile: &self.meanwhile,
        };
        let (store, gate) = parts.start(&self.database).await;
        let key = Some(self.clinic.admin_key.clone());
        (store, As { router: routers(&gate).0, key, counter: self.counter.clone() })
    }

    /// A further clinic of an organization of its own.
    pub async fn new_clinic(&self, name: &str) -> Clinic {
        let operator = self.as_operator();
        let mut organization = self.example("organizations.create", &BTreeMap::new());
        organization["name"] = json!(format!("{name} Group"));
        let organization_id = operator.post("/v1/organizations", &organization).await.expect(201).id();
        self.new_clinic_of(&organization_id, name).await
    }

    /// A further clinic of an organization.
    pub async fn new_clinic_of(&self, organization_id: &str, name: &str) -> Clinic {
        let operator = self.as_operator();
        let ids = [("organization_id".to_owned(), organization_id.to_owned())];
        let mut clinic = self.example("clinics.create", &ids.into());
        clinic["name"] = json!(name);
        let clinic_id = operator.post("/v1/clinics", &clinic).await.expect(201).id();
        let scopes = self.admin_scopes();
        let scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        let key = self.make_key_that_sees(&clinic_id, &scopes, Category::NAMES).await;
        let organization_id = organization_id.to_owned();
        Clinic { organization_id, clinic_id, admin_key: key.secret, admin_connection_id: key.connection_id }
    }

    /// The example body of an operation.
    fn example(&self, operation: &str, ids: &BTreeMap<String, String>) -> Json {
        serde_json::from_str(&fill(self.spec(operation).example, ids)).unwrap()
    }

    /// Makes a key with these scopes for the clinic that tests are about.
    pub async fn key(&self, scopes: &[&str]) -> MadeKey {
        self.make_key(&self.clinic.clinic_id, scopes).await
    }

    /// Makes a key of a clinic.
    pub async fn make_key(&self, clinic_id: &str, scopes: &[&str]) -> MadeKey {
        self.make_key_that_sees(clinic_id, scopes, &[]).await
    }

    /// Makes a key of a clinic that is opted in to more categories than its scopes bring.
    async fn make_key_that_sees(&self, clinic_id: &str, scopes: &[&str], categories: &[&str]) -> MadeKey {
        let body =
            json!({"name": "Test", "purpose": "operations", "reason": "A test", "scopes": scopes, "categories": categories});
        let reply = self.as_operator().post(&format!("/v1/keys?clinic_id={clinic_id}"), &body).await.expect(201);
        MadeKey { secret: reply.text("secret").to_owned(), id: reply.id(), connection_id: reply.text("connection_id").to_owned() }
    }

    /// Makes a key with every scope that a clinic can grant.
    pub async fn full_key(&self) -> MadeKey {
        let scopes = self.admin_scopes();
        self.key(&scopes.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// Every scope that a clinic can grant.
    pub fn admin_scopes(&self) -> Vec<String> {
        clinicos_server::cli::key::admin_scopes().unwrap()
    }

    /// A caller with this key.
    pub fn as_key(&self, key: &str) -> As {
        As { router: self.public.clone(), key: Some(key.to_owned()), counter: self.counter.clone() }
    }

    /// The admin of the clinic that tests are about.
    pub fn as_admin(&self) -> As {
        self.as_key(&self.clinic.admin_key)
    }

    /// A caller without any credential.
    pub fn as_nobody(&self) -> As {
        As { router: self.public.clone(), key: None, counter: self.counter.clone() }
    }

    /// Whoever runs the server.
    pub fn as_operator(&self) -> As {
        As { router: self.control.clone(), key: None, counter: self.counter.clone() }
    }

    /// Sends a call as it stands, by the way that anybody can come.
    pub async fn send(&self, call: Call) -> Reply {
        call.send(&self.public).await
    }

    /// Every declared operation.
    pub fn specs(&self) -> Vec<&'static Spec> {
        self.gate.catalogue().specs().collect()
    }

    /// The operation with this id.
    pub fn spec(&self, id: &str) -> &'static Spec {
        self.gate.catalogue().find(id).unwrap_or_else(|| panic!("no operation is called `{id}`")).spec()
    }

    /// Whether only the operator can call an operation: it says so.
    pub fn is_operators(&self, spec: &Spec) -> bool {
        spec.is_operators()
    }

    /// Every audit entry, newest first.
    pub async fn journal(&self) -> Vec<Entry> {
        journal::entries(&self.store).await
    }

    /// The audit entries of a request: exactly one, if all is well.
    pub async fn entries(&self, request_id: &str) -> Vec<Entry> {
        journal::entries_of(&self.store, request_id).await
    }

    /// Every committed event, oldest first.
    pub async fn events(&self) -> Vec<Placed> {
        journal::events(&self.store).await
    }

    /// Takes events away up to a position, as a job does that keeps them for a while.
    pub async fn forget_events(&self, until: i64) {
        journal::forget_events(&self.store, until).await;
    }

    /// Everything that the database holds.
    pub fn database_bytes(&self) -> Vec<u8> {
        self.database.bytes()
    }

    /// Puts the bytes of a document into its row, where they were before there were files.
    pub async fn keep_bytes_in_row(&self, document_id: &str, bytes: &'static [u8]) {
        let sql = "UPDATE document_contents SET content = $1 WHERE clinic_id = $2 AND document_id = $3";
        let ids = [self.clinic.clinic_id.clone(), document_id.to_owned()];
        let params = std::iter::once(Value::Bytes(bytes)).chain(ids.into_iter().map(Value::Owned));
        journal::execute(&self.store, sql, params.collect()).await;
    }

    /// Puts a text into a column of a row, past the door. Gives what stood there.
    pub async fn put_into(&self, table: &str, column: &str, id: &str, text: &str) -> String {
        journal::put_text(&self.store, (table, column), id, text).await
    }

    /// The same caller, after a restart.
    pub fn as_same(&self, caller: &As) -> As {
        As { router: self.public.clone(), ..caller.clone() }
    }

    /// Takes away files that no row names, whatever their age. Gives how many.
    pub async fn sweep_documents(&self) -> usize {
        let services = self.gate.services();
        let swept = services.files.sweep(&self.store, &services.held, Timestamp::from_micros(i64::MAX)).await;
        swept.unwrap().erased
    }

    /// Where the bytes of documents are.
    pub fn documents(&self) -> &Path {
        self.documents.path()
    }

    /// Changes the connection of a key, as the clinic's admin.
    pub async fn change_connection(&self, connection_id: &str, change: &Json) -> Reply {
        let path = format!("/v1/connections/{connection_id}");
        let etag = self.as_admin().get(&path).await.expect(200).etag().to_owned();
        self.as_admin().patch(&path, &etag, change).await.expect(200)
    }

    /// Pauses, resumes or revokes a connection, as the clinic's admin.
    pub async fn switch(&self, connection_id: &str, verb: &str) -> Reply {
        let path = format!("/v1/connections/{connection_id}/{verb}");
        self.as_admin().post(&path, &json!({"reason": "A test"})).await.expect(200)
    }
}

fn routers(gate: &Gate) -> (Router, Router) {
    let door: Arc<dyn Door> = Arc::new(gate.clone());
    (router(door.clone(), Who::Anyone), router(door, Who::Operator))
}

/// What a server is started from.
struct Parts<'p> {
    clock: &'p Arc<StillClock>,
    entropy: &'p Arc<SeededEntropy>,
    faults: &'p Arc<Faults>,
    keyring: &'p KeyringFile,
    quotas: Policy,
    documents: &'p Path,
    meanwhile: &'p Meanwhile,
}

impl Parts<'_> {
    async fn start(&self, database: &Database) -> (Store, Gate) {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let entropy: Arc<dyn Entropy> = self.entropy.clone();
        let meanwhile = self.meanwhile.clone();
        let options = Options {
            location: database.location(),
            environment: ENVIRONMENT.name().to_owned(),
            clock: clock.clone(),
            faults: Some(self.faults.clone()),
        };
        let store = Store::open(options).await.unwrap();
        let settings = Settings {
            clock,
            entropy,
            keyring: self.keyring.unlock().unwrap(),
            environment: ENVIRONMENT,
            base_url: BASE_URL.to_owned(),
            limits: self.quotas,
            files: Arc::new(Watched { disk: Disk::new(self.documents.to_owned(), self.entropy.clone()), meanwhile }),
        };
        let gate = compose::open_gate(settings, store.clone()).await.unwrap();
        (store, gate)
    }
}

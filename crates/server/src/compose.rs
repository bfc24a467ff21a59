//! Puts the parts together: the one place that knows every crate.

use std::collections::BTreeMap;
use std::sync::Arc;

use clinicos_contract::{Category, Clock, Entropy};
use clinicos_gate::files::{FilePlace, Files};
use clinicos_gate::limits::{MemoryLimiter, Policy};
use clinicos_gate::{Catalogue, Environment, Gate, Inconsistent, Keyring, Services};
use clinicos_store::{Engine, Store, StoreError};

/// Every operation of the server.
pub fn catalogue() -> Result<Catalogue, Inconsistent> {
    Catalogue::new(clinicos_clinic::operations().chain(clinicos_platform::operations()).collect(), clinicos_clinic::links::ALL)
}

/// What differs between one server and another.
pub struct Settings {
    /// Security and business time.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Secrets outside the database.
    pub keyring: Keyring,
    /// Live or sandbox.
    pub environment: Environment,
    /// Where the server is reached, without a final slash.
    pub base_url: String,
    /// How much callers may ask for.
    pub limits: Policy,
    /// Where the bytes of documents are.
    pub files: Arc<dyn FilePlace>,
}

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum CannotOpen {
    /// The declarations contradict each other: a fault in this program.
    #[error("the catalogue is inconsistent: {0}")]
    Catalogue(#[from] Inconsistent),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Files in a place, beside the rows of a store that name them.
pub fn files(place: Arc<dyn FilePlace>, store: &Store) -> Files {
    Files::new(place, clinicos_clinic::clinic_documents::rows::named, store.engine() == Engine::Postgres)
}

/// Opens the door over a store.
pub async fn open_gate(settings: Settings, store: Store) -> Result<Gate, CannotOpen> {
    let catalogue = catalogue()?;
    let mut categories_of: BTreeMap<&'static str, Vec<Category>> = BTreeMap::new();
    for resource in catalogue.resources() {
        categories_of.insert(resource.name, vec![resource.primary]);
    }
    let files = files(settings.files, &store);
    let services = Services {
        clock: settings.clock,
        entropy: settings.entropy,
        keyring: Arc::new(settings.keyring),
        environment: settings.environment,
        base_url: settings.base_url.into(),
        scopes: catalogue.scopes().clone(),
        operation_ids: catalogue.specs().map(|spec| spec.id).collect(),
        specs: Arc::new(catalogue.specs().map(|spec| (spec.id, spec)).collect()),
        categories_of: Arc::new(categories_of),
        seen: Arc::default(),
        followers: Arc::default(),
        held: Arc::default(),
        files: Arc::new(files),
        panics: crate::panics::counter(),
        tail: Arc::default(),
        limits: settings.limits,
        catalogue_version: catalogue.version().into(),
    };
    let limiter = Arc::new(MemoryLimiter::new(settings.limits));
    Ok(Gate::open(services, catalogue, store, limiter).await?)
}

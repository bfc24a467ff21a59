//! What does not change while the server runs.

use std::sync::Arc;

use clinicos_contract::scope::ScopeTable;
use clinicos_contract::{Clock, Entropy, Spec};
use clinicos_store::journal::audit::Tail;

use crate::files::Files;
use crate::followers::FollowerTable;
use crate::held::HeldTable;
use crate::keyring::Keyring;
use crate::limits::Policy;
use crate::seen::SeenTable;

/// Clock, randomness, secrets and settings, handed to everything below the server's main.
#[derive(Clone)]
pub struct Services {
    /// Security and business time.
    pub clock: Arc<dyn Clock>,
    /// Randomness fit for secrets.
    pub entropy: Arc<dyn Entropy>,
    /// Secrets outside the database.
    pub keyring: Arc<Keyring>,
    /// Live or sandbox.
    pub environment: Environment,
    /// Where this server is reached, without a final slash: `https://api.example.org`.
    pub base_url: Arc<str>,
    /// The scopes of the catalogue.
    pub scopes: Arc<ScopeTable>,
    /// The ids of the catalogue's operations.
    pub operation_ids: Arc<[&'static str]>,
    /// The declarations of the catalogue's operations, by their ids.
    pub specs: Arc<std::collections::BTreeMap<&'static str, &'static Spec>>,
    /// The categories of data that a resource is guarded by, by its name.
    pub categories_of: Arc<std::collections::BTreeMap<&'static str, Vec<clinicos_contract::Category>>>,
    /// From where keys were used since this process started.
    pub seen: Arc<SeenTable>,
    /// How far connections follow changes since this process started.
    pub followers: Arc<FollowerTable>,
    /// Snapshots of the database that are held over several calls.
    pub held: Arc<HeldTable>,
    /// Bytes that are kept beside the database.
    pub files: Arc<Files>,
    /// How many calls ended in a fault of this program since it was started.
    pub panics: Arc<std::sync::atomic::AtomicU64>,
    /// What this process knows of the journal's tail.
    pub tail: Arc<Tail>,
    /// How much callers may ask for, where an admin set nothing else.
    pub limits: Policy,
    /// The name of this set of operations, which grants remember.
    pub catalogue_version: Arc<str>,
}

/// Production or sandbox. They share no file, key or row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// Production.
    Live,
    /// Synthetic data.
    Sandbox,
}

impl Environment {
    /// The word in credentials, audit entries and the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Sandbox => "sandbox",
        }
    }

    /// Reads the word.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Live, Self::Sandbox].into_iter().find(|environment| environment.name() == name)
    }
}

//! What the gate knows, in memory: an immutable snapshot of every grant, replaced at each
//! security change. Nothing on a call's way waits for the database to learn who may do what.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arc_swap::ArcSwap;
use clinicos_consent::Standing;
use clinicos_contract::scope::{ScopeSet, ScopeTable};
use clinicos_contract::{Category, CategorySet, Purpose, Timestamp};
use clinicos_store::journal::security::{self, Recorded};
use clinicos_store::{Conn, SecurityWatcher, StoreError};
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, watch};

use crate::addresses::AllowList;
use crate::consents::{self, Consents};
use crate::ids::{ClinicId, ConnectionId, KeyId, SessionId, UserId};
use crate::limits::Account;
use crate::people::{SessionFacts, UserFacts};
use crate::permit::ClinicFacts;
use crate::rows::{self, Loaded, LoadedUser, Remembered};
use crate::seen::{Seen, SeenTable};

/// A connection, as decisions see it.
#[derive(Debug, Clone)]
pub struct ConnectionFacts {
    /// Its id.
    pub id: ConnectionId,
    /// The clinic that granted it.
    pub clinic: ClinicId,
    /// What its data is used for.
    pub purpose: Purpose,
    /// Whether it may call.
    pub state: ConnectionState,
    /// The scopes granted, with what they imply.
    pub scopes: ScopeSet,
    /// The categories opted in to, for its purpose.
    pub opt_ins: Vec<OptIn>,
    /// The categories opted in to for any other purpose, which count for nothing.
    pub for_other_purposes: CategorySet,
    /// Operations that an admin took away.
    pub excluded_operations: Vec<String>,
    /// Whether it may write, act and trigger.
    pub writes_enabled: bool,
    /// The API version that it is pinned to.
    pub pinned_version: &'static str,
    /// When its pause ends by itself.
    pub paused_until: Option<Timestamp>,
    /// The web origins whose pages may call with its keys. None is what most need.
    pub browser_origins: Vec<Arc<str>>,
    /// From where it may be used.
    pub allowed: AllowList,
    /// What the rules of the clinic's jurisdiction come to for it.
    pub standing: Arc<Standing>,
    /// Its budget.
    pub account: Account,
}

impl ConnectionFacts {
    /// Whether pages of this origin may call with its keys.
    pub fn takes_pages_of(&self, origin: &str) -> bool {
        self.state != ConnectionState::Revoked && self.browser_origins.iter().any(|listed| **listed == *origin)
    }

    /// Whether it may call at this moment: a pause with an end is over when that comes.
    pub fn state_at(&self, now: Timestamp) -> ConnectionState {
        match self.state {
            ConnectionState::Paused if self.paused_until.is_some_and(|end| now >= end) => ConnectionState::Active,
            state => state,
        }
    }

    /// The categories opted in to at this moment.
    pub fn categories(&self, now: Timestamp) -> CategorySet {
        let live = |opt_in: &&OptIn| opt_in.expires_at.is_none_or(|end| now < end);
        self.opt_ins.iter().filter(live).map(|opt_in| opt_in.category).collect()
    }
}

/// Whether a connection may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// It may.
    Active,
    /// An admin paused it.
    Paused,
    /// Oversight suspended it.
    Suspended,
    /// It is over, for good.
    Revoked,
}

impl ConnectionState {
    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "active" => Self::Active,
            "paused" => Self::Paused,
            "suspended" => Self::Suspended,
            "revoked" => Self::Revoked,
            _ => return None,
        })
    }
}

/// A category that a clinic opted in to.
#[derive(Debug, Clone, Copy)]
pub struct OptIn {
    /// The category.
    pub category: Category,
    /// When the opt-in ends.
    pub expires_at: Option<Timestamp>,
}

/// A key at one clinic, as decisions see it.
#[derive(Debug, Clone)]
pub struct KeyFacts {
    /// Its id.
    pub id: KeyId,
    /// The clinic that lets it in by this.
    pub clinic: ClinicId,
    /// The connection that it acts for there.
    pub connection: ConnectionId,
    /// Whether other clinics of the organization may let it in, too: then calls name the clinic.
    pub for_organization: bool,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it ends because another key replaces it.
    pub replaced_at: Option<Timestamp>,
    /// Whether it was revoked.
    pub revoked: bool,
    /// The scopes that it is held to within its connection's; `None` is all of them.
    pub scopes: Option<ScopeSet>,
    /// From where it may be used, of where its connection may.
    pub allowed: AllowList,
    /// From where it was used. Outlives changes of grants.
    pub seen: Arc<Seen>,
}

impl KeyFacts {
    /// When it ends, whatever ends it.
    pub fn end(&self) -> Option<Timestamp> {
        [self.expires_at, self.replaced_at].into_iter().flatten().min()
    }
}

/// Every grant at one number of the sequence of security changes.
#[derive(Debug, Default, Clone)]
pub struct Snapshot {
    /// The number of the last change that is in it.
    pub seq: i64,
    clinics: HashMap<ClinicId, Arc<ClinicFacts>>,
    connections: HashMap<ConnectionId, Arc<ConnectionFacts>>,
    /// What each key is at each clinic that lets it in, in the order of the clinics' ids.
    keys: HashMap<[u8; 32], Vec<Arc<KeyFacts>>>,
    users: HashMap<UserId, Arc<UserFacts>>,
    by_email: HashMap<Arc<str>, UserId>,
    invited: HashMap<[u8; 32], UserId>,
    sessions: HashMap<[u8; 32], Arc<SessionFacts>>,
    browser_origins: HashSet<Arc<str>>,
    /// What the clients of each clinic decided, where any did.
    consents: HashMap<ClinicId, Arc<Consents>>,
}

impl Snapshot {
    /// The user with this id.
    pub fn user(&self, id: UserId) -> Option<&Arc<UserFacts>> {
        self.users.get(&id)
    }
    /// The user with this e-mail address, in lower case.
    pub fn user_by_email(&self, email: &str) -> Option<&Arc<UserFacts>> {
        self.users.get(self.by_email.get(email)?)
    }
    /// The user whose invitation has this hash.
    pub fn invited(&self, hash: &[u8; 32]) -> Option<&Arc<UserFacts>> {
        self.users.get(self.invited.get(hash)?)
    }
    /// The session with this hash.
    pub fn session(&self, hash: &[u8; 32]) -> Option<&Arc<SessionFacts>> {
        self.sessions.get(hash)
    }
    /// Every session that is not over.
    pub(crate) fn session_ids(&self) -> HashSet<SessionId> {
        self.sessions.values().map(|session| session.id).collect()
    }
    /// Those of one person that are not over by themselves, either.
    pub(crate) fn living_sessions(&self, user: UserId, now: Timestamp, now_ns: u64) -> HashSet<SessionId> {
        let lives = |session: &&Arc<SessionFacts>| session.user == user && !session.is_over(now, now_ns);
        self.sessions.values().filter(lives).map(|session| session.id).collect()
    }
    /// The key with this hash, at each clinic that lets it in; none, if there is no such key.
    pub fn key(&self, hash: &[u8; 32]) -> &[Arc<KeyFacts>] {
        self.keys.get(hash).map(Vec::as_slice).unwrap_or_default()
    }
    /// The same by its id. For work that goes on for long: it looks at every key.
    pub fn key_with_id(&self, id: KeyId) -> &[Arc<KeyFacts>] {
        let has_it = |key: &&Vec<Arc<KeyFacts>>| key.first().is_some_and(|key| key.id == id);
        self.keys.values().find(has_it).map(Vec::as_slice).unwrap_or_default()
    }
    /// The connections of a clinic, in the order of their ids.
    pub(crate) fn connections_of(&self, clinic: ClinicId) -> Vec<&Arc<ConnectionFacts>> {
        let mut all: Vec<_> = self.connections.values().filter(|connection| connection.clinic == clinic).collect();
        all.sort_unstable_by_key(|connection| connection.id);
        all
    }
    /// The connection with this id.
    pub fn connection(&self, id: ConnectionId) -> Option<&Arc<ConnectionFacts>> {
        self.connections.get(&id)
    }
    /// What the clients of a clinic decided.
    pub fn consents(&self, clinic: Option<ClinicId>) -> &Arc<Consents> {
        clinic.and_then(|clinic| self.consents.get(&clinic)).unwrap_or(&consents::NOBODY)
    }
    /// The clinic with this id.
    pub fn clinic(&self, id: ClinicId) -> Option<&Arc<ClinicFacts>> {
        self.clinics.get(&id)
    }

    /// Whether some connection that is not over takes calls of this origin's pages. It decides no
    /// call: it tells a browser whether to send one.
    pub fn takes_pages_of(&self, origin: &str) -> bool {
        self.browser_origins.contains(origin)
    }

    fn forget(&mut self, clinic: ClinicId) {
        self.clinics.remove(&clinic);
        self.connections.retain(|_, connection| connection.clinic != clinic);
        self.keys.retain(|_, key| {
            key.retain(|key| key.clinic != clinic);
            !key.is_empty()
        });
        self.users.retain(|_, user| user.clinic != clinic);
        let users = &self.users;
        self.by_email.retain(|_, user| users.contains_key(user));
        self.invited.retain(|_, user| users.contains_key(user));
        self.sessions.retain(|_, session| users.contains_key(&session.user));
    }

    /// Reads anew what changed of what clients decided.
    async fn hear(&mut self, conn: &mut dyn Conn, changes: &[Recorded]) -> Result<(), StoreError> {
        let mut told: HashSet<(&str, &str)> = HashSet::new();
        for change in changes.iter().rev().filter(|change| consents::is_about_clients(&change.kind)) {
            let (clinic, subject) = (change.clinic_id.as_str(), change.subject_id.as_str());
            let Some(id) = ClinicId::from_stored(clinic).filter(|_| told.insert((clinic, subject))) else { continue };
            if change.kind == consents::CLIENTS_CAME {
                // Newer changes were heard before: what is read now has them, too.
                let seq = self.consents.get(&id).map_or(change.seq, |known| known.seq.max(change.seq));
                let mut all = consents::rows::load(conn, Some(clinic), seq).await?.remove(&id).unwrap_or_default();
                all.seq = seq;
                all.held_seq = all.held_seq.max(change.seq);
                self.consents.insert(id, Arc::new(all));
                continue;
            }
            let consents = Arc::make_mut(self.consents.entry(id).or_default());
            consents.seq = consents.seq.max(change.seq);
            if change.kind != consents::PATIENT_CAME {
                consents.held_seq = consents.held_seq.max(change.seq);
            }
            if change.kind == consents::CLIENT_DECIDED {
                consents::rows::reload_client(conn, clinic, subject, consents).await?;
            } else {
                consents::rows::reload_patient(conn, clinic, subject, consents).await?;
            }
        }
        Ok(())
    }

    fn learn(&mut self, loaded: Loaded) {
        let mut neighbours: HashMap<ClinicId, u32> = HashMap::new();
        for connection in loaded.connections.iter().filter(|one| one.state == ConnectionState::Active) {
            *neighbours.entry(connection.clinic).or_default() += 1;
        }
        self.clinics.extend(loaded.clinics.into_iter().map(|clinic| (clinic.id, Arc::new(clinic))));
        for mut connection in loaded.connections {
            connection.account.neighbours = neighbours.get(&connection.clinic).copied().unwrap_or(1);
            self.connections.insert(connection.id, Arc::new(connection));
        }
        for (hash, key) in loaded.keys {
            let clinics = self.keys.entry(hash).or_default();
            let at = clinics.partition_point(|other| other.clinic < key.clinic);
            clinics.insert(at, Arc::new(key));
        }
        for LoadedUser { facts, email, invitation } in loaded.users {
            self.by_email.insert(email.into(), facts.id);
            self.invited.extend(invitation.map(|hash| (hash, facts.id)));
            self.users.insert(facts.id, Arc::new(facts));
        }
        self.sessions.extend(loaded.sessions.into_iter().map(|(hash, session)| (hash, Arc::new(session))));
        let standing = self.connections.values().filter(|one| one.state != ConnectionState::Revoked);
        self.browser_origins = standing.flat_map(|one| one.browser_origins.iter().cloned()).collect();
    }
}

/// The current snapshot, and how it is replaced.
pub struct Facts {
    current: ArcSwap<Snapshot>,
    scopes: Arc<ScopeTable>,
    remembered: Remembered,
    /// One replacement at a time, so that a slower one cannot bring back what a faster one took away.
    replacing: Mutex<()>,
    /// The number of the last change that is in force, for who waits for the next.
    told: watch::Sender<i64>,
}

impl Facts {
    /// No grant at all, until [`Facts::load_all`].
    pub fn new(scopes: Arc<ScopeTable>, seen: Arc<SeenTable>) -> Self {
        let (remembered, replacing) = (Remembered::new(seen), Mutex::new(()));
        Self { current: ArcSwap::default(), scopes, remembered, replacing, told: watch::Sender::default() }
    }

    /// Hears of each change once it is in force.
    pub(crate) fn changes(&self) -> watch::Receiver<i64> {
        self.told.subscribe()
    }

    /// The current snapshot.
    pub fn current(&self) -> arc_swap::Guard<Arc<Snapshot>> {
        self.current.load()
    }

    /// The number of the last change that is in force.
    pub fn seq(&self) -> i64 {
        self.current.load().seq
    }

    /// Reads every grant.
    pub async fn load_all(&self, conn: &mut dyn Conn) -> Result<(), StoreError> {
        let _one_at_a_time = self.replacing.lock().await;
        let seq = security::latest(conn).await?;
        self.current.store(Arc::new(self.everything(conn, seq).await?));
        Ok(())
    }

    /// Reads the grants of the clinics that changed since the current snapshot.
    pub async fn catch_up(&self, conn: &mut dyn Conn) -> Result<(), StoreError> {
        let _one_at_a_time = self.replacing.lock().await;
        let mut snapshot = Snapshot::clone(&self.current.load());
        let changes = security::after(conn, snapshot.seq).await?;
        let Some(last) = changes.iter().map(|change| change.seq).max() else { return Ok(()) };
        if changes.iter().any(|change| change.clinic_id.is_empty()) {
            let everything = self.everything(conn, last).await?;
            self.replace(everything);
            return Ok(());
        }
        snapshot.hear(conn, &changes).await?;
        let of_grants = changes.iter().filter(|change| !consents::is_about_clients(&change.kind));
        let mut clinics: Vec<&str> = of_grants.map(|change| change.clinic_id.as_str()).collect();
        clinics.sort_unstable();
        clinics.dedup();
        for clinic in clinics.into_iter() {
            if let Some(id) = ClinicId::from_stored(clinic) {
                snapshot.forget(id);
            }
            snapshot.learn(rows::load(conn, Some(clinic), &self.scopes, &self.remembered).await?);
        }
        snapshot.seq = last;
        self.replace(snapshot);
        Ok(())
    }

    async fn everything(&self, conn: &mut dyn Conn, seq: i64) -> Result<Snapshot, StoreError> {
        let mut snapshot = Snapshot { seq, ..Snapshot::default() };
        snapshot.learn(rows::load(conn, None, &self.scopes, &self.remembered).await?);
        let consents = consents::rows::load(conn, None, seq).await?;
        snapshot.consents = consents.into_iter().map(|(clinic, consents)| (clinic, Arc::new(consents))).collect();
        Ok(snapshot)
    }

    fn replace(&self, snapshot: Snapshot) {
        self.remembered.keep(&snapshot);
        let seq = snapshot.seq;
        self.current.store(Arc::new(snapshot));
        self.told.send_replace(seq);
    }
}

impl SecurityWatcher for Facts {
    fn apply<'c>(&'c self, conn: &'c mut dyn Conn, _seq: i64) -> BoxFuture<'c, Result<(), StoreError>> {
        Box::pin(self.catch_up(conn))
    }
}

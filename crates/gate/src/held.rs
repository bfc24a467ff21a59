//! Snapshots of the database that are held over several calls, for who reads a whole clinic and must
//! see one point in time.
//!
//! They are few, they end by themselves, and they are in memory alone: a server that is started again
//! knows none, and then there is none to read on in. Each belongs to who asked for it; for anybody
//! else there is no such thing.

use std::any::Any;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use clinicos_contract::{AnyId, Problem, Timestamp};
use clinicos_store::snapshot::Snapshot;
use clinicos_store::{ReadWork, Store};

use crate::cx::conflict;
use crate::ids::ClinicId;
use crate::permit::{Caller, Permit};
use crate::services::Services;

/// Most at once: each keeps the database from forgetting, and a connection of PostgreSQL.
pub const HELD_MAX: usize = 4;
/// Most at once of one caller.
const HELD_OF_CALLER_MAX: usize = 2;
/// How long one may lie unread.
pub const IDLE_MAX_S: u64 = 600;
/// How long one may be held.
pub const AGE_MAX_S: u64 = 4 * 3_600;
const NS: u64 = 1_000_000_000;

/// All that are held.
#[derive(Default)]
pub struct HeldTable {
    slots: Mutex<Vec<Slot>>,
}

struct Slot {
    id: String,
    clinic: Option<ClinicId>,
    caller: Holder,
    begun_ns: u64,
    used_ns: u64,
    /// It is let go of. A transaction that says so may be repeated, so the slot stays until the next sweep.
    ended: bool,
    held: Arc<Held>,
}

/// Who may read in it: a connection, by whichever key, a person, or the operator.
type Holder = String;

/// One of them.
pub struct Held {
    asked: Arc<dyn Any + Send + Sync>,
    as_of: OnceLock<Timestamp>,
    snapshot: tokio::sync::Mutex<Option<Snapshot>>,
    kept: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Held {
    /// When it was taken.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of.get().copied()
    }

    /// What it was asked for.
    pub fn asked<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.asked.clone().downcast().ok()
    }

    /// What was kept beside it.
    pub fn kept<T: Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.kept.get().cloned()?.downcast().ok()
    }

    /// Keeps something beside it; what is kept already stays.
    pub fn keep<T: Send + Sync + 'static>(&self, value: Arc<T>) {
        let _ = self.kept.set(value);
    }
}

fn holder(permit: &Permit) -> Holder {
    match permit.caller() {
        Caller::Operator => "operator".to_owned(),
        Caller::Stranger => "anybody".to_owned(),
        Caller::Connection { connection, .. } => connection.to_string(),
        Caller::User { user, .. } => user.to_string(),
    }
}

impl HeldTable {
    fn slots(&self) -> MutexGuard<'_, Vec<Slot>> {
        // A slot is whole or not there, whatever panicked beside it.
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for one under this id. It is taken when it is first read in.
    pub fn reserve(&self, id: AnyId, permit: &Permit, asked: Arc<dyn Any + Send + Sync>, now_ns: u64) -> Result<(), Problem> {
        self.sweep(now_ns);
        let caller = holder(permit);
        let mut slots = self.slots();
        // A transaction may be repeated: what it reserved before, nobody has heard of.
        slots.retain(|slot| slot.caller != caller || slot.held.as_of().is_some());
        let own = slots.iter().filter(|slot| slot.caller == caller).count();
        if own >= HELD_OF_CALLER_MAX || slots.len() >= HELD_MAX {
            return Err(conflict("too many exports are under way; finish or cancel one, or try again later"));
        }
        let clinic = permit.clinic().map(|clinic| clinic.id);
        let held = Arc::new(Held { asked, as_of: OnceLock::new(), snapshot: tokio::sync::Mutex::default(), kept: OnceLock::new() });
        slots.push(Slot { id: id.to_string(), clinic, caller, begun_ns: now_ns, used_ns: now_ns, ended: false, held });
        Ok(())
    }

    /// Lets go of it.
    pub fn release(&self, id: &str, permit: &Permit) -> Result<Arc<Held>, Problem> {
        let mut slots = self.slots();
        let slot = slots.iter_mut().find(|slot| slot.is(id, permit)).ok_or_else(Problem::not_found)?;
        slot.ended = true;
        if let Ok(mut snapshot) = slot.held.snapshot.try_lock() {
            snapshot.take();
        }
        Ok(slot.held.clone())
    }

    /// How many seconds it will stay, if nobody reads in it.
    pub fn rests_s(&self, id: &str, now_ns: u64) -> u64 {
        let slots = self.slots();
        slots.iter().find(|slot| slot.id == id).map_or(0, |slot| slot.ends_ns().saturating_sub(now_ns) / NS)
    }

    /// Lets go of those whose time is over.
    pub fn sweep(&self, now_ns: u64) {
        self.slots().retain(|slot| !slot.ended && slot.ends_ns() > now_ns);
    }

    fn find(&self, id: &str, permit: &Permit, now_ns: u64) -> Result<Arc<Held>, Problem> {
        self.sweep(now_ns);
        let mut slots = self.slots();
        let slot = slots.iter_mut().find(|slot| slot.is(id, permit)).ok_or_else(Problem::not_found)?;
        slot.used_ns = now_ns;
        Ok(slot.held.clone())
    }
}

impl Slot {
    fn is(&self, id: &str, permit: &Permit) -> bool {
        self.id == id && self.clinic == permit.clinic().map(|clinic| clinic.id) && self.caller == holder(permit)
    }

    fn ends_ns(&self) -> u64 {
        (self.used_ns + IDLE_MAX_S * NS).min(self.begun_ns + AGE_MAX_S * NS)
    }
}

/// The one that a call names, if it is the caller's own.
pub(crate) fn find(services: &Services, permit: &Permit, id: &str) -> Result<Arc<Held>, Problem> {
    services.held.find(id, permit, services.clock.monotonic_ns())
}

/// Reads in it; the first read takes it.
pub(crate) async fn read(services: &Services, store: &Store, held: &Held, work: &mut dyn ReadWork) -> Result<(), Problem> {
    let mut snapshot = held.snapshot.lock().await;
    if snapshot.is_none() {
        let now = services.clock.now();
        *snapshot = Some(store.snapshot().await.map_err(Problem::unavailable)?);
        let _ = held.as_of.set(now);
    }
    match snapshot.as_mut() {
        Some(snapshot) => snapshot.read(work).await.map_err(Problem::unavailable),
        None => Err(Problem::not_found()),
    }
}

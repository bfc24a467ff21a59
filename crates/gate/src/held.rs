//! Snapshots of the database that are held over several calls, for who reads a whole clinic and must
//! see one point in time.
//!
//! They are few, they end by themselves, and they are in memory alone: a server that is started again
//! knows none, and then there is none to read on in. Each belongs to who asked for it; for anybody
//! else there is no such thing.

use std::any::Any;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use clinicos_contract::{AnyId, Problem, Timestamp};
use clinicos_store::snapshot::Snapshot;

use crate::cx::conflict;
use crate::ids::ClinicId;
use crate::permit::{Caller, Permit};

/// Most at once: each keeps the database from forgetting, and a connection of PostgreSQL.
pub const HELD_MAX: usize = 4;
/// Most at once of one caller in one clinic.
const HELD_OF_CLINIC_MAX: usize = 2;
/// Most at once of one caller in all clinics: one is left for others.
const HELD_OF_CALLER_MAX: usize = 3;
/// How long one may lie unread.
pub const IDLE_MAX_S: u64 = 600;
/// How long one may be held.
pub const AGE_MAX_S: u64 = 4 * 3_600;
const NS: u64 = 1_000_000_000;

/// All that are held.
#[derive(Default)]
pub struct HeldTable {
    slots: Mutex<Vec<Slot>>,
    /// How many there are, to be known without waiting.
    count: AtomicUsize,
}

struct Slot {
    id: String,
    clinic: Option<ClinicId>,
    caller: Holder,
    begun_ns: u64,
    used_ns: u64,
    held: Arc<Held>,
}

/// Who may read in it: a connection, by whichever key, a person, or the operator.
type Holder = String;

/// One of them.
pub struct Held {
    asked: Arc<dyn Any + Send + Sync>,
    as_of: OnceLock<Timestamp>,
    pub(crate) snapshot: tokio::sync::Mutex<Option<Snapshot>>,
    kept: OnceLock<Arc<dyn Any + Send + Sync>>,
}

impl Held {
    /// When it was taken.
    pub fn as_of(&self) -> Option<Timestamp> {
        self.as_of.get().copied()
    }

    /// It is taken now.
    pub(crate) fn taken(&self, now: Timestamp) {
        let _ = self.as_of.set(now);
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
        let (caller, clinic) = (holder(permit), permit.clinic().map(|clinic| clinic.id));
        let mut slots = self.slots();
        // Who exports several clinics side by side begins one beside the other, and not in its place.
        let is_same = |slot: &Slot| slot.caller == caller && slot.clinic == clinic;
        // A transaction may be repeated: what it reserved before, nobody has heard of.
        slots.retain(|slot| !is_same(slot) || slot.held.as_of().is_some());
        // Whoever was cut off begins again, and need not wait until what was left behind ends.
        let is_full = |slots: &[Slot]| slots.iter().filter(|slot| slot.caller == caller).count() >= HELD_OF_CALLER_MAX;
        if (slots.iter().filter(|slot| is_same(slot)).count() >= HELD_OF_CLINIC_MAX || is_full(&slots))
            && let Some(oldest) = slots.iter().position(is_same)
        {
            slots.remove(oldest);
        }
        self.count.store(slots.len(), Ordering::Release);
        if is_full(&slots) {
            return Err(conflict("too many exports of yours are under way; read one to its end, or cancel it"));
        }
        if slots.len() >= HELD_MAX {
            return Err(conflict("too many exports are under way on this server; try again later"));
        }
        let held =
            Arc::new(Held { asked, as_of: OnceLock::new(), snapshot: tokio::sync::Mutex::default(), kept: OnceLock::new() });
        slots.push(Slot { id: id.to_string(), clinic, caller, begun_ns: now_ns, used_ns: now_ns, held });
        self.count.store(slots.len(), Ordering::Release);
        Ok(())
    }

    /// Lets go of it, if it is there. A chunk that is being read is read to its end.
    pub(crate) fn let_go(&self, id: &str) {
        let mut slots = self.slots();
        slots.retain(|slot| slot.id != id);
        self.count.store(slots.len(), Ordering::Release);
    }

    /// Lets go of those whose time is over.
    pub fn sweep(&self, now_ns: u64) {
        if self.count.load(Ordering::Acquire) == 0 {
            return;
        }
        let mut slots = self.slots();
        slots.retain(|slot| slot.ends_ns() > now_ns);
        self.count.store(slots.len(), Ordering::Release);
    }

    /// Whether one is held that shows this clinic.
    pub(crate) fn is_held_for(&self, clinic: ClinicId) -> bool {
        self.count.load(Ordering::Acquire) > 0 && self.slots().iter().any(|slot| slot.clinic == Some(clinic))
    }

    /// The one of this id, if it is the caller's own.
    pub(crate) fn find(&self, id: &str, permit: &Permit, now_ns: u64) -> Result<Arc<Held>, Problem> {
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

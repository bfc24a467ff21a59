//! Limits: the generic cell rate algorithm (GCRA), keyed by connection and rate class.
//!
//! The state of a bucket is one number, its *theoretical arrival time*: when the bucket would be
//! empty again. [`gcra`] is pure; in memory the number is an atomic, and a store shared by
//! several nodes can run the same lines. Refused calls are charged nothing more, because a call
//! that finds the bucket full has already spent it; but they are counted and journaled.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use clinicos_contract::RateClass;
use futures_util::future::BoxFuture;

use crate::facts::Snapshot;
use crate::ids::{ClinicId, ConnectionId, UserId};

/// Seconds of the window that quotas are given for.
pub const WINDOW_S: u64 = 60;
/// Most calls a minute that a connection can be given.
pub const QUOTA_MAX: u32 = 60_000;
const NS_PER_S: u64 = 1_000_000_000;
/// How many addresses are remembered at once.
const ADDRESSES_MAX: usize = 50_000;

/// What a network may call a minute without any credential: each such call closes a commit.
pub const STRANGER_QUOTA: Quota = Quota(30);

/// Calls in a window of [`WINDOW_S`] seconds, all of which may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota(pub u32);

/// What came of a charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Whether the call may go on.
    pub admitted: bool,
    /// The quota that it was charged to.
    pub quota: Quota,
    /// Calls that could follow at once.
    pub remaining: u32,
    /// Seconds until the bucket is full again (until the next call would be admitted, if refused).
    pub reset_s: u64,
}

/// One step of GCRA: the new theoretical arrival time, and the charge.
pub fn gcra(arrival_ns: u64, now_ns: u64, quota: Quota) -> (u64, Charge) {
    gcra_in(arrival_ns, now_ns, quota, WINDOW_S)
}

/// The same in a window of so many seconds.
pub fn gcra_in(arrival_ns: u64, now_ns: u64, quota: Quota, window_s: u64) -> (u64, Charge) {
    let interval = window_s * NS_PER_S / u64::from(quota.0.max(1));
    let burst = interval * u64::from(quota.0);
    let base = arrival_ns.max(now_ns);
    let next = base + interval;
    // The call fits if the bucket, with it in, is no fuller than the whole window's worth.
    if quota.0 == 0 || next - now_ns > burst {
        let wait = if quota.0 == 0 { window_s * NS_PER_S } else { next - now_ns - burst };
        return (arrival_ns, Charge { admitted: false, quota, remaining: 0, reset_s: wait.div_ceil(NS_PER_S) });
    }
    let remaining = (burst - (next - now_ns)) / interval;
    let charge = Charge {
        admitted: true,
        quota,
        remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
        reset_s: (next - now_ns).div_ceil(NS_PER_S),
    };
    (next, charge)
}

/// One bucket.
#[derive(Debug, Default)]
pub struct Bucket(AtomicU64);

impl Bucket {
    /// Charges one call.
    pub fn charge(&self, now_ns: u64, quota: Quota) -> Charge {
        let mut arrival = self.0.load(Ordering::Relaxed);
        loop {
            let (next, charge) = gcra(arrival, now_ns, quota);
            if !charge.admitted {
                return charge;
            }
            match self.0.compare_exchange_weak(arrival, next, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return charge,
                Err(seen) => arrival = seen,
            }
        }
    }
}

/// The buckets of a connection or of a clinic, one for each rate class.
#[derive(Debug, Default)]
pub struct Buckets([Bucket; 4]);

impl Buckets {
    fn of(&self, class: RateClass) -> &Bucket {
        let [read, write, govern, heavy] = &self.0;
        match class {
            RateClass::Read => read,
            RateClass::Write => write,
            RateClass::Govern => govern,
            RateClass::Heavy => heavy,
        }
    }
}

/// The quotas of a server.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// A connection's quota by rate class, unless an admin set another.
    pub connection: [u32; 4],
    /// How many connections' worth a clinic has in all.
    pub clinic_factor: u32,
    /// An address's quota, before anybody is known.
    pub address: u32,
    /// Heavy calls a minute that a clinic's own jobs have, beside what its connections and people have.
    pub jobs: u32,
}

impl Policy {
    /// What a server starts with.
    pub const DEFAULT: Self = Self { connection: [1_200, 300, 120, 30], clinic_factor: 5, address: 6_000, jobs: 3_000 };
    /// So high that nothing is refused: for measuring.
    pub const UNLIMITED: Self =
        Self { connection: [1_000_000_000; 4], clinic_factor: 2, address: 2_000_000_000, jobs: 1_000_000_000 };

    /// The quota of a connection without a limit of its own.
    pub fn quota(&self, class: RateClass) -> Quota {
        Quota(self.connection.get(class.index()).copied().unwrap_or(0))
    }
}

/// Where a call's budget is looked up.
#[derive(Debug, Clone)]
pub struct Account {
    /// The connection's own buckets.
    pub own: Arc<Buckets>,
    /// The connection's guaranteed part of the clinic's budget.
    pub share: Arc<Buckets>,
    /// The clinic's buckets, which its connections share.
    pub clinic: Arc<Buckets>,
    /// What the server does for the clinic's callers by itself.
    pub jobs: Arc<Bucket>,
    /// The quotas that an admin set, by rate class.
    pub set: [Option<u32>; 4],
    /// How many connections the clinic has.
    pub neighbours: u32,
}

/// Charges calls to budgets. In memory here; shared by several nodes elsewhere.
pub trait Limiter: Send + Sync + 'static {
    /// Charges one call of this class.
    fn charge<'a>(&'a self, account: &'a Account, class: RateClass, now_ns: u64) -> BoxFuture<'a, Charge>;
    /// Charges one call that the server makes for somebody: it costs them nothing of their own budget.
    fn charge_job(&self, account: &Account, now_ns: u64) -> Charge;
    /// Charges one call to an address, before anybody is known.
    fn charge_address(&self, address: IpAddr, now_ns: u64) -> Charge;
    /// Charges one call of somebody who shows no credential, where none is asked for.
    fn charge_stranger(&self, address: IpAddr, now_ns: u64) -> Charge;
    /// What such a call would come to now, without charging it.
    fn look_at_stranger(&self, address: IpAddr, now_ns: u64) -> Charge;
}

/// Budgets in the memory of one node.
pub struct MemoryLimiter {
    policy: Policy,
    addresses: Networks,
    strangers: Networks,
}

impl MemoryLimiter {
    /// A limiter with these quotas.
    pub fn new(policy: Policy) -> Self {
        Self { policy, addresses: Networks::default(), strangers: Networks::default() }
    }

    fn charge_now(&self, account: &Account, class: RateClass, now_ns: u64) -> Charge {
        let set = account.set.get(class.index()).copied().flatten();
        let quota = set.map_or_else(|| self.policy.quota(class), Quota);
        let own = account.own.of(class).charge(now_ns, quota);
        if !own.admitted {
            return own;
        }
        let clinic = Quota(self.policy.quota(class).0.saturating_mul(self.policy.clinic_factor));
        // Each connection has its part of the clinic's budget for sure; what the others leave
        // unused, any may take.
        let share = Quota((clinic.0 / account.neighbours.max(1)).max(1));
        let guaranteed = account.share.of(class).charge(now_ns, share);
        let common = account.clinic.of(class).charge(now_ns, clinic);
        if guaranteed.admitted || common.admitted { own } else { Charge { quota: own.quota, ..common } }
    }
}

impl Limiter for MemoryLimiter {
    fn charge<'a>(&'a self, account: &'a Account, class: RateClass, now_ns: u64) -> BoxFuture<'a, Charge> {
        Box::pin(std::future::ready(self.charge_now(account, class, now_ns)))
    }

    fn charge_job(&self, account: &Account, now_ns: u64) -> Charge {
        account.jobs.charge(now_ns, Quota(self.policy.jobs))
    }

    fn charge_address(&self, address: IpAddr, now_ns: u64) -> Charge {
        self.addresses.charge(address, now_ns, Quota(self.policy.address))
    }

    fn charge_stranger(&self, address: IpAddr, now_ns: u64) -> Charge {
        self.strangers.charge(address, now_ns, STRANGER_QUOTA)
    }

    fn look_at_stranger(&self, address: IpAddr, now_ns: u64) -> Charge {
        self.strangers.look(address, now_ns, STRANGER_QUOTA)
    }
}

/// A bucket for each network, as many as are remembered.
#[derive(Default)]
struct Networks(Mutex<HashMap<IpAddr, u64>>);

impl Networks {
    fn look(&self, address: IpAddr, now_ns: u64, quota: Quota) -> Charge {
        let addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gcra(addresses.get(&network_of(address)).copied().unwrap_or_default(), now_ns, quota).1
    }

    fn charge(&self, address: IpAddr, now_ns: u64, quota: Quota) -> Charge {
        let address = network_of(address);
        let mut addresses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= ADDRESSES_MAX && !addresses.contains_key(&address) {
            addresses.retain(|_, arrival| *arrival > now_ns);
            if addresses.len() >= ADDRESSES_MAX {
                addresses.clear();
            }
        }
        let arrival = addresses.entry(address).or_default();
        let (next, charge) = gcra(*arrival, now_ns, quota);
        *arrival = next;
        charge
    }
}

/// A connection's own buckets, and those of its guaranteed part.
type OwnAndShare = (Arc<Buckets>, Arc<Buckets>);

/// Who shares a budget before anybody is known: one IPv4 address, or one IPv6 network of 64 bits,
/// within which a caller can choose its addresses.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        address => address,
    }
}

/// The buckets of every connection, user and clinic: they outlive changes of grants.
#[derive(Debug, Default)]
pub struct BucketTable {
    connections: Mutex<HashMap<ConnectionId, OwnAndShare>>,
    clinics: Mutex<HashMap<ClinicId, Arc<Buckets>>>,
    jobs: Mutex<HashMap<ClinicId, Arc<Bucket>>>,
    users: Mutex<HashMap<UserId, OwnAndShare>>,
}

impl BucketTable {
    /// A connection's own buckets and those of its guaranteed part.
    pub fn connection(&self, id: ConnectionId) -> OwnAndShare {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default().clone()
    }

    /// The same of a user.
    pub fn user(&self, id: UserId) -> OwnAndShare {
        self.users.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default().clone()
    }

    /// Forgets the buckets of all that are not known any more.
    pub(crate) fn keep(&self, knows: &Snapshot) {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| knows.connection(*id).is_some());
        self.clinics.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| knows.clinic(*id).is_some());
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| knows.clinic(*id).is_some());
        self.users.lock().unwrap_or_else(PoisonError::into_inner).retain(|id, _| knows.user(*id).is_some());
    }

    /// A clinic's buckets.
    pub fn clinic(&self, id: ClinicId) -> Arc<Buckets> {
        self.clinics.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default().clone()
    }

    /// The bucket of a clinic's own jobs.
    pub fn jobs(&self, id: ClinicId) -> Arc<Bucket> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_admits_exactly_its_quota() {
        for limit in [1, 2, 7, 60, 1_200] {
            let bucket = Bucket::default();
            let now = 5 * NS_PER_S;
            let admitted = (0..limit * 3).filter(|_| bucket.charge(now, Quota(limit)).admitted).count();
            assert_eq!(admitted, limit as usize);
        }
    }

    #[test]
    fn what_is_left_counts_down_and_comes_back() {
        let bucket = Bucket::default();
        let quota = Quota(60);
        assert_eq!(bucket.charge(0, quota).remaining, 59);
        assert_eq!(bucket.charge(0, quota).remaining, 58);
        for _ in 0..58 {
            assert!(bucket.charge(0, quota).admitted);
        }
        let refused = bucket.charge(0, quota);
        assert_eq!((refused.admitted, refused.reset_s), (false, 1));
        assert!(bucket.charge(NS_PER_S, quota).admitted);
        assert!(!bucket.charge(NS_PER_S, quota).admitted);
        assert_eq!(bucket.charge(3_600 * NS_PER_S, quota).remaining, 59);
    }

    /// Abuse case R1: 64 callers at once are admitted exactly as often as the limit says.
    #[test]
    fn r1_callers_at_once_are_admitted_exactly_the_limit() {
        let bucket = Bucket::default();
        let admitted: usize = std::thread::scope(|scope| {
            let callers: Vec<_> = (0..64)
                .map(|_| scope.spawn(|| (0..50).filter(|_| bucket.charge(NS_PER_S, Quota(500)).admitted).count()))
                .collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!(admitted, 500);
    }

    #[test]
    fn a_noisy_neighbour_leaves_each_connection_its_part() {
        let policy = Policy { connection: [100; 4], clinic_factor: 2, address: 1, jobs: 1 };
        let limiter = MemoryLimiter::new(policy);
        let clinic = Arc::<Buckets>::default();
        let account = || Account {
            own: Arc::default(),
            share: Arc::default(),
            clinic: clinic.clone(),
            jobs: Arc::default(),
            set: [None; 4],
            neighbours: 4,
        };
        let accounts: Vec<Account> = (0..4).map(|_| account()).collect();
        let calls = |account: &Account, count: usize| {
            (0..count).filter(|_| limiter.charge_now(account, RateClass::Read, 0).admitted).count()
        };
        let taken: usize = accounts.iter().take(3).map(|noisy| calls(noisy, 100)).sum();
        assert!(taken >= 200, "the noisy ones use up what the clinic has: {taken}");
        assert_eq!(calls(&accounts[3], 50), 50, "the quiet one still has its quarter");
    }

    /// What is forgotten begins anew; what is known keeps its budget (see `Facts::catch_up`).
    #[test]
    fn buckets_of_what_is_gone_are_forgotten() {
        let table = BucketTable::default();
        let id = |number| ClinicId::from_bytes([number; 16]);
        table.clinic(id(1));
        table.keep(&Snapshot::default());
        assert!(table.clinics.lock().unwrap().is_empty());
    }

    #[test]
    fn a_quota_of_zero_admits_nothing() {
        assert!(!Bucket::default().charge(0, Quota(0)).admitted);
    }
}

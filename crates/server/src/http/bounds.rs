//! What a server holds at once, and how long it waits for anybody. Who is slow or many takes the
//! room of its own address, not that of others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinicos_gate::limits::network_of;

/// The bounds of one listener.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Most connections at once.
    pub connections_max: usize,
    /// Most of them from one address, or from one IPv6 network of 64 bits.
    pub connections_per_address_max: usize,
    /// How long a client may take to send a request's head, and to begin the next one.
    pub head_wait: Duration,
    /// How long a client may take none of the bytes that are sent to it.
    pub stall_wait: Duration,
}

impl Bounds {
    /// What a server starts with.
    pub const DEFAULT: Self = Self {
        connections_max: 20_000,
        connections_per_address_max: 1_000,
        head_wait: Duration::from_secs(15),
        stall_wait: Duration::from_secs(20),
    };
}

/// The connections that are open.
#[derive(Debug)]
pub(super) struct Slots {
    bounds: Bounds,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The room of one connection; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    all: Arc<Slots>,
    address: Option<IpAddr>,
}

impl Slots {
    pub(super) fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self { bounds, taken: Mutex::default() })
    }

    /// Takes one, if there is room. Who speaks for many, as a proxy does, names no address.
    pub(super) fn take(self: &Arc<Self>, address: Option<IpAddr>) -> Option<Slot> {
        let address = address.map(network_of);
        let mut taken = self.taken();
        let own = address.and_then(|address| taken.by_address.get(&address).copied()).unwrap_or_default();
        if taken.total >= self.bounds.connections_max || own >= self.bounds.connections_per_address_max {
            return None;
        }
        taken.total += 1;
        taken.by_address.extend(address.map(|address| (address, own + 1)));
        drop(taken);
        Some(Slot { all: self.clone(), address })
    }

    /// Nothing that holds the lock can panic.
    fn taken(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.all.taken();
        taken.total = taken.total.saturating_sub(1);
        let Some(address) = self.address else { return };
        match taken.by_address.remove(&address) {
            Some(own) if own > 1 => drop(taken.by_address.insert(address, own - 1)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn one_address_cannot_take_the_room_of_others() {
        let slots = Slots::new(Bounds { connections_max: 5, connections_per_address_max: 2, ..Bounds::DEFAULT });
        let first = slots.take(ip("203.0.113.9")).unwrap();
        let _second = slots.take(ip("::ffff:203.0.113.9")).unwrap();
        assert!(slots.take(ip("203.0.113.9")).is_none());
        let _network = [slots.take(ip("2001:db8::1")).unwrap(), slots.take(ip("2001:db8::2")).unwrap()];
        assert!(slots.take(ip("2001:db8::3")).is_none());
        let proxied = slots.take(None).unwrap();
        assert!(slots.take(ip("203.0.113.10")).is_none(), "there is no room at all");
        drop((first, proxied));
        assert!(slots.take(ip("203.0.113.9")).is_some());
        assert_eq!(slots.taken().by_address.len(), 2, "who is gone is not remembered");
    }
}

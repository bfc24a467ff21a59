//! How many TLS handshakes are under way. A client that begins many and finishes none takes the
//! room of its own address, not that of others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use clinicos_gate::limits::network_of;

/// Most handshakes at once; each takes some tens of kilobytes.
pub const HANDSHAKES_MAX: usize = 2_048;
/// Most of them from one address, or from one IPv6 network of 64 bits.
pub const HANDSHAKES_PER_ADDRESS_MAX: usize = 128;

/// What is under way.
#[derive(Debug, Default)]
pub struct Handshakes {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One handshake; it is over when this is dropped.
#[derive(Debug)]
pub struct UnderWay {
    all: Arc<Handshakes>,
    address: IpAddr,
}

impl Handshakes {
    /// Begins one, if there is room. A proxy speaks for many, so all the room may be its own.
    pub fn begin(self: &Arc<Self>, peer: IpAddr, is_proxy: bool) -> Option<UnderWay> {
        let address = network_of(peer);
        let mut counts = self.counts();
        let own = counts.by_address.get(&address).copied().unwrap_or_default();
        if counts.total >= HANDSHAKES_MAX || (own >= HANDSHAKES_PER_ADDRESS_MAX && !is_proxy) {
            return None;
        }
        counts.total += 1;
        counts.by_address.insert(address, own + 1);
        drop(counts);
        Some(UnderWay { all: self.clone(), address })
    }

    /// Nothing that holds the lock can panic.
    fn counts(&self) -> std::sync::MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.all.counts();
        counts.total = counts.total.saturating_sub(1);
        let left = counts.by_address.remove(&self.address).unwrap_or_default().saturating_sub(1);
        if left > 0 {
            counts.by_address.insert(self.address, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn one_address_cannot_take_the_room_of_others() {
        let all = Arc::new(Handshakes::default());
        let mut held: Vec<UnderWay> =
            (0..HANDSHAKES_PER_ADDRESS_MAX).map(|_| all.begin(ip("203.0.113.9"), false).unwrap()).collect();
        assert!(all.begin(ip("203.0.113.9"), false).is_none());
        assert!(all.begin(ip("::ffff:203.0.113.9"), false).is_none());
        assert!(all.begin(ip("203.0.113.10"), false).is_some());
        assert!(all.begin(ip("203.0.113.9"), true).is_some());
        held.pop();
        assert!(all.begin(ip("203.0.113.9"), false).is_some());
        for host in 0..HANDSHAKES_PER_ADDRESS_MAX {
            held.push(all.begin(ip(&format!("2001:db8::{host:x}")), false).unwrap());
        }
        assert!(all.begin(ip("2001:db8::ffff:1"), false).is_none());
        assert!(all.begin(ip("2001:db8:0:1::1"), false).is_some());
    }

    #[test]
    fn there_is_room_for_so_many_and_it_comes_back() {
        let all = Arc::new(Handshakes::default());
        let address = |number: usize| ip(&format!("10.0.{}.{}", number / 250, number % 250));
        let held: Vec<UnderWay> = (0..HANDSHAKES_MAX).map(|number| all.begin(address(number), false).unwrap()).collect();
        assert!(all.begin(ip("203.0.113.9"), true).is_none());
        drop(held);
        assert!(all.begin(ip("203.0.113.9"), false).is_some());
        assert!(all.counts().by_address.is_empty() && all.counts().total == 0);
    }
}

//! From where keys were used lately, in the memory of this process alone: the journal keeps
//! addresses only as salted, keyed hashes.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use clinicos_contract::Timestamp;

use crate::ids::{ConnectionId, KeyId};

/// Most addresses that are remembered of a key.
pub const SEEN_MAX: usize = 64;
/// How long an address counts as recent.
pub const RECENT_HOURS: i64 = 24;

/// The addresses of one key, at one clinic.
#[derive(Debug, Default)]
pub struct Seen(Mutex<Vec<(IpAddr, Timestamp)>>);

/// What is known of one key's addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sighting {
    /// The last address.
    pub last: IpAddr,
    /// Distinct addresses of the last [`RECENT_HOURS`] hours, counted up to [`SEEN_MAX`].
    pub recent: usize,
}

impl Seen {
    /// Notes a call. It never waits: two calls at the same moment are one sighting.
    pub(crate) fn note(&self, address: IpAddr, now: Timestamp) {
        let Ok(mut seen) = self.0.try_lock() else { return };
        let address = address.to_canonical();
        if let Some(known) = seen.iter_mut().find(|(known, _)| *known == address) {
            known.1 = now;
            return;
        }
        if seen.len() >= SEEN_MAX
            && let Some(oldest) = seen.iter().enumerate().min_by_key(|(_, (_, at))| *at).map(|(index, _)| index)
        {
            seen.swap_remove(oldest);
        }
        seen.push((address, now));
    }

    fn sighting(&self, now: Timestamp) -> Option<Sighting> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, _) = seen.iter().max_by_key(|(_, at)| *at)?;
        let since = now.plus_seconds(-RECENT_HOURS * 3_600);
        Some(Sighting { last: *last, recent: seen.iter().filter(|(_, at)| *at > since).count() })
    }
}

/// The addresses of every key, for each connection that it acts for. They outlive changes of grants.
#[derive(Debug, Default)]
pub struct SeenTable(Mutex<HashMap<(ConnectionId, KeyId), Arc<Seen>>>);

impl SeenTable {
    pub(crate) fn of(&self, connection: ConnectionId, key: KeyId) -> Arc<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((connection, key)).or_default().clone()
    }

    /// From where a key was used for a connection since this process started; `None` if it was not.
    pub fn sighting(&self, connection: ConnectionId, key: KeyId, now: Timestamp) -> Option<Sighting> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(connection, key))?.clone();
        seen.sighting(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_micros(0).plus_seconds(hours * 3_600)
    }

    #[test]
    fn addresses_are_counted_once_and_forgotten() {
        let seen = Seen::default();
        assert_eq!(seen.sighting(at(0)), None);
        for (text, hours) in [("192.0.2.1", 1), ("::ffff:192.0.2.1", 2), ("192.0.2.2", 3), ("192.0.2.1", 4)] {
            seen.note(text.parse().unwrap(), at(hours));
        }
        let last = "192.0.2.1".parse().unwrap();
        assert_eq!(seen.sighting(at(5)), Some(Sighting { last, recent: 2 }));
        assert_eq!(seen.sighting(at(27)), Some(Sighting { last, recent: 1 }));
        for number in 0..1_000_u32 {
            seen.note(IpAddr::V4(std::net::Ipv4Addr::from_bits(number)), at(30).plus_seconds(i64::from(number)));
        }
        assert_eq!(seen.sighting(at(31)).unwrap().recent, SEEN_MAX);
    }
}

//! How far connections follow the change feed, in the memory of this process alone: who follows
//! comes again within seconds, and what was known before a start says nothing.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use clinicos_contract::Timestamp;

use crate::ids::ConnectionId;

/// Where a follower was when it came last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed {
    /// The position that it went on from: it holds everything up to here.
    pub position: i64,
    /// When it came.
    pub at: Timestamp,
}

/// The followers of every connection: the last that came, whichever it was.
#[derive(Debug, Default)]
pub struct FollowerTable(Mutex<HashMap<ConnectionId, Followed>>);

impl FollowerTable {
    /// Notes that a connection goes on from here.
    pub fn note(&self, connection: ConnectionId, followed: Followed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(connection, followed);
    }

    /// Where a connection was; `None` if it did not come since this process started.
    pub fn of(&self, connection: ConnectionId) -> Option<Followed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&connection).copied()
    }
}

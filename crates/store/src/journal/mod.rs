//! The journal: what is committed together with the rows it speaks of.

pub mod audit;
pub mod idempotency;
pub mod outbox;
pub mod security;

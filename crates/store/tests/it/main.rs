//! The store, on both engines.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that fails says so by panicking")]
#![expect(unused_must_use, reason = "no answer leaves from here, so receipts have no use")]

#[macro_use]
mod home;
mod journal;
mod open;
mod reads_at_once;
mod searching;
mod security;
mod speed;
mod usage;
mod writes;

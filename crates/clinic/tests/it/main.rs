//! Tests of what this crate declares and stores, below the door. Stories through the door are
//! told where there is one.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

#[macro_use]
mod database;
mod catalogue;
mod links;
mod statements;
mod steps;
mod synthetic;

//! The server at its door, on both engines, without a socket.
//!
//! Tests over every operation read the catalogue, so that a new operation is covered without a
//! new test. Abuse cases carry their number in their name.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

mod answers;
mod console;
mod credentials;
mod cursors;
mod documentation;
mod faults;
mod filters;
mod findings;
mod grants;
mod import_jobs;
mod imports;
mod includes;
mod limits;
mod pages;
mod patients;
mod products;
mod replays;
mod requests;
mod revocation;
mod routes;
mod standing;
mod storage;
mod tenants;
mod versions;

//! The server at its door, on both engines, without a socket.
//!
//! Tests over every operation read the catalogue, so that a new operation is covered without a
//! new test.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that fails says so by panicking")]

mod smoke;

//! Whether clinics that were made up hold together, over many seeds.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

mod books;
mod made;
mod rules;
mod same;
mod stories;

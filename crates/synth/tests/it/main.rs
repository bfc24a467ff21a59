//! Whether clinics that were made up hold together, over many seeds.

mod books;
mod made;
mod rules;
mod same;
mod stories;

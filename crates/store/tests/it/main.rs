//! The store, on both engines.

#[macro_use]
mod home;
mod journal;
mod open;
mod searching;
mod security;
mod writes;

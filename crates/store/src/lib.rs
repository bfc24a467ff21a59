//! The only place where a database driver is named.
//!
//! Above this crate there is one SQL text for both engines ([`sql`]), one way to read
//! ([`Store::read`]), one way to write ([`Store::submit`]) and one journal ([`journal`]) that
//! is committed with whatever it speaks of.

pub mod check;
mod counted;
pub mod error;
pub mod faults;
pub mod journal;
mod meta;
pub mod migrate;
pub mod page;
mod postgres;
pub mod snapshot;
pub mod sql;
mod sqlite;
pub mod store;
pub mod work;

pub use error::{Result, StoreError};
pub use faults::Faults;
#[doc(hidden)]
pub use postgres::PLANS as POSTGRES_PLANS;
pub use sql::{Conn, Row, Value};
pub use store::{Engine, Location, Options, Store};
pub use work::{Effect, Journal, ReadWork, Receipt, SecurityWatcher, WriteWork};

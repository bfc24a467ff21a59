//! The only place where a database driver is named.
//!
//! Above this crate there is one SQL text for both engines ([`sql`]), one way to read
//! ([`Store::read`]), one way to write ([`Store::submit`]) and one journal ([`journal`]) that
//! is committed with whatever it speaks of.

pub mod error;
pub mod journal;
pub mod page;
pub mod sql;
pub mod work;

pub use error::StoreError;
pub use sql::{Conn, Row, Value};
pub use work::{Effect, Journal, ReadWork, Receipt, SecurityWatcher, WriteWork};

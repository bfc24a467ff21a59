//! The door: who may run what, and what is written down about it.

pub mod cx;
pub mod ids;
pub mod keyring;
pub mod operation;
pub mod permit;
pub mod scopes;
pub mod services;

pub use cx::{Announcement, Cx, OrNotFound, OrProblem, conflict};
pub use ids::*;
pub use keyring::{Keyring, Seal};
pub use operation::{AnyOperation, AnyRecord, Input, Listing, Nothing, One, Operation, Outcome, Output, Page};
pub use permit::{Caller, ClinicFacts, Permit};
pub use services::{Environment, Services};

//! The door: who may run what, and what is written down about it.
//!
//! Start at `call.rs`, which is the life of a call from top to bottom.

mod addressed;
pub mod addresses;
mod admit;
mod again;
mod authenticate;
mod call;
mod catalogue;
mod charges;
pub mod consents;
pub mod credential;
pub mod cursor;
pub mod cx;
pub mod decide;
mod door;
pub mod events;
pub mod explain;
pub mod facts;
pub mod files;
pub mod follow;
pub mod followers;
mod heard;
pub mod held;
pub mod ids;
pub mod include;
pub mod keyring;
pub mod limits;
pub mod operation;
pub mod people;
pub mod permit;
pub mod preview;
mod read;
mod read_held;
mod render;
mod request;
pub mod rows;
pub mod scopes;
pub mod seen;
pub mod services;
mod several;
pub mod sign_in;
mod trail;
mod wait;
mod watched;
mod write;
mod write_out;

pub use admit::IDEMPOTENCY_KEY_CHARS_MAX;
pub use call::Gate;
pub use catalogue::{Catalogue, Inconsistent};
pub use clinicos_store::journal::idempotency::KEPT_HOURS as IDEMPOTENCY_KEPT_HOURS;
pub use cx::{Announcement, Cx, OrNotFound, OrProblem, conflict};
pub use door::Door;
pub use events::OpenStream;
pub use ids::*;
pub use include::Linked;
pub use keyring::{Keyring, KeyringFile, Seal};
pub use operation::{
    AnyOperation, AnyRecord, Feed, Input, Lines, Listing, Nothing, One, Operation, Outcome, Output, Page, Stream, Telling,
};
pub use permit::{Caller, ClinicFacts, Permit};
pub use render::{KEY_EXPIRES_HEADER, PROBLEM_PATH};
pub use request::{Answer, Behalf, Body, Credential, Next, Origin, RawAnswer, RawRefusal, Request, Secret};
pub use services::{Environment, Services};

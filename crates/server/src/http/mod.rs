//! HTTP: translates requests for the door and its answers back, and nothing else.

mod adapter;
mod bodies;
mod bounds;
mod canonical;
mod listen;
mod patient;
pub mod raw_routes;
mod router;

pub use adapter::{Peer, bearer};
pub use bodies::{BODY_SECONDS_MAX, BYTES_MAX, BYTES_PER_CALLER_MAX};
pub use bounds::Bounds;
pub use canonical::is_canonical;
pub use listen::{Listener, serve, serve_within};
pub use router::{Who, router};

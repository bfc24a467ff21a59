//! HTTP: translates requests for the door and its answers back, and nothing else.

mod adapter;
mod bodies;
mod bounds;
mod canonical;
mod events;
mod expiry;
mod handshakes;
mod heads;
mod listen;
mod page;
mod patient;
mod proxy;
pub mod raw_routes;
mod router;
mod tls;
mod unread;
mod unsent;

pub use adapter::{Peer, bearer};
pub use bodies::{BODY_SECONDS_MAX, BYTES_MAX, BYTES_PER_CALLER_MAX};
pub use bounds::Bounds;
pub use canonical::is_canonical;
pub use expiry::{Left, Validity, WARN_DAYS};
pub use handshakes::HANDSHAKES_PER_ADDRESS_MAX;
pub use listen::{Listener, Network, Stream, serve, serve_within};
pub use proxy::{Trusted, network};
pub use router::{Who, router};
pub use tls::{Files, LOOK_SECONDS, Tls, Unusable, certificate_validity};

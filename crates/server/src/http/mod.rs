//! HTTP: translates requests for the door and its answers back, and nothing else.

mod adapter;
mod canonical;
mod handshakes;
mod listen;
mod page;
mod proxy;
pub mod raw_routes;
mod router;
mod tls;

pub use adapter::Peer;
pub use handshakes::HANDSHAKES_PER_ADDRESS_MAX;
pub use listen::{Listener, Network, Stream, serve};
pub use proxy::{Trusted, network};
pub use router::{Who, router};
pub use tls::{Files, LOOK_SECONDS, Tls, Unusable};

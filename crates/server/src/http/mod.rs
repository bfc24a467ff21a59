//! HTTP: translates requests for the door and its answers back, and nothing else.

mod adapter;
mod canonical;
mod listen;
pub mod raw_routes;
mod router;

pub use adapter::{Peer, bearer};
pub use canonical::is_canonical;
pub use listen::{Listener, serve};
pub use router::{Who, router};

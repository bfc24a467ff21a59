//! A fresh world for each test: a database of its own, a clock that stands still, randomness
//! from a seed, two clinics of two organizations with an admin key each, and a client that
//! talks to the server's router without a socket.
//!
//! ```ignore
//! on_both_engines! {
//!     async fn an_admin_sees_the_clinic(world: World) {
//!         world.as_admin().get("/v1/clinics").await.expect(200);
//!     }
//! }
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot be set up says so by panicking"
)]

pub mod apart;
mod call;
mod database;
mod files;
mod journal;
mod needs;
mod rows;
mod samples;
mod still;
mod world;

pub use call::{As, Call, Reply};
pub use clinicos_store::Engine;
pub use database::Database;
pub use files::Meanwhile;
pub use samples::{Samples, absent_id, fill, first, record_ids};
pub use still::{SeededEntropy, StillClock};
pub use world::{BASE_URL, Clinic, MadeKey, World};

/// Declares tests that run in a world of their own on each engine: `name::sqlite` and
/// `name::postgres`.
#[macro_export]
macro_rules! on_both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident: World) $body:block)+) => {
        $(
            $(#[$meta])*
            mod $name {
                #[allow(unused_imports, reason = "not every test needs what is around it")]
                use super::*;

                async fn test($world: $crate::World) $body

                #[test]
                fn sqlite() {
                    $crate::run($crate::Engine::Sqlite, test);
                }

                #[test]
                fn postgres() {
                    $crate::run($crate::Engine::Postgres, test);
                }
            }
        )+
    };
}

/// Runs a test in a fresh world.
pub fn run(engine: Engine, test: impl AsyncFnOnce(World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::open(engine).await;
        test(world).await;
    });
}

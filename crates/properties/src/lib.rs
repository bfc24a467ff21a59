//! What must hold for any input at all.
//!
//! Each property takes bytes and panics if something does not hold. The fuzz targets in `fuzz/`
//! feed them what libFuzzer makes up; a test replays the corpus and mutations of it, so that
//! every build checks them.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a property that does not hold says so by panicking"
)]

mod body;
mod cursor;
mod key;
mod mapping;
mod path;
mod query;
mod value;

use std::sync::OnceLock;

use clinicos_gate::Catalogue;
use clinicos_server::compose;

pub use body::json_input;
pub use cursor::{cursor, sealed};
pub use key::key;
pub use mapping::csv_mapping;
pub use path::path;
pub use query::query;
pub use value::value;

/// A name, and what must hold for any bytes.
pub type Property = (&'static str, fn(&[u8]));

/// Every property. A fuzz target and a directory of `fuzz/corpus` have the same name.
pub const ALL: &[Property] = &[
    ("csv_mapping", csv_mapping),
    ("cursor", cursor),
    ("json_input", json_input),
    ("key", key),
    ("path", path),
    ("query", query),
    ("value", value),
];

/// The catalogue of the server.
pub fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| match compose::catalogue() {
        Ok(catalogue) => catalogue,
        Err(why) => panic!("the catalogue cannot be served: {why}"),
    })
}

//! Records of files that were not imported, as they stood, and why.

mod add;
mod list;
pub mod model;
mod rows;

use clinicos_gate::AnyOperation;

/// What can be done with them. They are a part of imports, and guarded as those are.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List, &add::Add];

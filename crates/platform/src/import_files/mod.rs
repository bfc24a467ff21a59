//! Files of an import, as they are sent along: in parts, and in base64, so that any bytes can be
//! sent and nothing of them changes on the way.

mod create;
mod list;
pub mod model;
mod rows;

use clinicos_gate::AnyOperation;

/// What can be done with them. They are a part of imports, and guarded as those are.
pub static OPERATIONS: &[&dyn AnyOperation] = &[&list::List, &create::Create];

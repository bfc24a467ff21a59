//! Runs an import: files by a mapping, row by row through the bulk operations.
//!
//! The same run serves the command line and the server; how a batch reaches the door is its
//! [`Way`]. Every batch is a call of its own, decided and journaled like any other, and its
//! idempotency key is named for the import, the file, its number and what it holds: an import that was
//! cut off sends the same batches again, and those that are through are answered and not repeated.

mod behalf;
mod call;
pub mod job;
mod known;
pub mod mappings;
mod plainly;
pub mod preview;
mod reject_line;
pub mod rejects;
pub mod report;
mod rows;
mod run;
mod told;
mod tries;
pub mod way;

pub use report::FileCount;
pub use run::{Progress, Run};
pub use way::{Batch, Way};

//! The server: composition, HTTP, documents and the command line of the binary `clinicos`.

pub mod cli;
pub mod compose;
pub mod data_dir;
pub mod doctor;
pub mod documents;
pub mod files;
pub mod http;
pub mod import;
pub mod open_files;
pub mod panics;
pub mod record;

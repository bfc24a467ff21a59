//! A clinic's record as files: out of a door, and into one.
//!
//! A directory holds a file for each resource and two about them. `manifest.json` says what the files
//! are: the same record has the same manifest, wherever and whenever it is exported. `origin.json`
//! says whose it is and when that was.

mod csv;
pub mod made_up;
pub mod manifest;
pub mod read;
pub mod send;
pub mod write;

use clinicos_clinic::standing::AnyStanding;

/// The kind of record that a resource's name means.
pub fn kind(resource: &str) -> Option<&'static dyn AnyStanding> {
    clinicos_clinic::record().find(|kind| kind.name() == resource)
}

/// Told how far it is.
pub trait Progress: Send {
    /// A file begins, with so many records.
    fn begin(&mut self, file: &str, records: u64);
    /// So many of them are done.
    fn done(&mut self, records: u64);
}

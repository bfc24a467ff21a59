//! What an integration needs: connections, keys, people and the log of what they did. A folder each, in
//! the same shape as the clinic's records.

pub mod audit_log;
pub mod changes;
pub mod connections;
pub mod decisions;
pub mod disclosures;
pub mod emergency;
mod grantor;
pub mod import_files;
pub mod import_rejects;
pub mod imports;
pub mod keys;
pub mod sessions;
pub mod usage;
pub mod users;

use clinicos_gate::AnyOperation;

/// Every operation of this crate, a line for each folder.
pub fn operations() -> Vec<&'static dyn AnyOperation> {
    [
        connections::OPERATIONS,
        keys::OPERATIONS,
        audit_log::OPERATIONS,
        disclosures::OPERATIONS,
        decisions::OPERATIONS,
        changes::OPERATIONS,
        users::OPERATIONS,
        sessions::OPERATIONS,
        emergency::OPERATIONS,
        usage::OPERATIONS,
        imports::OPERATIONS,
        import_files::OPERATIONS,
        import_rejects::OPERATIONS,
    ]
    .concat()
}

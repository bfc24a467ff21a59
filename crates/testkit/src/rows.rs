//! What stands in the tables of a world.

use std::collections::BTreeMap;

use clinicos_store::migrate;

use crate::journal;
use crate::world::World;

impl World {
    /// How many rows each table of records has, what was kept for replays and the security
    /// changes included.
    pub async fn row_counts(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for table in tables() {
            counts.insert(table, journal::count(&self.store, table).await);
        }
        counts
    }

    /// All that stands in each of those tables.
    pub async fn rows(&self) -> BTreeMap<String, String> {
        journal::rows(&self.store, tables()).await
    }
}

/// Every table, but for the audit entries' and the outbox.
fn tables() -> impl Iterator<Item = &'static str> {
    let texts = migrate::ALL.iter().map(|migration| migration.common);
    let names = texts.flat_map(|text| text.split("CREATE TABLE ").skip(1).filter_map(|rest| rest.split_whitespace().next()));
    names.filter(|name| !name.starts_with("audit_") && *name != "outbox")
}

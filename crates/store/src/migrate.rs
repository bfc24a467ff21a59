//! Migrations: portable SQL, embedded, applied in order, each in one transaction.
//!
//! To add one, put `migrations/NNNN_name.sql` beside the others and a line in [`ALL`]. The
//! runner replaces a few words, so that one text serves both engines:
//!
//! | in the file | SQLite | PostgreSQL |
//! |---|---|---|
//! | `BIGINT` | `INTEGER` | `BIGINT` |
//! | `BYTES` | `BLOB` | `BYTEA` |
//! | `CLUSTERED`, after a table's closing parenthesis | `WITHOUT ROWID, STRICT` | nothing |
//! | `COLLATE "C"` | nothing | `COLLATE "C"` |
//!
//! A twin, `NNNN_name.sqlite.sql` or `NNNN_name.postgres.sql`, holds what only one engine
//! needs; it runs after the common text, in the same transaction.

use sha2::{Digest, Sha256};

use crate::error::{Result, StoreError};
use crate::store::Engine;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// Its number; they are applied in order, without gaps, from 1.
    pub version: i64,
    /// The name in its file's name.
    pub name: &'static str,
    /// The text for both engines.
    pub common: &'static str,
    /// What only SQLite runs, after the common text.
    pub sqlite: &'static str,
    /// What only PostgreSQL runs, after the common text.
    pub postgres: &'static str,
}

macro_rules! migration {
    ($version:literal, $name:literal $(, sqlite = $sqlite:literal)? $(, postgres = $postgres:literal)?) => {
        Migration {
            version: $version,
            name: $name,
            common: include_str!(concat!("../../../migrations/", $name, ".sql")),
            sqlite: concat!($(include_str!(concat!("../../../migrations/", $sqlite)))?),
            postgres: concat!($(include_str!(concat!("../../../migrations/", $postgres)))?),
        }
    };
}

/// Every migration, in order.
pub static ALL: &[Migration] = &[
    migration!(1, "0001_journal", postgres = "0001_journal.postgres.sql"),
    migration!(2, "0002_organizations_and_clinics"),
    migration!(3, "0003_clients", sqlite = "0003_clients.sqlite.sql"),
    migration!(4, "0004_invoices", sqlite = "0004_invoices.sqlite.sql"),
    migration!(5, "0005_payments", sqlite = "0005_payments.sqlite.sql"),
    migration!(6, "0006_connections"),
    migration!(7, "0007_people"),
    migration!(8, "0008_browser_origins"),
    migration!(9, "0009_key_lifecycle"),
    migration!(10, "0010_people_and_changes"),
    migration!(11, "0011_patients", sqlite = "0011_patients.sqlite.sql"),
    migration!(12, "0012_products", sqlite = "0012_products.sqlite.sql"),
    migration!(13, "0013_refunds", sqlite = "0013_refunds.sqlite.sql"),
    migration!(
        14,
        "0014_console_questions",
        sqlite = "0014_console_questions.sqlite.sql",
        postgres = "0014_console_questions.postgres.sql"
    ),
    migration!(15, "0015_imports", sqlite = "0015_imports.sqlite.sql", postgres = "0015_imports.postgres.sql"),
    migration!(16, "0016_session_devices"),
    migration!(17, "0017_emergency_turns"),
    migration!(18, "0018_why_access_ended"),
    migration!(
        19,
        "0019_people_of_the_log",
        sqlite = "0019_people_of_the_log.sqlite.sql",
        postgres = "0019_people_of_the_log.postgres.sql"
    ),
    migration!(20, "0020_calendar", sqlite = "0020_calendar.sqlite.sql"),
    migration!(21, "0021_visits", sqlite = "0021_visits.sqlite.sql"),
    migration!(22, "0022_people_and_money", sqlite = "0022_people_and_money.sqlite.sql"),
    migration!(23, "0023_messages_referrals_consents", sqlite = "0023_messages_referrals_consents.sqlite.sql"),
    migration!(24, "0024_changes"),
    migration!(25, "0025_merges"),
    migration!(26, "0026_record_imports"),
    migration!(27, "0027_import_makers"),
    migration!(28, "0028_double_bookings", sqlite = "0028_double_bookings.sqlite.sql"),
    migration!(29, "0029_document_files", sqlite = "0029_document_files.sqlite.sql"),
    migration!(30, "0030_keys_for_an_organization"),
    migration!(31, "0031_worklists", sqlite = "0031_worklists.sqlite.sql"),
    migration!(32, "0032_consent_at_every_exit"),
    migration!(
        33,
        "0033_questions_and_records_that_come_in",
        sqlite = "0033_questions_and_records_that_come_in.sqlite.sql",
        postgres = "0033_questions_and_records_that_come_in.postgres.sql"
    ),
    migration!(34, "0034_who_was_merged"),
];

/// The table that remembers what was applied.
pub(crate) const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations (version BIGINT NOT NULL PRIMARY KEY, \
     name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// What was applied before, oldest first.
pub(crate) const APPLIED: &str = "SELECT version, name, checksum FROM migrations ORDER BY version";

/// Remembers one.
pub(crate) const RECORD: &str = "INSERT INTO migrations (version, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";

/// A migration that this database has had.
#[derive(Debug, Clone)]
pub(crate) struct Applied {
    pub version: i64,
    pub name: String,
    pub checksum: String,
}

impl Migration {
    /// The text for one engine.
    pub fn render(&self, engine: Engine) -> String {
        let twin = match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Postgres => self.postgres,
        };
        format!("{}\n{}", render(self.common, engine), render(twin, engine))
    }

    /// Tells this text from any other, in hexadecimal.
    pub fn checksum(&self, engine: Engine) -> String {
        let digest = Sha256::digest(self.render(engine).as_bytes());
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What is still to be applied; an error if the past is not the one that this program knows.
pub(crate) fn outstanding(all: &[Migration], applied: &[Applied], engine: Engine) -> Result<Vec<Migration>> {
    for (index, done) in applied.iter().enumerate() {
        let Some(known) = all.get(index).filter(|known| known.version == done.version) else {
            return Err(StoreError::Unavailable(format!(
                "the database has had migration {} `{}`, which this version does not know: it was written by a newer one",
                done.version, done.name
            )));
        };
        if known.checksum(engine) != done.checksum {
            return Err(StoreError::Unavailable(format!(
                "migration {} `{}` was changed after it had been applied; restore its text and add a new migration instead",
                done.version, done.name
            )));
        }
    }
    Ok(all.get(applied.len()..).unwrap_or_default().to_vec())
}

/// Replaces the portable words.
fn render(text: &str, engine: Engine) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            word.push(c);
            continue;
        }
        out.push_str(word_for(&word, engine));
        word.clear();
        out.push(c);
    }
    out.push_str(word_for(&word, engine));
    match engine {
        Engine::Sqlite => out.replace(" COLLATE \"C\"", ""),
        Engine::Postgres => out,
    }
}

fn word_for(word: &str, engine: Engine) -> &str {
    match (word, engine) {
        ("BIGINT", Engine::Sqlite) => "INTEGER",
        ("BYTES", Engine::Sqlite) => "BLOB",
        ("BYTES", Engine::Postgres) => "BYTEA",
        ("CLUSTERED", Engine::Sqlite) => "WITHOUT ROWID, STRICT",
        ("CLUSTERED", Engine::Postgres) => "",
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CUPS: &str = "CREATE TABLE cups (id TEXT COLLATE \"C\" NOT NULL, size BIGINT, raw BYTES, MY_BIGINT BIGINT) CLUSTERED;";

    #[test]
    fn words_are_replaced_whole() {
        assert_eq!(
            render(CUPS, Engine::Sqlite),
            "CREATE TABLE cups (id TEXT NOT NULL, size INTEGER, raw BLOB, MY_BIGINT INTEGER) WITHOUT ROWID, STRICT;"
        );
        assert_eq!(
            render(CUPS, Engine::Postgres),
            "CREATE TABLE cups (id TEXT COLLATE \"C\" NOT NULL, size BIGINT, raw BYTEA, MY_BIGINT BIGINT) ;"
        );
    }

    #[test]
    fn numbers_are_dense_and_files_named_after_them() {
        for (index, migration) in ALL.iter().enumerate() {
            assert_eq!(migration.version, index as i64 + 1);
            assert!(migration.name.starts_with(&format!("{:04}_", migration.version)), "{}", migration.name);
        }
    }

    #[test]
    fn a_changed_or_unknown_past_is_refused() {
        let one = Migration { version: 1, name: "0001_a", common: "SELECT 1;", sqlite: "", postgres: "" };
        let done = Applied { version: 1, name: "0001_a".to_owned(), checksum: one.checksum(Engine::Sqlite) };
        assert!(outstanding(&[one], &[], Engine::Sqlite).unwrap().len() == 1);
        assert!(outstanding(&[one], std::slice::from_ref(&done), Engine::Sqlite).unwrap().is_empty());
        let changed = Migration { common: "SELECT 2;", ..one };
        let error = outstanding(&[changed], std::slice::from_ref(&done), Engine::Sqlite).unwrap_err().to_string();
        assert!(error.contains("was changed"), "{error}");
        let error = outstanding(&[], &[done], Engine::Sqlite).unwrap_err().to_string();
        assert!(error.contains("newer"), "{error}");
    }
}

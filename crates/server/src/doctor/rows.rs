//! The statements of the check.

use clinicos_store::{Conn, StoreError};

/// A statement for each kind of record that events speak of.
const ORPHANS: &[&str] = &[
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'org%' \
     AND NOT EXISTS (SELECT 1 FROM organizations r WHERE r.id = o.record_id) -- all clinics: a check of the whole store",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'cln%' \
     AND NOT EXISTS (SELECT 1 FROM clinics r WHERE r.id = o.record_id) -- all clinics: a check of the whole store",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'cli%' \
     AND NOT EXISTS (SELECT 1 FROM clients r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'inv%' \
     AND NOT EXISTS (SELECT 1 FROM invoices r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'pay%' \
     AND NOT EXISTS (SELECT 1 FROM payments r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'imp%' \
     AND NOT EXISTS (SELECT 1 FROM imports r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'pat%' \
     AND NOT EXISTS (SELECT 1 FROM patients r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'prd%' \
     AND NOT EXISTS (SELECT 1 FROM products r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'rfd%' \
     AND NOT EXISTS (SELECT 1 FROM refunds r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'con%' \
     AND NOT EXISTS (SELECT 1 FROM connections r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
    "SELECT COUNT(*) FROM outbox o WHERE o.record_id LIKE 'key%' \
     AND NOT EXISTS (SELECT 1 FROM keys r WHERE r.clinic_id = o.clinic_id AND r.id = o.record_id)",
];

/// Counts events whose record does not exist.
pub(super) async fn events_without_rows(conn: &mut dyn Conn) -> Result<i64, StoreError> {
    let mut orphans = 0;
    for sql in ORPHANS {
        orphans += conn.one(sql, &[], |row| row.int(0)).await?.unwrap_or(0);
    }
    Ok(orphans)
}

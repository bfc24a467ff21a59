//! Example bodies. Tests send them as they stand.

/// For `payouts.create`.
pub const CREATE: &str = r#"{"kind":"day_close","business_on":"2026-11-20","expected":{"amount":84350,"currency":"USD"}}"#;

/// For `payouts.update`.
pub const UPDATE: &str = r#"{"counted":{"amount":84150,"currency":"USD"},"counted_by_id":"{staff_id}","notes_internal":"Two dollars short, parking."}"#;

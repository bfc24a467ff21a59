//! Example bodies. Tests send them as they stand.

/// For `time_off.create`.
pub const CREATE: &str = r#"{"staff_id":"{staff_id}","kind":"pto","starts_at":"2026-12-21T06:00:00Z","ends_at":"2026-12-28T06:00:00Z","reason":"Family visit"}"#;

/// For `time_off.update`.
pub const UPDATE: &str = r#"{"status":"approved","decided_by_id":"{staff_id}"}"#;

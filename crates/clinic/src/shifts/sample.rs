//! Example bodies. Tests send them as they stand.

/// For `shifts.create`.
pub const CREATE: &str = r#"{"staff_id":"{staff_id}","department":"Surgery","starts_at":"2026-12-03T13:00:00Z","ends_at":"2026-12-03T21:30:00Z","break_minutes":30,"kind":"regular","status":"draft"}"#;

/// For `shifts.update`.
pub const UPDATE: &str = r#"{"status":"published","break_minutes":45}"#;

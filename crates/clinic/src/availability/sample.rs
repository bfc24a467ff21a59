//! Example bodies. Tests send them as they stand.

/// For `availability.create`.
pub const CREATE: &str = r#"{"staff_id":"{staff_id}","kind":"bookable","starts_at":"2026-12-01T14:00:00Z","ends_at":"2026-12-01T18:00:00Z","rrule":"FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270630","types_allowed":["{appointment_type_id}"]}"#;

/// For `availability.update`.
pub const UPDATE: &str = r#"{"kind":"blocked","block_reason":"surgery_block","types_allowed":[]}"#;

//! Example bodies. Tests send them as they stand.

/// For `appointments.create`.
pub const CREATE: &str = r#"{"type_id":"{appointment_type_id}","client_id":"{client_id}","patient_ids":["{patient_id}"],"provider_id":"{staff_id}","room":"Exam 2","starts_at":"2026-12-03T15:30:00Z","ends_at":"2026-12-03T16:00:00Z","status":"requested","channel":"online","reason":"Limps on the left hind leg"}"#;

/// For `appointments.update`.
pub const UPDATE: &str = r#"{"status":"confirmed","notes_internal":"Needs help from the car."}"#;

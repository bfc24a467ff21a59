//! Example bodies. Tests send them as they stand.

/// For `reminders.create`.
pub const CREATE: &str = r#"{"kind":"vaccine","due_on":"2027-02-10","client_id":"{client_id}","patient_id":"{patient_id}","product_id":"{product_id}","text":"Rabies vaccination","channel_plan":["sms","email"]}"#;

/// For `reminders.update`.
pub const UPDATE: &str = r#"{"status":"sent","attempts":1,"last_attempt_at":"2026-11-20T15:00:00Z"}"#;

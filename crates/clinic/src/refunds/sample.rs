//! Example bodies. Tests send them as they stand.

/// A body of `refunds.create`.
pub const CREATE: &str = r#"{"amount":{"amount":20,"currency":"USD"},"reason":"goodwill","note":"Rounded down at the desk.","status":"pending","provider_ref":"re_example_0001"}"#;

/// A body of `refunds.update`.
pub const UPDATE: &str = r#"{"status":"failed"}"#;

//! Example bodies. Tests send them as they stand.

/// For `appointment_types.create`.
pub const CREATE: &str = r##"{"name":"Wellness exam","kind":"wellness","minutes":30,"species":["canine","feline"],"color":"#2f9e44","deposit_rule":{"kind":"fixed","amount":{"amount":2500,"currency":"USD"}}}"##;

/// For `appointment_types.update`.
pub const UPDATE: &str = r#"{"minutes":45,"deposit_rule":{"kind":"percent","percent":20}}"#;

//! Example bodies. Tests send them as they stand.

/// A body of `organizations.create`.
pub const CREATE: &str = r#"{"name":"Riverside Veterinary Group","legal_name":"Riverside Veterinary Group LLC","type":"group","default_currency":"USD","country":"US"}"#;

/// A body of `organizations.update`.
pub const UPDATE: &str = r#"{"legal_name":"Riverside Veterinary Partners LLC"}"#;

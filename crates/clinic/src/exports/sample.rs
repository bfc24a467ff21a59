//! Example bodies. Tests send them as they stand.

/// A body of `exports.create`.
pub const CREATE: &str = r#"{"resources":["clients","invoices"]}"#;

/// A body of `exports.cancel`.
pub const CANCEL: &str = r#"{"reason":"It was the wrong clinic."}"#;

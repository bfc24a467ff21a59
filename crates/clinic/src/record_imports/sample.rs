//! Example bodies. Tests send them as they stand.

/// A body of `record_imports.begin`.
pub const BEGIN: &str =
    r#"{"digest":"9f2c","currency":"USD","last_invoice_number":0,"files":[{"resource":"clients","records":0}]}"#;

/// A body of `record_imports.add`.
pub const ADD: &str = r#"{"digest":"9f2c","resource":"clients","after":null,"lines":""}"#;

/// A body of `record_imports.finish`.
pub const FINISH: &str = r#"{"digest":"9f2c"}"#;

/// A body of `record_imports.abandon`.
pub const ABANDON: &str = r#"{"reason":"It was the wrong clinic."}"#;

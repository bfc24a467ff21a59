//! Example bodies. Tests send them as they stand.

/// A body of `synthetic.load`.
pub const LOAD: &str = r#"{"seed":42,"clients":20,"invoices":60,"years":2,"first_client":0,"count":20}"#;

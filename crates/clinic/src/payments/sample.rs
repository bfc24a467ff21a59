//! Example bodies. Tests send them as they stand.

/// A body of `payments.create`.
pub const CREATE: &str = r#"{"client_id":"{client_id}","amount":{"amount":5000,"currency":"USD"},"method":"card","provider":"stripe","provider_ref":"pi_example_0001","fee":{"amount":175,"currency":"USD"},"tendered_at":"2026-11-02T16:20:00Z"}"#;

/// A body of `payments.update`.
pub const UPDATE: &str = r#"{"till_id":"front-desk-2"}"#;

/// A body of `payments.allocate`: takes all allocations back.
pub const ALLOCATE: &str = r#"{"allocations":[]}"#;

/// A body of `invoices.create_payment`.
pub const CREATE_FOR_INVOICE: &str =
    r#"{"amount":{"amount":1000,"currency":"USD"},"method":"card","provider_ref":"terminal-2-000481"}"#;

/// A body of `payments.import`.
pub const IMPORT: &str = r#"{"system":"avimark","rows":[{"external_id":"P-5512","client_id":"{client_id}","amount":{"amount":4000,"currency":"USD"},"method":"check","tendered_at":"2026-10-03T15:05:00Z"}]}"#;

//! Example bodies. Tests send them as they stand.

/// A body of `invoices.create`.
pub const CREATE: &str = r#"{"client_id":"{client_id}","stage":"open","issued_on":"2026-11-02","due_on":"2026-12-02","lines":[{"description":"Wellness exam","unit_price":{"amount":6800,"currency":"USD"},"revenue_category":"exams"},{"description":"Rabies vaccine, 1 year","quantity":"2","unit_price":{"amount":3200,"currency":"USD"},"discount":{"amount":640,"currency":"USD"},"tax":{"amount":461,"currency":"USD"},"revenue_category":"vaccines"}]}"#;

/// A body of `invoices.update`.
pub const UPDATE: &str = r#"{"due_on":"2026-12-15","notes":"Agreed on the phone."}"#;

/// A body of `invoices.void`.
pub const VOID: &str = r#"{"reason":"Billed to the wrong client."}"#;

/// A body of `invoices.import`.
pub const IMPORT: &str = r#"{"system":"avimark","rows":[{"external_id":"I-20771","number":"A-20771","client_id":"{client_id}","stage":"open","issued_on":"2026-10-02","lines":[{"description":"Dental cleaning","quantity":"1","unit_price":{"amount":31500,"currency":"USD"},"revenue_category":"dentistry"}]}]}"#;

//! Example bodies. Tests send them as they stand; each SKU is a new one.

/// A body of `products.create`.
pub const CREATE: &str = r#"{"name":"Carprofen 75 mg, chewable tablet","kind":"drug","revenue_category":"pharmacy","gl_code":"4310","unit":"{tablet}","price":{"amount":165,"currency":"USD"},"tax_code":"exempt","tracked":true,"on_hand":"340","reorder_point":"100","lots":[{"number":"C26-1187","expires_on":"2028-03-31","quantity":"340"}]}"#;

/// A body of `products.update`.
pub const UPDATE: &str = r#"{"price":{"amount":172,"currency":"USD"},"on_hand":"338"}"#;

/// A body of `products.import`.
pub const IMPORT: &str = r#"{"system":"avimark","rows":[{"external_id":"T-310","name":"Nail trim","kind":"grooming","revenue_category":"grooming","price":{"amount":2200,"currency":"USD"}}]}"#;

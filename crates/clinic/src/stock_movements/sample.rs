//! Example bodies. Tests send them as they stand.

/// For `stock_movements.create`.
pub const CREATE: &str = r#"{"product_id":"{product_id}","kind":"received","quantity":"100","lot":"C26-1302","moved_at":"2026-11-20T16:00:00Z","staff_id":"{staff_id}","note":"Delivered with two boxes short"}"#;

/// For `stock_movements.update`.
pub const UPDATE: &str = r#"{"quantity":"98"}"#;

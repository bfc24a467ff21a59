//! Example bodies. Tests send them as they stand.

/// For `journal_entries.create`.
pub const CREATE: &str = r#"{"entry_on":"2026-11-20","description":"Card payments of the day","lines":[{"account":"1010 Bank","debit":{"amount":82100,"currency":"USD"}},{"account":"6420 Card fees","debit":{"amount":2250,"currency":"USD"}},{"account":"1200 Receivables","credit":{"amount":84350,"currency":"USD"}}]}"#;

/// For `journal_entries.update`.
pub const UPDATE: &str = r#"{"description":"Card payments, November 20"}"#;

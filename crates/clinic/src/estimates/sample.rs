//! Example bodies. Tests send them as they stand.

/// For `estimates.create`.
pub const CREATE: &str = r#"{"client_id":"{client_id}","patient_id":"{patient_id}","provider_id":"{staff_id}","title":"Dental cleaning under anesthesia","issued_on":"2026-11-20","expires_on":"2027-02-28","lines":[{"product_id":"{product_id}","description":"Carprofen 75 mg, chewable tablet","quantity":"14","unit_price":{"amount":165,"currency":"USD"}},{"description":"Cleaning, with X-rays of all teeth","quantity":"1","unit_price":{"amount":48000,"currency":"USD"},"discount":{"amount":2400,"currency":"USD"},"high":{"amount":72000,"currency":"USD"}}]}"#;

/// For `estimates.update`.
pub const UPDATE: &str = r#"{"status":"sent","notes_internal":"Two teeth may have to come out."}"#;

//! Example bodies. Tests send them as they stand.

/// For `treatments.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","product_id":"{product_id}","description":"Sedation for radiographs of both stifles","kind":"anesthesia","ordered_at":"2026-11-20T15:50:00Z","ordered_by_id":"{staff_id}","asa":2}"#;

/// For `treatments.update`.
pub const UPDATE: &str = r#"{"status":"completed","performed_at":"2026-11-20T16:40:00Z","outcome":"Recovered without trouble."}"#;

//! Example bodies. Tests send them as they stand.

/// For `lab_orders.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","product_id":"{product_id}","lab":"reference","lab_name":"Northwest Reference Laboratory","panel":"Complete blood count","panel_codes":[{"system":"http://loinc.org","code":"58410-2","display":"CBC panel"}],"specimen":"blood","priority":"routine","ordered_at":"2026-11-20T15:55:00Z","ordered_by_id":"{staff_id}"}"#;

/// For `lab_orders.update`.
pub const UPDATE: &str = r#"{"status":"collected","collected_at":"2026-11-20T16:05:00Z","collected_by_id":"{staff_id}","accession_no":"NW-26-118240"}"#;

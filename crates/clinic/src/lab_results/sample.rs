//! Example bodies. Tests send them as they stand.

/// For `lab_results.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","lab_order_id":"{lab_order_id}","status":"final","panel":"Complete blood count","analytes":[{"name":"Hematocrit","loinc":"20570-8","value":"48.2","unit":"%","ref_low":"37.3","ref_high":"61.7","flag":"N"},{"name":"White blood cells","value":"18.9","unit":"10*3/uL","ref_low":"5.05","ref_high":"16.76","flag":"H"}],"reported_at":"2026-11-21T14:10:00Z"}"#;

/// For `lab_results.update`.
pub const UPDATE: &str = r#"{"interpretation":"Mild leukocytosis; stress or inflammation.","reviewed_by_id":"{staff_id}"}"#;

//! Example bodies. Tests send them as they stand.

/// For `diagnoses.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","text":"Rupture of cranial cruciate ligament","codes":[{"system":"https://codes.example.org/diagnoses","code":"ccl-rupture","display":"Cranial cruciate ligament rupture"}],"certainty":"presumptive","diagnosed_on":"2026-11-20","diagnosed_by_id":"{staff_id}","onset":"2026-11-15","laterality":"left","severity":"moderate"}"#;

/// For `diagnoses.update`.
pub const UPDATE: &str = r#"{"certainty":"confirmed","notes":"Seen at arthroscopy."}"#;

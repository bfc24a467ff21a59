//! Example bodies. Tests send them as they stand.

/// For `vitals.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","taken_at":"2026-11-20T15:32:00Z","taken_by_id":"{staff_id}","weight_kg":"11.8","temp_c":"38.6","heart_rate":104,"resp_rate":24,"mm_color":"pink","crt_s":"1.5","bcs":6,"mcs":"normal","pain_score":2,"pain_scale":"csu","bp":{"sys":148,"dia":86,"map":106,"method":"oscillometric"},"mentation":"bright"}"#;

/// For `vitals.update`.
pub const UPDATE: &str = r#"{"weight_kg":"11.6","notes":"Weighed again without the harness."}"#;

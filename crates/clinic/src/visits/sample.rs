//! Example bodies. Tests send them as they stand.

/// For `visits.create`.
pub const CREATE: &str = r#"{"appointment_id":"{appointment_id}","patient_id":"{patient_id}","client_id":"{client_id}","attending_id":"{staff_id}","team_ids":["{staff_id}"],"class":"outpatient","status":"in_progress","triage":"green","starts_at":"2026-11-20T15:30:00Z","checked_in_at":"2026-11-20T15:24:00Z","chief_complaint":"Limps on the left hind leg","soap":{"subjective":"Limping since Sunday, worse after rest.","objective":"Grade 2 of 5 lameness on the left hind leg; drawer sign positive."}}"#;

/// For `visits.update`.
pub const UPDATE: &str = r#"{"status":"discharged","disposition":"home","follow_up_due":"2026-12-04","soap":{"subjective":"Limping since Sunday, worse after rest.","objective":"Grade 2 of 5 lameness on the left hind leg; drawer sign positive.","assessment":"Cranial cruciate ligament rupture, left.","plan":"Rest, carprofen, radiographs, surgical consult."}}"#;

/// For `visits.sign`.
pub const SIGN: &str = r#"{"signed_by_id":"{staff_id}"}"#;

/// For `visits.add_addendum`.
pub const ADD_ADDENDUM: &str = r#"{"added_by_id":"{staff_id}","text":"Radiographs of November 21 show no fracture."}"#;

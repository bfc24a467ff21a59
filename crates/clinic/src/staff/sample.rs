//! Example bodies. Tests send them as they stand.

/// For `staff.create`.
pub const CREATE: &str = r#"{"given_name":"Ines","family_name":"Moreau","role":"dvm","access_role":"dvm","employment":"full_time","fte":"1","licenses":[{"number":"VET-10342","state":"CA","expires_on":"2027-12-31"}]}"#;

/// For `staff.update`.
pub const UPDATE: &str = r#"{"status":"leave","fte":"0.5"}"#;

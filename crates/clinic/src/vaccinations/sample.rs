//! Example bodies. Tests send them as they stand.

/// For `vaccinations.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","product_id":"{product_id}","vaccine":"Rabies, killed virus, 3 years","antigens":["rabies"],"category":"required_by_law","manufacturer":"Acme Animal Health","lot":"R26-0917","expires_on":"2027-08-31","site":"rh","dose_no":2,"given_at":"2026-11-20T15:45:00Z","given_by_id":"{staff_id}","validity_years":3,"certificate_no":"IL-26-004417"}"#;

/// For `vaccinations.update`.
pub const UPDATE: &str = r#"{"reaction":"local"}"#;

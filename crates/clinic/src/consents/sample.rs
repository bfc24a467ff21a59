//! Example bodies. Tests send them as they stand.

/// For `consents.create`.
pub const CREATE: &str = r#"{"subject":"patient","client_id":"{client_id}","patient_id":"{patient_id}","category":"data_sharing","decision":"permit","purposes":["treatment","referral"],"data_categories":["patient_identity","clinical","diagnostics"],"recipients":[{"partner_id":"{referral_partner_id}"},{"class":"laboratory"}],"valid_until":"2027-11-20T00:00:00Z","status":"active","method":"signed","evidence_document_id":"{document_id}","policy_version":"2026-09","captured_by":"{staff_id}","decided_at":"2026-11-20T16:00:00Z"}"#;

/// For `consents.update`.
pub const UPDATE: &str = r#"{"status":"entered_in_error"}"#;

//! Example bodies. Tests send them as they stand.

/// For `referrals.create`.
pub const CREATE: &str = r#"{"direction":"incoming","partner_id":"{referral_partner_id}","referring_vet":"Priya Nair, DVM","client_id":"{client_id}","patient_id":"{patient_id}","referred_on":"2026-11-19","service":"cardiology","urgency":"urgent","status":"pending","reason":"New heart murmur, grade III/VI, coughs at night","question":"Is it safe to anesthetize for a dental?","estimate_range":{"low":{"amount":45000,"currency":"USD"},"high":{"amount":80000,"currency":"USD"}},"shares":[{"document_id":"{document_id}","granted_by":"{staff_id}","expires_at":"2027-03-01T00:00:00Z"}],"records_awaiting_review":2}"#;

/// For `referrals.update`.
pub const UPDATE: &str = r#"{"status":"accepted","records_awaiting_review":0,"updates":[{"at":"2026-11-20T16:20:00Z","by":"Front desk","text":"Records are complete; we call the owner today."}]}"#;

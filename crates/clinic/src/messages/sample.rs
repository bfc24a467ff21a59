//! Example bodies. Tests send them as they stand.

/// For `messages.create`.
pub const CREATE: &str = r#"{"channel":"sms","direction":"outbound","category":"scheduling","status":"queued","provider":"twilio","provider_ref":"SM4f1c0a","sender":"+13125550100","recipient":"+13125550142","body":"Biscuit is due for a recheck on Thursday at 3:30 pm. Reply C to confirm.","client_id":"{client_id}","patient_id":"{patient_id}"}"#;

/// For `messages.update`.
pub const UPDATE: &str = r#"{"status":"delivered","segments":1,"cost":{"amount":1,"currency":"USD"}}"#;

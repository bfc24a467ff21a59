//! Example bodies. Tests send them as they stand.

/// For `documents.create`.
pub const CREATE: &str = r#"{"kind":"lab_report","title":"CBC and chemistry, Biscuit","mime":"text/plain","client_id":"{client_id}","patient_id":"{patient_id}"}"#;

/// For `documents.update`.
pub const UPDATE: &str = r#"{"status":"filed","title":"CBC and chemistry of November 20, Biscuit"}"#;

/// For `documents.add_content`.
pub const ADD_CONTENT: &str = r#"{"content":"SENUIDM4ICUKV0JDIDkuMiBLL3VMCkJVTiAyMSBtZy9kTAo="}"#;

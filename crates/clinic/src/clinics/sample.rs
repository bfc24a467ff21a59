//! Example bodies. Tests send them as they stand.

/// A body of `clinics.create`.
pub const CREATE: &str = r#"{"organization_id":"{organization_id}","name":"Riverside Animal Hospital","code":"RAH","type":"general","timezone":"America/Chicago","currency":"USD","phone":"+1 312 555 0100","email":"frontdesk@example.com","address":{"line1":"100 River Street","city":"Chicago","region":"IL","postal_code":"60601","country":"US"},"hours":[{"day":"monday","opens":"08:00","closes":"18:00"}],"rooms":[{"name":"Exam 1","kind":"exam"}]}"#;

/// A body of `clinics.update`.
pub const UPDATE: &str =
    r#"{"phone":"+1 312 555 0101","rooms":[{"name":"Exam 1","kind":"exam"},{"name":"Surgery","kind":"surgery"}]}"#;

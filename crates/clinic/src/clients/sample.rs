//! Example bodies. Tests send them as they stand.

/// A body of `clients.create`.
pub const CREATE: &str = r#"{"given_name":"Dana","family_name":"Whitfield","emails":["dana.whitfield@example.com"],"phones":[{"number":"(312) 555-0142","kind":"mobile","sms_capable":true}],"address":{"line1":"12 Elm Street","city":"Chicago","region":"IL","postal_code":"60614","country":"US"},"preferred_channel":"sms","referral_source":"friend","tags":["senior discount"],"marketing_opt_in":false}"#;

/// A body of `clients.update`.
pub const UPDATE: &str = r#"{"preferred_channel":"email","tags":["senior discount","two cats"]}"#;

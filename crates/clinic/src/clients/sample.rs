//! Example bodies. Tests send them as they stand.

/// A body of `clients.create`.
pub const CREATE: &str = r#"{"given_name":"Dana","family_name":"Whitfield","emails":["dana.whitfield@example.com"],"phones":[{"number":"(312) 555-0142","kind":"mobile","sms_capable":true}],"address":{"line1":"12 Elm Street","city":"Chicago","region":"IL","postal_code":"60614","country":"US"},"preferred_channel":"sms","referral_source":"friend","tags":["senior discount"],"marketing_opt_in":false}"#;

/// A body of `clients.update`.
pub const UPDATE: &str = r#"{"preferred_channel":"email","tags":["senior discount","two cats"]}"#;

/// A body of `clients.import`.
pub const IMPORT: &str = r#"{"system":"avimark","rows":[{"external_id":"C-1041","given_name":"Priya","family_name":"Raman","phones":[{"number":"(312) 555-0177","kind":"home"}]},{"external_id":"C-1042","organization_name":"Lakeside Shelter"}]}"#;

/// A body of `clients.merge`.
pub const MERGE: &str = r#"{"into":"{other_client_id}"}"#;

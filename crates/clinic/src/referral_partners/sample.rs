//! Example bodies. Tests send them as they stand.

/// For `referral_partners.create`.
pub const CREATE: &str = r#"{"practice":"Lakeside Animal Hospital","vets":[{"name":"Priya Nair","credentials":"DVM","email":"priya.nair@lakeside.example"}],"email":"referrals@lakeside.example","phone":"+13125550175","portal_access":"invited","permissions":["submit","upload","view_shared"]}"#;

/// For `referral_partners.update`.
pub const UPDATE: &str = r#"{"portal_access":"active","permissions":["submit","upload","view_shared","message"]}"#;

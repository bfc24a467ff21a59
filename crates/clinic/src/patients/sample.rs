//! Example bodies. Tests send them as they stand.

/// A body of `patients.create`.
pub const CREATE: &str = r#"{"name":"Biscuit","species":"canine","breed":"Beagle","breed_codes":[{"system":"https://codes.example.org/breeds","code":"beagle","display":"Beagle"}],"color":"tricolor","sex":"female","reproductive_status":"spayed","birth_date":"2021-04-01","birth_date_precision":"month","microchips":[{"number":"985141000123456","standard":"iso_fdx_b","implanted_on":"2021-06-12","site":"between the shoulders"}],"ownerships":[{"client_id":"{client_id}","role":"primary","from":"2021-06-12"}]}"#;

/// A body of `patients.update`.
pub const UPDATE: &str = r#"{"color":"tricolor with a grey muzzle","rabies_tag":"IL-26-004417"}"#;

/// A body of `patients.import`.
pub const IMPORT: &str = r#"{"system":"avimark","rows":[{"external_id":"A-88213","name":"Clover","species":"feline","sex":"female","birth_date":"2022-05-14","ownerships":[{"client_id":"{client_id}","role":"primary"}]}]}"#;

/// A body of `patients.merge`.
pub const MERGE: &str = r#"{"into":"{other_patient_id}"}"#;

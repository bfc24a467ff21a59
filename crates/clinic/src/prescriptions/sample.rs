//! Example bodies. Tests send them as they stand.

/// For `prescriptions.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","product_id":"{product_id}","drug":"Carprofen 75 mg, chewable tablet","strength":"75 mg","form":"chew","dose":{"qty":"2.2","unit":"mg","per_kg":true},"route":"po","frequency":"bid","duration_days":14,"directions":"Half a tablet every 12 hours with food.","quantity":"14","unit":"{tablet}","refills":2,"prescriber_id":"{staff_id}","prescribed_on":"2026-11-20","expires_on":"2027-11-20"}"#;

/// For `prescriptions.update`.
pub const UPDATE: &str = r#"{"refills_left":1,"lot":"C26-1187","lot_expires_on":"2028-03-31"}"#;

//! Example bodies. Tests send them as they stand.

/// For `imaging_studies.create`.
pub const CREATE: &str = r#"{"patient_id":"{patient_id}","visit_id":"{visit_id}","product_id":"{product_id}","modality":"xr","region":"Left stifle","performed_at":"2026-11-20T16:30:00Z","performed_by_id":"{staff_id}","dicom_uid":"1.2.826.0.1.3680043.10.1187.2026.1120.4","image_count":3}"#;

/// For `imaging_studies.update`.
pub const UPDATE: &str = r#"{"report":"Joint effusion, left stifle. No fracture.","reported_by_id":"{staff_id}"}"#;

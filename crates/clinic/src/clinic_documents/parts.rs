//! Parts of a document: what it is, and where it stands.

use crate::column_words;

column_words! {
    /// What a document is.
    DocumentFileKind {
        /// Somebody's consent, signed.
        ConsentForm = "consent_form",
        /// What an owner takes home after a visit.
        Discharge = "discharge",
        /// What a laboratory found.
        LabReport = "lab_report",
        /// A picture.
        Image = "image",
        /// Where images of an examination are.
        DicomRef = "dicom_ref",
        /// A certificate, such as of a vaccination.
        Certificate = "certificate",
        /// What care may cost.
        Estimate = "estimate",
        /// An invoice.
        InvoicePdf = "invoice_pdf",
        /// A letter between practices.
        ReferralLetter = "referral_letter",
        /// What an insurer is asked for.
        InsuranceClaim = "insurance_claim",
        /// A proof of who somebody is.
        Id = "id",
        /// Anything else.
        Other = "other",
    }

    /// Where a document stands.
    DocumentStatus {
        /// Nobody has looked at it.
        PendingReview = "pending_review",
        /// It belongs to the record.
        Filed = "filed",
        /// Somebody outside the clinic may see it, too.
        Shared = "shared",
        /// Another one takes its place.
        Superseded = "superseded",
        /// What was in it is gone.
        Redacted = "redacted",
    }
}

impl DocumentStatus {
    /// What can follow. A document can be filed wrongly, and taken back from whom it was shared with.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::PendingReview => &[Self::Filed, Self::Shared, Self::Superseded, Self::Redacted],
            Self::Filed => &[Self::PendingReview, Self::Shared, Self::Superseded, Self::Redacted],
            Self::Shared => &[Self::Filed, Self::Superseded, Self::Redacted],
            Self::Superseded => &[Self::Filed, Self::Redacted],
            Self::Redacted => &[],
        }
    }
}

//! Parts of a referral case: services, what is shared, what was told meanwhile, what it may cost.

use clinicos_contract::wire::Document;
use clinicos_contract::{Category, Field, Money, Shape, Timestamp, Wire as _};

use crate::ids::{DocumentId, LabResultId, StaffId, VisitId};
use crate::{column_words, document_list, object};

const CLINICAL: Field = Field::of(Category::Clinical);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

column_words! {
    /// Which way a referral case goes.
    ReferralDirection {
        /// To the clinic.
        Incoming = "incoming",
        /// From the clinic.
        Outgoing = "outgoing",
    }

    /// What a patient is referred for.
    ReferralService {
        /// Operations.
        Surgery = "surgery",
        /// Inner organs.
        InternalMedicine = "internal_medicine",
        /// Cancer.
        Oncology = "oncology",
        /// The heart.
        Cardiology = "cardiology",
        /// Brain and nerves.
        Neurology = "neurology",
        /// The skin.
        Dermatology = "dermatology",
        /// The eyes.
        Ophthalmology = "ophthalmology",
        /// The teeth.
        Dentistry = "dentistry",
        /// It cannot wait.
        Emergency = "emergency",
        /// To be imaged.
        Radiology = "radiology",
        /// How the animal behaves.
        Behavior = "behavior",
        /// To move again.
        Rehab = "rehab",
        /// Animals that few veterinarians know.
        Exotics = "exotics",
    }

    /// How soon a patient must be seen.
    ReferralUrgency {
        /// When there is time.
        Routine = "routine",
        /// Within days.
        Urgent = "urgent",
        /// At once.
        Emergency = "emergency",
    }
}

object! {
    /// Between which amounts the care may cost.
    pub struct EstimateRange as "estimate_range" {
        /// At least.
        low: Money, Shape::Money, false = FINANCIAL.required().at_least(0);
        /// At most.
        high: Money, Shape::Money, false = FINANCIAL.required().at_least(0);
    }
}

impl Document for EstimateRange {
    const SHAPE: Shape = Shape::Object(Self::SCHEMA);
    const EMPTY: &'static str = "null";
}

object! {
    /// A record that the other practice may see. Exactly one of the three ids names it.
    pub struct Share as "referral_share" {
        /// The document.
        #[serde(default)]
        document_id: Option<DocumentId>, DocumentId::SHAPE, true = CLINICAL.creatable();
        /// The laboratory result.
        #[serde(default)]
        lab_result_id: Option<LabResultId>, LabResultId::SHAPE, true = CLINICAL.creatable();
        /// The visit.
        #[serde(default)]
        visit_id: Option<VisitId>, VisitId::SHAPE, true = CLINICAL.creatable();
        /// Who shares it.
        #[serde(default)]
        granted_by: Option<StaffId>, StaffId::SHAPE, true = CLINICAL.creatable();
        /// Until when it may be seen; null for as long as the case goes on.
        #[serde(default)]
        expires_at: Option<Timestamp>, Shape::Time, true = CLINICAL.creatable();
        /// When it was taken back. A share that was taken back stays so.
        #[serde(default)]
        revoked_at: Option<Timestamp>, Shape::Time, true = CLINICAL.creatable();
    }
}

impl Share {
    /// How many records it names.
    pub fn named(&self) -> usize {
        [self.document_id.is_some(), self.lab_result_id.is_some(), self.visit_id.is_some()]
            .into_iter()
            .filter(|named| *named)
            .count()
    }

    /// Whether it is still this one: what is shared and by whom stays, and what was taken back stays so.
    pub fn continues(&self, before: &Self) -> bool {
        let frozen = |share: &Self| (share.document_id, share.lab_result_id, share.visit_id, share.granted_by);
        frozen(self) == frozen(before) && (before.revoked_at.is_none() || *self == *before)
    }
}

document_list! {
    /// What the other practice may see.
    Shares of Share, Shape::Object(Share::SCHEMA)
}

object! {
    /// What one practice told the other one meanwhile.
    pub struct ReferralUpdate as "referral_update" {
        /// When.
        at: Timestamp, Shape::Time, false = CLINICAL.required();
        /// Who.
        #[serde(default)]
        by: Option<String>, Shape::Text, true = CLINICAL.creatable().max(200);
        /// What.
        text: String, Shape::Text, false = CLINICAL.required().filled().max(4_000);
    }
}

document_list! {
    /// What was told meanwhile, oldest first.
    ReferralUpdates of ReferralUpdate, Shape::Object(ReferralUpdate::SCHEMA)
}

//! Parts of a consent: about whom, about what, for whom and how it was given.

use clinicos_contract::{Category, Field, Purpose, Shape, Wire as _};

use crate::ids::ReferralPartnerId;
use crate::{column_words, document_list, object};

const CONSENT: Field = Field::of(Category::Communications);

column_words! {
    /// About whom it is.
    ConsentSubject {
        /// The client alone.
        Client = "client",
        /// A patient of the client.
        Patient = "patient",
    }

    /// What it is about.
    ConsentCategory {
        /// Care.
        Treatment = "treatment",
        /// Anesthesia.
        Anesthesia = "anesthesia",
        /// Showing data to others.
        DataSharing = "data_sharing",
        /// Advertising by text message.
        MarketingSms = "marketing_sms",
        /// Advertising by e-mail.
        MarketingEmail = "marketing_email",
        /// Text messages about what the client asked for.
        TransactionalSms = "transactional_sms",
        /// Using pictures of the patient.
        PhotoUse = "photo_use",
        /// Studies.
        Research = "research",
        /// Showing records to a practice that the patient is referred to.
        ReferralShare = "referral_share",
        /// Showing records to an insurer.
        InsuranceShare = "insurance_share",
        /// Care by phone or video.
        Telehealth = "telehealth",
        /// Having data read by an AI.
        AiProcessing = "ai_processing",
    }

    /// What was decided.
    Decision {
        /// It may be done.
        Permit = "permit",
        /// It may not be done.
        Deny = "deny",
    }

    /// How the client said so.
    ConsentMethod {
        /// By a signature.
        Signed = "signed",
        /// By word of mouth.
        Verbal = "verbal",
        /// By a click.
        Click = "click",
        /// By a word in a text message, such as STOP.
        SmsKeyword = "sms_keyword",
        /// On paper, which was scanned.
        PaperScan = "paper_scan",
        /// As another system says.
        Import = "import",
    }

    /// A sort of recipients.
    RecipientClass {
        /// Veterinarians who treat the patient.
        TreatingVeterinarian = "treating_veterinarian",
        /// Laboratories.
        Laboratory = "laboratory",
        /// Pharmacies.
        Pharmacy = "pharmacy",
        /// Insurers.
        Insurer = "insurer",
        /// Who carries payments.
        PaymentProvider = "payment_provider",
        /// Who carries messages.
        MessagingProvider = "messaging_provider",
        /// Who computes figures.
        Analytics = "analytics",
        /// Who does research.
        Researcher = "researcher",
        /// Programs that use an AI.
        AiService = "ai_service",
        /// Everybody outside the clinic.
        Anyone = "anyone",
    }
}

object! {
    /// To whom it applies. Exactly one of the three says so.
    pub struct Recipient as "consent_recipient" {
        /// An integration: the id of its connection, or its name.
        #[serde(default)]
        app: Option<String>, Shape::Text, true = CONSENT.creatable().filled().max(100);
        /// A referral partner.
        #[serde(default)]
        partner_id: Option<ReferralPartnerId>, ReferralPartnerId::SHAPE, true = CONSENT.creatable();
        /// A sort of recipients.
        #[serde(default)]
        class: Option<RecipientClass>, RecipientClass::SHAPE, true = CONSENT.creatable();
    }
}

impl Recipient {
    /// How many recipients it names.
    pub fn named(&self) -> usize {
        [self.app.is_some(), self.partner_id.is_some(), self.class.is_some()].into_iter().filter(|named| *named).count()
    }
}

document_list! {
    /// To whom it applies.
    Recipients of Recipient, Shape::Object(Recipient::SCHEMA)
}

document_list! {
    /// What data may be used for.
    Purposes of Purpose, Purpose::SHAPE
}

document_list! {
    /// Categories of data.
    DataCategories of Category, Category::SHAPE
}

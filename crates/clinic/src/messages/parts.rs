//! Parts of a message: its channel, its direction, what it is about, and what it brings along.

use clinicos_contract::Wire as _;

use crate::ids::DocumentId;
use crate::{column_words, document_list};

column_words! {
    /// How a message travels.
    MessageChannel {
        /// A text message.
        Sms = "sms",
        /// A text message with pictures.
        Mms = "mms",
        /// An e-mail.
        Email = "email",
        /// A note in an app.
        App = "app",
        /// A call, or what was left on a machine.
        Voice = "voice",
        /// In a portal of the clinic.
        Portal = "portal",
        /// Within the clinic.
        Internal = "internal",
        /// A letter.
        Postal = "postal",
    }

    /// Which way a message goes.
    Direction {
        /// To the clinic.
        Inbound = "inbound",
        /// From the clinic.
        Outbound = "outbound",
    }

    /// What a message is about.
    MessageCategory {
        /// An appointment.
        Scheduling = "scheduling",
        /// Care of a patient.
        Medical = "medical",
        /// A bill.
        Billing = "billing",
        /// More of a drug.
        Refill = "refill",
        /// Something that is due.
        Reminder = "reminder",
        /// Work between practices.
        Referral = "referral",
        /// Advertising.
        Marketing = "marketing",
        /// A question how it was.
        Survey = "survey",
        /// Anything else.
        Other = "other",
    }
}

document_list! {
    /// Documents.
    DocumentIds of DocumentId, DocumentId::SHAPE
}

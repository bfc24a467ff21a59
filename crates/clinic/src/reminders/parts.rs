//! Parts of a reminder: what it is about, where it stands, how it goes out.

use clinicos_contract::Wire as _;

use crate::messages::parts::MessageChannel;
use crate::{column_words, document_list};

column_words! {
    /// What somebody is reminded of.
    ReminderKind {
        /// A vaccination.
        Vaccine = "vaccine",
        /// A yearly or similar check.
        Wellness = "wellness",
        /// To have something known looked at again.
        Recheck = "recheck",
        /// More of a drug.
        MedicationRefill = "medication_refill",
        /// Teeth.
        Dental = "dental",
        /// A laboratory test, to watch a disease or a drug.
        LabMonitoring = "lab_monitoring",
        /// An appointment.
        Appointment = "appointment",
        /// A bill.
        Payment = "payment",
        /// The patient's birthday.
        Birthday = "birthday",
    }

    /// Where a reminder stands.
    ReminderStatus {
        /// Not due for some time.
        Upcoming = "upcoming",
        /// Due.
        Due = "due",
        /// The day is over, and nothing happened.
        Overdue = "overdue",
        /// The owner was reminded.
        Sent = "sent",
        /// The owner answered.
        Acknowledged = "acknowledged",
        /// An appointment is booked for it.
        Booked = "booked",
        /// Done.
        Completed = "completed",
        /// Nobody is to be reminded of it for now; `suppressed_reason` says why.
        Suppressed = "suppressed",
        /// Not needed.
        Cancelled = "cancelled",
    }

    /// Why nobody is to be reminded.
    SuppressedReason {
        /// The patient died.
        Deceased = "deceased",
        /// The owner wants no reminders.
        OptOut = "opt_out",
        /// The owner never said that they want any.
        NoConsent = "no_consent",
        /// The patient is with another practice.
        Transferred = "transferred",
    }
}

impl ReminderStatus {
    /// What can follow. A reminder is sent more than once, a booking can fall through, and an owner who wanted
    /// no reminders may want them again.
    pub fn next(self) -> &'static [Self] {
        use ReminderStatus::*;
        match self {
            Upcoming | Due | Overdue | Sent => {
                &[Upcoming, Due, Overdue, Sent, Acknowledged, Booked, Completed, Suppressed, Cancelled]
            }
            Acknowledged => &[Due, Overdue, Sent, Booked, Completed, Suppressed, Cancelled],
            Booked => &[Due, Overdue, Acknowledged, Completed, Suppressed, Cancelled],
            Suppressed => &[Upcoming, Due, Overdue, Completed, Cancelled],
            Completed | Cancelled => &[],
        }
    }

    /// Whether somebody is still to be reminded.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Upcoming | Self::Due | Self::Overdue)
    }
}

document_list! {
    /// Channels, the first one first.
    ChannelPlan of MessageChannel, MessageChannel::SHAPE
}

//! Where a referral case stands, and what can follow.

use crate::column_words;

column_words! {
    /// Where a referral case stands.
    ReferralStatus {
        /// Being written.
        Draft = "draft",
        /// Waits for an answer of who receives it.
        Pending = "pending",
        /// Who receives it takes it.
        Accepted = "accepted",
        /// Who receives it asks for more records.
        RecordsRequested = "records_requested",
        /// A time is booked.
        Scheduled = "scheduled",
        /// The patient is being seen.
        InProgress = "in_progress",
        /// The report went back to the veterinarian who referred.
        ReportSent = "report_sent",
        /// Done.
        Completed = "completed",
        /// Who receives it does not take it.
        Declined = "declined",
        /// Does not take place.
        Cancelled = "cancelled",
        /// Nobody came back to it.
        Expired = "expired",
    }

    /// Where a referral case stands, in four words.
    ReferralStage {
        /// Nothing is booked.
        Pending = "pending",
        /// A time is booked.
        Scheduled = "scheduled",
        /// The patient is being seen, or only the end is left.
        InProgress = "in_progress",
        /// Nothing is left to do: done, declined, cancelled or expired.
        Completed = "completed",
    }
}

impl ReferralStatus {
    /// What can follow. A booked time can fall through, an emergency comes without one, and a report can be
    /// followed by more care.
    pub fn next(self) -> &'static [Self] {
        use ReferralStatus::*;
        match self {
            Draft => &[Pending, Accepted, Scheduled, InProgress, Cancelled],
            Pending => &[Draft, Accepted, RecordsRequested, Scheduled, InProgress, Declined, Cancelled, Expired],
            Accepted | RecordsRequested => &[Accepted, RecordsRequested, Scheduled, InProgress, Declined, Cancelled, Expired],
            Scheduled => &[Accepted, RecordsRequested, InProgress, Declined, Cancelled, Expired],
            InProgress => &[Scheduled, ReportSent, Completed, Cancelled],
            ReportSent => &[Scheduled, InProgress, Completed],
            Declined | Expired => &[Pending],
            Completed | Cancelled => &[],
        }
    }

    /// The same in four words.
    pub fn stage(self) -> ReferralStage {
        match self {
            Self::Draft | Self::Pending | Self::Accepted | Self::RecordsRequested => ReferralStage::Pending,
            Self::Scheduled => ReferralStage::Scheduled,
            Self::InProgress | Self::ReportSent => ReferralStage::InProgress,
            Self::Completed | Self::Declined | Self::Cancelled | Self::Expired => ReferralStage::Completed,
        }
    }
}

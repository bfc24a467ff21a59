//! Where a laboratory order stands, and what can follow.

use crate::column_words;

column_words! {
    /// Where a laboratory order stands.
    LabOrderStatus {
        /// It is being written.
        Draft = "draft",
        /// It is to be done.
        Ordered = "ordered",
        /// The specimen was taken.
        Collected = "collected",
        /// The specimen is on its way.
        Sent = "sent",
        /// The laboratory has the specimen.
        Received = "received",
        /// The laboratory is at it.
        InProgress = "in_progress",
        /// Some results are there.
        Partial = "partial",
        /// All results are there.
        Final = "final",
        /// The laboratory corrected a result after all were there.
        Corrected = "corrected",
        /// It is not done.
        Cancelled = "cancelled",
        /// The laboratory cannot use the specimen.
        Rejected = "rejected",
    }
}

impl LabOrderStatus {
    /// What can follow. Laboratories leave steps out, so each later one may follow; another specimen
    /// may be taken after a rejected one.
    pub fn next(self) -> &'static [Self] {
        use LabOrderStatus::*;
        match self {
            Draft => &[Ordered, Cancelled],
            Ordered => &[Collected, Sent, Received, InProgress, Partial, Final, Cancelled, Rejected],
            Collected => &[Ordered, Sent, Received, InProgress, Partial, Final, Cancelled, Rejected],
            Sent => &[Collected, Received, InProgress, Partial, Final, Cancelled, Rejected],
            Received => &[InProgress, Partial, Final, Cancelled, Rejected],
            InProgress => &[Partial, Final, Cancelled, Rejected],
            Partial => &[Final, Cancelled],
            Final => &[Corrected],
            Rejected => &[Ordered, Collected, Cancelled],
            Corrected | Cancelled => &[],
        }
    }

    /// Whether there must be a specimen.
    pub fn has_specimen(self) -> bool {
        use LabOrderStatus::*;
        matches!(self, Collected | Sent | Received | InProgress | Partial | Final | Corrected | Rejected)
    }
}

#[cfg(test)]
mod tests {
    use super::LabOrderStatus::{self, *};
    use crate::steps;

    #[test]
    fn every_state_is_reached_and_what_is_corrected_or_cancelled_is_over() {
        steps::check(LabOrderStatus::NAMES, LabOrderStatus::next, &[Draft], &[Corrected, Cancelled]);
    }

    #[test]
    fn results_that_are_there_are_corrected_and_nothing_else() {
        assert_eq!(Final.next(), [Corrected]);
        assert!(!Partial.next().contains(&Rejected), "some results are there");
        assert!(Rejected.next().contains(&Collected), "another specimen may be taken");
    }
}

//! Parts of a treatment: what sort it is, where it stands, and why it was declined.

use crate::column_words;

column_words! {
    /// What sort of treatment it is.
    TreatmentKind {
        /// The patient is looked at.
        Exam = "exam",
        /// An operation.
        Surgery = "surgery",
        /// Teeth.
        Dental = "dental",
        /// Anesthesia or sedation.
        Anesthesia = "anesthesia",
        /// Images are made.
        Imaging = "imaging",
        /// Such as laser, massage or exercise.
        Therapy = "therapy",
        /// Such as a bandage or a tube.
        Nursing = "nursing",
        /// Fluids are given.
        Fluid = "fluid",
        /// It is groomed.
        Grooming = "grooming",
        /// It stays without being ill.
        Boarding = "boarding",
        /// Any other, such as what is done after death.
        Other = "other",
    }

    /// Where a treatment stands.
    TreatmentStatus {
        /// It is to be done.
        Ordered = "ordered",
        /// It is to be done at a time.
        Scheduled = "scheduled",
        /// It is being done.
        InProgress = "in_progress",
        /// It is done.
        Completed = "completed",
        /// The client does not want it.
        Declined = "declined",
        /// It is not done, or not to the end.
        Cancelled = "cancelled",
    }

    /// Why a client does not want it.
    DeclinedReason {
        /// It costs too much.
        Cost = "cost",
        /// Not now.
        Timing = "timing",
        /// The client thinks that it is not needed.
        NotNeeded = "not_needed",
        /// The client asks somebody else first.
        SecondOpinion = "second_opinion",
        /// Any other.
        Other = "other",
    }
}

impl TreatmentStatus {
    /// What can follow. A client may change their mind, and what was marked as done by mistake goes
    /// back; what was cancelled is ordered anew.
    pub fn next(self) -> &'static [Self] {
        use TreatmentStatus::*;
        match self {
            Ordered => &[Scheduled, InProgress, Completed, Declined, Cancelled],
            Scheduled => &[Ordered, InProgress, Completed, Declined, Cancelled],
            InProgress => &[Completed, Cancelled],
            Completed => &[InProgress],
            Declined => &[Ordered, Scheduled, InProgress],
            Cancelled => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TreatmentStatus::{self, *};
    use crate::steps;

    #[test]
    fn every_state_is_reached_and_what_is_cancelled_is_over() {
        steps::check(TreatmentStatus::NAMES, TreatmentStatus::next, &[Ordered], &[Cancelled]);
    }

    #[test]
    fn nobody_declines_what_has_begun() {
        for begun in [InProgress, Completed] {
            assert!(!begun.next().contains(&Declined), "{begun:?}");
        }
        assert!(Declined.next().contains(&Ordered));
    }
}

//! Where a visit stands, and what can follow.

use crate::column_words;

column_words! {
    /// Where a visit stands.
    VisitStatus {
        /// It has not begun.
        Planned = "planned",
        /// The patient is at the clinic.
        CheckedIn = "checked_in",
        /// Somebody has judged how urgent it is.
        Triaged = "triaged",
        /// The patient is being seen.
        InProgress = "in_progress",
        /// It waits for something, such as a result.
        OnHold = "on_hold",
        /// The patient has left; the record is not complete.
        Discharged = "discharged",
        /// The record is complete.
        Completed = "completed",
        /// Something was added to the record after it was complete.
        Amended = "amended",
        /// It does not take place.
        Cancelled = "cancelled",
        /// It should never have been recorded.
        EnteredInError = "entered_in_error",
    }
}

impl VisitStatus {
    /// What can follow. Whoever was checked in or discharged by mistake goes back a step; what was
    /// complete stays so.
    pub fn next(self) -> &'static [Self] {
        use VisitStatus::*;
        match self {
            Planned => &[CheckedIn, Triaged, InProgress, Cancelled, EnteredInError],
            CheckedIn => &[Planned, Triaged, InProgress, Cancelled, EnteredInError],
            Triaged => &[CheckedIn, InProgress, OnHold, Cancelled, EnteredInError],
            InProgress => &[OnHold, Discharged, Completed, EnteredInError],
            OnHold => &[InProgress, Discharged, Completed, EnteredInError],
            Discharged => &[InProgress, Completed, EnteredInError],
            Completed => &[Amended, EnteredInError],
            Amended => &[EnteredInError],
            Cancelled => &[Planned, EnteredInError],
            EnteredInError => &[],
        }
    }

    /// Whether the patient is at the clinic, or was.
    pub fn has_begun(self) -> bool {
        use VisitStatus::*;
        matches!(self, CheckedIn | Triaged | InProgress | OnHold | Discharged | Completed | Amended)
    }

    /// Whether the patient has left.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Discharged | Self::Completed | Self::Amended)
    }

    /// Whether there is something to sign.
    pub fn can_be_signed(self) -> bool {
        matches!(self, Self::InProgress | Self::OnHold | Self::Discharged | Self::Completed)
    }
}

#[cfg(test)]
mod tests {
    use super::VisitStatus::{self, *};
    use crate::steps;

    #[test]
    fn every_state_is_reached_and_an_error_is_the_end() {
        steps::check(VisitStatus::NAMES, VisitStatus::next, &[Planned], &[EnteredInError]);
    }

    #[test]
    fn what_was_seen_is_not_cancelled_and_what_is_complete_is_amended_alone() {
        for seen in [InProgress, OnHold, Discharged, Completed, Amended] {
            assert!(!seen.next().contains(&Cancelled), "{seen:?}");
        }
        assert_eq!(Completed.next(), [Amended, EnteredInError]);
        let all = VisitStatus::NAMES.iter().filter_map(|name| VisitStatus::parse(name));
        assert!(all.filter(|status| *status != EnteredInError).all(|status| status.next().contains(&EnteredInError)));
    }
}

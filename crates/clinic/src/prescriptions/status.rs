//! Where a prescription stands, and what can follow.

use crate::column_words;

column_words! {
    /// Where a prescription stands.
    PrescriptionStatus {
        /// It is being written; nothing may be dispensed.
        Draft = "draft",
        /// It may be dispensed.
        Active = "active",
        /// It may not be dispensed for now.
        OnHold = "on_hold",
        /// The patient took what was prescribed.
        Completed = "completed",
        /// The patient should no longer take it.
        Stopped = "stopped",
        /// Its last day is over.
        Expired = "expired",
        /// It was never to be dispensed.
        Cancelled = "cancelled",
    }
}

impl PrescriptionStatus {
    /// What can follow. What is over is prescribed anew.
    pub fn next(self) -> &'static [Self] {
        use PrescriptionStatus::*;
        match self {
            Draft => &[Active, Cancelled],
            Active => &[OnHold, Completed, Stopped, Expired, Cancelled],
            OnHold => &[Active, Stopped, Expired, Cancelled],
            Completed | Stopped | Expired | Cancelled => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::PrescriptionStatus::{self, *};
    use crate::steps;

    #[test]
    fn every_state_is_reached_and_what_is_over_stays_over() {
        steps::check(PrescriptionStatus::NAMES, PrescriptionStatus::next, &[Draft], &[Completed, Stopped, Expired, Cancelled]);
    }

    #[test]
    fn what_was_active_is_no_draft_again() {
        let all = PrescriptionStatus::NAMES.iter().filter_map(|name| PrescriptionStatus::parse(name));
        assert!(!all.flat_map(PrescriptionStatus::next).any(|status| *status == Draft));
    }
}

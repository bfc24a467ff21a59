//! What time off is for, where it stands, and what can follow.

use crate::column_words;

column_words! {
    /// What time off is for.
    TimeOffKind {
        /// Paid time off.
        Pto = "pto",
        /// Somebody is ill.
        Sick = "sick",
        /// To learn.
        Training = "training",
        /// A holiday.
        Holiday = "holiday",
        /// Around a birth or an adoption.
        Parental = "parental",
        /// Somebody died.
        Bereavement = "bereavement",
        /// A duty to the state, such as on a jury.
        Duty = "duty",
        /// Not paid.
        Unpaid = "unpaid",
        /// Any other.
        Other = "other",
    }

    /// Where time off stands.
    TimeOffStatus {
        /// Asked for.
        Requested = "requested",
        /// Granted.
        Approved = "approved",
        /// Not granted.
        Denied = "denied",
        /// They were, or are, away.
        Taken = "taken",
        /// No longer wanted.
        Cancelled = "cancelled",
    }
}

impl TimeOffStatus {
    /// What can follow. A decision can be taken back until somebody is away.
    pub fn next(self) -> &'static [Self] {
        use TimeOffStatus::*;
        match self {
            Requested => &[Approved, Denied, Cancelled],
            Approved => &[Requested, Denied, Taken, Cancelled],
            Denied => &[Requested, Approved, Cancelled],
            Taken | Cancelled => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_reached_and_the_last_ones_stay() {
        let mut reached = vec![TimeOffStatus::Requested];
        let mut at = 0;
        while let Some(state) = reached.get(at).copied() {
            at += 1;
            for next in state.next() {
                assert_ne!(*next, state, "a step leads on");
                if !reached.contains(next) {
                    reached.push(*next);
                }
            }
        }
        assert_eq!(reached.len(), TimeOffStatus::NAMES.len(), "{reached:?}");
        reached.retain(|state| state.next().is_empty());
        reached.sort_unstable_by_key(|state| state.name());
        assert_eq!(reached, [TimeOffStatus::Cancelled, TimeOffStatus::Taken]);
    }

    #[test]
    fn nobody_is_away_who_was_not_allowed_to() {
        for state in [TimeOffStatus::Requested, TimeOffStatus::Denied] {
            assert!(!state.next().contains(&TimeOffStatus::Taken), "{state:?}");
        }
        assert!(TimeOffStatus::Denied.next().contains(&TimeOffStatus::Approved), "a second thought");
    }
}

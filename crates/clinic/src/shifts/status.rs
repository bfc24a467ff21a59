//! What sort of shift it is, where it stands, and what can follow.

use crate::column_words;

column_words! {
    /// What sort of shift it is.
    ShiftKind {
        /// As planned.
        Regular = "regular",
        /// Away, and to be reached.
        OnCall = "on_call",
        /// Beyond the hours that were agreed.
        Overtime = "overtime",
        /// For somebody who is away.
        Relief = "relief",
        /// To learn.
        Training = "training",
        /// At a desk.
        Admin = "admin",
    }

    /// Where a shift stands.
    ShiftStatus {
        /// Only planners look at it.
        Draft = "draft",
        /// Everybody may see it.
        Published = "published",
        /// Nobody has it; whoever likes may claim it.
        Open = "open",
        /// Somebody wants it, and a manager has to say yes.
        Claimed = "claimed",
        /// Who works it said that they come, or a manager gave it to them.
        Confirmed = "confirmed",
        /// They are at work.
        Started = "started",
        /// Done.
        Completed = "completed",
        /// They did not come.
        Missed = "missed",
        /// Does not take place.
        Cancelled = "cancelled",
        /// Another shift takes its place.
        Swapped = "swapped",
    }
}

impl ShiftStatus {
    /// What can follow. A shift that was given back is open again, and who was given up may come late.
    pub fn next(self) -> &'static [Self] {
        use ShiftStatus::*;
        match self {
            Draft => &[Published, Open, Cancelled],
            Published => &[Draft, Open, Confirmed, Started, Missed, Cancelled, Swapped],
            Open => &[Draft, Published, Claimed, Confirmed, Cancelled],
            Claimed => &[Open, Confirmed, Cancelled],
            Confirmed => &[Open, Started, Missed, Cancelled, Swapped],
            Started => &[Confirmed, Completed],
            Missed => &[Started, Completed],
            Completed | Cancelled | Swapped => &[],
        }
    }

    /// Whether somebody has to be named for it.
    pub fn needs_staff(self) -> bool {
        use ShiftStatus::*;
        matches!(self, Claimed | Confirmed | Started | Completed | Missed | Swapped)
    }

    /// Whether somebody came.
    pub fn was_started(self) -> bool {
        matches!(self, Self::Started | Self::Completed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_reached_and_the_last_ones_stay() {
        let mut reached = vec![ShiftStatus::Draft];
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
        assert_eq!(reached.len(), ShiftStatus::NAMES.len(), "{reached:?}");
        reached.retain(|state| state.next().is_empty());
        reached.sort_unstable_by_key(|state| state.name());
        assert_eq!(reached, [ShiftStatus::Cancelled, ShiftStatus::Completed, ShiftStatus::Swapped]);
    }

    #[test]
    fn who_was_given_up_may_come_late_and_a_shift_can_be_given_back() {
        assert!(ShiftStatus::Missed.next().contains(&ShiftStatus::Started));
        assert!(ShiftStatus::Confirmed.next().contains(&ShiftStatus::Open));
        assert!(!ShiftStatus::Open.next().contains(&ShiftStatus::Started), "somebody has to have it first");
    }
}

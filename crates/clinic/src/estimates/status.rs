//! Where an estimate stands, what the client said to a line, and what can follow.

use crate::column_words;

column_words! {
    /// Where an estimate stands.
    EstimateStatus {
        /// Being written; the client has not seen it.
        Draft = "draft",
        /// The client has it.
        Sent = "sent",
        /// The client wants all of it.
        Accepted = "accepted",
        /// The client wants some of it.
        PartiallyAccepted = "partially_accepted",
        /// The client wants nothing of it.
        Declined = "declined",
        /// Too much time went by.
        Expired = "expired",
        /// It became an invoice.
        Converted = "converted",
    }

    /// What the client said to a line.
    LineAnswer {
        /// Nothing yet.
        Open = "open",
        /// Yes.
        Accepted = "accepted",
        /// No.
        Declined = "declined",
    }
}

impl EstimateStatus {
    /// What can follow. Clients change their minds until there is an invoice, and what expired can be
    /// sent again.
    pub fn next(self) -> &'static [Self] {
        use EstimateStatus::*;
        match self {
            Draft => &[Sent, Accepted, PartiallyAccepted, Declined],
            Sent => &[Draft, Accepted, PartiallyAccepted, Declined, Expired],
            Accepted => &[PartiallyAccepted, Declined, Expired, Converted],
            PartiallyAccepted => &[Accepted, Declined, Expired, Converted],
            Declined => &[Draft, Sent, Accepted, PartiallyAccepted],
            Expired => &[Draft, Sent],
            Converted => &[],
        }
    }

    /// Whether the client has not been asked, or has not answered.
    pub fn is_unanswered(self) -> bool {
        matches!(self, Self::Draft | Self::Sent)
    }

    /// Whether the client said yes or no.
    pub fn is_answer(self) -> bool {
        matches!(self, Self::Accepted | Self::PartiallyAccepted | Self::Declined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_reached_and_the_last_ones_stay() {
        let mut reached = vec![EstimateStatus::Draft];
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
        assert_eq!(reached.len(), EstimateStatus::NAMES.len(), "{reached:?}");
        reached.retain(|state| state.next().is_empty());
        reached.sort_unstable_by_key(|state| state.name());
        assert_eq!(reached, [EstimateStatus::Converted]);
    }

    #[test]
    fn only_what_was_accepted_becomes_an_invoice() {
        let before: Vec<_> = EstimateStatus::NAMES
            .iter()
            .filter_map(|name| EstimateStatus::parse(name))
            .filter(|state| state.next().contains(&EstimateStatus::Converted))
            .collect();
        assert_eq!(before, [EstimateStatus::Accepted, EstimateStatus::PartiallyAccepted]);
    }
}

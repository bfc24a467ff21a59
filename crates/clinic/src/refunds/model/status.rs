//! How far a refund is, and why it was made.

use clinicos_contract::{Problem, words};

words! {
    /// How far a refund is.
    RefundStatus {
        /// Asked for; it counts already.
        Pending = "pending",
        /// The client has the money.
        Succeeded = "succeeded",
        /// The client never got it, and it counts no more.
        Failed = "failed",
    }
}

words! {
    /// Why a refund was made.
    RefundReason {
        /// Paid twice.
        Duplicate = "duplicate",
        /// Charged by mistake.
        Error = "error",
        /// Goods came back.
        Returned = "returned",
        /// To please the client.
        Goodwill = "goodwill",
        /// What was paid for did not happen.
        Cancelled = "cancelled",
        /// To settle a disagreement.
        Dispute = "dispute",
    }
}

impl RefundStatus {
    /// Whether it takes anything from the payment.
    pub fn counts(self) -> bool {
        !matches!(self, Self::Failed)
    }

    /// Whether a refund may be recorded like this.
    pub fn check_first(self) -> Result<(), Problem> {
        match self {
            Self::Pending | Self::Succeeded => Ok(()),
            Self::Failed => Err(refused("a new refund is `pending` or `succeeded`")),
        }
    }

    /// Whether a refund may go on from here to there. One that came through can still bounce.
    pub fn check_next(self, to: Self) -> Result<(), Problem> {
        match (self, to) {
            (Self::Pending, _) | (Self::Succeeded, Self::Succeeded | Self::Failed) | (Self::Failed, Self::Failed) => Ok(()),
            (Self::Succeeded, Self::Pending) => Err(refused("`pending` cannot follow `succeeded`; allowed: `failed`")),
            (Self::Failed, _) => Err(refused("`failed` is final; make another refund")),
        }
    }
}

fn refused(detail: &str) -> Problem {
    Problem::rule("/status", "transition", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_stays_failed() {
        for name in RefundStatus::NAMES {
            let other = RefundStatus::parse(name).unwrap();
            assert_eq!(RefundStatus::Failed.check_next(other).is_ok(), other == RefundStatus::Failed);
            assert!(RefundStatus::Pending.check_next(other).is_ok());
            assert_eq!(other.check_first().is_ok(), other.counts());
        }
        assert!(RefundStatus::Succeeded.check_next(RefundStatus::Pending).is_err());
    }
}

//! How far a payment is, and where it can go from there.

use clinicos_contract::{Problem, words};

words! {
    /// How far a payment is.
    PaymentStatus {
        /// Started.
        Pending = "pending",
        /// Promised by the provider.
        Authorized = "authorized",
        /// Came through.
        Succeeded = "succeeded",
        /// Did not come through, or bounced.
        Failed = "failed",
        /// Called off.
        Cancelled = "cancelled",
        /// Came through, and the payer objects.
        Disputed = "disputed",
        /// Part was paid back.
        PartiallyRefunded = "partially_refunded",
        /// All was paid back.
        Refunded = "refunded",
    }
}

impl PaymentStatus {
    /// Whether the clinic has the money, or had it and paid it back: a disputed payment counts until
    /// it fails.
    pub fn counts(self) -> bool {
        matches!(self, Self::Succeeded | Self::Disputed | Self::PartiallyRefunded | Self::Refunded)
    }

    /// What a payment that came through is, once so much of it was refunded.
    pub fn with_refunded(refunded: i64, amount: i64) -> Self {
        match refunded {
            0 => Self::Succeeded,
            refunded if refunded < amount => Self::PartiallyRefunded,
            _ => Self::Refunded,
        }
    }

    /// The statuses that a change of fields can lead to from here. Refunds are made, not set.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Pending => &[Self::Authorized, Self::Succeeded, Self::Failed, Self::Cancelled],
            Self::Authorized => &[Self::Succeeded, Self::Failed, Self::Cancelled],
            Self::Succeeded => &[Self::Disputed, Self::Failed],
            Self::Disputed => &[Self::Succeeded, Self::Failed],
            Self::Failed | Self::Cancelled | Self::PartiallyRefunded | Self::Refunded => &[],
        }
    }

    /// Whether a payment may be recorded like this.
    pub fn check_first(self) -> Result<(), Problem> {
        check(self, &[Self::Pending, Self::Authorized, Self::Succeeded], "a new payment")
    }

    /// Whether a payment may go on from here to there.
    pub fn check_next(self, to: Self) -> Result<(), Problem> {
        if self == to {
            return Ok(());
        }
        check(to, self.next(), &format!("`{}`", self.name()))
    }
}

fn check(to: PaymentStatus, allowed: &[PaymentStatus], from: &str) -> Result<(), Problem> {
    if allowed.contains(&to) {
        return Ok(());
    }
    let names: Vec<String> = allowed.iter().map(|status| format!("`{}`", status.name())).collect();
    let detail = if names.is_empty() {
        format!("the payment is {from}, which is final: `{}` cannot follow, nor can anything else", to.name())
    } else {
        format!("`{}` cannot follow {from}; allowed: {}", to.name(), names.join(", "))
    };
    Err(Problem::rule("/status", "transition", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_failed_stays_failed() {
        for name in PaymentStatus::NAMES {
            let to = PaymentStatus::parse(name).unwrap();
            for from in [PaymentStatus::Failed, PaymentStatus::Cancelled, PaymentStatus::Refunded] {
                assert_eq!(from.check_next(to).is_ok(), from == to, "{from:?} to {to:?}");
            }
            assert!(!PaymentStatus::Succeeded.next().contains(&PaymentStatus::Pending));
        }
    }

    #[test]
    fn refusals_name_what_is_allowed() {
        let detail = PaymentStatus::Succeeded.check_next(PaymentStatus::Pending).unwrap_err().detail;
        assert!(detail.contains("`disputed`, `failed`"), "{detail}");
        assert!(PaymentStatus::Failed.check_first().is_err());
        assert!(PaymentStatus::Pending.check_next(PaymentStatus::Refunded).is_err());
    }
}

//! Stage and status: what is set, and what follows from it.

use clinicos_contract::time::Date;
use clinicos_contract::{Problem, words};

words! {
    /// Where the clinic put the invoice.
    Stage {
        /// Being written; nothing is owed yet.
        Draft = "draft",
        /// Issued.
        Open = "open",
        /// Issued and handed to the client.
        Sent = "sent",
        /// Withdrawn.
        Void = "void",
        /// Given up.
        WrittenOff = "written_off",
        /// Handed to a collector; still owed.
        Collections = "collections",
    }
}

words! {
    /// What the invoice is today, derived from stage, amounts and due date.
    Status {
        /// Being written.
        Draft = "draft",
        /// Issued, nothing paid.
        Open = "open",
        /// Sent, nothing paid.
        Sent = "sent",
        /// Partly paid and not yet due.
        Partial = "partial",
        /// Nothing is left to pay.
        Paid = "paid",
        /// Past its due date with something left to pay.
        Overdue = "overdue",
        /// Withdrawn.
        Void = "void",
        /// Given up.
        WrittenOff = "written_off",
        /// With a collector.
        Collections = "collections",
    }
}

/// The same rule as [`status`] in SQL, over a row `i` and the clinic's day `$2`.
#[macro_export]
macro_rules! invoice_status_sql {
    () => {
        "CASE WHEN i.stage IN ('draft', 'void', 'written_off') THEN i.stage WHEN i.paid >= i.total THEN 'paid' \
         WHEN i.stage = 'collections' THEN i.stage WHEN i.due_on < $2 THEN 'overdue' WHEN i.paid > 0 THEN 'partial' \
         ELSE i.stage END"
    };
}

/// What an invoice is on this day of its clinic.
pub fn status(stage: Stage, total: i64, paid: i64, due_on: Date, today: Date) -> Status {
    match stage {
        Stage::Draft => Status::Draft,
        Stage::Void => Status::Void,
        Stage::WrittenOff => Status::WrittenOff,
        Stage::Open | Stage::Sent | Stage::Collections if paid >= total => Status::Paid,
        Stage::Collections => Status::Collections,
        Stage::Open | Stage::Sent if due_on < today => Status::Overdue,
        Stage::Open | Stage::Sent if paid > 0 => Status::Partial,
        Stage::Open => Status::Open,
        Stage::Sent => Status::Sent,
    }
}

/// What is still owed: nothing before it is issued, and nothing once it is void or written off.
pub fn balance(stage: Stage, total: i64, paid: i64) -> i64 {
    match stage {
        Stage::Draft | Stage::Void | Stage::WrittenOff => 0,
        Stage::Open | Stage::Sent | Stage::Collections => total.saturating_sub(paid),
    }
}

impl Stage {
    /// Whether the client has been asked for the money.
    pub fn is_issued(self) -> bool {
        !matches!(self, Self::Draft)
    }

    /// Whether payments can be put towards it.
    pub fn takes_payments(self) -> bool {
        matches!(self, Self::Open | Self::Sent | Self::Collections)
    }

    /// The stages that a change of fields can lead to from here.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Draft => &[Self::Open, Self::Sent],
            Self::Open => &[Self::Sent, Self::WrittenOff, Self::Collections],
            Self::Sent => &[Self::WrittenOff, Self::Collections],
            Self::Collections => &[Self::WrittenOff],
            Self::Void | Self::WrittenOff => &[],
        }
    }

    /// Whether an invoice may start here.
    pub fn check_first(self) -> Result<(), Problem> {
        check(self, &[Self::Draft, Self::Open, Self::Sent], "a new invoice")
    }

    /// Whether an invoice may go on from here to there.
    pub fn check_next(self, to: Self) -> Result<(), Problem> {
        if self == to {
            return Ok(());
        }
        check(to, self.next(), self.name())
    }
}

fn check(to: Stage, allowed: &[Stage], from: &str) -> Result<(), Problem> {
    if allowed.contains(&to) {
        return Ok(());
    }
    let names: Vec<String> = allowed.iter().map(|stage| format!("`{}`", stage.name())).collect();
    let detail = match (to, names.is_empty()) {
        (Stage::Void, _) => "an invoice is voided with `invoices.void`, which asks for a reason".to_owned(),
        (_, true) => format!("the invoice is `{from}`, which is final: `{}` cannot follow, nor can anything else", to.name()),
        (_, false) => format!("`{}` cannot follow {from}; allowed: {}", to.name(), names.join(", ")),
    };
    Err(Problem::rule("/stage", "transition", detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Stage; 6] = [Stage::Draft, Stage::Open, Stage::Sent, Stage::Void, Stage::WrittenOff, Stage::Collections];

    fn day(text: &str) -> Date {
        clinicos_contract::time::parse_date(text).unwrap()
    }

    #[test]
    fn status_follows_from_amounts_and_due_date() {
        let (due, before, after) = (day("2026-11-10"), day("2026-11-10"), day("2026-11-11"));
        let cases = [
            (Stage::Draft, 100, 0, after, Status::Draft),
            (Stage::Open, 100, 0, before, Status::Open),
            (Stage::Sent, 100, 0, before, Status::Sent),
            (Stage::Open, 100, 40, before, Status::Partial),
            (Stage::Sent, 100, 40, after, Status::Overdue),
            (Stage::Open, 100, 0, after, Status::Overdue),
            (Stage::Open, 100, 100, after, Status::Paid),
            (Stage::Open, 0, 0, before, Status::Paid),
            (Stage::Collections, 100, 40, after, Status::Collections),
            (Stage::Collections, 100, 100, after, Status::Paid),
            (Stage::WrittenOff, 100, 40, after, Status::WrittenOff),
            (Stage::Void, 100, 0, after, Status::Void),
        ];
        for (stage, total, paid, today, expected) in cases {
            assert_eq!(status(stage, total, paid, due, today), expected, "{stage:?} {paid} of {total} on {today}");
        }
    }

    #[test]
    fn transitions_go_forward_and_name_what_is_allowed() {
        for from in ALL {
            for to in ALL {
                let allowed = from == to || from.next().contains(&to);
                assert_eq!(from.check_next(to).is_ok(), allowed, "{from:?} to {to:?}");
            }
            assert_eq!(from.check_first().is_ok(), matches!(from, Stage::Draft | Stage::Open | Stage::Sent));
            assert!(!from.next().contains(&Stage::Void), "only a void with a reason");
            assert!(!from.next().contains(&Stage::Draft), "an issued invoice is not taken back");
        }
        let detail = Stage::Sent.check_next(Stage::Open).unwrap_err().detail;
        assert!(detail.contains("`written_off`, `collections`"), "{detail}");
    }

    #[test]
    fn nothing_is_owed_before_and_after() {
        for (stage, owed) in ALL.map(|stage| (stage, balance(stage, 100, 30))) {
            assert_eq!(owed, if stage.takes_payments() { 70 } else { 0 }, "{stage:?}");
        }
    }
}

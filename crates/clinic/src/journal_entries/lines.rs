//! Lines of a journal entry: debits and credits that are the same in sum.

use clinicos_contract::category::Sensitivity;
use clinicos_contract::money::AMOUNT_MAX;
use clinicos_contract::{Category, Field, Money, Problem, Shape};

use crate::{document_list, object};

/// Most lines of an entry.
pub const LINES_MAX: u32 = 200;
/// Fewest lines of an entry.
const LINES_MIN: usize = 2;

const OWN_FIGURE: Field = Field::of(Category::Aggregates).sensitivity(Sensitivity::Internal);

object! {
    /// An amount on one side of an account.
    pub struct JournalLine as "journal_line" {
        /// The account of the general ledger, as the clinic names it.
        account: String, Shape::Text, false = OWN_FIGURE.required().filled().max(60);
        /// What goes to its debit side. Either this or `credit` is given.
        #[serde(default)]
        debit: Option<Money>, Shape::Money, true = OWN_FIGURE.creatable().at_least(1);
        /// What goes to its credit side. Either this or `debit` is given.
        #[serde(default)]
        credit: Option<Money>, Shape::Money, true = OWN_FIGURE.creatable().at_least(1);
        /// What it is about.
        #[serde(default)]
        memo: Option<String>, Shape::Text, true = OWN_FIGURE.creatable().max(200);
    }
}

document_list! {
    /// Lines of a journal entry.
    JournalLines of JournalLine, Shape::Object(JournalLine::SCHEMA)
}

impl JournalLine {
    /// The amount, negative on the credit side. `None` unless exactly one side is given, with more than zero.
    fn signed(&self) -> Option<i64> {
        match (self.debit, self.credit) {
            (Some(debit), None) if debit.amount > 0 => Some(debit.amount),
            (None, Some(credit)) if credit.amount > 0 => credit.amount.checked_neg(),
            _ => None,
        }
    }
}

impl JournalLines {
    /// The sum of each side, which is the same; or what is wrong.
    pub fn total(&self) -> Result<i64, Problem> {
        if self.0.len() < LINES_MIN {
            return Err(Problem::rule("/lines", "too_few", format!("must have at least {LINES_MIN} lines")));
        }
        let (mut debits, mut credits) = (0_i64, 0_i64);
        for (at, line) in self.0.iter().enumerate() {
            let signed = line.signed().ok_or_else(|| {
                Problem::rule(format!("/lines/{at}"), "one_side", "must have either `debit` or `credit`, with more than zero")
            })?;
            let side = if signed > 0 { &mut debits } else { &mut credits };
            *side = side
                .checked_add(signed.saturating_abs())
                .filter(|sum| *sum <= AMOUNT_MAX)
                .ok_or_else(|| Problem::rule("/lines", "range", format!("adds up to more than {AMOUNT_MAX} minor units")))?;
        }
        if debits != credits {
            let detail = format!("must balance: debits are {debits}, credits {credits}");
            return Err(Problem::rule("/lines", "unbalanced", detail));
        }
        Ok(debits)
    }

    /// Whether these are the lines of another entry with their sides changed, in any order.
    pub fn mirror(&self, other: &Self) -> bool {
        self.sides(1) == other.sides(-1)
    }

    /// Account and amount of each line, in one order.
    fn sides(&self, sign: i64) -> Vec<(&str, i64)> {
        let side = |line: &'_ JournalLine| line.signed().unwrap_or(0).saturating_mul(sign);
        let mut sides: Vec<_> = self.0.iter().map(|line| (line.account.as_str(), side(line))).collect();
        sides.sort_unstable();
        sides
    }
}

#[cfg(test)]
mod tests {
    use clinicos_contract::Currency;

    use super::*;
    use crate::synthetic::random::SplitMix64;

    fn lines(of: &[(&str, i64)]) -> JournalLines {
        let side = |amount: i64| (amount > 0).then_some(Money::new(amount, Currency::USD));
        let line = |(account, amount): &(&str, i64)| JournalLine {
            account: (*account).to_owned(),
            debit: side(*amount),
            credit: side(-amount),
            memo: None,
        };
        JournalLines(of.iter().map(line).collect())
    }

    fn refusal(lines: &JournalLines) -> (String, &'static str) {
        let error = lines.total().unwrap_err().errors.remove(0);
        (error.pointer, error.code)
    }

    #[test]
    fn sides_are_the_same_in_sum() {
        assert_eq!(lines(&[("bank", 70), ("fees", 30), ("receivables", -100)]).total().unwrap(), 100);
        assert_eq!(refusal(&lines(&[("bank", 100), ("receivables", -99)])), ("/lines".to_owned(), "unbalanced"));
        assert_eq!(refusal(&lines(&[])), ("/lines".to_owned(), "too_few"));
        assert_eq!(refusal(&lines(&[("bank", 100)])), ("/lines".to_owned(), "too_few"));
        assert_eq!(refusal(&lines(&[("bank", 100), ("x", 0), ("y", -100)])), ("/lines/1".to_owned(), "one_side"));
        let mut both = lines(&[("bank", 100), ("receivables", -100)]);
        both.0[0].credit = both.0[1].credit;
        assert_eq!(refusal(&both), ("/lines/0".to_owned(), "one_side"));
        let most = [("a", AMOUNT_MAX), ("a", 1), ("b", -AMOUNT_MAX), ("b", -1)];
        assert_eq!(refusal(&lines(&most)), ("/lines".to_owned(), "range"));
        let mut negative = lines(&[("bank", 100), ("receivables", -100)]);
        negative.0[0].debit = Some(Money::new(-100, Currency::USD));
        negative.0[1].credit = Some(Money::new(-100, Currency::USD));
        assert_eq!(refusal(&negative), ("/lines/0".to_owned(), "one_side"));
    }

    #[test]
    fn a_mirror_has_the_sides_changed() {
        let entry = lines(&[("bank", 70), ("fees", 30), ("receivables", -100)]);
        assert!(lines(&[("receivables", 100), ("fees", -30), ("bank", -70)]).mirror(&entry));
        assert!(!entry.mirror(&entry));
        assert!(!lines(&[("receivables", 100), ("bank", -100)]).mirror(&entry), "another split");
        assert!(!lines(&[("receivables", 100), ("fees", -70), ("bank", -30)]).mirror(&entry), "other amounts");
        let twice = lines(&[("receivables", 200), ("fees", -30), ("fees", -30), ("bank", -140)]);
        assert!(!twice.mirror(&entry));
    }

    /// Whatever is taken balances, by a sum of its own; and its mirror is taken too.
    #[test]
    fn random_lines_are_taken_only_if_they_balance() {
        let mut dice = SplitMix64::new(11, 0);
        let (mut taken, mut refused) = (0, 0);
        for _ in 0..4_000 {
            let amounts: Vec<i64> = (0..dice.between(0, 5)).map(|_| dice.between(-3, 3)).collect();
            let accounts = ["bank", "fees", "sales"];
            let of: Vec<_> = amounts.iter().map(|amount| (*dice.pick(&accounts).unwrap(), *amount)).collect();
            let entry = lines(&of);
            let balances = amounts.len() >= 2 && !amounts.contains(&0) && amounts.iter().sum::<i64>() == 0;
            assert_eq!(entry.total().is_ok(), balances, "{of:?}");
            if balances {
                taken += 1;
                let mirrored: Vec<_> = of.iter().rev().map(|(account, amount)| (*account, -amount)).collect();
                assert!(lines(&mirrored).mirror(&entry) && lines(&mirrored).total().is_ok(), "{of:?}");
            } else {
                refused += 1;
            }
        }
        assert!(taken > 100 && refused > 100, "{taken} taken, {refused} refused");
    }
}

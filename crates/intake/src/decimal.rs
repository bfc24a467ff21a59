//! Exact decimals: what a file says in figures is never a floating-point number here.

use std::fmt;

/// Most digits that are read, before and after the mark together.
const DIGITS_MAX: usize = 27;
/// Most digits after the mark that a result can have.
const SCALE_MAX: u32 = 30;

/// `units × 10^-scale`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// How figures are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// What stands before the fraction.
    pub mark: char,
    /// What may stand between groups of digits.
    pub group: Option<char>,
    /// Whether somebody said so. If nobody did, a number that can be two is neither.
    pub is_said: bool,
}

impl Figures {
    /// Whether a number can be read as two, and nobody said which: `1.290` is 1290 where a point stands
    /// between groups, and 1.29 where it stands before a fraction. No group begins with `0`.
    pub fn leave_open(self, text: &str) -> bool {
        let digits = text.trim_start_matches(['-', '+']);
        let is_open = |(whole, rest): (&str, &str)| {
            let are_digits = [whole, rest].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
            are_digits && rest.len() == 3 && (1..=3).contains(&whole.len()) && !whole.starts_with('0')
        };
        !self.is_said && digits.split_once(['.', ',']).is_some_and(is_open)
    }
}

impl Default for Figures {
    fn default() -> Self {
        Self { mark: '.', group: None, is_said: true }
    }
}

impl Decimal {
    /// 0.01, of which one percent is.
    pub const HUNDREDTH: Self = Self { units: 1, scale: 2 };

    /// Reads `-1234.50`. `None` for anything else, exponents included.
    pub fn parse(text: &str, figures: Figures) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once(figures.mark).unwrap_or((digits, ""));
        let whole = ungrouped(whole, figures.group)?;
        let all = format!("{whole}{fraction}");
        let plain = !whole.is_empty() && all.len() <= DIGITS_MAX && all.bytes().all(|byte| byte.is_ascii_digit());
        if !plain || (fraction.is_empty() && digits.ends_with(figures.mark)) {
            return None;
        }
        let units: i128 = all.parse().ok()?;
        let scale = u32::try_from(fraction.len()).ok()?;
        Some(Self { units: if negative { -units } else { units }, scale })
    }

    /// The sum. `None` beyond the range.
    pub fn plus(self, other: Self) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        Some(Self { units: self.at(scale)?.checked_add(other.at(scale)?)?, scale })
    }

    /// The difference. `None` beyond the range.
    pub fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { units: other.units.checked_neg()?, ..other })
    }

    /// The product. `None` beyond the range.
    pub fn times(self, other: Self) -> Option<Self> {
        let scale = self.scale + other.scale;
        Some(Self { units: self.units.checked_mul(other.units)?, scale }).filter(|product| product.scale <= SCALE_MAX)
    }

    /// Rounded half up, away from zero, to so many digits after the mark.
    pub fn round(self, digits: u32) -> Option<Self> {
        if self.scale <= digits {
            return Some(Self { units: self.at(digits)?, scale: digits });
        }
        let unit = 10_i128.checked_pow(self.scale - digits)?;
        let magnitude = self.units.checked_abs()?.checked_add(unit / 2)? / unit;
        Some(Self { units: if self.units < 0 { -magnitude } else { magnitude }, scale: digits })
    }

    /// Rounded half up to so many digits after the mark, as an integer of the last one.
    pub fn minor(self, digits: u32) -> Option<i64> {
        i64::try_from(self.round(digits)?.units).ok()
    }

    fn at(self, scale: u32) -> Option<i128> {
        self.units.checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }
}

/// The digits before the mark without what stands between groups. A group is three digits, and the first
/// one up to three: anything else is another way of writing, and perhaps another number.
fn ungrouped(whole: &str, group: Option<char>) -> Option<String> {
    let Some(group) = group.filter(|group| whole.contains(*group)) else { return Some(whole.to_owned()) };
    let mut groups = whole.split(group);
    let first_fits = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
    (first_fits && groups.all(|next| next.len() == 3)).then(|| whole.replace(group, ""))
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let scale = self.scale as usize;
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        match fraction.trim_end_matches('0') {
            "" => write!(f, "{sign}{whole}"),
            fraction => write!(f, "{sign}{whole}.{fraction}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text, Figures::default()).unwrap()
    }

    #[test]
    fn reads_plain_figures_only() {
        for (text, shown) in [
            ("0", "0"),
            ("9.80", "9.8"),
            ("-0.05", "-0.05"),
            ("+7", "7"),
            ("0012", "12"),
            ("123456789012345.67", "123456789012345.67"),
        ] {
            assert_eq!(decimal(text).to_string(), shown);
        }
        for bad in ["", ".", "1.", ".5", "1e3", "1,5", "--1", "1 000", "0x1", "NaN", "1.2.3", "1234567890123456789012345678"] {
            assert_eq!(Decimal::parse(bad, Figures::default()), None, "{bad}");
        }
        let european = Figures { mark: ',', group: Some('.'), is_said: true };
        assert_eq!(Decimal::parse("1.234.567,89", european).unwrap().to_string(), "1234567.89");
        assert_eq!(Decimal::parse("1234567,89", european).unwrap().to_string(), "1234567.89");
    }

    /// A number that is written in another way is no number a hundred times as large.
    #[test]
    fn groups_are_three_digits() {
        let english = Figures { mark: '.', group: Some(','), is_said: true };
        for (text, shown) in [("1,250", "1250"), ("12,500.5", "12500.5"), ("-999,999", "-999999"), ("7", "7")] {
            assert_eq!(Decimal::parse(text, english).unwrap().to_string(), shown);
        }
        for bad in ["12,50", "1,2,3", ",125", "1,2500", "1250,000", "1,,250", "1,250,", "-,125"] {
            assert_eq!(Decimal::parse(bad, english), None, "{bad}");
        }
    }

    /// What can be two numbers is neither, as long as nobody says which.
    #[test]
    fn a_number_that_can_be_two_is_open() {
        let unsaid = Figures { is_said: false, ..Figures::default() };
        for open in ["1.290", "12.500", "-999.999", "1,290"] {
            assert!(unsaid.leave_open(open) && !Figures::default().leave_open(open), "{open}");
        }
        for clear in ["1.29", "0.125", "1290", "1290.125", "1.2900", "1.234.567", ".125", "1.2x0", ""] {
            assert!(!unsaid.leave_open(clear), "{clear}");
        }
    }

    #[test]
    fn rounds_half_up_away_from_zero() {
        for (text, cents) in [("1.005", 101), ("1.004999", 100), ("-1.005", -101), ("2.5", 250), ("0.005", 1), ("7", 700)] {
            assert_eq!(decimal(text).minor(2), Some(cents), "{text}");
        }
        assert_eq!(decimal("1250").minor(0), Some(1_250));
        assert_eq!(decimal("99999999999999999999").minor(2), None, "beyond the range");
    }

    #[test]
    fn reckons_exactly() {
        let line = decimal("9.8").times(decimal("10")).unwrap().times(decimal("1").minus(decimal("0.15")).unwrap()).unwrap();
        assert_eq!(line.to_string(), "83.3");
        assert_eq!(decimal("0.1").plus(decimal("0.2")).unwrap().to_string(), "0.3");
        let huge = decimal("999999999999999999999999999");
        assert_eq!(huge.times(huge), None);
    }
}

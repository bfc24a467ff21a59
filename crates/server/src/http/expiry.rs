//! When a certificate ends, and when that is worth a warning.

use clinicos_contract::Timestamp;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// A certificate that ends within so many days should have been renewed: those who renew for
/// everybody do it a third of its life before its end.
pub const WARN_DAYS: i64 = 21;
/// One that lives for less than a season is warned of in this last part of its life: it would be
/// always, else.
const WARN_PART: i64 = 4;
const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// From when until when a certificate is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first moment.
    pub begin: Timestamp,
    /// The end, which is over: clients differ on whether the very moment still counts (RFC 5280
    /// section 4.1.2.5 says so), and nobody should lean on it.
    pub end: Timestamp,
}

/// How much of a certificate's time is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Enough.
    Enough,
    /// So many whole days, too few.
    Days(i64),
    /// None: clients refuse it.
    Over,
    /// It is good only later: clients refuse it until then.
    NotYet,
}

impl Left {
    /// What is left at a moment.
    pub fn of(validity: Validity, now: Timestamp) -> Self {
        let life = validity.end.as_micros().saturating_sub(validity.begin.as_micros());
        let warned = (WARN_DAYS * MICROS_PER_DAY).min(life / WARN_PART);
        if now < validity.begin {
            return Self::NotYet;
        }
        match validity.end.as_micros().saturating_sub(now.as_micros()) {
            ..=0 => Self::Over,
            left if left > warned => Self::Enough,
            left => Self::Days(left / MICROS_PER_DAY),
        }
    }

    /// What to say about it, if it is worth a warning.
    pub fn warning(self, Validity { begin, end }: Validity) -> Option<String> {
        let left = match self {
            Self::Enough => return None,
            Self::Over => return Some(format!("the certificate ended at {end}; clients refuse it until another one is there")),
            Self::NotYet => return Some(format!("the certificate is good from {begin} on; clients refuse it until then")),
            Self::Days(0) => "less than a day".to_owned(),
            Self::Days(1) => "1 day".to_owned(),
            Self::Days(days) => format!("{days} days"),
        };
        Some(format!("the certificate ends at {end}, in {left}; renew it before"))
    }
}

/// When a certificate is good. `None` for what is no certificate of X.509.
pub fn validity_of(certificate: &CertificateDer<'_>) -> Option<Validity> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let at = |seconds: i64| Timestamp::from_micros(seconds.saturating_mul(MICROS_PER_SECOND));
    let validity = certificate.validity();
    Some(Validity { begin: at(validity.not_before.timestamp()), end: at(validity.not_after.timestamp()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_life_is_warned_of_in_its_last_quarter() {
        let day = |days: i64| Timestamp::from_micros(days * MICROS_PER_DAY);
        for (life, left, expected) in [
            (90, 22, Left::Enough),
            (90, 21, Left::Days(21)),
            (3_650, 22, Left::Enough),
            (47, 12, Left::Enough),
            (47, 11, Left::Days(11)),
            (8, 3, Left::Enough),
            (8, 9, Left::NotYet),
            (8, 2, Left::Days(2)),
            (8, 0, Left::Over),
            (8, -1, Left::Over),
            (0, 0, Left::Over),
        ] {
            let validity = Validity { begin: day(100), end: day(100 + life) };
            assert_eq!(Left::of(validity, day(100 + life - left)), expected, "{left} of {life} days");
        }
        let validity = Validity { begin: day(100), end: day(108) };
        assert_eq!(Left::of(validity, validity.end), Left::Over);
        assert_eq!(Left::of(validity, validity.end.plus_micros(-1)), Left::Days(0));
    }
}

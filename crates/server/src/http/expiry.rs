//! When a certificate ends, and when that is worth a warning.

use clinicos_contract::Timestamp;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// A certificate that ends within so many days should have been renewed: those who renew for
/// everybody do it a third of its life before its end.
pub const WARN_DAYS: i64 = 21;
const MICROS_PER_SECOND: i64 = 1_000_000;
const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// How much of a certificate's time is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// Enough.
    Enough,
    /// So many whole days, too few.
    Days(i64),
    /// None: clients refuse it.
    Over,
}

impl Left {
    /// What is left at a moment.
    pub const fn of(end: Timestamp, now: Timestamp) -> Self {
        match end.as_micros() - now.as_micros() {
            ..=0 => Self::Over,
            left if left > WARN_DAYS * MICROS_PER_DAY => Self::Enough,
            left => Self::Days(left / MICROS_PER_DAY),
        }
    }

    /// What to say about it, if it is worth a warning.
    pub fn warning(self, end: Timestamp) -> Option<String> {
        let left = match self {
            Self::Enough => return None,
            Self::Over => return Some(format!("the certificate ended at {end}; clients refuse it until another one is there")),
            Self::Days(0) => "less than a day".to_owned(),
            Self::Days(1) => "1 day".to_owned(),
            Self::Days(days) => format!("{days} days"),
        };
        Some(format!("the certificate ends at {end}, in {left}; renew it before"))
    }
}

/// When a certificate ends: the last moment that it is valid at (RFC 5280 section 4.1.2.5).
/// `None` for what is no certificate of X.509.
pub fn end_of(certificate: &CertificateDer<'_>) -> Option<Timestamp> {
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let seconds = certificate.validity().not_after.timestamp();
    Some(Timestamp::from_micros(seconds.saturating_mul(MICROS_PER_SECOND)))
}

//! What a call costs: whether it may go on, and who pays that has no account.

use std::net::{IpAddr, Ipv6Addr};

use clinicos_contract::{Problem, Spec, problem};

use crate::call::{Inner, Who};
use crate::decide::Reason;
use crate::limits::{Account, Charge};
use crate::trail::Trail;

/// Lets a call go on if its charge was admitted.
pub(crate) fn charged(charge: Charge, spec: &Spec, trail: &mut Trail) -> Result<(), Problem> {
    trail.charge = Some((charge, spec.rate.name()));
    if charge.admitted {
        trail.reasons.push(Reason::WithinLimits);
        return Ok(());
    }
    trail.reasons.push(Reason::LimitReached);
    Err(rate_limited(&charge))
}

impl Who {
    /// Whether the server does what somebody began.
    pub(crate) fn is_job(self) -> bool {
        matches!(self, Self::PersonOf(_) | Self::KeyOf(_))
    }
}

impl Inner {
    /// Charges what the server does for somebody to the clinic's jobs: whoever began it goes on
    /// working meanwhile.
    pub(crate) fn charge_job(&self, account: &Account, spec: &Spec, trail: &mut Trail) -> Result<(), Problem> {
        charged(self.limiter.charge_job(account, self.services.clock.monotonic_ns()), spec, trail)
    }
}

/// Whoever has no address shares the budget of all who have none.
pub(crate) fn stranger(address: Option<IpAddr>) -> IpAddr {
    address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

/// The budget is spent; with when to come back.
pub(crate) fn rate_limited(charge: &Charge) -> Problem {
    let mut problem = Problem::new(&problem::RATE_LIMITED, format!("the budget of {} calls a minute is spent", charge.quota.0));
    problem.retry_after_s = Some(charge.reset_s.max(1));
    problem
}

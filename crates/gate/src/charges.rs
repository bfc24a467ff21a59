//! What a call costs: whether it may go on, and who pays that has no account.

use std::net::{IpAddr, Ipv6Addr};

use clinicos_contract::{Problem, Spec, problem};

use crate::call::{Ask, Found, Inner, Who};
use crate::decide::Reason;
use crate::facts::Snapshot;
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
    /// Charges a call to whoever makes it.
    pub(crate) async fn charge_found(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        trail: &mut Trail,
    ) -> Result<(), Problem> {
        match found {
            Found::Several(parts) if ask.spec.follows => return self.charge_all(snapshot, ask, parts, trail).await,
            Found::Connection(_, key) => {
                if let Some(address) = ask.address {
                    key.seen.note(address, self.services.clock.now());
                }
            }
            Found::Operator | Found::Stranger | Found::Several(_) | Found::Person(..) => {}
        }
        match found.account() {
            Some(account) if ask.who.is_job() => self.charge_job(account, ask.spec, trail),
            Some(account) => self.charge(account, ask.spec, trail).await,
            None if ask.spec.is_open() => self.charge_stranger(ask, trail),
            None => Ok(()),
        }
    }

    pub(crate) async fn charge(&self, account: &Account, spec: &Spec, trail: &mut Trail) -> Result<(), Problem> {
        let now_ns = self.services.clock.monotonic_ns();
        charged(self.limiter.charge(account, spec.rate, now_ns).await, spec, trail)
    }

    /// Charges where a call came from that shows nothing else.
    fn charge_stranger(&self, ask: &Ask, trail: &mut Trail) -> Result<(), Problem> {
        charged(self.limiter.charge_stranger(stranger(ask.address), self.services.clock.monotonic_ns()), ask.spec, trail)
    }

    /// Charges what the server does for somebody to the clinic's jobs: whoever began it goes on
    /// working meanwhile.
    fn charge_job(&self, account: &Account, spec: &Spec, trail: &mut Trail) -> Result<(), Problem> {
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

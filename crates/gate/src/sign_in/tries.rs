//! How often people may be wrong. Each try is charged before it is looked at, so that many at once
//! are no more than the budget; one that was right is given back.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::ids::UserId;
use crate::limits::{Charge, Quota, WINDOW_S, gcra_in};

/// Wrong tries for one account from one network, in a minute.
const OF_PAIR: Quota = Quota(6);
/// Wrong tries for one account from everywhere, in a minute.
const OF_ACCOUNT: Quota = Quota(60);
/// Wrong tries from one network, in a minute.
const OF_NETWORK: Quota = Quota(30);
/// Wrong tries for one account from one device that it was used on before, in a minute.
const OF_DEVICE: Quota = Quota(10);
/// Wrong codes beside the right password, from devices that are not known.
const OF_CODES: Quota = Quota(10);
/// Wrong codes and passwords that somebody who is signed in types.
const OF_OWN: Quota = Quota(10);
/// Seconds in which those two come back.
const LONG_WINDOW_S: u64 = 600;
/// Budgets remembered at once.
const BUDGETS_MAX: usize = 50_000;

/// Whose tries they are. What was typed stands here as a keyed hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Budget {
    Pair([u8; 32], Option<IpAddr>),
    Account([u8; 32]),
    Network(Option<IpAddr>),
    Device([u8; 32]),
    Codes(UserId),
    Own(UserId),
}

impl Budget {
    const fn quota(&self) -> (Quota, u64) {
        match self {
            Self::Pair(..) => (OF_PAIR, WINDOW_S),
            Self::Account(_) => (OF_ACCOUNT, WINDOW_S),
            Self::Network(_) => (OF_NETWORK, WINDOW_S),
            Self::Device(_) => (OF_DEVICE, WINDOW_S),
            Self::Codes(_) => (OF_CODES, LONG_WINDOW_S),
            Self::Own(_) => (OF_OWN, LONG_WINDOW_S),
        }
    }
}

/// Every budget that is not full.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<Budget, u64>>);

impl Tries {
    /// Charges a try to all of these, or to none if one of them is spent.
    pub(crate) fn charge(&self, budgets: &[Budget], now_ns: u64) -> Result<(), Charge> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut charged = Vec::with_capacity(budgets.len());
        for budget in budgets {
            let (quota, window_s) = budget.quota();
            let arrival = known.get(budget).copied().unwrap_or_default();
            let (next, charge) = gcra_in(arrival, now_ns, quota, window_s);
            if !charge.admitted {
                return Err(charge);
            }
            charged.push((*budget, next));
        }
        known.extend(charged);
        if known.len() > BUDGETS_MAX {
            make_room(&mut known, now_ns);
        }
        Ok(())
    }

    /// Gives a try back, because it was right.
    pub(crate) fn give_back(&self, budgets: &[Budget], now_ns: u64) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for budget in budgets {
            let (quota, window_s) = budget.quota();
            let Some(arrival) = known.get_mut(budget) else { continue };
            *arrival = arrival.saturating_sub(window_s * 1_000_000_000 / u64::from(quota.0.max(1)));
            if *arrival <= now_ns {
                known.remove(budget);
            }
        }
    }
}

/// Forgets what is full again, and if that is not enough, the half that is nearest to it: what
/// was tried most stays.
fn make_room(known: &mut HashMap<Budget, u64>, now_ns: u64) {
    known.retain(|_, arrival| *arrival > now_ns);
    if known.len() <= BUDGETS_MAX {
        return;
    }
    let mut arrivals: Vec<u64> = known.values().copied().collect();
    let half = arrivals.len() / 2;
    let (_, &mut middle, _) = arrivals.select_nth_unstable(half);
    known.retain(|_, arrival| *arrival > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE_NS: u64 = 60_000_000_000;

    #[test]
    fn a_try_that_was_right_costs_nothing() {
        let tries = Tries::default();
        for _ in 0..100 {
            assert!(tries.charge(&[Budget::Account([1; 32])], 5).is_ok());
            tries.give_back(&[Budget::Account([1; 32])], 5);
        }
        assert!(tries.0.lock().unwrap().is_empty());
    }

    #[test]
    fn a_spent_budget_charges_no_other() {
        let tries = Tries::default();
        let (pair, network) = (Budget::Pair([1; 32], None), Budget::Network(None));
        for _ in 0..6 {
            assert!(tries.charge(&[network, pair], 5).is_ok());
        }
        for _ in 0..100 {
            assert!(tries.charge(&[network, pair], 5).is_err());
        }
        let left = (0..100).filter(|_| tries.charge(&[network], 5).is_ok()).count();
        assert_eq!(left, 24);
    }

    #[test]
    fn memory_is_bounded_and_keeps_what_was_tried_most() {
        let tries = Tries::default();
        let tried = Budget::Account([255; 32]);
        for _ in 0..60 {
            assert!(tries.charge(&[tried], 5).is_ok());
        }
        for number in 0..u32::try_from(2 * BUDGETS_MAX).unwrap() {
            let mut hash = [0; 32];
            hash[..4].copy_from_slice(&number.to_be_bytes());
            assert!(tries.charge(&[Budget::Account(hash)], 5).is_ok());
            assert!(tries.0.lock().unwrap().len() <= BUDGETS_MAX);
        }
        assert!(tries.charge(&[tried], 5).is_err());
        assert!(tries.charge(&[tried], 5 + MINUTE_NS).is_ok());
    }
}

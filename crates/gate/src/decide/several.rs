//! A call that is about several clinics, each of which decided it for itself.

use clinicos_contract::{Category, CategorySet};

use crate::permit::{Bounds, Permit};
use crate::scopes::Grant;

/// The permit of such a call; none, if no clinic allows it. It reaches no clinic and shows nothing of
/// one: that is done by what each of them permitted.
pub(crate) fn several<'p>(permits: impl Iterator<Item = &'p Permit>) -> Option<Permit> {
    let mut permits = permits;
    let first = permits.next()?;
    Some(Permit {
        reach: first.reach,
        caller: first.caller,
        clinic: None,
        visible: CategorySet::NONE.with(Category::RecordSystem),
        looking: None,
        grant: Grant::default(),
        addresses: Bounds::default(),
        factor: None,
        must_narrow: false,
        decided_at_seq: first.decided_at_seq,
    })
}

//! Who shows nothing, where nothing is asked for.

use clinicos_contract::{Category, CategorySet, Problem, problem};

use super::{Gathered, Reason, Reasons};
use crate::permit::{Bounds, Caller, Permit};
use crate::scopes::Grant;

/// Somebody unknown may do what anybody may, and sees nothing of any clinic.
pub(super) fn decide(facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<Permit, Problem> {
    if !facts.spec.is_open() {
        reasons.push(Reason::NoValidCredential);
        return Err(Problem::new(&problem::UNAUTHENTICATED, "send a key as `Authorization: Bearer`"));
    }
    reasons.push(Reason::OpenToAnybody);
    Ok(Permit {
        reach: facts.spec.reach,
        caller: Caller::Stranger,
        clinic: None,
        visible: CategorySet::NONE.with(Category::RecordSystem),
        looking: None,
        grant: Grant::default(),
        addresses: Bounds::default(),
        factor: None,
        must_narrow: false,
        decided_at_seq: facts.seq,
    })
}

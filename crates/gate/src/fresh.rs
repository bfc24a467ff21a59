//! The last look: what was decided before a change of grants is decided again before its first byte.

use clinicos_contract::{Problem, problem};

use crate::call::{Ask, Inner};
use crate::include::Include;
use crate::permit::Permit;
use crate::read_held::{Asked, Direct};
use crate::trail::Trail;

impl Inner {
    /// The last look before the first byte: an answer shows no more than is allowed now.
    pub(crate) fn still_fresh(
        &self,
        ask: &Ask,
        permit: &Permit,
        also: (&[Include], Option<Direct>),
        trail: &mut Trail,
    ) -> Result<(), Problem> {
        let (includes, direct) = also;
        if self.facts.seq() == permit.decided_at_seq {
            return Ok(());
        }
        let again = self.decide_again(ask, trail)?;
        let shows_no_more = permit.visible.iter().all(|category| again.visible.contains(category));
        if shows_no_more && self.includes_hold(ask, includes, trail)? && self.direct_holds(ask, direct, trail)? {
            return Ok(());
        }
        Err(Problem::new(&problem::MISSING_OPT_IN, "the grant was narrowed while the call was under way; call again"))
    }

    /// Whether lines may still be shown, by what is known now.
    fn direct_holds(&self, ask: &Ask, direct: Option<Direct>, trail: &mut Trail) -> Result<bool, Problem> {
        let Some((spec, visible)) = direct else { return Ok(true) };
        let snapshot = self.facts.current().clone();
        let found = self.authenticate(&snapshot, ask.who, trail)?;
        let (_, again) = self.direct(&Asked { snapshot: &snapshot, ask, found: &found }, spec.id, trail)?;
        Ok(visible.iter().all(|category| again.contains(category)))
    }
}

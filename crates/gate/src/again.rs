//! Decisions that are made again, with what is known now: before the first byte of an answer, after
//! a change that overtook a write, and after a wait.

use clinicos_contract::{Problem, problem};

use crate::admit::Ready;
use crate::call::{Ask, Inner};
use crate::consents::Holds;
use crate::decide::{Reason, Reasons};
use crate::permit::Permit;
use crate::read_held::{Asked, Direct};
use crate::trail::Trail;

impl Inner {
    /// Decides again with what is known now. For a call that was decided before a change.
    pub(crate) fn decide_again(&self, ask: &Ask, trail: &mut Trail) -> Result<Permit, Problem> {
        let snapshot = self.facts.current().clone();
        trail.reasons = Reasons::default();
        trail.reasons.push(Reason::GrantChanged);
        let found = self.authenticate(&snapshot, ask.who, ask.clinic_id.as_deref(), trail)?;
        self.decide(&snapshot, ask, &found, trail)
    }

    /// The last look before the first byte: an answer shows no more than is allowed now.
    ///
    /// Tells whether it may go out; if not, a client decided something meanwhile, and it has to be read anew.
    pub(crate) fn still_fresh(&self, ask: &Ask, permit: &Permit, ready: &Ready, trail: &mut Trail) -> Result<bool, Problem> {
        if self.facts.seq() == permit.decided_at_seq {
            return Ok(true);
        }
        let again = self.decide_again(ask, trail)?;
        let holds = permit
            .sees()
            .holds(&again.sees())
            .max(self.includes_hold(ask, &ready.includes, trail)?)
            .max(self.following_holds(ask, &ready.followed, trail)?)
            .max(self.direct_holds(ask, ready.direct.as_ref(), trail)?)
            .max(self.explained_holds(ask, ready, trail)?);
        match holds {
            Holds::Yes => Ok(true),
            Holds::Anew => Ok(false),
            Holds::No => {
                let detail = "the grant was narrowed while the call was under way; call again";
                Err(Problem::new(&problem::MISSING_OPT_IN, detail))
            }
        }
    }

    /// Whether lines may still be shown, by what is known now.
    fn direct_holds(&self, ask: &Ask, direct: Option<&Direct>, trail: &mut Trail) -> Result<Holds, Problem> {
        let Some((spec, sees)) = direct else { return Ok(Holds::Yes) };
        let snapshot = self.facts.current().clone();
        let found = self.authenticate(&snapshot, ask.who, ask.clinic_id.as_deref(), trail)?;
        let (_, again) = self.direct(&Asked { snapshot: &snapshot, ask, found: &found }, spec.id, trail)?;
        Ok(sees.holds(&again))
    }

    /// Decides a call that waited as if it had come now.
    pub(crate) fn decide_anew(&self, ask: &Ask, ready: &mut Ready, trail: &mut Trail) -> Result<Permit, Problem> {
        // The entry keeps the reasons of the first decision, unless it is this one that refuses.
        let reasons = std::mem::take(&mut trail.reasons);
        let snapshot = self.facts.current().clone();
        let found = self.authenticate(&snapshot, ask.who, ask.clinic_id.as_deref(), trail)?;
        let permit = self.decide(&snapshot, ask, &found, trail)?;
        ready.followed = self.followed(&snapshot, ask, &found, &permit, &ready.input.query.types, trail)?;
        trail.reasons = reasons;
        Ok(permit)
    }
}

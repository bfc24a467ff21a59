//! Why data of clients may leave to a connection, or not: told from what the serializer itself asks.
//!
//! Only callers whom no client's word binds are told (`Spec::explains`): others would learn by it what clients decided
//! about somebody else.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use clinicos_consent::{Because, Decided, Decisions, OF_CLIENTS, Rule, Standing, Verdict};
use clinicos_contract::{AnyId, Category, Explains, Problem, Timestamp};

use crate::admit::Ready;
use crate::call::{Ask, Found, Inner};
use crate::consents::{Consents, Holds, Looking, Voice};
use crate::decide::{Gathered, Reasons, decide};
use crate::facts::{ConnectionFacts, Snapshot};
use crate::permit::{ClinicFacts, Permit};
use crate::trail::Trail;

/// The connections of a clinic and what its clients decided, at one moment.
#[derive(Debug)]
pub struct Explaining {
    clinic: ClinicFacts,
    connections: Vec<Arc<ConnectionFacts>>,
    consents: Arc<Consents>,
    now: Timestamp,
}

/// Whether a clinic opted in to a category of data for a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptedIn {
    /// It did.
    Given {
        /// When that ends.
        until: Option<Timestamp>,
    },
    /// It did once.
    Expired {
        /// When that ended.
        at: Timestamp,
    },
    /// It did for another purpose than the connection's.
    OtherPurpose,
    /// It never did.
    Missing,
}

/// Whether one category of data may leave, and why.
#[derive(Debug, Clone)]
pub struct Why {
    /// The category.
    pub category: Category,
    /// Whether the clinic opted in.
    pub opted_in: OptedIn,
    /// What rules and clients come to.
    pub verdict: Verdict,
    /// Whose word that is: the strictest of all whom it concerns. Nobody's, where a rule decided.
    pub client: Option<[u8; 16]>,
    /// Whether the client permitted it before and took that back.
    pub taken_back: bool,
    /// The rule that decided.
    pub rule: Option<Rule>,
}

impl Why {
    /// Whether it may leave.
    pub fn may_leave(&self) -> bool {
        matches!(self.opted_in, OptedIn::Given { .. }) && self.verdict.shown
    }
}

impl Explaining {
    /// The clinic's connections, in the order of their ids.
    pub fn connections(&self) -> &[Arc<ConnectionFacts>] {
        &self.connections
    }

    /// For each category of data of clients, whether it may leave to a connection of a record with these subjects,
    /// clients and patients, and why.
    pub fn why(&self, connection: &ConnectionFacts, subjects: &[AnyId]) -> Vec<Why> {
        let looking = Looking::of_any(&connection.standing, &self.consents, self.now);
        OF_CLIENTS.iter().map(|category| why(connection, &looking, category, subjects, self.now)).collect()
    }
}

fn why(connection: &ConnectionFacts, looking: &Looking, category: Category, subjects: &[AnyId], now: Timestamp) -> Why {
    let (voice, verdict) = strictest(looking, category, subjects);
    let (mut client, mut taken_back, mut rule) = (None, false, None);
    match &verdict.because {
        Because::Said(id, decided) => {
            let said = looking.decided(voice).and_then(|all| all.iter().find(|statement| statement.id == *id));
            taken_back = *decided == Decided::Denied && said.is_some_and(|statement| statement.permits);
            client = voice.client;
        }
        Because::Exception(id) | Because::Default(id) => rule = looking.standing.rule(id).cloned(),
        Because::NotOfClients | Because::NothingSays => {}
    }
    Why { category, opted_in: connection.opted_in(category, now), verdict, client, taken_back, rule }
}

/// Of all whose word counts, the one who decides: somebody who does not allow it, or else somebody who said so.
fn strictest(looking: &Looking, category: Category, subjects: &[AnyId]) -> (Voice, Verdict) {
    let nobody = Voice { client: None, patient: None };
    let mut found: Option<(Voice, Verdict)> = None;
    looking.voices(subjects, |voice| {
        let verdict = of_one(&looking.standing, looking.decided(voice), category, voice, looking.now);
        let is_said = |verdict: &Verdict| matches!(verdict.because, Because::Said(..));
        let rank = |verdict: &Verdict| (!verdict.shown, is_said(verdict));
        if found.as_ref().is_none_or(|(_, so_far)| rank(&verdict) > rank(so_far)) {
            found = Some((voice, verdict));
        }
    });
    // A record of clients' data that names nobody: nobody is there who could allow it.
    found.unwrap_or_else(|| {
        let shown = looking.open().contains(category);
        let verdict = of_one(&looking.standing, None, category, nobody, looking.now);
        (nobody, if shown { verdict } else { Verdict { shown, because: Because::NothingSays } })
    })
}

fn of_one(standing: &Standing, said: Option<&Decisions>, category: Category, voice: Voice, now: Timestamp) -> Verdict {
    standing.explain(category, said.unwrap_or(&Decisions::default()), voice.patient, now)
}

impl ConnectionFacts {
    /// Whether the clinic opted in to a category for it at this moment.
    pub fn opted_in(&self, category: Category, now: Timestamp) -> OptedIn {
        let own = || self.opt_ins.iter().filter(|opt_in| opt_in.category == category);
        if self.categories(now).contains(category) {
            let ends: Vec<Option<Timestamp>> = own().map(|opt_in| opt_in.expires_at).collect();
            let until = if ends.contains(&None) { None } else { ends.into_iter().flatten().max() };
            return OptedIn::Given { until };
        }
        match own().filter_map(|opt_in| opt_in.expires_at).max() {
            Some(at) => OptedIn::Expired { at },
            None if self.for_other_purposes.contains(category) => OptedIn::OtherPurpose,
            None => OptedIn::Missing,
        }
    }
}

impl Inner {
    /// Decides the other operations that a caller must be allowed to call.
    pub(crate) fn decide_also(&self, facts: &Gathered<'_>, reasons: &mut Reasons) -> Result<(), Problem> {
        for id in facts.spec.also {
            let spec = self.catalogue.find(id).map(|operation| operation.spec());
            let spec = spec.ok_or_else(|| Problem::unavailable(format!("nothing is called `{id}`")))?;
            // The entry keeps the reasons of the call itself, unless it is this that refuses.
            let mut own = Reasons::default();
            decide(&Gathered { spec, scope: self.catalogue.scope_of(spec), ..*facts }, &mut own).map_err(|mut problem| {
                *reasons = own;
                problem.detail = format!("this tells what `{id}` reads: {}", problem.detail);
                problem
            })?;
        }
        Ok(())
    }

    /// Gathers what an operation tells of others.
    pub(crate) fn explain(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        permit: &Permit,
        ready: &mut Ready,
        trail: &mut Trail,
    ) -> Result<(), Problem> {
        match ask.spec.explains {
            // The log alone is asked who was told.
            Explains::Nothing | Explains::Disclosures => {}
            Explains::Record => {
                ready.preview = Some(Arc::new(self.preview(snapshot, ask, found, permit, &ready.input.path, trail)?));
            }
            Explains::Decisions => {
                let clinic = permit.clinic().ok_or_else(Problem::not_found)?;
                ready.explaining = Some(Arc::new(self.explaining(snapshot, clinic)));
            }
        }
        Ok(())
    }

    fn explaining(&self, snapshot: &Snapshot, clinic: &ClinicFacts) -> Explaining {
        Explaining {
            clinic: clinic.clone(),
            connections: snapshot.connections_of(clinic.id).into_iter().cloned().collect(),
            consents: snapshot.consents(Some(clinic.id)).clone(),
            now: self.services.clock.now(),
        }
    }

    /// Whether what was told of others is still so: if not, it is told anew.
    pub(crate) fn explained_holds(&self, ask: &Ask, ready: &Ready, trail: &mut Trail) -> Result<Holds, Problem> {
        let snapshot = self.facts.current().clone();
        if let Some(told) = &ready.explaining {
            let now = self.explaining(&snapshot, &told.clinic);
            let same = now.consents.seq == told.consents.seq
                && now.connections.len() == told.connections.len()
                && now.connections.iter().zip(&told.connections).all(|(now, told)| Arc::ptr_eq(now, told));
            return Ok(if same { Holds::Yes } else { Holds::Anew });
        }
        let Some(shown) = &ready.preview else { return Ok(Holds::Yes) };
        let found = self.authenticate(&snapshot, ask.who, ask.clinic_id.as_deref(), trail)?;
        let permit = self.decide(&snapshot, ask, &found, trail)?;
        let now = self.preview(&snapshot, ask, &found, &permit, &ready.input.path, trail)?;
        Ok(shown.holds(&now))
    }
}

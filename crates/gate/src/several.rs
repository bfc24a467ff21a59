//! A key for an organization: what it is at each clinic that lets it in, and the call that is about
//! all of them.
//!
//! Each clinic decides such a call by itself, as one of its own connection. The clinics that allow it
//! are *open*; the others are left out, and refuse it only if none is open.

use std::sync::Arc;

use clinicos_contract::{Problem, Timestamp, problem};

use crate::call::{Ask, Found, Inner};
use crate::decide::{self, Reason, Reasons};
use crate::facts::{ConnectionFacts, ConnectionState, KeyFacts, Snapshot};
use crate::permit::{Caller, ClinicFacts, Permit};
use crate::trail::Trail;

/// How long before its end a key's answers say so.
const KEY_ENDS_SOON_DAYS: i64 = 14;

/// What a key is at one clinic.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) connection: Arc<ConnectionFacts>,
    pub(crate) key: Arc<KeyFacts>,
}

/// A clinic that allows a call, and how it came to that.
pub(crate) struct Open<'p> {
    pub(crate) part: &'p Part,
    pub(crate) clinic: Arc<ClinicFacts>,
    pub(crate) permit: Permit,
    pub(crate) reasons: Reasons,
}

/// A clinic that does not allow it.
struct Closed<'p> {
    part: &'p Part,
    problem: Problem,
    reasons: Reasons,
}

impl Part {
    /// A key at one clinic.
    pub(crate) fn of(snapshot: &Snapshot, key: &Arc<KeyFacts>) -> Option<Self> {
        Some(Self { connection: snapshot.connection(key.connection)?.clone(), key: key.clone() })
    }

    /// As a caller of that clinic alone.
    pub(crate) fn found(&self) -> Found {
        Found::Connection(self.connection.clone(), self.key.clone())
    }

    pub(crate) fn caller(&self) -> Caller {
        let ConnectionFacts { id, purpose, .. } = *self.connection;
        Caller::Connection { connection: id, key: self.key.id, purpose }
    }

    /// Why it lets nobody in any more, if so.
    pub(crate) fn over(&self, now: Timestamp) -> Option<(Reason, &'static str)> {
        if self.key.revoked || self.connection.state == ConnectionState::Revoked {
            return Some((Reason::KeyRevoked, "this key was revoked; it never comes back"));
        }
        if self.key.expires_at.is_some_and(|end| now >= end) {
            return Some((Reason::KeyExpired, "this key has expired"));
        }
        if self.key.replaced_at.is_some_and(|end| now >= end) {
            let detail = "this key was replaced by another one, and its time beside that is over";
            return Some((Reason::KeyReplaced, detail));
        }
        None
    }

    /// When it ends, for who reads the answers of a key that is replaced, or ends soon.
    pub(crate) fn ends_soon(&self, now: Timestamp) -> Option<Timestamp> {
        let soon = now.plus_seconds(KEY_ENDS_SOON_DAYS * 86_400);
        self.key.end().filter(|end| self.key.replaced_at.is_some() || *end <= soon)
    }
}

impl Trail {
    /// What follows is about a key at this clinic, and stands in its log.
    pub(crate) fn at(&mut self, snapshot: &Snapshot, part: &Part) {
        self.caller(part.caller());
        if let Some(clinic) = snapshot.clinic(part.key.clinic) {
            self.clinic(clinic);
        }
    }
}

impl Inner {
    /// The clinics that allow a call now, in the order of their ids; if none does, the first refusal.
    pub(crate) fn open<'p>(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        parts: &'p [Part],
        trail: &mut Trail,
    ) -> Result<Vec<Open<'p>>, Problem> {
        let (mut open, mut closed) = (Vec::with_capacity(parts.len()), None);
        for part in parts {
            match self.open_one(snapshot, ask, part, trail) {
                Ok(one) => open.push(one),
                Err(one) => closed = closed.or(Some(one)),
            }
        }
        match closed {
            Some(Closed { part, problem, reasons }) if open.is_empty() => {
                trail.at(snapshot, part);
                trail.reasons = reasons;
                Err(problem)
            }
            // Whoever is authenticated has a part, which was opened or refused.
            None if open.is_empty() => Err(Problem::unavailable("no clinic of a key decided about its call")),
            _ => Ok(open),
        }
    }

    fn open_one<'p>(&self, snapshot: &Snapshot, ask: &Ask, part: &'p Part, trail: &Trail) -> Result<Open<'p>, Closed<'p>> {
        let mut reasons = Reasons::default();
        if trail.charge.is_some_and(|(charge, _)| charge.admitted) {
            reasons.push(Reason::WithinLimits);
        }
        // A budget of nothing is no pace that the other clinics should keep to.
        if part.connection.account.set.get(ask.spec.rate.index()).copied().flatten() == Some(0) {
            reasons.push(Reason::LimitReached);
            let problem = Problem::new(&problem::RATE_LIMITED, "an admin of the clinic set this connection's budget to nothing");
            return Err(Closed { part, problem, reasons });
        }
        let clinic = snapshot.clinic(part.key.clinic).cloned();
        let decided = self.decide_at(snapshot, ask, &part.found(), clinic.as_deref(), trail.page.as_deref(), &mut reasons);
        match (decided, clinic) {
            (Ok(permit), Some(clinic)) => Ok(Open { part, clinic, permit, reasons }),
            (Ok(_), None) => {
                let problem = Problem::unavailable("a clinic that nobody knows decided");
                Err(Closed { part, problem, reasons })
            }
            (Err(problem), _) => Err(Closed { part, problem, reasons }),
        }
    }

    /// Decides a call that is about every clinic that allows it.
    pub(crate) fn decide_all(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        parts: &[Part],
        trail: &mut Trail,
    ) -> Result<Permit, Problem> {
        let open = self.open(snapshot, ask, parts, trail)?;
        let permit = decide::several::several(open.iter().map(|one| &one.permit));
        if let Some(first) = open.first() {
            trail.at(snapshot, first.part);
            trail.reasons = first.reasons;
        }
        permit.ok_or_else(|| Problem::unavailable("a call was about no clinic"))
    }

    /// Charges such a call to each connection that allows it; if none does, to the first. The
    /// tightest budget is told, and the first that is spent refuses.
    pub(crate) async fn charge_all(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        parts: &[Part],
        trail: &mut Trail,
    ) -> Result<(), Problem> {
        let (now, reasons) = (self.services.clock.now(), trail.reasons);
        let open = self.open(snapshot, ask, parts, &mut trail.clone()).unwrap_or_default();
        let mut due: Vec<&Part> = open.iter().map(|one| one.part).collect();
        if due.is_empty() {
            due.extend(parts.first());
        }
        let mut tightest = None;
        for part in &due {
            trail.at(snapshot, part);
            trail.reasons = reasons;
            self.charge(&part.connection.account, ask.spec, trail).await?;
            let left = |charge: &Option<(crate::limits::Charge, _)>| charge.as_ref().map_or(u32::MAX, |(one, _)| one.remaining);
            if left(&trail.charge) <= left(&tightest) {
                tightest = trail.charge;
            }
            if let Some(address) = ask.address {
                part.key.seen.note(address, now);
            }
        }
        trail.charge = tightest;
        if let Some(first) = due.first() {
            trail.at(snapshot, first);
        }
        Ok(())
    }
}

/// Refuses a call that does not say which of its key's clinics it is about.
pub(crate) fn must_name(parts: &[Part]) -> Problem {
    let clinics: Vec<String> = parts.iter().map(|part| format!("`{}`", part.key.clinic)).collect();
    let detail = format!("this key is for an organization: say which clinic this is about; there are: {}", clinics.join(", "));
    Problem::parameters(vec![clinicos_contract::FieldError::new("clinic_id", "required", detail)])
}

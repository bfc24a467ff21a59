//! A read in a snapshot that is held over several calls.
//!
//! It runs twice in the same snapshot: first the operation says which lines it is about, then, once
//! the direct read of the same is decided, they are written.

use std::sync::Arc;

use clinicos_contract::{Problem, Spec};
use clinicos_store::{ReadWork, Store};

use crate::admit::Ready;
use crate::call::{Ask, Found, Gate, Inner};
use crate::consents::Sees;
use crate::decide::Reason;
use crate::facts::Snapshot;
use crate::held::Held;
use crate::permit::Permit;
use crate::read::ReadCall;
use crate::request::Request;
use crate::services::Services;
use crate::trail::Trail;
use crate::write_out::Body;

/// What a decision rests on, beside the operation.
pub(crate) struct Asked<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) ask: &'a Ask,
    pub(crate) found: &'a Found,
}

/// The direct read that lines were decided as, and what it may show.
pub(crate) type Direct = (&'static Spec, Sees);

impl Gate {
    /// Reads in the snapshot that the call names; the first who reads takes it.
    pub(crate) async fn read_held(
        &self,
        request: &Request,
        permit: &Permit,
        ready: &Ready,
        trail: &mut Trail,
        (parameter, asked): (&str, Asked<'_>),
    ) -> Result<(Body, Option<Direct>), Problem> {
        let (services, store) = (&self.inner.services, &self.inner.store);
        let id = ready.input.path.iter().find(|(name, _)| *name == parameter).map_or("", |(_, id)| id);
        let held = services.held.find(id, permit, services.clock.monotonic_ns());
        let held = held.inspect_err(|_| trail.reasons.push(Reason::OperationRefused))?;
        let mut call = ReadCall::new(services, request.operation, permit, ready);
        call.held = Some(held.clone());
        read(services, store, &held, &mut call).await?;
        let mut direct = None;
        if let (Some(lines), None) = (&call.lines, call.refusal()) {
            let (spec, sees) = self.inner.direct(&asked, lines.reads(), trail)?;
            call.sees = Some(sees.clone());
            direct = Some((spec, sees));
            read(services, store, &held, &mut call).await?;
            if call.refusal().is_none() && call.fill().await.inspect_err(|_| trail.reasons.push(Reason::OperationRefused))? {
                read(services, store, &held, &mut call).await?;
            }
        }
        let body = call.done().inspect_err(|_| trail.reasons.push(Reason::OperationRefused))?;
        Ok((body, direct))
    }
}

impl Inner {
    /// Decides lines as the direct read of the same.
    pub(crate) fn direct(&self, asked: &Asked<'_>, reads: &'static str, trail: &mut Trail) -> Result<Direct, Problem> {
        let spec = self.catalogue.find(reads).map(|operation| operation.spec());
        let spec = spec.ok_or_else(|| Problem::unavailable(format!("nothing is called `{reads}`")))?;
        // The entry keeps the reasons of the call itself, unless it is this that refuses.
        let reasons = std::mem::take(&mut trail.reasons);
        let permit =
            self.decide(asked.snapshot, &Ask { spec, ..asked.ask.clone() }, asked.found, trail).map_err(|mut problem| {
                problem.detail = format!("to export `{}`: {}", spec.resource.name, problem.detail);
                problem
            })?;
        trail.reasons = reasons;
        Ok((spec, permit.sees()))
    }
}

async fn read(services: &Services, store: &Store, held: &Arc<Held>, work: &mut dyn ReadWork) -> Result<(), Problem> {
    let mut snapshot = held.snapshot.lock().await;
    if snapshot.is_none() {
        if held.as_of().is_some() {
            // It was let go of between two reads.
            return Err(Problem::not_found());
        }
        let now = services.clock.now();
        *snapshot = Some(store.snapshot().await.map_err(Problem::unavailable)?);
        held.taken(now);
    }
    match snapshot.as_mut() {
        Some(snapshot) => snapshot.read(work).await.map_err(Problem::unavailable),
        None => Err(Problem::not_found()),
    }
}

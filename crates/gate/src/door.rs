//! The door, as everything that comes in sees it.

use std::collections::HashSet;
use std::net::IpAddr;

use clinicos_contract::Problem;
use futures_util::future::BoxFuture;

use crate::call::{Gate, draft};
use crate::catalogue::Catalogue;
use crate::charges::{rate_limited, stranger};
use crate::credential;
use crate::decide::{Reason, origin_not_allowed};
use crate::events::OpenStream;
use crate::ids::{SessionId, UserId};
use crate::render;
use crate::request::{Answer, Credential, Origin, RawAnswer, RawRefusal, Request};
use crate::services::Services;
use crate::trail::Trail;
use crate::write_out::Body;

/// The one way in. HTTP, consoles, agents and automations hold it as `Arc<dyn Door>`.
pub trait Door: Send + Sync {
    /// Runs a call, or refuses it. Either way the answer has its audit entry on disk.
    fn call(&self, request: Request) -> BoxFuture<'_, Answer>;
    /// Refuses for an adapter: a route that does not exist, a body that is too large.
    fn refuse(&self, refusal: RawRefusal) -> BoxFuture<'_, Answer>;
    /// Journals an answer that no operation gives: documents and pages.
    fn account(&self, answer: RawAnswer) -> BoxFuture<'_, Answer>;
    /// Tells a browser whether pages of an origin may call at all. It carries no credential, so the
    /// call itself is decided when it comes.
    fn preflight(&self, origin: Origin) -> BoxFuture<'_, Answer>;
    /// Whether a credential is known, so that reading a body for it is worth the memory. It
    /// decides nothing: the call itself does.
    fn knows(&self, credential: &Credential) -> bool;
    /// Whose session a credential is, or was as long as that is known. It decides nothing.
    fn user_of(&self, credential: &Credential) -> Option<UserId>;
    /// The sessions of a person that are not over: by their end, by lying idle, or by somebody. For a page
    /// that lists them; what lies idle is known here alone.
    fn living_sessions(&self, user: UserId) -> HashSet<SessionId>;
    /// Charges an address before anybody is known; the refusal, if its budget is spent.
    fn charge_address(&self, address: IpAddr) -> Result<(), Problem>;
    /// The refusal, if the budget is spent of those who show nothing and come from this address: no
    /// body is read for it. It charges nothing: the call itself does.
    fn has_room_for_stranger(&self, address: Option<IpAddr>) -> Result<(), Problem>;
    /// Makes room for a stream of changes; the refusal, if there is none. It is free again when what
    /// this gives is dropped. Whoever is not known gets none: the call itself refuses them.
    fn begin_stream(&self, credential: &Credential) -> Result<Option<OpenStream>, Problem>;
    /// Returns when the server stops.
    fn stopping(&self) -> BoxFuture<'_, ()>;
    /// Whether calls can be answered: the journal can be written.
    fn is_ready(&self) -> bool;
    /// Every operation.
    fn catalogue(&self) -> &Catalogue;
    /// What does not change while the server runs.
    fn services(&self) -> &Services;
}

impl Door for Gate {
    fn call(&self, request: Request) -> BoxFuture<'_, Answer> {
        Box::pin(self.run(request))
    }

    fn refuse(&self, refusal: RawRefusal) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let gate = &*self.inner;
            let mut trail = Trail::start(&gate.services, refusal.label, refusal.route, &refusal.origin);
            if self.knows(&refusal.credential)
                && let Ok(who) = gate.shown(&refusal.credential, &mut trail)
            {
                // Only to name who tried; whatever is wrong with the key, the refusal stands.
                let _ = gate.authenticate(&gate.facts.current().clone(), who, None, &mut trail);
            }
            trail.reasons.push(Reason::NotRouted);
            gate.refuse(&trail, &refusal.problem).await
        })
    }

    fn account(&self, answer: RawAnswer) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let gate = &*self.inner;
            let trail = Trail::start(&gate.services, answer.label, answer.route, &answer.origin);
            let entry = trail.public(&gate.services, answer.status, answer.body.len());
            match gate.store.journal(entry).await {
                Ok(receipt) => {
                    let bare = Body { status: answer.status, ..Body::default() };
                    let mut draft = draft(&trail, bare);
                    draft.headers.push(("content-type", answer.content_type.to_owned()));
                    Answer::new(draft, trail.request_id, receipt).sharing(answer.body)
                }
                Err(error) => gate.refuse(&trail, &Problem::unavailable(error)).await,
            }
        })
    }

    fn preflight(&self, origin: Origin) -> BoxFuture<'_, Answer> {
        Box::pin(async move {
            let gate = &*self.inner;
            let mut trail = Trail::start(&gate.services, "http.preflight", "OPTIONS *".to_owned(), &origin);
            let listed = origin.page.filter(|page| gate.facts.current().takes_pages_of(page));
            let Some(page) = listed else {
                trail.reasons.push(Reason::OriginNotListed);
                return gate.refuse(&trail, &origin_not_allowed()).await;
            };
            trail.reasons.push(Reason::OriginListed);
            let draft = render::preflight(&trail, &page);
            let entry = trail.public(&gate.services, draft.status, 0);
            match gate.store.journal(entry).await {
                Ok(receipt) => Answer::new(draft, trail.request_id, receipt),
                Err(error) => gate.refuse(&trail, &Problem::unavailable(error)).await,
            }
        })
    }

    fn knows(&self, credential: &Credential) -> bool {
        match credential {
            Credential::Operator => true,
            Credential::None | Credential::Unreadable => false,
            Credential::Bearer(key) => {
                let services = &self.inner.services;
                credential::check(key, services.environment).is_ok()
                    && !self.inner.facts.current().key(&services.keyring.credential_hash(key)).is_empty()
            }
            Credential::Session(token) => {
                let (services, snapshot) = (&self.inner.services, self.inner.facts.current());
                let session = snapshot.session(&services.keyring.credential_hash(token));
                session.is_some_and(|session| !session.is_over(services.clock.now(), services.clock.monotonic_ns()))
            }
            // What is typed is checked in the call itself.
            Credential::Password { .. } | Credential::Invitation(_) | Credential::Behalf(_) => true,
        }
    }

    fn user_of(&self, credential: &Credential) -> Option<UserId> {
        let Credential::Session(token) = credential else { return None };
        let hash = self.inner.services.keyring.credential_hash(token);
        self.inner.facts.current().session(&hash).map(|session| session.user)
    }

    fn living_sessions(&self, user: UserId) -> HashSet<SessionId> {
        let clock = &self.inner.services.clock;
        self.inner.facts.current().living_sessions(user, clock.now(), clock.monotonic_ns())
    }

    fn charge_address(&self, address: IpAddr) -> Result<(), Problem> {
        let charge = self.inner.limiter.charge_address(address, self.inner.services.clock.monotonic_ns());
        if charge.admitted { Ok(()) } else { Err(rate_limited(&charge)) }
    }

    fn has_room_for_stranger(&self, address: Option<IpAddr>) -> Result<(), Problem> {
        let charge = self.inner.limiter.look_at_stranger(stranger(address), self.inner.services.clock.monotonic_ns());
        if charge.admitted { Ok(()) } else { Err(rate_limited(&charge)) }
    }

    fn begin_stream(&self, credential: &Credential) -> Result<Option<OpenStream>, Problem> {
        let inner = &self.inner;
        let holder = match credential {
            Credential::Bearer(key) => {
                let snapshot = inner.facts.current();
                let key = snapshot.key(&inner.services.keyring.credential_hash(key)).first();
                key.map(|key| if key.for_organization { key.id.to_string() } else { key.connection.to_string() })
            }
            Credential::Operator => Some("operator".to_owned()),
            other => self.user_of(other).map(|user| user.to_string()),
        };
        holder.map(|holder| inner.waiting.streams.begin(holder)).transpose()
    }

    fn stopping(&self) -> BoxFuture<'_, ()> {
        Box::pin(self.inner.waiting.over())
    }

    fn is_ready(&self) -> bool {
        !self.inner.store.is_poisoned()
    }

    fn catalogue(&self) -> &Catalogue {
        &self.inner.catalogue
    }

    fn services(&self) -> &Services {
        &self.inner.services
    }
}

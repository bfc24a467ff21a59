//! The life of a call, top to bottom.

use std::net::IpAddr;
use std::sync::Arc;

use clinicos_contract::{Problem, Spec, problem};
use clinicos_store::journal::audit::Entry;
use clinicos_store::{Receipt, Store, StoreError};

use crate::addressed;
use crate::admit::{self, Ready};
use crate::catalogue::Catalogue;
use crate::decide::{CallerFacts, Gathered, Reason, Reasons, decide};
use crate::facts::{ConnectionFacts, Facts, KeyFacts, Snapshot};
use crate::ids::{ClinicId, KeyId, SessionId, UserId};
use crate::limits::{Account, Limiter};
use crate::people::{Proof, UserFacts};
use crate::permit::{ClinicFacts, Permit};
use crate::read::ReadCall;
use crate::read_held::Asked;
use crate::render;
use crate::request::{Answer, Draft, Request};
use crate::services::Services;
use crate::several::Part;
use crate::sign_in::{Factor, SignIns};
use crate::trail::Trail;
use crate::wait::Waiting;
use crate::write::WriteCall;
use crate::write_out::Body;

/// How often a read is tried whose answer may not go out because a client decided something meanwhile.
const READS_MAX: u32 = 5;

/// The gate: the only maker of permits, and the only one who answers.
#[derive(Clone)]
pub struct Gate {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) services: Services,
    pub(crate) catalogue: Catalogue,
    pub(crate) store: Store,
    pub(crate) facts: Arc<Facts>,
    pub(crate) limiter: Arc<dyn Limiter>,
    pub(crate) sign_ins: SignIns,
    pub(crate) waiting: Waiting,
}

/// Who asks for what, in a form that can be decided again later in the call.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) spec: &'static Spec,
    pub(crate) who: Who,
    pub(crate) clinic_id: Option<String>,
    /// Where the call came from.
    pub(crate) address: Option<IpAddr>,
}

#[derive(Clone, Copy)]
pub(crate) enum Who {
    Operator,
    Stranger,
    Key([u8; 32]),
    Session([u8; 32]),
    Invited([u8; 32]),
    /// Showed to be who they are, by a password.
    Person(UserId, Option<Factor>, Proof),
    /// The person who began what the server does for them.
    PersonOf(UserId),
    /// The key that began what the server does for it.
    KeyOf(KeyId),
}

/// Who was found behind a credential.
pub(crate) enum Found {
    Operator,
    /// Somebody who showed nothing, at an operation that asks for nothing.
    Stranger,
    Connection(Arc<ConnectionFacts>, Arc<KeyFacts>),
    /// A key for an organization that names none of its clinics: what it is at each that lets it in now.
    Several(Vec<Part>),
    Person(Arc<UserFacts>, Option<SessionId>, Option<Factor>),
}

impl Found {
    fn connection(&self) -> Option<&ConnectionFacts> {
        match self {
            Self::Operator | Self::Stranger | Self::Person(..) => None,
            Self::Connection(connection, _) => Some(connection),
            Self::Several(parts) => parts.first().map(|part| &*part.connection),
        }
    }

    pub(crate) fn account(&self) -> Option<&Account> {
        match self {
            Self::Operator | Self::Stranger => None,
            Self::Connection(connection, _) => Some(&connection.account),
            Self::Several(parts) => parts.first().map(|part| &part.connection.account),
            Self::Person(user, ..) => Some(&user.account),
        }
    }

    /// The clinic that it belongs to.
    pub(crate) fn clinic(&self) -> Option<ClinicId> {
        match self {
            Self::Operator | Self::Stranger | Self::Several(_) => None,
            Self::Connection(connection, _) => Some(connection.clinic),
            Self::Person(user, ..) => Some(user.clinic),
        }
    }
}

impl Gate {
    /// Opens the door over a store: reads every grant and starts to watch their changes.
    pub async fn open(
        services: Services,
        catalogue: Catalogue,
        store: Store,
        limiter: Arc<dyn Limiter>,
    ) -> Result<Self, StoreError> {
        let facts = Arc::new(Facts::new(catalogue.scopes().clone(), services.seen.clone()));
        store.watch_security(facts.clone());
        let mut load = crate::read::LoadFacts::new(facts.clone());
        store.read(&mut load).await?;
        load.done()?;
        let (sign_ins, waiting) = (SignIns::new(), Waiting::default());
        Ok(Self { inner: Arc::new(Inner { services, catalogue, store, facts, limiter, sign_ins, waiting }) })
    }

    pub(crate) async fn run(&self, request: Request) -> Answer {
        let gate = &*self.inner;
        let spec = request.operation.spec();
        let route = format!("{} {}", spec.route.method.name(), spec.route.path);
        let mut trail = Trail::start(&gate.services, spec.id, route, &request.origin);
        gate.services.held.sweep(gate.services.clock.monotonic_ns());
        match self.pass(&request, &mut trail).await {
            Ok(answer) => answer,
            Err(problem) => gate.refuse(&trail, &problem).await,
        }
    }

    /// The nine steps. Whatever refuses returns its problem, and the refusal is journaled.
    async fn pass(&self, request: &Request, trail: &mut Trail) -> Result<Answer, Problem> {
        let gate = &*self.inner;
        let spec = request.operation.spec();
        trail.body(&gate.services, spec, &request.body);
        if let Some((event, depth)) = request.caused_by {
            trail.caused_by(event.to_bytes(), depth);
        }
        // 1 authenticate
        let who = gate.who(request, trail).await?;
        let ask = Ask { spec, who, clinic_id: addressed::named_by(request)?, address: request.origin.address };
        let snapshot = gate.facts.current().clone();
        let found = gate.authenticate(&snapshot, who, ask.clinic_id.as_deref(), trail)?;
        // 2 charge
        gate.charge_found(&snapshot, &ask, &found, trail).await?;
        let reasons = trail.reasons;
        let mut known = (snapshot, found);
        for _ in 0..READS_MAX {
            if let Some(answer) = self.attempt(request, &ask, &known, trail).await? {
                return Ok(answer);
            }
            // What was read did not go out: a client decided something meanwhile.
            trail.renew(&gate.services);
            trail.reasons = reasons;
            let snapshot = gate.facts.current().clone();
            let found = gate.authenticate(&snapshot, who, ask.clinic_id.as_deref(), trail)?;
            known = (snapshot, found);
        }
        let mut problem = Problem::unavailable("clients decided something each time that a read was about to go out");
        problem.retry_after_s = Some(1);
        Err(problem)
    }

    /// One try at the call; `None` if what it read may not go out any more and is to be read anew.
    async fn attempt(
        &self,
        request: &Request,
        ask: &Ask,
        (snapshot, found): &(Arc<Snapshot>, Found),
        trail: &mut Trail,
    ) -> Result<Option<Answer>, Problem> {
        let gate = &*self.inner;
        let spec = ask.spec;
        // 3 gather, 4 decide
        let permit = gate.decide(snapshot, ask, found, trail)?;
        trail.version =
            admit::api_version(request, found.connection()).inspect_err(|_| trail.reasons.push(Reason::RequestRefused))?;
        // 5 admit
        let mut ready =
            admit::admit(&gate.services, &permit, request).inspect_err(|_| trail.reasons.push(Reason::RequestRefused))?;
        ready.includes = gate.includes(snapshot, ask, found, &ready.input.query.include, trail)?;
        if spec.follows {
            ready.followed = gate.followed(snapshot, ask, found, &permit, &ready.input.query.types, trail)?;
        }
        gate.explain(snapshot, ask, found, &permit, &mut ready, trail)?;
        // 6 run, 7 write out, 8 journal
        if spec.writes() {
            // A write that is committed is answered: a refusal would say that nothing happened.
            let guess = gate.charge_guess(&permit, spec, trail)?;
            if spec.takes_passwords() {
                ready.input.passwords = gate.passwords(request, &ready, found).await;
            }
            let answer = WriteCall::run(self, ask.clone(), permit, request.operation, ready, trail).await?;
            if let Some(user) = guess.filter(|_| answer.status() < 400) {
                gate.sign_ins.give_back_guess(&gate.services, user);
            }
            return Ok(Some(answer));
        }
        let (body, permit) = match spec.held {
            _ if spec.follows => self.read_when_changed(request, ask, permit, &mut ready, trail).await?,
            Some(parameter) => {
                let asked = Asked { snapshot, ask, found };
                let (body, direct) = self.read_held(request, &permit, &ready, trail, (parameter, asked)).await?;
                ready.direct = direct;
                (body, permit)
            }
            None => self.read(request, permit, &ready, trail).await?,
        };
        // What may not go out is better not written down as if it had. Most calls are overtaken by nothing.
        if gate.facts.seq() != permit.decided_at_seq {
            let mut looked = trail.clone();
            match gate.still_fresh(ask, &permit, &ready, &mut looked) {
                Ok(true) => {}
                Ok(false) => return Ok(None),
                Err(refusal) => {
                    // Its entry says why it was refused, and not why it was allowed before.
                    *trail = looked;
                    return Err(refusal);
                }
            }
        }
        let receipt = gate.journal(trail, &ready, &body).await?;
        // 9 answer, if the grant still holds
        let holds = gate.still_fresh(ask, &permit, &ready, trail).inspect_err(|_| trail.renew(&gate.services))?;
        Ok(holds.then(|| gate.answer(trail, body, receipt)))
    }

    pub(crate) async fn read(
        &self,
        request: &Request,
        permit: Permit,
        ready: &Ready,
        trail: &mut Trail,
    ) -> Result<(Body, Permit), Problem> {
        let new = || ReadCall::new(&self.inner.services, request.operation, &permit, ready);
        let mut call = new();
        self.inner.store.read(&mut call).await.map_err(Problem::unavailable)?;
        let mut filled = call.fill().await;
        if filled.as_ref().is_err_and(|problem| problem.code == &problem::CONTENT_LOST) {
            // Between the row and its file the document can have been erased: then the row says so.
            call = new();
            self.inner.store.read(&mut call).await.map_err(Problem::unavailable)?;
            filled = call.fill().await;
        }
        if filled.inspect_err(|_| trail.reasons.push(Reason::OperationRefused))? {
            self.inner.store.read(&mut call).await.map_err(Problem::unavailable)?;
        }
        let body = call.done().inspect_err(|_| trail.reasons.push(Reason::OperationRefused))?;
        Ok((body, permit))
    }
}

impl Inner {
    /// Writes down what is about to be answered: at each clinic that it is about, what it tells of that
    /// one. Everything is on disk when this gives a receipt.
    async fn journal(&self, trail: &mut Trail, ready: &Ready, body: &Body) -> Result<Receipt, Problem> {
        let own = body.shares.iter().zip(&*ready.followed);
        let mut entries: Vec<Entry> =
            own.map(|(share, clinic)| trail.allowed_at(&self.services, body.status, share, clinic)).collect();
        let whole =
            if entries.is_empty() { Some(trail.allowed(&self.services, body.status, &body.written)) } else { entries.pop() };
        // All are handed over before the first is waited for.
        let beside: Vec<_> = entries.into_iter().map(|entry| self.store.journal(entry)).collect();
        let last = whole.map(|entry| self.store.journal(entry));
        let written = async {
            for one in beside {
                let _: Receipt = one.await?;
            }
            match last {
                Some(last) => last.await,
                None => Err(StoreError::Unavailable("an answer had no entry".to_owned())),
            }
        };
        written.await.map_err(|error| {
            trail.renew(&self.services);
            Problem::unavailable(error)
        })
    }

    pub(crate) fn decide(&self, snapshot: &Snapshot, ask: &Ask, found: &Found, trail: &mut Trail) -> Result<Permit, Problem> {
        if let Found::Several(parts) = found
            && ask.spec.follows
        {
            return self.decide_all(snapshot, ask, parts, trail);
        }
        let clinic = addressed::by(snapshot, ask, found, &mut trail.reasons)?;
        if let Some(clinic) = &clinic {
            trail.clinic(clinic);
        }
        self.decide_at(snapshot, ask, found, clinic.as_deref(), trail.page.as_deref(), &mut trail.reasons)
    }

    /// Decides a call about one clinic, or about none.
    pub(crate) fn decide_at(
        &self,
        snapshot: &Snapshot,
        ask: &Ask,
        found: &Found,
        clinic: Option<&ClinicFacts>,
        page: Option<&str>,
        reasons: &mut Reasons,
    ) -> Result<Permit, Problem> {
        let consents = snapshot.consents(clinic.map(|clinic| clinic.id));
        let facts = Gathered {
            spec: ask.spec,
            scope: self.catalogue.scope_of(ask.spec),
            now: self.services.clock.now(),
            caller: match found {
                Found::Operator => CallerFacts::Operator,
                // Whoever names no clinic of several is refused before it comes to this.
                Found::Stranger | Found::Several(_) => CallerFacts::Stranger,
                Found::Connection(connection, key) => CallerFacts::Connection(connection, key),
                Found::Person(user, session, factor) => CallerFacts::User(user, *session, *factor),
            },
            clinic,
            consents,
            of_record: self.catalogue.is_of_record(ask.spec),
            page,
            address: ask.address,
            seq: snapshot.seq,
        };
        let permit = decide(&facts, reasons)?;
        self.decide_also(&facts, reasons)?;
        Ok(permit)
    }

    /// Journals a refusal and answers with it.
    pub(crate) async fn refuse(&self, trail: &Trail, problem: &Problem) -> Answer {
        if let Some(source) = problem.source() {
            tracing::error!(request_id = %trail.request_id, code = problem.code.name, source, "request {} failed", trail.request_id);
        }
        let draft = render::problem(&self.services, trail, problem);
        let entry = trail.refused(&self.services, problem, draft.body.len());
        match self.store.journal(entry).await {
            Ok(receipt) => Answer::new(draft, trail.request_id, receipt),
            Err(error) => {
                tracing::error!(request_id = %trail.request_id, %error, "no audit entry could be written for {}", trail.request_id);
                let draft = render::problem(&self.services, trail, &Problem::unavailable(error));
                Answer::journal_failed(draft, trail.request_id)
            }
        }
    }

    pub(crate) fn answer(&self, trail: &Trail, body: Body, receipt: Receipt) -> Answer {
        Answer::new(draft(trail, body), trail.request_id, receipt)
    }
}

/// The answer of a call that was allowed.
pub(crate) fn draft(trail: &Trail, body: Body) -> Draft {
    let (headers, next) = (render::headers(trail), body.next);
    let mut draft = Draft { status: body.status, headers, body: body.written.bytes, next };
    if !draft.body.is_empty() {
        draft.headers.push(("content-type", body.content_type.unwrap_or("application/json").to_owned()));
    }
    if let Some(etag) = body.etag {
        draft.headers.push(("etag", etag));
    }
    draft
}

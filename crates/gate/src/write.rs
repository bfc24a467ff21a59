//! A write, as the store runs it: rows, events, idempotency row and audit entry in one commit.

mod hidden;

use std::sync::Arc;

use clinicos_contract::{Problem, RateClass, Timestamp, problem};
use clinicos_store::journal::audit::Entry;
use clinicos_store::journal::idempotency::{self, Stored};
use clinicos_store::{Conn, Effect, Journal, Receipt, StoreError, WriteWork};
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::admit::Ready;
use crate::call::{Ask, Gate, Inner};
use crate::consents::check_change;
use crate::cx::{Cx, OrProblem as _};
use crate::decide::{Reason, Reasons};
use crate::files::{FileName, Laid};
use crate::ids::ClinicId;
use crate::keyring::{self, Seal};
use crate::operation::{AnyOperation, Outcome, Prepared};
use crate::permit::{Caller, Permit};
use crate::render;
use crate::request::{Answer, Draft};
use crate::trail::{self, Trail};
use crate::watched::Watched;
use crate::write_out::{Body, WriteOut};

/// A write on its way through the store.
pub(crate) struct WriteCall {
    gate: Arc<Inner>,
    ask: Ask,
    permit: Permit,
    operation: &'static dyn AnyOperation,
    ready: Ready,
    prepared: Option<Prepared>,
    /// A keyed hash over everything that makes this request the one it is.
    fingerprint: Vec<u8>,
    trail: Trail,
    /// The reasons of the first decision: each attempt starts from them.
    reasons: Reasons,
    draft: Option<Draft>,
    /// The snapshot that ends with this.
    let_go: Option<String>,
    /// The files that it brings along, which are there already.
    laid: Vec<Laid>,
    /// Files that its rows name no more.
    dropped: Vec<FileName>,
    /// Whether the files that it brought are named by rows now.
    is_kept: bool,
    /// Whether an attempt changed who may do what, or what clients let out.
    changed_grants: bool,
    reply: oneshot::Sender<(Settled, Spent, Vec<FileName>)>,
}

/// What a write was asked with. Its caller lets go of it: to drop a large body takes time that
/// those would wait for whose turn to write comes next.
type Spent = (Ready, Option<Prepared>);

enum Settled {
    Answered(Answer),
    Failed(StoreError),
}

/// What a run leaves to be committed.
struct Done {
    body: Body,
    events: Vec<clinicos_store::journal::outbox::Event>,
    security: Vec<clinicos_store::journal::security::Change>,
    stored: Option<Stored>,
    also_at: Vec<ClinicId>,
}

impl WriteCall {
    /// Hands the call to the store and waits until it is on disk, or refused.
    pub(crate) async fn run(
        gate: &Gate,
        ask: Ask,
        permit: Permit,
        operation: &'static dyn AnyOperation,
        ready: Ready,
        trail: &mut Trail,
    ) -> Result<Answer, Problem> {
        let (reply, settled) = oneshot::channel();
        let prepared = operation
            .prepare(&ready.input.body)
            .and_then(|prepared| operation.check(&gate.inner.services, &prepared).map(|()| prepared))
            .inspect_err(|_| trail.reasons.push(Reason::RequestRefused))?;
        let services = &gate.inner.services;
        let files = permit.clinic().map(|clinic| operation.files(&prepared, clinic.id)).unwrap_or_default();
        let laid = services.files.lay_down(files).await?;
        let fingerprint = ready.idempotency_key.as_ref().map(|_| fingerprint(&services.keyring, ask.spec.id, &permit, &ready));
        let call = Self {
            prepared: Some(prepared),
            fingerprint: fingerprint.unwrap_or_default(),
            gate: gate.inner.clone(),
            ask,
            permit,
            operation,
            ready,
            trail: trail.clone(),
            reasons: trail.reasons,
            draft: None,
            let_go: None,
            laid,
            dropped: Vec::new(),
            is_kept: false,
            changed_grants: false,
            reply,
        };
        gate.inner.store.submit(Box::new(call));
        let settled = match settled.await {
            Ok((settled, _, idle)) => {
                gate.inner.clone().erase(idle).await;
                Ok(settled)
            }
            Err(gone) => Err(gone),
        };
        match settled {
            Ok(Settled::Answered(answer)) => Ok(answer),
            // Whether a commit that failed is on disk is not always known; what is sent instead of
            // its answer gets a request id and an entry of its own.
            Ok(Settled::Failed(error)) => {
                trail.renew(&gate.inner.services);
                Err(Problem::unavailable(error))
            }
            Err(_) => Err(Problem::unavailable("the store dropped the write")),
        }
    }

    async fn tried(&mut self, conn: &mut dyn Conn, applied_seq: i64) -> Effect {
        (self.draft, self.let_go, self.is_kept) = (None, None, false);
        self.dropped.clear();
        self.trail.reasons = self.reasons;
        let mut watched = Watched::new(conn);
        let result = self.decided(&mut watched, applied_seq).await;
        // What the store could not do is the store's to repeat or to report; a constraint is the
        // operation's answer.
        if let Some(error) = watched.failed.filter(|error| !matches!(error, StoreError::Constraint(_))) {
            return Effect::Failed(error);
        }
        match result {
            Ok(done) => {
                let mut entry = self.trail.allowed(&self.gate.services, done.body.status, &done.body.written);
                trail::name_also(&mut entry.records, self.ready.input.path.iter().map(|(_, text)| text.as_str()));
                let replayed = done.stored.is_none() && self.ready.idempotency_key.is_some();
                let mut draft = crate::call::draft(&self.trail, done.body);
                if replayed {
                    draft.headers.push(("idempotent-replayed", "true".to_owned()));
                }
                self.draft = Some(draft);
                let beside =
                    done.also_at.iter().map(|clinic| Entry { clinic: Some(clinic.to_bytes()), ..entry.clone() }).collect();
                let Done { events, stored: idempotency, security, .. } = done;
                Effect::Keep(Box::new(Journal { entry, beside, events, idempotency, security }))
            }
            Err(problem) => {
                self.let_go = None;
                self.dropped.clear();
                Effect::Discard(Box::new(self.refusal(&problem)))
            }
        }
    }

    fn refusal(&mut self, problem: &Problem) -> Entry {
        let draft = render::problem(&self.gate.services, &self.trail, problem);
        let entry = self.trail.refused(&self.gate.services, problem, draft.body.len());
        self.draft = Some(draft);
        entry
    }

    /// Decides again if a grant changed since the first decision, then runs.
    async fn decided(&mut self, conn: &mut dyn Conn, applied_seq: i64) -> Result<Done, Problem> {
        let gate = self.gate.clone();
        if gate.facts.seq() < applied_seq {
            gate.facts.catch_up(conn).await.or_problem()?;
        }
        if gate.facts.seq() != self.permit.decided_at_seq {
            self.permit = gate.decide_again(&self.ask, &mut self.trail)?;
            let schema = self.ask.spec.reply_schema();
            self.ready.view = schema.map(|schema| crate::admit::view(schema, &self.permit, &self.ready.input.query));
        }
        match self.replay(conn).await? {
            Some(done) => Ok(done),
            None => self.first_time(conn).await,
        }
    }

    async fn first_time(&mut self, conn: &mut dyn Conn) -> Result<Done, Problem> {
        self.gate
            .services
            .files
            .keep(conn, &self.laid)
            .await
            .inspect_err(|_| self.trail.reasons.push(Reason::OperationRefused))?;
        self.check_named(conn).await.inspect_err(|_| self.trail.reasons.push(Reason::OperationRefused))?;
        let consents = self.gate.facts.current().consents(self.permit.clinic().map(|clinic| clinic.id)).clone();
        let mut cx = Cx::new(&self.permit, &self.gate.services, &mut *conn).knowing(consents);
        // A second attempt types the body again.
        let result = self.operation.run(&mut cx, &self.ready.input, self.prepared.take()).await;
        let (events, security) = (std::mem::take(&mut cx.events), std::mem::take(&mut cx.security));
        self.let_go = cx.let_go.take();
        self.dropped = std::mem::take(&mut cx.dropped);
        let (is_dry_run, also_at) = (cx.is_dry_run, std::mem::take(&mut cx.also_at));
        drop(cx);
        self.changed_grants |= !security.is_empty();
        if is_dry_run {
            self.trail.reasons.push(Reason::DryRun);
        }
        let outcome = result
            .and_then(|outcome| {
                if let Outcome::One(record) = &outcome {
                    check_change(&self.permit, self.ask.spec, &self.ready.input.body, &**record)?;
                }
                Ok(outcome)
            })
            .inspect_err(|_| self.trail.reasons.push(Reason::OperationRefused))?;
        let stored = self.stored(&outcome);
        let body = self.write_out(outcome, conn).await?;
        self.is_kept = true;
        Ok(Done { body, events, security, stored, also_at })
    }

    async fn write_out(&self, outcome: Outcome, conn: &mut dyn Conn) -> Result<Body, Problem> {
        let out = WriteOut { services: &self.gate.services, permit: &self.permit, spec: self.ask.spec, ready: &self.ready };
        out.write(outcome, conn).await
    }

    /// The answer of an earlier request with the same key, decided and written anew.
    async fn replay(&mut self, conn: &mut dyn Conn) -> Result<Option<Done>, Problem> {
        let Some(key) = self.key() else { return Ok(None) };
        let scope = self.scope();
        if !conn.try_lock(&format!("{scope}\n{key}")).await.or_problem()? {
            self.trail.reasons.push(Reason::RequestRefused);
            let mut problem = Problem::new(&problem::IN_PROGRESS, "another request with this Idempotency-Key has not finished");
            problem.retry_after_s = Some(1);
            return Err(problem);
        }
        let Some(stored) = idempotency::find(conn, &scope, &key).await.or_problem()? else { return Ok(None) };
        let kept_until = Timestamp::from_micros(stored.at).plus_seconds(idempotency::KEPT_HOURS * 3_600);
        if self.gate.services.clock.now() >= kept_until {
            return Ok(None);
        }
        if stored.operation != self.ask.spec.id || stored.fingerprint != self.fingerprint {
            self.trail.reasons.push(Reason::RequestRefused);
            return Err(Problem::new(&problem::IDEMPOTENCY_MISMATCH, "this Idempotency-Key was used for another request"));
        }
        let opened = self.gate.services.keyring.open(Seal::Row, &stored.result, &bound(&stored.scope, &stored.key));
        let outcome = opened.and_then(|result| self.operation.restore(&result));
        let outcome = outcome.ok_or_else(|| Problem::unavailable("a stored result could not be opened"))?;
        self.trail.replayed();
        let body = self.write_out(outcome, conn).await?;
        Ok(Some(Done { body, events: Vec::new(), security: Vec::new(), stored: None, also_at: Vec::new() }))
    }

    fn stored(&self, outcome: &Outcome) -> Option<Stored> {
        let key = self.key()?;
        let result = match outcome {
            Outcome::One(record) => record.to_stored(),
            Outcome::Nothing
            | Outcome::Filling(_)
            | Outcome::List(_)
            | Outcome::Page(_)
            | Outcome::Feed(_)
            | Outcome::Lines(_) => Vec::new(),
        };
        let services = &self.gate.services;
        let scope = self.scope();
        let result = services.keyring.seal(Seal::Row, &result, &bound(&scope, &key), &*services.entropy);
        Some(Stored {
            operation: self.ask.spec.id.to_owned(),
            fingerprint: self.fingerprint.clone(),
            result,
            at: services.clock.now().as_micros(),
            scope,
            key,
        })
    }

    fn scope(&self) -> String {
        match self.permit.caller() {
            Caller::Operator => "operator".to_owned(),
            Caller::Stranger => "anybody".to_owned(),
            Caller::Connection { connection, .. } => connection.to_string(),
            Caller::User { user, .. } => user.to_string(),
        }
    }

    /// The caller's key, as it is stored: whatever stands in it, a copy of the database does not tell.
    fn key(&self) -> Option<String> {
        let key = self.ready.idempotency_key.as_ref()?;
        Some(keyring::to_hex(&self.gate.services.keyring.credential_hash(&format!("idempotency\n{key}"))))
    }
}

/// Files that may have no row now. After a commit that failed nobody knows, and the sweep looks later.
fn idle_files(outcome: &Result<Receipt, StoreError>, laid: &[Laid], dropped: Vec<FileName>, is_kept: bool) -> Vec<FileName> {
    match outcome {
        Ok(_) if is_kept => dropped,
        Ok(_) => laid.iter().map(|laid| laid.name.clone()).collect(),
        Err(_) => Vec::new(),
    }
}

impl Inner {
    /// Takes away files that no row names, before the answer leaves. What cannot be taken away now, the sweep finds.
    ///
    /// In a task of its own: a caller that goes away must not let go of a file's turn while it is being taken away,
    /// or the next who brings it would find it gone.
    async fn erase(self: Arc<Self>, files: Vec<FileName>) {
        if files.is_empty() {
            return;
        }
        let erasing = tokio::spawn(async move {
            for name in &files {
                if let Err(error) = self.services.files.erase(&self.store, &self.services.held, name).await {
                    tracing::warn!(%error, file = name.path(), "a file that no record names is left to the sweep");
                }
            }
        });
        if let Err(error) = erasing.await {
            tracing::error!(%error, "files that no record names are left to the sweep");
        }
    }
}

/// A keyed hash over everything that makes this request the one it is.
fn fingerprint(keyring: &keyring::Keyring, operation: &str, permit: &Permit, ready: &Ready) -> Vec<u8> {
    let clinic = permit.clinic().map(|clinic| clinic.id.to_string()).unwrap_or_default();
    let input = &ready.input;
    let text = serde_json::to_string(&(operation, clinic, &input.path, &input.body)).unwrap_or_default();
    keyring.credential_hash(&text).to_vec()
}

fn bound(scope: &str, key: &str) -> Vec<u8> {
    format!("idempotency\n{scope}\n{key}").into_bytes()
}

impl WriteWork for WriteCall {
    fn is_security(&self) -> bool {
        self.ask.spec.security || self.changed_grants
    }

    fn is_heavy(&self) -> bool {
        self.ask.spec.rate == RateClass::Heavy
    }

    fn attempt<'c>(&'c mut self, conn: &'c mut dyn Conn, applied_seq: i64) -> BoxFuture<'c, Effect> {
        Box::pin(self.tried(conn, applied_seq))
    }

    fn settle(self: Box<Self>, outcome: Result<Receipt, StoreError>) {
        let Self { draft, trail, reply, ready, prepared, let_go, gate, laid, dropped, is_kept, .. } = *self;
        let idle = idle_files(&outcome, &laid, dropped, is_kept);
        // Whoever looks at them next may take them away.
        drop(laid);
        if let (Ok(_), Some(id)) = (&outcome, let_go) {
            gate.services.held.let_go(&id);
        }
        let settled = match (outcome, draft) {
            (Ok(receipt), Some(draft)) => Settled::Answered(Answer::new(draft, trail.request_id, receipt)),
            (Ok(_), None) => Settled::Failed(StoreError::Unavailable("a write was settled before it was tried".to_owned())),
            (Err(error), _) => Settled::Failed(error),
        };
        // A caller that has gone away does not need its answer.
        let _ = reply.send((settled, (ready, prepared), idle));
    }
}

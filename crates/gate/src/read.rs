//! A read, as the store runs it: one snapshot of the database, no trace in it.

use std::sync::Arc;

use bytes::Bytes;
use clinicos_contract::Problem;
use clinicos_store::{Conn, ReadWork, StoreError};
use futures_util::future::BoxFuture;

use crate::admit::Ready;
use crate::consents::Sees;
use crate::cx::{Cx, OrProblem as _};
use crate::facts::Facts;
use crate::files::{Filling, WantedFile};
use crate::held::Held;
use crate::operation::{AnyOperation, Lines, Outcome};
use crate::permit::Permit;
use crate::services::Services;
use crate::write_out::{Body, WriteOut};

pub(crate) struct ReadCall<'r> {
    services: &'r Services,
    operation: &'static dyn AnyOperation,
    permit: &'r Permit,
    ready: &'r Ready,
    /// What it reads in, if that is held over several calls.
    pub(crate) held: Option<Arc<Held>>,
    /// Lines whose direct read is still to be decided.
    pub(crate) lines: Option<Box<dyn Lines>>,
    /// What the direct read lets the caller see, once that is decided.
    pub(crate) sees: Option<Sees>,
    /// A record that waits for the bytes of a file.
    filling: Option<Box<dyn Filling>>,
    /// What the run came to, once it waits for nothing more.
    filled: Option<Outcome>,
    /// The files whose bytes the lines show, once that is known.
    wanted: Option<Vec<WantedFile>>,
    /// Those bytes.
    files: Vec<Bytes>,
    result: Option<Result<Body, Problem>>,
}

impl<'r> ReadCall<'r> {
    pub(crate) fn new(
        services: &'r Services,
        operation: &'static dyn AnyOperation,
        permit: &'r Permit,
        ready: &'r Ready,
    ) -> Self {
        Self {
            services,
            operation,
            permit,
            ready,
            held: None,
            lines: None,
            sees: None,
            filling: None,
            filled: None,
            wanted: None,
            files: Vec::new(),
            result: None,
        }
    }

    /// Whether the run was refused.
    pub(crate) fn refusal(&self) -> Option<&Problem> {
        self.result.as_ref().and_then(|result| result.as_ref().err())
    }

    /// Reads the bytes that the run waits for, while nothing of the store is held. Tells whether it has to
    /// go on.
    pub(crate) async fn fill(&mut self) -> Result<bool, Problem> {
        let files = &self.services.files;
        if let Some(filling) = self.filling.take() {
            let bytes = files.read(filling.file(), "this document").await?;
            self.filled = Some(Outcome::One(filling.fill(&bytes)));
            return Ok(true);
        }
        let (Some(wanted), Some(lines)) = (self.wanted.as_deref(), &self.lines) else { return Ok(false) };
        for one in wanted {
            let bytes = files.read_wanted(one).await.inspect_err(|_| lines.lost(one))?;
            self.files.push(bytes);
        }
        Ok(true)
    }

    /// What the run came to.
    pub(crate) fn done(self) -> Result<Body, Problem> {
        self.result.unwrap_or_else(|| Err(Problem::unavailable("the store did not run the read")))
    }

    async fn attempt(&mut self, conn: &mut dyn Conn) -> Result<Body, Problem> {
        let out = WriteOut { services: self.services, permit: self.permit, spec: self.operation.spec(), ready: self.ready };
        if let Some(filled) = self.filled.take() {
            return out.write(filled, conn).await;
        }
        if let Some(lines) = self.lines.take() {
            if self.wanted.is_none() {
                let wanted = lines.files(conn).await.or_problem()?;
                let waits = !wanted.is_empty();
                self.wanted = Some(wanted);
                if waits {
                    self.lines = Some(lines);
                    return Ok(Body::default());
                }
            }
            let Some(sees) = &self.sees else {
                return Err(Problem::unavailable("nobody decided what lines may show"));
            };
            return out.lines(&*lines, sees, &self.files, conn).await.or_problem();
        }
        let cx = Cx::new(self.permit, self.services, &mut *conn);
        let mut cx = cx.telling_of(&self.ready.followed).holding(self.held.clone()).explaining(self.ready);
        let outcome = self.operation.run(&mut cx, &self.ready.input, None).await?;
        drop(cx);
        if let Outcome::Lines(lines) = outcome {
            self.lines = Some(lines);
            return Ok(Body::default());
        }
        if let Outcome::Filling(filling) = outcome {
            self.filling = Some(filling);
            return Ok(Body::default());
        }
        out.write(outcome, conn).await
    }
}

impl ReadWork for ReadCall<'_> {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move { self.result = Some(self.attempt(conn).await) })
    }
}

/// Reads every grant when the gate opens.
pub(crate) struct LoadFacts {
    facts: Arc<Facts>,
    result: Option<Result<(), StoreError>>,
}

impl LoadFacts {
    pub(crate) fn new(facts: Arc<Facts>) -> Self {
        Self { facts, result: None }
    }

    pub(crate) fn done(self) -> Result<(), StoreError> {
        self.result.unwrap_or_else(|| Err(StoreError::Unavailable("the grants were not read".to_owned())))
    }
}

impl ReadWork for LoadFacts {
    fn run<'c>(&'c mut self, conn: &'c mut dyn Conn) -> BoxFuture<'c, ()> {
        Box::pin(async move { self.result = Some(self.facts.load_all(conn).await) })
    }
}

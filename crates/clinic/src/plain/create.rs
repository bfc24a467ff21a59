//! Creates a plain record.

use std::marker::PhantomData;

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrProblem as _};

use super::{Given, Head, Moment, Plain, announce, references, rows};
use crate::external_ids;

/// Creates a record of one kind.
pub struct Create<R>(PhantomData<fn() -> R>);

impl<R: Plain> Create<R> {
    /// The operation.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Plain> Operation for Create<R> {
    const SPEC: Spec = Spec {
        id: R::NAMES.operations.create,
        route: Route::post(R::NAMES.collection),
        summary: R::NAMES.summaries.create,
        description: R::CREATE_DOC,
        access: Access::Write,
        agents: Agents::AskFirst,
        resource: R::RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: R::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(R::SCHEMA),
        idempotent: true,
        emits: R::CREATE_VERBS,
        problems: &[&problem::CONFLICT, &problem::RULE_BROKEN],
        example: R::CREATE_EXAMPLE,
        hears_clients: R::HEARS_CLIENTS,
        ..Spec::DEFAULT
    };
    type Body = Given;
    type Output = One<R>;

    async fn run(cx: &mut Cx<'_>, input: Input<Given>) -> Result<One<R>, Problem> {
        let moment = Moment::of(cx)?;
        let head = Head { id: cx.mint(), clinic: moment.clinic.id, currency: moment.clinic.currency, now: moment.now };
        let mut new = R::assemble(head, &input.body)?;
        references::check_currency(R::SCHEMA, &input.body, moment.clinic)?;
        new.settle(None, &moment)?;
        references::check(cx, &input.body, None::<&R>, |_| true).await?;
        external_ids::claim(cx.conn(), moment.clinic.id, new.id(), &new.external_ids()).await?;
        R::effect(cx, None, &mut new).await?;
        rows::insert(cx.conn(), std::slice::from_ref(&new)).await.or_problem()?;
        for kind in std::iter::once(R::CREATED).chain(new.birth()) {
            cx.emit(announce(&new, kind));
        }
        Ok(One(new))
    }
}

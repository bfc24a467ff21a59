//! Changes a plain record.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use clinicos_contract::{Access, Agents, Body, Id, Problem, RateClass, Reach, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::{Given, Moment, Plain, announce, references, rows};
use crate::{external_ids, refusals};

/// Changes a record of one kind.
pub struct Update<R>(PhantomData<fn() -> R>);

impl<R: Plain> Update<R> {
    /// The operation.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Plain> Operation for Update<R> {
    const SPEC: Spec = Spec {
        id: R::NAMES.operations.update,
        route: Route::patch(R::NAMES.item),
        summary: R::NAMES.summaries.update,
        description: R::UPDATE_DOC,
        access: Access::Write,
        agents: Agents::AskFirst,
        resource: R::RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: R::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(R::SCHEMA),
        if_match: true,
        emits: super::announced::<R>(),
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: R::UPDATE_EXAMPLE,
        hears_clients: R::HEARS_CLIENTS,
        ..Spec::DEFAULT
    };
    type Body = Given;
    type Output = One<R>;

    async fn run(cx: &mut Cx<'_>, input: Input<Given>) -> Result<One<R>, Problem> {
        let moment = Moment::of(cx)?;
        let id = input.id(R::NAMES.parameter)?;
        let before: R = rows::lock(cx.conn(), moment.clinic.id, id).await.or_problem()?.or_not_found()?;
        input.check_version(before.record_version())?;
        let mut after = before.clone();
        refusals::check_not_deleted(*after.standing().deleted_at)?;
        let changes = after.change(&input.body, moment.clinic.currency)?;
        references::check_currency(R::SCHEMA, &input.body, moment.clinic)?;
        references::check(cx, &input.body, Some(&before), |field| changes.has(field)).await?;
        save(cx, &before, after).await.map(One)
    }
}

/// The future of [`amend`].
pub type Amended<'c, R> = Pin<Box<dyn Future<Output = Result<R, Problem>> + Send + 'c>>;

/// Changes one record by something else than a patch, such as signing it, for operations that only
/// one kind has. Boxed here, where `R` is any record, because the compiler does not see of a single
/// one that its future can be sent.
pub fn amend<'c, R: Plain>(
    cx: &'c mut Cx<'_>,
    id: Id<R::Kind>,
    change: impl FnOnce(&mut R) -> Result<(), Problem> + Send + 'c,
) -> Amended<'c, R> {
    Box::pin(async move {
        let clinic = cx.clinic_id()?;
        let before: R = rows::lock(cx.conn(), clinic, id).await.or_problem()?.or_not_found()?;
        refusals::check_not_deleted(*before.clone().standing().deleted_at)?;
        let mut after = before.clone();
        change(&mut after)?;
        save(cx, &before, after).await
    })
}

/// Settles and stores what became of a record, and announces it; nothing happens if nothing is different.
pub async fn save<R: Plain>(cx: &mut Cx<'_>, before: &R, mut after: R) -> Result<R, Problem> {
    let moment = Moment::of(cx)?;
    after.settle(Some(before), &moment)?;
    let changes = after.differences(before);
    if changes.is_empty() {
        return Ok(after);
    }
    after.standing().touch(moment.now);
    external_ids::replace(cx.conn(), moment.clinic.id, after.id(), &before.external_ids(), &after.external_ids()).await?;
    R::effect(cx, Some(before), &mut after).await?;
    rows::save(cx.conn(), &after).await.or_problem()?;
    let kind = after.verb(before).unwrap_or(R::UPDATED);
    cx.emit(announce(&after, kind).changed(changes.names()));
    Ok(after)
}

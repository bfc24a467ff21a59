//! Deletes a plain record.

use std::marker::PhantomData;

use clinicos_contract::{Access, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, Nothing, Operation, OrNotFound as _, OrProblem as _};

use super::{Moment, Plain, announce, rows};
use crate::refusals;

/// Deletes a record of one kind.
pub struct Delete<R>(PhantomData<fn() -> R>);

impl<R: Plain> Delete<R> {
    /// The operation.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Plain> Operation for Delete<R> {
    const SPEC: Spec = Spec {
        id: R::NAMES.operations.delete,
        route: Route::delete(R::NAMES.item),
        summary: R::NAMES.summaries.delete,
        description: R::DELETE_DOC,
        access: Access::Write,
        resource: R::RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        reply: Reply::Empty,
        if_match: true,
        emits: R::DELETE_VERBS,
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Nothing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Nothing, Problem> {
        let moment = Moment::of(cx)?;
        let id = input.id(R::NAMES.parameter)?;
        let before: R = rows::lock(cx.conn(), moment.clinic.id, id).await.or_problem()?.or_not_found()?;
        input.check_version(before.record_version())?;
        let mut after = before.clone();
        let mut standing = after.standing();
        refusals::check_not_deleted(*standing.deleted_at)?;
        standing.touch(moment.now);
        *standing.deleted_at = Some(moment.now);
        R::effect(cx, Some(&before), &mut after).await?;
        rows::save(cx.conn(), &after).await.or_problem()?;
        cx.emit(announce(&after, R::DELETED));
        Ok(Nothing)
    }
}

//! Gets a plain record.

use std::marker::PhantomData;

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Reply, Route, Spec, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::{Plain, rows};

/// Gets one record of a kind.
pub struct Get<R>(PhantomData<fn() -> R>);

impl<R: Plain> Get<R> {
    /// The operation.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Plain> Operation for Get<R> {
    const SPEC: Spec = Spec {
        id: R::NAMES.operations.get,
        route: Route::get(R::NAMES.item),
        summary: R::NAMES.summaries.get,
        access: Access::Read,
        resource: R::RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::one(R::SCHEMA),
        links: R::LINKS,
        problems: &[&problem::NOT_FOUND],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = One<R>;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<One<R>, Problem> {
        let (clinic, id) = (cx.clinic_id()?, input.id(R::NAMES.parameter)?);
        rows::find(cx.conn(), clinic, id).await.or_problem()?.or_not_found().map(One)
    }
}

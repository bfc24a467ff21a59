//! Lists plain records.

use std::marker::PhantomData;

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::Plain;
use crate::reach;

/// Lists records of one kind.
pub struct List<R>(PhantomData<fn() -> R>);

impl<R: Plain> List<R> {
    /// The operation.
    pub const NEW: Self = Self(PhantomData);
}

impl<R: Plain> Operation for List<R> {
    const SPEC: Spec = Spec {
        id: R::NAMES.operations.list,
        route: Route::get(R::NAMES.collection),
        summary: R::NAMES.summaries.list,
        description: "Tombstones are listed only when filtering by `updated_at`.",
        access: Access::Read,
        resource: R::RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::list(R::SCHEMA),
        links: R::LINKS,
        through: R::THROUGH,
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let scope = vec![cx.clinic_param()?, reach::tombstones(&input.query)];
        Ok(Listing { sql: R::STATEMENTS.list, scope, emit: R::emit })
    }
}

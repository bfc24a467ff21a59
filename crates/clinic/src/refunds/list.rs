//! `refunds.list`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Refund;
use super::rows;
use crate::payments;

/// Lists refunds.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "refunds.list",
        route: Route::get("/v1/refunds"),
        summary: "List refunds",
        description: "A refund is never deleted; one that did not come through is `failed`.",
        access: Access::Read,
        resource: &payments::RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::list(Refund::SCHEMA),
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, _input: Input<()>) -> Result<Listing, Problem> {
        Ok(Listing { sql: &rows::LIST, scope: vec![cx.clinic_id()?.into()], emit: rows::emit })
    }
}

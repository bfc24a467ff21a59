//! `payments.list`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Wire as _};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::{FINANCIAL, Payment};
use super::{RESOURCE, rows};
use crate::ids::InvoiceId;
use crate::{links, reach};

/// Lists payments.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "payments.list",
        route: Route::get("/v1/payments"),
        summary: "List payments",
        description: "Tombstones are listed only when filtering by `updated_at`.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::list(Payment::SCHEMA),
        links: links::OF_PAYMENTS,
        through: &[FINANCIAL.figure().equal().named(
            "invoice_id",
            "Only payments that pay something of this invoice.",
            InvoiceId::SHAPE,
            false,
        )],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let clinic = cx.clinic_id()?;
        let scope = vec![clinic.into(), reach::tombstones(&input.query)];
        Ok(Listing { sql: &rows::LIST, scope, emit: rows::emit })
    }
}

//! `invoices.list`

use clinicos_contract::{Access, Agents, Category, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Wire as _};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::{Invoice, SYSTEM};
use super::{RESOURCE, rows};
use crate::ids::PatientId;
use crate::{links, reach};

/// Lists invoices.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "invoices.list",
        route: Route::get("/v1/invoices"),
        summary: "List invoices",
        description: "Lines are left out unless `include=lines` asks for them. Tombstones are listed only when filtering by `updated_at`.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::list(Invoice::SCHEMA),
        links: links::OF_INVOICES,
        through: &[SYSTEM.tells_of(Category::OwnerFinancial).equal().named(
            "patient_id",
            "Only invoices with a line for this patient.",
            PatientId::SHAPE,
            false,
        )],
        ..Spec::DEFAULT
    };
    type Body = ();
    type Output = Listing;

    async fn run(cx: &mut Cx<'_>, input: Input<()>) -> Result<Listing, Problem> {
        let clinic = cx.clinic_id()?;
        let scope = vec![clinic.into(), cx.today()?.into(), reach::tombstones(&input.query)];
        Ok(Listing { sql: &rows::LIST, scope, emit: rows::emit })
    }
}

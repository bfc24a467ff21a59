//! `patients.list`

use clinicos_contract::{Access, Agents, Problem, RateClass, Reach, Record as _, Reply, Route, Spec};
use clinicos_gate::{Cx, Input, Listing, Operation};

use super::model::Patient;
use super::{RESOURCE, rows};
use crate::{links, reach};

/// Lists patients.
pub struct List;

impl Operation for List {
    const SPEC: Spec = Spec {
        id: "patients.list",
        route: Route::get("/v1/patients"),
        summary: "List patients",
        description: "`client_id` filters by who owns a patient now, as its primary owner. Tombstones are listed only when \
                      filtering by `updated_at`.",
        access: Access::Read,
        resource: &RESOURCE,
        rate: RateClass::Read,
        reach: Reach::Clinic,
        agents: Agents::Allowed,
        reply: Reply::list(Patient::SCHEMA),
        links: links::OF_PATIENTS,
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

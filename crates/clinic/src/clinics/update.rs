//! `clinics.update`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Announcement, Caller, Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::model::{Clinic, ClinicPatch};
use super::{CHANGED, RESOURCE, events, rows, sample};
use crate::{reach, refusals};

/// Changes a clinic.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "clinics.update",
        route: Route::patch("/v1/clinics/{clinic_id}"),
        summary: "Change a clinic",
        description: "Only the operator of the server changes `status`, and no program `jurisdiction`.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Organization,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Clinic::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Clinic::SCHEMA),
        if_match: true,
        security: true,
        emits: &[&events::UPDATED],
        problems: &[
            &problem::OPERATOR_ONLY,
            &problem::ROLE_NOT_ALLOWED,
            &problem::NOT_FOUND,
            &problem::CONFLICT,
            &problem::STALE,
            &problem::RULE_BROKEN,
        ],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = ClinicPatch;
    type Output = One<Clinic<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<ClinicPatch>) -> Result<Self::Output, Problem> {
        let seen = reach::clinic(cx)?;
        if input.body.sets_status() {
            refusals::check_operator(cx)?;
        }
        if input.body.sets_jurisdiction() && matches!(cx.permit().caller(), Caller::Connection { .. }) {
            let detail = "only an admin of the clinic or whoever runs this server changes `jurisdiction`";
            return Err(Problem::new(&problem::ROLE_NOT_ALLOWED, detail));
        }
        let mut clinic = rows::lock(cx.conn(), seen, input.id("clinic_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(clinic.version)?;
        let changes = clinic.apply(input.body)?;
        if changes.is_empty() {
            return Ok(One(clinic));
        }
        clinic.touch(cx.now());
        rows::update(cx.conn(), &clinic).await.or_problem()?;
        cx.security_change(CHANGED, Some(clinic.id), clinic.id.any());
        let announcement = Announcement::new(&events::UPDATED, clinic.id.any(), clinic.version);
        cx.emit(announcement.changed(changes.names()));
        Ok(One(clinic))
    }
}

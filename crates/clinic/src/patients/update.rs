//! `patients.update`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};

use super::create::check_clients;
use super::model::{Patient, PatientPatch};
use super::{RESOURCE, events, rows, sample};
use crate::external_ids;

/// Changes a patient.
pub struct Update;

impl Operation for Update {
    const SPEC: Spec = Spec {
        id: "patients.update",
        route: Route::patch("/v1/patients/{patient_id}"),
        summary: "Change a patient",
        description: "`ownerships` replaces the whole list: to hand a patient over, end one ownership with `to` and add another \
                      from that day. A death is recorded with `status` and `deceased_at` together, and taken back with both.",
        access: Access::Write,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        agents: Agents::AskFirst,
        body: Some(Body { schema: Patient::SCHEMA, verb: Verb::Update }),
        reply: Reply::one(Patient::SCHEMA),
        if_match: true,
        emits: &[&events::UPDATED],
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::UPDATE,
        ..Spec::DEFAULT
    };
    type Body = PatientPatch;
    type Output = One<Patient<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<PatientPatch>) -> Result<Self::Output, Problem> {
        let (clinic, today) = (cx.clinic()?, cx.today()?);
        let mut patient = rows::lock(cx.conn(), clinic.id, input.id("patient_id")?).await.or_problem()?.or_not_found()?;
        input.check_version(patient.version)?;
        let before = patient.ownerships.value().unwrap_or_default();
        let known = patient.external_ids.value().unwrap_or_default();
        let changes = patient.apply(input.body, clinic, today)?;
        if changes.is_empty() {
            return Ok(One(patient));
        }
        external_ids::replace(cx.conn(), clinic.id, patient.id, &known, &patient.external_ids.value().unwrap_or_default())
            .await?;
        patient.touch(cx.now());
        if changes.has("ownerships") {
            let wanted = patient.ownerships.value().unwrap_or_default();
            // Who owned the patient before may have left the clinic since.
            check_clients(cx, wanted.newcomers(&before)).await?;
            rows::replace_ownerships(cx.conn(), &patient).await.or_problem()?;
            patient.tell_owners(cx)?;
        }
        rows::update(cx.conn(), &patient).await.or_problem()?;
        cx.emit(patient.announce(&events::UPDATED).changed(changes.names()));
        Ok(One(patient))
    }
}

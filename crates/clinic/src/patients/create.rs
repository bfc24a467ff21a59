//! `patients.create`

use clinicos_contract::{Access, Agents, Body, Problem, RateClass, Reach, Record as _, Reply, Route, Spec, Verb, problem};
use clinicos_gate::{Cx, Input, One, Operation, OrProblem as _};

use super::model::ownership::Ownership;
use super::model::{NewPatient, Patient};
use super::{RESOURCE, events, rows, sample};
use crate::{clients, external_ids, refusals};

/// Creates a patient.
pub struct Create;

impl Operation for Create {
    const SPEC: Spec = Spec {
        id: "patients.create",
        route: Route::post("/v1/patients"),
        summary: "Create a patient",
        description: "An `active`, `inactive` or `lost` patient has exactly one current primary owner: an ownership with the \
                      role `primary` and no `to`.",
        access: Access::Write,
        agents: Agents::AskFirst,
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        body: Some(Body { schema: Patient::SCHEMA, verb: Verb::Create }),
        reply: Reply::created(Patient::SCHEMA),
        idempotent: true,
        emits: &[&events::CREATED],
        problems: &[&problem::RULE_BROKEN],
        example: sample::CREATE,
        ..Spec::DEFAULT
    };
    type Body = NewPatient;
    type Output = One<Patient<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewPatient>) -> Result<Self::Output, Problem> {
        let (clinic, today, now) = (cx.clinic()?, cx.today()?, cx.now());
        let new = input.body.record(cx.mint(), clinic, today, now)?;
        let owners = new.ownerships.value().unwrap_or_default();
        check_clients(cx, owners.0.iter().enumerate()).await?;
        external_ids::claim(cx.conn(), clinic.id, new.id, &new.external_ids.value().unwrap_or_default()).await?;
        rows::insert(cx.conn(), std::slice::from_ref(&new)).await.or_problem()?;
        new.tell_owners(cx)?;
        cx.emit(new.announce(&events::CREATED));
        Ok(One(new))
    }
}

/// Refuses owners whom the clinic does not know, each with its place in the body.
pub(super) async fn check_clients<'o>(
    cx: &mut Cx<'_>,
    owners: impl Iterator<Item = (usize, &'o Ownership)>,
) -> Result<(), Problem> {
    let clinic = cx.clinic_id()?;
    for (at, owner) in owners {
        if !clients::rows::exists(cx.conn(), clinic, owner.client_id).await.or_problem()? {
            return Err(refusals::unknown_reference(&format!("/ownerships/{at}/client_id"), "client"));
        }
    }
    Ok(())
}

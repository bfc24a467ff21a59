//! `patients.merge`

use clinicos_contract::{
    Access, Agents, Body, Category, Field, Problem, RateClass, Reach, Record as _, Reply, Route, Schema, Shape, Spec, Verb,
    problem,
};
use clinicos_gate::{Cx, Input, One, Operation, OrNotFound as _, OrProblem as _};
use serde::Deserialize;

use super::model::Patient;
use super::{RESOURCE, duplicates, events, rows, sample};
use crate::ids::PatientId;
use crate::{external_ids, merging, references, refusals};

static BODY: Schema = Schema {
    name: "merge_patient",
    doc: "Which patient stays.",
    fields: &[Field::of(Category::RecordSystem).required().named("into", "The patient that stays.", Shape::Id("pat"), false)],
};

/// A body of `patients.merge`.
#[derive(Debug, Deserialize)]
pub struct Into {
    into: PatientId,
}

/// Merges a duplicate into another patient.
pub struct Merge;

impl Operation for Merge {
    const SPEC: Spec = Spec {
        id: "patients.merge",
        route: Route::post("/v1/patients/{patient_id}/merge"),
        summary: "Merge a patient into another one",
        description: "For two records of one animal: another `species` is refused, unless one is `exotic_other`, and so is a \
                      chart that begins before the birth of the one that stays. Of a patient that died the record that stays \
                      must tell it: set its `deceased_at` first. Whatever refers to the patient of the path refers to the one of `into` \
                      afterwards: lines of invoices, the chart, appointments, messages and whatever else names it. Of the patient that stays \
                      `weight_kg` is what was measured last of both; its other details, and whose it is, do not change. The other one becomes a tombstone with `merged_into`. `If-Match`, if it is sent, is about the \
                      patient of the path. Doing it again changes nothing.",
        access: Access::Action("merge"),
        resource: &RESOURCE,
        rate: RateClass::Write,
        reach: Reach::Clinic,
        agents: Agents::AskFirst,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        reply: Reply::one(Patient::SCHEMA),
        idempotent: true,
        heeds_if_match: true,
        emits: merging::PATIENTS_EMIT,
        problems: &[&problem::NOT_FOUND, &problem::CONFLICT, &problem::STALE, &problem::RULE_BROKEN],
        example: sample::MERGE,
        compares: true,
        ..Spec::DEFAULT
    };
    type Body = Into;
    type Output = One<Patient<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<Into>) -> Result<Self::Output, Problem> {
        let (clinic, now) = (cx.clinic_id()?, cx.now());
        let (from, into) = (input.id("patient_id")?, input.body.into);
        let gone = rows::find(cx.conn(), clinic, from).await.or_problem()?.or_not_found()?;
        if from == into {
            return Err(Problem::rule("/into", "same", "must be another patient"));
        }
        let known = rows::find(cx.conn(), clinic, into).await.or_problem()?;
        let known = known.ok_or_else(|| refusals::unknown_reference("/into", "patient"))?;
        if gone.merged_into == Some(into) {
            return Ok(One(known));
        }
        if known.deleted_at.is_some() {
            return Err(refusals::unknown_reference("/into", "patient"));
        }
        refusals::check_not_deleted(gone.deleted_at)?;
        input.check_version(gone.version)?;
        duplicates::check(cx, &gone, &known).await?;
        let weight = references::rows::last_weight(cx.conn(), clinic, (from, into)).await.or_problem()?;
        merging::patients(cx, from, into, now).await?;
        let mut both = rows::lock_many(cx.conn(), clinic, &[from, into]).await.or_problem()?;
        let mut gone = both.remove(&from).or_not_found()?;
        let mut kept = both.remove(&into).or_not_found()?;
        let external = gone.external_ids.value().unwrap_or_default();
        let changed = kept.take_over(&mut gone, weight, now)?;
        for patient in [&gone, &kept] {
            rows::update(cx.conn(), patient).await.or_problem()?;
        }
        external_ids::turn_over(cx.conn(), clinic, into, &external).await?;
        cx.emit(gone.announce(&events::MERGED).with("merged_into", into));
        cx.emit(kept.announce(&events::UPDATED).with("merged_id", from).changed(changed));
        Ok(One(kept))
    }
}

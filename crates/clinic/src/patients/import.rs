//! `patients.import`

use std::collections::{HashMap, HashSet};

use clinicos_contract::time::Date;
use clinicos_contract::{AnyId, Body, Problem, Record as _, Route, Schema, Spec, Timestamp, Verb};
use clinicos_gate::{Announcement, Cx, Input, One, Operation, OrProblem as _};

use super::model::ownership::Ownerships;
use super::model::{NewPatient, Patient, PatientPatch};
use super::{RESOURCE, events, rows, sample};
use crate::bulk::{self, Batch, Changed, ImportBatch, Importing, NewBatch, Row, Rows};
use crate::ids::{ClientId, PatientId, PatientKind};
use crate::{clients, refusals};

static BODY: Schema = Schema {
    name: "patient_import",
    doc: "Patients of another system.",
    fields: &[bulk::SYSTEM, bulk::DRY_RUN, bulk::RESULTS, bulk::rows(Patient::SCHEMA)],
};

/// Creates patients, and changes those that were imported before.
pub struct Import;

impl Rows for Import {
    const SCHEMA: &'static Schema = Patient::SCHEMA;
}

impl Operation for Import {
    const SPEC: Spec = Spec {
        id: "patients.import",
        route: Route::post("/v1/patients/import"),
        summary: "Import patients",
        resource: &RESOURCE,
        body: Some(Body { schema: &BODY, verb: Verb::Create }),
        emits: &[&events::CREATED, &events::UPDATED],
        example: sample::IMPORT,
        ..bulk::SPEC
    };
    type Body = NewBatch<Import>;
    type Output = One<ImportBatch<'static>>;

    async fn run(cx: &mut Cx<'_>, input: Input<NewBatch<Import>>) -> Result<Self::Output, Problem> {
        let today = cx.today()?;
        let mut batch: Batch<PatientKind> = Batch::open(cx, input.body).await?;
        let known = rows::lock_many(cx.conn(), batch.clinic, &batch.found()).await.or_problem()?;
        let named = batch.rows().iter().filter_map(|row| row.member::<Ownerships>("ownerships"));
        let named: HashSet<ClientId> = named.flat_map(|owners| owners.0).map(|owner| owner.client_id).collect();
        let named: Vec<ClientId> = named.into_iter().collect();
        let mut owners = clients::rows::existing(cx.conn(), batch.clinic, &named).await.or_problem()?;
        owners.extend(batch.to_come());
        let now = batch.now;
        let importing = Patients { known, owners, new: Vec::new(), changed: Vec::new(), announcements: Vec::new(), today, now };
        bulk::import(cx, &mut batch, importing).await?;
        Ok(One(batch.close(cx, RESOURCE.name)))
    }
}

/// Patients on their way.
struct Patients {
    known: HashMap<PatientId, Patient<'static>>,
    owners: HashSet<ClientId>,
    new: Vec<Patient<'static>>,
    /// With whether they have other owners.
    changed: Vec<(Patient<'static>, bool)>,
    announcements: Vec<Announcement>,
    today: Date,
    now: Timestamp,
}

impl Patients {
    /// Refuses owners whom the clinic does not know and who are no owners yet.
    fn check_owners(&self, before: &Ownerships, wanted: &Ownerships) -> Result<(), Problem> {
        match wanted.newcomers(before).find(|(_, owner)| !self.owners.contains(&owner.client_id)) {
            Some((at, _)) => Err(refusals::unknown_reference(&format!("/ownerships/{at}/client_id"), "client")),
            None => Ok(()),
        }
    }
}

impl Importing for Patients {
    type Kind = PatientKind;

    fn create(&mut self, cx: &Cx<'_>, row: &mut Row<PatientKind>) -> Result<AnyId, Problem> {
        let patient = row.create::<NewPatient>()?.record(cx.mint(), cx.clinic()?, self.today, self.now)?;
        self.check_owners(&Ownerships::default(), &patient.ownerships.value().unwrap_or_default())?;
        self.announcements.push(patient.announce(&events::CREATED));
        let id = patient.id.any();
        self.new.push(patient);
        Ok(id)
    }

    fn change(&mut self, cx: &Cx<'_>, id: PatientId, row: &mut Row<PatientKind>) -> Result<Option<Changed>, Problem> {
        let mut patient = self.known.remove(&id).ok_or_else(|| bulk::lost(id))?;
        let before = patient.external_ids.value().unwrap_or_default();
        let owned = patient.ownerships.value().unwrap_or_default();
        let changes = patient.apply(row.patch::<PatientPatch>()?, cx.clinic()?, self.today)?;
        if changes.is_empty() {
            return Ok(None);
        }
        self.check_owners(&owned, &patient.ownerships.value().unwrap_or_default())?;
        patient.touch(self.now);
        self.announcements.push(patient.announce(&events::UPDATED).changed(changes.names()));
        let after = patient.external_ids.value().unwrap_or_default();
        self.changed.push((patient, changes.has("ownerships")));
        Ok(Some(Changed { before, after }))
    }

    async fn save(self, cx: &mut Cx<'_>) -> Result<(), Problem> {
        rows::insert(cx.conn(), &self.new).await.or_problem()?;
        self.new.iter().try_for_each(|patient| patient.tell_owners(cx))?;
        for (patient, has_other_owners) in &self.changed {
            if *has_other_owners {
                rows::replace_ownerships(cx.conn(), patient).await.or_problem()?;
                patient.tell_owners(cx)?;
            }
            rows::update(cx.conn(), patient).await.or_problem()?;
        }
        self.announcements.into_iter().for_each(|announcement| cx.emit(announcement));
        Ok(())
    }
}

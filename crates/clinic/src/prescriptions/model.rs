//! The prescription: a drug for a patient, how much of it, and how often it may be dispensed again.
//!
//! What was prescribed can change in a draft alone. Another dose is another prescription.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource};
use clinicos_gate::{Announcement, Cx, OrProblem as _};

use super::parts::{Dose, DoseFrequency, DrugForm, DrugRoute, Fulfillment};
use super::sample;
use super::status::PrescriptionStatus;
use crate::ids::{PatientId, PrescriptionKind, ProductId, StaffId, VisitId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::products::model::parts::Schedule;
use crate::texts::Decimal;
use crate::{chart, plain_record, products, refusals};

/// Most refills of a drug that is not controlled more strictly.
const REFILLS_MAX: i64 = 99;
/// Most refills of a drug in schedule III or IV: 21 CFR 1306.22(a).
const REFILLS_CONTROLLED_MAX: i64 = 5;
/// Longest time for which a drug is prescribed: ten years.
const DAYS_MAX: i64 = 3_653;

/// What was prescribed, and by whom.
const PRESCRIBED: &[&str] = &[
    "product_id",
    "drug",
    "strength",
    "form",
    "dose",
    "route",
    "frequency",
    "duration_days",
    "directions",
    "quantity",
    "unit",
    "refills",
    "schedule",
    "prescriber_id",
    "prescribed_on",
    "withdrawal_days",
];

const DRUGS: Field = Field::of(Category::Prescriptions);

plain_record! {
    /// A drug that is prescribed for a patient.
    pub struct Prescription<'a>: PrescriptionKind, "prescription" in "prescriptions";
    words "a prescription", "prescriptions";
    index "patient_id" "visit_id" "product_id" "prescriber_id" "prescribed_on";
    {
        /// Whom it is for. A prescription for the wrong patient is `cancelled`.
        patient_id: PatientId = DRUGS.required().equal(),
        /// The visit on which it was written, if on one.
        visit_id: Option<VisitId> = DRUGS.leads_to(Category::Clinical).writable().equal(),
        /// The drug among the clinic's products, if it is one of them.
        product_id: Option<ProductId> = DRUGS.writable().equal(),
        /// The drug, as the label names it.
        drug: Cow<'a, str> = DRUGS.required().updatable().filled().max(200).equal(),
        /// How strong it is, such as `75 mg`.
        strength: Option<Cow<'a, str>> = DRUGS.writable().max(60),
        /// What it comes as.
        form: Option<DrugForm> = DRUGS.writable(),
        /// How much is given at a time.
        dose: Option<Doc<'a, Dose>> = DRUGS.writable(),
        /// How it is given.
        route: Option<DrugRoute> = DRUGS.writable(),
        /// How often it is given.
        frequency: Option<DoseFrequency> = DRUGS.writable(),
        /// For how many days it is given; at most 3,653.
        duration_days: Option<i64> = DRUGS.writable().at_least(1),
        /// What the client should do, in words for the label.
        directions: Option<Cow<'a, str>> = DRUGS.writable().max(1_000),
        /// How much is dispensed at a time, in its unit; more than zero.
        quantity: Decimal<'a> = DRUGS.required().updatable(),
        /// What the quantity counts, as a UCUM unit such as `{tablet}` or `mL`.
        unit: Cow<'a, str> = DRUGS.writable().fallback("\"1\"").filled().max(40),
        /// How often it may be dispensed again: never in schedule II, at most 5 times in III and IV, else
        /// at most 99.
        refills: i64 = DRUGS.writable().fallback("0").at_least(0),
        /// How often it may still be dispensed again; `refills` unless given, and never more.
        refills_left: Option<i64> = DRUGS.writable().at_least(0),
        /// How it is controlled; what the product says if that is controlled.
        schedule: Schedule = DRUGS.writable().fallback("\"none\"").equal(),
        /// Where it stands. What is prescribed can change in a `draft` alone.
        status: PrescriptionStatus = DRUGS.writable().fallback("\"active\"").equal(),
        /// Who dispenses it.
        fulfillment: Fulfillment = DRUGS.writable().fallback("\"in_house\"").equal(),
        /// Who prescribes it. Must be given unless it is a draft, or was cancelled.
        prescriber_id: Option<StaffId> = DRUGS.writable().equal(),
        /// When it was prescribed, by the clinic's calendar.
        prescribed_on: Date = DRUGS.required().updatable().range().sortable(),
        /// The last day on which it may be dispensed.
        expires_on: Option<Date> = DRUGS.writable().range(),
        /// The maker's number of the lot that was dispensed last.
        lot: Option<Cow<'a, str>> = DRUGS.writable().max(60).equal(),
        /// The last day of use of that lot.
        lot_expires_on: Option<Date> = DRUGS.writable(),
        /// For how many days after the last dose the animal gives no food.
        withdrawal_days: Option<i64> = DRUGS.writable().at_least(0),
    }
}

impl Plain for Prescription<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps; a forbidden one is refused with those that are allowed. What was \
         prescribed, how much and by whom, can change while the status is `draft`; later another prescription is written.";
    const DELETE_DOC: &'static str = "For a prescription recorded by mistake. One that should not be dispensed is `cancelled`, and one that should no longer be \
         taken `stopped`.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            self.check_prescribed(before)?;
        }
        if self.prescriber_id.is_none() && !matches!(self.status, PrescriptionStatus::Draft | PrescriptionStatus::Cancelled) {
            return Err(Problem::rule("/prescriber_id", "required", "must be given unless the status is `draft` or `cancelled`"));
        }
        if self.quantity.ten_thousandths().is_none_or(|quantity| quantity <= 0) {
            return Err(Problem::rule("/quantity", "range", "must be more than zero"));
        }
        let dose = self.dose.as_ref().and_then(Doc::value).map(|dose| Decimal::from(dose.qty));
        if dose.is_some_and(|qty| qty.ten_thousandths().is_none_or(|qty| qty <= 0)) {
            return Err(Problem::rule("/dose/qty", "range", "must be more than zero"));
        }
        refusals::check_int("/duration_days", self.duration_days, 1, DAYS_MAX)?;
        refusals::check_int("/withdrawal_days", self.withdrawal_days, 0, DAYS_MAX)?;
        if self.prescribed_on > moment.today {
            return Err(Problem::rule("/prescribed_on", "range", "must not be in the future"));
        }
        refusals::check_order("/expires_on", Some(self.prescribed_on), self.expires_on, "prescribed_on")?;
        self.refills_left.get_or_insert(self.refills);
        self.check_refills()
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("status", self.status.name()).with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let of = |prescription: &Self| (prescription.product_id, prescription.schedule);
        if before.map(of) != Some(of(after)) {
            after.settle_schedule(cx, before.is_none()).await?;
        }
        let entry = |prescription: &Self| chart::Entry {
            patient: prescription.patient_id,
            visit: prescription.visit_id,
            day: Some(("prescribed_on", prescription.prescribed_on)),
            after_death: false,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

impl Prescription<'static> {
    fn check_prescribed(&self, before: &Self) -> Result<(), Problem> {
        let changes = self.differences(before);
        match PRESCRIBED.iter().find(|field| changes.has(field)) {
            Some(field) if before.status != PrescriptionStatus::Draft => {
                Err(Problem::rule(format!("/{field}"), "prescribed", "can change in a draft alone; write another prescription"))
            }
            _ => Ok(()),
        }
    }

    fn check_refills(&self) -> Result<(), Problem> {
        let most = match self.schedule {
            // 21 CFR 1306.12(a): a drug in schedule II is prescribed anew each time.
            Schedule::Two => 0,
            Schedule::Three | Schedule::Four => REFILLS_CONTROLLED_MAX,
            Schedule::None | Schedule::Five => REFILLS_MAX,
        };
        if self.refills > most {
            let detail = format!("must be at most {most} for the schedule `{}`", self.schedule.name());
            return Err(Problem::rule("/refills", "range", detail));
        }
        if self.refills_left.is_some_and(|left| left > self.refills) {
            return Err(Problem::rule("/refills_left", "range", "must not be more than `refills`"));
        }
        Ok(())
    }

    /// A controlled product is controlled on a prescription, too.
    async fn settle_schedule(&mut self, cx: &mut Cx<'_>, is_new: bool) -> Result<(), Problem> {
        let Some(id) = self.product_id else { return Ok(()) };
        let product = products::rows::find(cx.conn(), self.clinic_id, id).await.or_problem()?;
        let Some(product) = product.map(|product| product.controlled_schedule) else { return Ok(()) };
        if product == Schedule::None || product == self.schedule {
            return Ok(());
        }
        if is_new && self.schedule == Schedule::None {
            self.schedule = product;
            return self.check_refills();
        }
        let detail = format!("must be `{}`, as that of the product", product.name());
        Err(Problem::rule("/schedule", "product", detail))
    }
}

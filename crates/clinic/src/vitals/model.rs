//! Vitals: what was measured of a patient at one time.

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx};

use super::parts::{BloodPressure, MembraneColor, Mentation, MuscleCondition, PainScale};
use super::sample;
use crate::ids::{PatientId, StaffId, VisitId, VitalsKind};
use crate::plain::{Moment, Plain};
use crate::texts::Decimal;
use crate::{chart, plain_record, refusals};

/// More than any animal weighs, in kilograms.
const WEIGHT_MAX_KG: i128 = 20_000;
/// More than any heart beats in a minute: that of a hummingbird comes to 1,260.
const HEART_RATE_MAX: i64 = 1_500;
/// More than any animal breathes in a minute.
const RESP_RATE_MAX: i64 = 1_000;

const CLINICAL: Field = Field::of(Category::Clinical);

plain_record! {
    /// What was measured of a patient at one time; at least one value is given.
    pub struct Vitals<'a>: VitalsKind, "vitals" in "vitals";
    words "a set of vitals", "vitals";
    index "patient_id" "visit_id" "taken_at";
    {
        /// Whose vitals they are. Those of the wrong patient are deleted.
        patient_id: PatientId = CLINICAL.required().equal(),
        /// The visit on which they were taken, if on one.
        visit_id: Option<VisitId> = CLINICAL.writable().equal(),
        /// When they were taken.
        taken_at: Timestamp = CLINICAL.required().updatable().range().sortable(),
        /// Who took them.
        taken_by_id: Option<StaffId> = CLINICAL.writable().equal(),
        /// Weight in kilograms (UCUM `kg`), more than zero.
        weight_kg: Option<Decimal<'a>> = CLINICAL.writable(),
        /// Temperature in degrees Celsius (UCUM `Cel`), from `0` to `50`.
        temp_c: Option<Decimal<'a>> = CLINICAL.writable(),
        /// Heart rate in beats per minute; at most 1,500.
        heart_rate: Option<i64> = CLINICAL.writable().at_least(0),
        /// Respiratory rate in breaths per minute; at most 1,000.
        resp_rate: Option<i64> = CLINICAL.writable().at_least(0),
        /// The color of the mucous membranes.
        mm_color: Option<MembraneColor> = CLINICAL.writable(),
        /// Capillary refill time in seconds (UCUM `s`), from `0` to `20`.
        crt_s: Option<Decimal<'a>> = CLINICAL.writable(),
        /// Body condition score, from 1 (emaciated) to 9 (obese).
        bcs: Option<i64> = CLINICAL.writable().at_least(1),
        /// Muscle condition score: how much muscle is lost.
        mcs: Option<MuscleCondition> = CLINICAL.writable(),
        /// How much it hurts, by `pain_scale`.
        pain_score: Option<i64> = CLINICAL.writable().at_least(0),
        /// The scale of `pain_score`: `csu` from 0 to 4, `cmps` from 0 to 24. Goes together with it.
        pain_scale: Option<PainScale> = CLINICAL.writable(),
        /// Blood pressure.
        bp: Option<Doc<'a, BloodPressure>> = CLINICAL.writable(),
        /// Oxygen saturation in percent, from `0` to `100`.
        spo2: Option<Decimal<'a>> = CLINICAL.writable(),
        /// How dehydrated the patient is, in percent of its weight, from `0` to `100`.
        hydration_pct: Option<Decimal<'a>> = CLINICAL.writable(),
        /// How aware the patient is.
        mentation: Option<Mentation> = CLINICAL.writable(),
        /// What else there is to say.
        notes: Option<Cow<'a, str>> = CLINICAL.writable().max(2_000),
    }
}

impl Plain for Vitals<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const CREATE_DOC: &'static str = "The patient's own `weight_kg` stays as it is.";

    fn settle(&mut self, _before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if !self.has_value() {
            return Err(Problem::rule("", "empty", "at least one value must be given"));
        }
        chart::check_past("taken_at", Some(self.taken_at), moment)?;
        let weight = self.weight_kg.as_ref().and_then(Decimal::ten_thousandths);
        if weight.is_some_and(|weight| !(1..=WEIGHT_MAX_KG * Decimal::SCALE).contains(&weight)) {
            let detail = format!("must be more than zero and at most {WEIGHT_MAX_KG} kilograms");
            return Err(Problem::rule("/weight_kg", "range", detail));
        }
        refusals::check_decimal("/temp_c", self.temp_c.as_ref(), 0, 50)?;
        refusals::check_int("/heart_rate", self.heart_rate, 0, HEART_RATE_MAX)?;
        refusals::check_int("/resp_rate", self.resp_rate, 0, RESP_RATE_MAX)?;
        refusals::check_decimal("/crt_s", self.crt_s.as_ref(), 0, 20)?;
        refusals::check_int("/bcs", self.bcs, 1, 9)?;
        if self.pain_score.is_some() != self.pain_scale.is_some() {
            return Err(Problem::rule("/pain_scale", "pain_score", "goes together with `pain_score`"));
        }
        refusals::check_int("/pain_score", self.pain_score, 0, self.pain_scale.map_or(0, PainScale::most))?;
        refusals::check_decimal("/spo2", self.spo2.as_ref(), 0, 100)?;
        refusals::check_decimal("/hydration_pct", self.hydration_pct.as_ref(), 0, 100)?;
        self.bp.as_ref().and_then(Doc::value).map_or(Ok(()), |bp| bp.check())
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let clinic = cx.clinic()?;
        let entry = |vitals: &Self| chart::Entry {
            patient: vitals.patient_id,
            visit: vitals.visit_id,
            day: Some(("taken_at", vitals.taken_at.day_in(&clinic.zone))),
            after_death: false,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

impl Vitals<'static> {
    fn has_value(&self) -> bool {
        let decimals = [&self.weight_kg, &self.temp_c, &self.crt_s, &self.spo2, &self.hydration_pct];
        let numbers = [self.heart_rate, self.resp_rate, self.bcs, self.pain_score];
        let seen = [self.mm_color.is_some(), self.mcs.is_some(), self.mentation.is_some(), self.bp.is_some()];
        decimals.into_iter().any(Option::is_some) || numbers.iter().any(Option::is_some) || seen.contains(&true)
    }
}

//! The vaccination: a vaccine that was given, and when the next is due.

use std::borrow::Cow;

use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, ClinicFacts, Cx};

use super::parts::{Antigens, VaccineCategory, VaccineReaction, VaccineSite};
use super::sample;
use crate::ids::{PatientId, ProductId, StaffId, VaccinationKind, VisitId};
use crate::plain::{Moment, Plain};
use crate::{chart, plain_record, refusals};

/// More doses than any series has.
const DOSES_MAX: i64 = 99;

const CLINICAL: Field = Field::of(Category::Clinical);

plain_record! {
    /// A vaccine that was given.
    pub struct Vaccination<'a>: VaccinationKind, "vaccination" in "vaccinations";
    words "a vaccination", "vaccinations";
    index "patient_id" "visit_id" "product_id" "given_at";
    {
        /// Who got it. A vaccination of the wrong patient is deleted.
        patient_id: PatientId = CLINICAL.required().equal(),
        /// The visit on which it was given, if on one.
        visit_id: Option<VisitId> = CLINICAL.writable().equal(),
        /// The vaccine among the clinic's products, if it is one of them.
        product_id: Option<ProductId> = CLINICAL.writable().equal(),
        /// The vaccine, as its maker names it.
        vaccine: Option<Cow<'a, str>> = CLINICAL.writable().max(200),
        /// What it protects from; at least one.
        antigens: Doc<'a, Antigens> = CLINICAL.required().updatable().max(20).distinct(),
        /// Why it is given.
        category: Option<VaccineCategory> = CLINICAL.writable().equal(),
        /// Who makes it.
        manufacturer: Option<Cow<'a, str>> = CLINICAL.writable().max(120),
        /// The maker's number of the lot.
        lot: Option<Cow<'a, str>> = CLINICAL.writable().max(60).equal(),
        /// The last day of use of that lot; not before it was given.
        expires_on: Option<Date> = CLINICAL.writable(),
        /// Where it was given.
        site: Option<VaccineSite> = CLINICAL.writable(),
        /// Which dose of its series it is, from 1.
        dose_no: Option<i64> = CLINICAL.writable().at_least(1),
        /// When it was given.
        given_at: Timestamp = CLINICAL.required().updatable().range().sortable(),
        /// Who gave it.
        given_by_id: Option<StaffId> = CLINICAL.writable().equal(),
        /// For how many years it protects: 1 or 3.
        validity_years: Option<i64> = CLINICAL.writable().at_least(1),
        /// When the next is due; follows from `given_at` and `validity_years` unless given.
        due_on: Option<Date> = CLINICAL.writable().range(),
        /// The number of its certificate.
        certificate_no: Option<Cow<'a, str>> = CLINICAL.writable().max(60).equal(),
        /// What happened afterwards.
        reaction: VaccineReaction = CLINICAL.writable().fallback("\"none\"").equal(),
        /// Whether another practice gave it.
        given_elsewhere: bool = CLINICAL.writable().equal(),
    }
}

impl Plain for Vaccination<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str =
        "A `due_on` that follows from `given_at` and `validity_years` goes along with them; one that was given stays.";

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if self.antigens.value().unwrap_or_default().0.is_empty() {
            return Err(Problem::rule("/antigens", "empty", "must not be empty"));
        }
        chart::check_past("given_at", Some(self.given_at), moment)?;
        let given_on = self.given_on(moment.clinic);
        refusals::check_order("/expires_on", Some(given_on), self.expires_on, "given_at")?;
        refusals::check_int("/dose_no", self.dose_no, 1, DOSES_MAX)?;
        if self.validity_years.is_some_and(|years| !matches!(years, 1 | 3)) {
            return Err(Problem::rule("/validity_years", "range", "must be 1 or 3"));
        }
        if self.given_elsewhere && self.given_by_id.is_some() {
            return Err(Problem::rule("/given_by_id", "given_elsewhere", "must be null where another practice gave it"));
        }
        let followed =
            before.is_some_and(|before| before.due_on == self.due_on && before.due_on == before.follows(moment.clinic));
        if self.due_on.is_none() || followed {
            self.due_on = self.follows(moment.clinic);
        }
        if self.due_on.is_some_and(|due| due <= given_on) {
            return Err(Problem::rule("/due_on", "range", "must be after `given_at`"));
        }
        Ok(())
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement.with("patient_id", self.patient_id)
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let clinic = cx.clinic()?;
        let entry = |vaccination: &Self| chart::Entry {
            patient: vaccination.patient_id,
            visit: vaccination.visit_id,
            day: Some(("given_at", vaccination.given_on(clinic))),
            after_death: false,
        };
        chart::check(cx, before.map(entry), entry(after)).await
    }
}

impl Vaccination<'static> {
    fn given_on(&self, clinic: &ClinicFacts) -> Date {
        self.given_at.day_in(&clinic.zone)
    }

    /// The day that follows from when it was given and for how long it protects. The last day of
    /// February stands in for a leap day.
    fn follows(&self, clinic: &ClinicFacts) -> Option<Date> {
        let (given, years) = (self.given_on(clinic), i16::try_from(self.validity_years?).ok()?);
        let year = given.year().checked_add(years)?;
        Date::new(year, given.month(), given.day()).or_else(|_| Date::new(year, given.month(), given.day() - 1)).ok()
    }
}

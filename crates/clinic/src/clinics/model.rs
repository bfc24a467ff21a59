//! The clinic: a place of practice.

pub mod parts;

use std::borrow::Cow;

use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Currency, Field, Patch, Problem, Timestamp, record, words};
use clinicos_gate::{ClinicId, OrganizationId};
use serde::Deserialize;

use self::parts::{Departments, Hours, Rooms, TaxIds};
use crate::changes::Changes;
use crate::documents::{ClinicAddress, ExternalIds};
use crate::refusals;
use crate::texts::{Email, TimeZone};

/// Most opening hours of a week: six for each day.
const HOURS_MAX: usize = 42;

words! {
    /// What the clinic does.
    ClinicType {
        /// General practice.
        General = "general",
        /// Emergencies.
        Emergency = "emergency",
        /// Specialists.
        Specialty = "specialty",
        /// House calls.
        Mobile = "mobile",
        /// Horses.
        Equine = "equine",
        /// A shelter's clinic.
        Shelter = "shelter",
        /// Urgent care.
        UrgentCare = "urgent_care",
        /// Several of these.
        Mixed = "mixed",
    }
}

words! {
    /// Whether the clinic takes calls.
    ClinicStatus {
        /// It works.
        Active = "active",
        /// It is being set up; it takes calls.
        Onboarding = "onboarding",
        /// It takes no calls for now.
        Suspended = "suspended",
        /// It takes no calls any more.
        Closed = "closed",
    }
}

const SYSTEM: Field = Field::of(Category::RecordSystem);
const PRACTICE: Field = Field::of(Category::Practice);

record! {
    /// A place of practice and the tenant of all data.
    pub struct Clinic<'a> as "clinic" {
        /// Its identifier.
        id: ClinicId = SYSTEM,
        /// Whose it is.
        organization_id: OrganizationId = SYSTEM.required().equal(),
        /// What it calls itself.
        name: Cow<'a, str> = PRACTICE.required().updatable().max(200),
        /// A short name of the organization's own.
        code: Option<Cow<'a, str>> = PRACTICE.writable().max(20).equal(),
        /// What it does.
        r#type: ClinicType = PRACTICE.required().updatable().equal(),
        /// Whether it takes calls: `active` and `onboarding` do.
        status: ClinicStatus = PRACTICE.writable().equal(),
        /// Where it is.
        address: Option<Doc<'a, ClinicAddress>> = PRACTICE.writable(),
        /// Its phone number, as entered.
        phone: Option<Cow<'a, str>> = PRACTICE.writable().max(40),
        /// Its e-mail address.
        email: Option<Email<'a>> = PRACTICE.writable().max(254),
        /// Its IANA time zone; dates of its records are days there.
        timezone: TimeZone<'a> = PRACTICE.required().updatable().max(60),
        /// What it bills in; fixed from the start.
        currency: Currency = PRACTICE.required(),
        /// By which rules its clients decide about their data: `generic`, or the ISO 3166-2 code of a place whose
        /// rules this server knows, such as `US-CA`. That of its address unless given; `generic` where that is not
        /// known. Only an admin of the clinic or whoever runs the server changes it.
        jurisdiction: Cow<'a, str> = PRACTICE.writable().max(10),
        /// Numbers under which it pays tax.
        tax_ids: Doc<'a, TaxIds> = PRACTICE.writable().max(10),
        /// When it is open.
        hours: Doc<'a, Hours> = PRACTICE.writable().max(HOURS_MAX as u32),
        /// Its rooms.
        rooms: Doc<'a, Rooms> = PRACTICE.writable().max(200),
        /// Its departments.
        departments: Doc<'a, Departments> = PRACTICE.writable().max(60),
        /// Its identifiers in other systems.
        external_ids: Doc<'a, ExternalIds> = SYSTEM.writable().max(20),
        /// When it was created.
        created_at: Timestamp = SYSTEM.range(),
        /// When it last changed.
        updated_at: Timestamp = SYSTEM.range().sortable(),
        /// Grows with each change.
        version: i64 = SYSTEM,
        /// When it was deleted, on a tombstone.
        deleted_at: Option<Timestamp> = SYSTEM.sparse(),
    }
}

/// A body of `clinics.create`.
#[derive(Debug, Deserialize)]
pub struct NewClinic {
    organization_id: OrganizationId,
    name: String,
    code: Option<String>,
    r#type: ClinicType,
    status: Option<ClinicStatus>,
    address: Option<ClinicAddress>,
    phone: Option<String>,
    email: Option<String>,
    timezone: String,
    currency: Currency,
    jurisdiction: Option<String>,
    #[serde(default)]
    tax_ids: TaxIds,
    #[serde(default)]
    hours: Hours,
    #[serde(default)]
    rooms: Rooms,
    #[serde(default)]
    departments: Departments,
    #[serde(default)]
    external_ids: ExternalIds,
}

/// A body of `clinics.update`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ClinicPatch {
    name: Patch<String>,
    code: Patch<String>,
    r#type: Patch<ClinicType>,
    status: Patch<ClinicStatus>,
    address: Patch<ClinicAddress>,
    phone: Patch<String>,
    email: Patch<String>,
    timezone: Patch<String>,
    jurisdiction: Patch<String>,
    tax_ids: Patch<TaxIds>,
    hours: Patch<Hours>,
    rooms: Patch<Rooms>,
    departments: Patch<Departments>,
    external_ids: Patch<ExternalIds>,
}

impl ClinicPatch {
    /// Whether it says something about `jurisdiction`, which no program decides.
    pub fn sets_jurisdiction(&self) -> bool {
        !matches!(self.jurisdiction, Patch::Keep)
    }

    /// Whether it says something about `status`, which is the operator's.
    pub fn sets_status(&self) -> bool {
        !matches!(self.status, Patch::Keep)
    }
}

impl NewClinic {
    /// The new record.
    pub fn record(self, id: ClinicId, now: Timestamp) -> Result<Clinic<'static>, Problem> {
        let jurisdiction = self.jurisdiction.map_or_else(|| jurisdiction_of(self.address.as_ref()), Cow::Owned);
        let clinic = Clinic {
            id,
            organization_id: self.organization_id,
            name: Cow::Owned(self.name),
            code: self.code.map(Cow::Owned),
            r#type: self.r#type,
            status: self.status.unwrap_or(ClinicStatus::Active),
            address: self.address.map(|address| Doc::of(&address)),
            phone: self.phone.map(Cow::Owned),
            email: self.email.map(Email::from),
            timezone: self.timezone.into(),
            currency: self.currency,
            jurisdiction,
            tax_ids: Doc::of(&self.tax_ids),
            hours: Doc::of(&self.hours),
            rooms: Doc::of(&self.rooms),
            departments: Doc::of(&self.departments),
            external_ids: Doc::of(&self.external_ids),
            created_at: now,
            updated_at: now,
            version: 1,
            deleted_at: None,
        };
        clinic.check()?;
        Ok(clinic)
    }
}

/// The rules of the place where a clinic is, if they are known.
fn jurisdiction_of(address: Option<&ClinicAddress>) -> Cow<'static, str> {
    let place = address.and_then(|address| Some(format!("{}-{}", address.country.as_deref()?, address.region.as_deref()?)));
    let rules = place.and_then(|place| clinicos_consent::find(&place));
    Cow::Borrowed(rules.map_or(clinicos_consent::GENERIC, |rules| &*rules.code))
}

impl Clinic<'static> {
    /// Applies a patch; tells what is different now.
    pub fn apply(&mut self, patch: ClinicPatch) -> Result<Changes, Problem> {
        refusals::check_not_deleted(self.deleted_at)?;
        let mut changes = Changes::default();
        changes.text("name", patch.name, &mut self.name);
        changes.optional_text("code", patch.code, &mut self.code);
        changes.value("type", patch.r#type, &mut self.r#type);
        changes.value("status", patch.status, &mut self.status);
        changes.optional_document("address", patch.address, &mut self.address);
        changes.optional_text("phone", patch.phone, &mut self.phone);
        changes.optional("email", patch.email.map(Email::from), &mut self.email);
        changes.value("timezone", patch.timezone.map(TimeZone::from), &mut self.timezone);
        changes.text("jurisdiction", patch.jurisdiction, &mut self.jurisdiction);
        changes.document("tax_ids", patch.tax_ids, &mut self.tax_ids);
        changes.document("hours", patch.hours, &mut self.hours);
        changes.document("rooms", patch.rooms, &mut self.rooms);
        changes.document("departments", patch.departments, &mut self.departments);
        changes.document("external_ids", patch.external_ids, &mut self.external_ids);
        self.check()?;
        Ok(changes)
    }

    fn check(&self) -> Result<(), Problem> {
        refusals::check_not_empty("/name", &self.name)?;
        if clinicos_consent::find(&self.jurisdiction).is_none() {
            let known: Vec<&str> = clinicos_consent::all().iter().map(|rules| &*rules.code).collect();
            return Err(Problem::rule("/jurisdiction", "unknown", format!("must be one of {}", known.join(", "))));
        }
        let hours = self.hours.value().unwrap_or_default();
        refusals::check_length("/hours", hours.0.len(), HOURS_MAX)?;
        match hours.0.iter().position(|hours| !hours.is_sound()) {
            None => Ok(()),
            Some(at) => Err(Problem::rule(
                format!("/hours/{at}"),
                "opening_hours",
                "`opens` and `closes` must be `HH:MM`, and `closes` after `opens`",
            )),
        }
    }

    /// Counts a change.
    pub fn touch(&mut self, now: Timestamp) {
        self.updated_at = now;
        self.version += 1;
    }
}

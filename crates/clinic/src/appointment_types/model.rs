//! The appointment type: what a time is booked for.

use std::borrow::Cow;

use clinicos_contract::wire::{Doc, Document};
use clinicos_contract::{Category, Field, Money, Problem, Resource, Shape, Wire as _};

use super::sample;
use crate::ids::AppointmentTypeKind;
use crate::patients::model::parts::Species;
use crate::plain::{Moment, Plain};
use crate::{column_words, document_list, object, plain_record, refusals};

/// A day: no appointment takes longer than until the same time tomorrow.
const MINUTES_MAX: i64 = 24 * 60;

// The clinic's own: it tells of no client.
const CALENDAR: Field = Field::of(Category::Appointments).figure();

column_words! {
    /// What a time is booked for.
    CareKind {
        /// A yearly or similar check.
        Wellness = "wellness",
        /// Something is wrong.
        Sick = "sick",
        /// To look again at something known.
        Recheck = "recheck",
        /// To be vaccinated.
        Vaccine = "vaccine",
        /// With a technician: nails, bandages, blood drawn.
        Tech = "tech",
        /// An operation.
        Surgery = "surgery",
        /// Teeth.
        Dental = "dental",
        /// It cannot wait.
        Emergency = "emergency",
        /// To be put to sleep.
        Euthanasia = "euthanasia",
        /// To be groomed.
        Grooming = "grooming",
        /// To stay without being ill.
        Boarding = "boarding",
        /// The animal is left and seen when there is time.
        DropOff = "drop_off",
        /// By phone or video.
        Telehealth = "telehealth",
        /// To be imaged.
        Imaging = "imaging",
        /// With a specialist.
        SpecialtyConsult = "specialty_consult",
    }

    /// What has to be paid when it is booked.
    DepositKind {
        /// Nothing.
        None = "none",
        /// The same amount each time.
        Fixed = "fixed",
        /// A share of the estimate.
        Percent = "percent",
    }
}

object! {
    /// What has to be paid when it is booked.
    pub struct DepositRule as "deposit_rule" {
        /// How much that is.
        kind: DepositKind, DepositKind::SHAPE, false = CALENDAR.required();
        /// The amount of a `fixed` one.
        #[serde(default)]
        amount: Option<Money>, Shape::Money, true = CALENDAR.creatable().at_least(1);
        /// The share of a `percent` one, from 1 to 100.
        #[serde(default)]
        percent: Option<i64>, Shape::Int, true = CALENDAR.creatable().at_least(1);
    }
}

impl Document for DepositRule {
    const SHAPE: Shape = Shape::Object(Self::SCHEMA);
    const EMPTY: &'static str = "null";
}

impl CareKind {
    /// Those that may stand beside others: what is left takes up nobody's time, and an emergency waits for nobody.
    pub const OVERLAPPING: [Self; 3] = [Self::Boarding, Self::DropOff, Self::Emergency];

    /// Whether it may stand beside others.
    pub fn may_overlap(self) -> bool {
        Self::OVERLAPPING.contains(&self)
    }
}

document_list! {
    /// Kinds of animals.
    SpeciesList of Species, Species::SHAPE
}

plain_record! {
    /// What a time is booked for, and how long that takes.
    pub struct AppointmentType<'a>: AppointmentTypeKind, "appointment_type" in "appointment_types";
    words "an appointment type", "appointment types";
    index "name";
    {
        /// What clients and staff call it.
        name: Cow<'a, str> = CALENDAR.required().updatable().filled().max(100).equal().sortable(),
        /// What sort of care it is.
        kind: CareKind = CALENDAR.required().updatable().equal(),
        /// How long it takes, in minutes; at most a day.
        minutes: i64 = CALENDAR.required().updatable().at_least(1),
        /// The animals that it is for; empty for all.
        species: Doc<'a, SpeciesList> = CALENDAR.writable().max(17).distinct(),
        /// What has to be paid when it is booked; null for nothing.
        deposit_rule: Option<Doc<'a, DepositRule>> = CALENDAR.writable(),
        /// How calendars show it: `#` and six hexadecimal digits.
        color: Option<Cow<'a, str>> = CALENDAR.writable().max(7),
        /// Whether it can still be booked.
        active: bool = CALENDAR.writable().fallback("true").equal(),
    }
}

impl Plain for AppointmentType<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const DELETE_DOC: &'static str =
        "For a type made by mistake. Appointments keep it; to book no more of them set `active` to false.";

    fn settle(&mut self, _before: Option<&Self>, _moment: &Moment<'_>) -> Result<(), Problem> {
        if self.minutes > MINUTES_MAX {
            return Err(Problem::rule("/minutes", "range", format!("must be at most {MINUTES_MAX}")));
        }
        if let Some(color) = &self.color {
            refusals::check_color("/color", color)?;
        }
        self.deposit_rule.as_ref().and_then(Doc::value).map_or(Ok(()), |rule| rule.check())
    }
}

impl DepositRule {
    fn check(&self) -> Result<(), Problem> {
        let wrong = |member: &str, code: &'static str, detail: &'static str| {
            Err(Problem::rule(format!("/deposit_rule/{member}"), code, detail))
        };
        match (self.kind, self.amount, self.percent) {
            (DepositKind::None, None, None) => Ok(()),
            (DepositKind::None, Some(_), _) => wrong("amount", "range", "goes together with `fixed`"),
            (DepositKind::None | DepositKind::Fixed, _, Some(_)) => wrong("percent", "range", "goes together with `percent`"),
            (DepositKind::Fixed, Some(_), None) => Ok(()),
            (DepositKind::Fixed, None, None) => wrong("amount", "required", "must be given for a `fixed` deposit"),
            (DepositKind::Percent, Some(_), _) => wrong("amount", "range", "goes together with `fixed`"),
            (DepositKind::Percent, None, Some(1..=100)) => Ok(()),
            (DepositKind::Percent, None, Some(_)) => wrong("percent", "range", "must be from 1 to 100"),
            (DepositKind::Percent, None, None) => wrong("percent", "required", "must be given for a `percent` deposit"),
        }
    }
}

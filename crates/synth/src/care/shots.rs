//! Vaccines: given when they are due, and the next one planned.

use std::borrow::Cow;

use clinicos_clinic::vaccinations::model::Vaccination;
use clinicos_clinic::vaccinations::parts::{Antigen, Antigens, VaccineReaction};
use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;

use crate::bill::charge;
use crate::calendar::{Day, date, day_of};
use crate::tables::catalog::{ITEMS, place};
use crate::tables::vaccines::{VACCINES, Vaccine};
use crate::visit::Stay;
use crate::world::{Want, Why, World, no_external_ids};

/// A vaccine that is due so soon is given along, in days.
const ALONG_DAYS: i32 = 45;

/// The same day some years later; the last of February stands in for a leap day.
fn years_later(day: Day, years: i64) -> Day {
    let given = date(day);
    let year = given.year() + i16::try_from(years).unwrap_or(1);
    let later = Date::new(year, given.month(), given.day()).or_else(|_| Date::new(year, given.month(), given.day() - 1));
    later.map_or(day + 365, day_of)
}

impl World {
    /// Gives what is due or will be soon; says how many that were.
    pub fn give_vaccines(&mut self, stay: &mut Stay) -> usize {
        let age = stay.day - self.pets[stay.pet].born;
        let mut given = 0;
        for at in 0..self.pets[stay.pet].courses.len() {
            let course = &self.pets[stay.pet].courses[at];
            let vaccine = &VACCINES[course.vaccine];
            let is_series = course.doses < vaccine.doses;
            let along = if is_series { 3 } else { ALONG_DAYS };
            if course.next > stay.day + along || age < vaccine.from_weeks * 7 - 7 {
                continue;
            }
            self.give(stay, at, vaccine, given);
            given += 1;
        }
        self.plan_booster(stay.pet, stay.day);
        given
    }

    fn give(&mut self, stay: &mut Stay, course: usize, vaccine: &'static Vaccine, before: usize) {
        let dose = self.pets[stay.pet].courses[course].doses + 1;
        let is_first = dose <= vaccine.doses;
        let key = if is_first { vaccine.item } else { vaccine.booster_item };
        let item = place(key);
        let at = stay.after(600 + 40 * before as i64);
        stay.charges.push(charge(key, stay.pet));
        let (next, years) = match dose < vaccine.doses {
            true => (stay.day + vaccine.every_weeks * 7, None),
            false => {
                let years = if is_first { vaccine.first_years } else { vaccine.years };
                (years_later(stay.day, years), Some(years))
            }
        };
        let lot = self.next_lot(item, at);
        let helper = self.helper();
        let reaction = match self.dice.below(1_000) {
            0..12 => VaccineReaction::Local,
            12..17 => VaccineReaction::Systemic,
            17 => VaccineReaction::Anaphylaxis,
            _ => VaccineReaction::None,
        };
        let record = Vaccination {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            product_id: Some(self.goods[item].id),
            vaccine: Some(Cow::Borrowed(ITEMS[item].name)),
            antigens: Doc::of(&Antigens(vec![vaccine.antigen])),
            category: Some(vaccine.category),
            manufacturer: Some(Cow::Borrowed(vaccine.manufacturer)),
            lot: lot.as_ref().map(|lot| Cow::Owned(lot.number.clone())),
            expires_on: lot.map(|lot| date(lot.expires)),
            site: Some(vaccine.site),
            dose_no: Some(dose),
            given_at: at,
            given_by_id: Some(helper),
            validity_years: years,
            due_on: Some(date(next)),
            certificate_no: (vaccine.antigen == Antigen::Rabies).then(|| Cow::Owned(format!("RC-{}", self.dice.digits(6)))),
            reaction,
            given_elsewhere: false,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        };
        if vaccine.antigen == Antigen::Rabies {
            self.pets[stay.pet].record.rabies_tag = Some(Cow::Owned(format!("T{}", self.dice.digits(5))));
            self.certificate(stay, at);
        }
        self.shelf.put(&record);
        self.pets[stay.pet].courses[course].doses = dose;
        self.pets[stay.pet].courses[course].next = next;
        self.remind_of_vaccine(stay, item, next);
    }

    /// A vaccine that another practice gave, before the animal came here.
    pub fn given_before(&mut self, pet: usize, vaccine: usize, next: Day) {
        let kind = &VACCINES[vaccine];
        let made = self.pets[pet].record.created_at;
        let years = kind.years;
        let given = next - i32::try_from(years * 365).unwrap_or(365);
        let born = self.pets[pet].born;
        if given <= born + kind.from_weeks * 7 {
            return;
        }
        let at = self.calendar.at(given.max(self.calendar.first - 390), 11 * 60);
        let day = self.calendar.day(at);
        let due = years_later(day, years);
        let record = Vaccination {
            id: self.dice.id(made),
            clinic_id: self.clinic,
            patient_id: self.pets[pet].record.id,
            visit_id: None,
            product_id: None,
            vaccine: Some(Cow::Borrowed(ITEMS[place(kind.item)].name)),
            antigens: Doc::of(&Antigens(vec![kind.antigen])),
            category: Some(kind.category),
            manufacturer: None,
            lot: None,
            expires_on: None,
            site: None,
            dose_no: None,
            given_at: at,
            given_by_id: None,
            validity_years: Some(years),
            due_on: Some(date(due)),
            certificate_no: None,
            reaction: VaccineReaction::None,
            given_elsewhere: true,
            external_ids: no_external_ids(),
            created_at: made,
            updated_at: made,
            version: 1,
            deleted_at: None,
        };
        self.shelf.put(&record);
    }

    /// The next visit of a series, if one is going on.
    fn plan_booster(&mut self, pet: usize, day: Day) {
        let series = self.pets[pet].courses.iter().filter(|course| course.doses < VACCINES[course.vaccine].doses);
        let Some(next) = series.map(|course| course.next).min() else { return };
        let late = self.dice.one(&[0, 0, 0, 1, 2, 3, 5, 9]);
        if self.dice.chance(940) {
            self.want(next.max(day + 14) + late, Want { pet, why: Why::Booster, replaces: None });
        }
    }

    /// The next yearly check: when it is time, or later, or never.
    pub fn plan_wellness(&mut self, pet: usize, day: Day) {
        let due = self.pets[pet].wellness.max(day + 200);
        let late = match self.dice.below(100) {
            0..60 => self.dice.days(-10, 20),
            60..82 => self.dice.days(21, 90),
            82..93 => self.dice.days(91, 300),
            _ => return,
        };
        self.want(due + late, Want { pet, why: Why::Wellness, replaces: None });
    }
}

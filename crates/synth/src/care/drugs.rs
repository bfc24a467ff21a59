//! Drugs: those that are given at once, and those that go home.

use std::borrow::Cow;

use clinicos_clinic::prescriptions::model::Prescription;
use clinicos_clinic::prescriptions::parts::{Dose, DrugForm, Fulfillment};
use clinicos_clinic::prescriptions::status::PrescriptionStatus;
use clinicos_clinic::products::model::parts::{ProductKind, Schedule};
use clinicos_clinic::treatments::parts::TreatmentKind;
use clinicos_contract::wire::Doc;

use crate::bill::{Charge, charge, some};
use crate::calendar::date;
use crate::stock::decimal;
use crate::tables::catalog::{ITEMS, place};
use crate::tables::complaints::Home;
use crate::tables::doses::{self, Portion, dosing_of};
use crate::visit::Stay;
use crate::world::{World, no_external_ids};

/// What an animal of some weight gets of a drug, and how much of that it takes.
struct Given {
    drug: Cow<'static, str>,
    strength: Cow<'static, str>,
    form: DrugForm,
    dose: Dose,
    label: String,
    /// How much is dispensed, in whole units.
    quantity: i64,
    unit: &'static str,
    /// Whether it is made for the animal, because what is on the shelf is too strong.
    is_made: bool,
}

impl Given {
    fn to(home: &Home, grams: i64) -> Self {
        let entry = &ITEMS[place(home.item)];
        let dose = |qty: String, unit: &str| Dose { qty, unit: unit.to_owned(), per_kg: false };
        let on_shelf = |dose: Dose, words: &str, quantity| Self {
            drug: Cow::Borrowed(entry.name),
            strength: Cow::Borrowed(home.strength),
            form: home.form,
            dose,
            label: home.label.replace("{dose}", words),
            quantity,
            unit: entry.unit,
            is_made: false,
        };
        let Some(dosing) = dosing_of(home.item) else { return on_shelf(dose("1".to_owned(), "mL"), "", home.quantity) };
        let portion = dosing.portion(grams);
        match portion {
            Portion::Quarters(quarters) => {
                let one = if home.form == DrugForm::Capsule { "capsule" } else { "tablet" };
                let quantity = (home.quantity * quarters + 3) / 4;
                on_shelf(dose(doses::decimal(quarters * 25), entry.unit), &portion.words(one), quantity)
            }
            // A hundredth of a milliliter holds one unit.
            Portion::Measured(units) if home.form == DrugForm::Injectable => {
                let words = if units == 1 { "1 unit".to_owned() } else { format!("{units} units") };
                on_shelf(dose(units.to_string(), "[iU]"), &words, home.quantity)
            }
            Portion::Measured(hundredths) if dosing.whole == 0 => {
                on_shelf(dose(doses::decimal(hundredths), "mL"), &portion.words(""), home.quantity)
            }
            Portion::Measured(hundredths) => Self {
                drug: Cow::Borrowed(entry.name.split_once(' ').map_or(entry.name, |(drug, _)| drug)),
                strength: Cow::Owned(format!("{} mg/mL", doses::decimal(dosing.per_ml))),
                form: DrugForm::Liquid,
                quantity: (home.quantity * hundredths + 99) / 100,
                unit: "mL",
                is_made: true,
                ..on_shelf(dose(doses::decimal(hundredths), "mL"), &portion.words(""), 0)
            },
        }
    }
}

impl World {
    /// Something that is done or given during the visit.
    pub fn do_at_once(&mut self, stay: &mut Stay, item: &'static str) {
        let (at, entry) = (place(item), &ITEMS[place(item)]);
        match entry.kind {
            ProductKind::Food => stay.charges.push(charge(item, stay.pet)),
            ProductKind::Drug => {
                // A tenth of a milliliter for each kilogram, within what a syringe holds.
                let weight = self.weight_on(stay.pet, stay.day) / 100;
                let quantity = if weight < 10 { weight.max(1) } else { (weight / 10 * 10).min(300) };
                stay.charges.push(Charge { item: at, pet: Some(stay.pet), quantity, declined: false });
                self.treat(stay, item, TreatmentKind::Nursing, 1_000);
            }
            ProductKind::Procedure => {
                let consent = self.ask_for_anesthesia(stay);
                stay.charges.extend([charge("ANES", stay.pet), charge(item, stay.pet)]);
                self.treat_with(stay, "ANES", TreatmentKind::Anesthesia, 900, consent);
                self.treat_with(stay, item, TreatmentKind::Surgery, 1_000, consent);
            }
            _ => {
                stay.charges.push(charge(item, stay.pet));
                let kind = if item == "FLUID" { TreatmentKind::Fluid } else { TreatmentKind::Nursing };
                self.treat(stay, item, kind, 1_000);
            }
        }
    }

    /// A drug that goes home, or that another pharmacy dispenses.
    pub fn prescribe(&mut self, stay: &mut Stay, home: &Home) {
        let at = stay.after(1_500);
        let item = place(home.item);
        // What it weighed a moment ago.
        let scales = self.pets[stay.pet].record.weight_kg.as_ref().and_then(|weight| weight.ten_thousandths());
        let weight =
            scales.and_then(|weight| i64::try_from(weight / 10).ok()).unwrap_or_else(|| self.weight_on(stay.pet, stay.day));
        let given = Given::to(home, weight);
        let fulfillment = match self.dice.below(100) {
            // What is too strong for a small animal is made for it.
            _ if given.is_made => Fulfillment::Compounded,
            0..88 => Fulfillment::InHouse,
            88..95 => Fulfillment::HomeDelivery,
            _ => Fulfillment::External,
        };
        let in_house = fulfillment == Fulfillment::InHouse;
        if in_house {
            stay.charges.push(some(home.item, stay.pet, given.quantity));
        }
        let (status, refills_left, updated) = self.course(stay, home);
        let lot = if in_house { self.next_lot(item, at) } else { None };
        let schedule = ITEMS[item].schedule;
        let refills = if schedule == Schedule::Two { 0 } else { home.refills };
        let record = Prescription {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            product_id: (!given.is_made).then(|| self.goods[item].id),
            drug: given.drug,
            strength: Some(given.strength),
            form: Some(given.form),
            dose: Some(Doc::of(&given.dose)),
            route: Some(home.route),
            frequency: Some(home.frequency),
            duration_days: Some(home.days),
            directions: Some(Cow::Owned(given.label)),
            quantity: decimal(given.quantity * 100),
            unit: Cow::Borrowed(given.unit),
            refills,
            refills_left: Some(refills_left.min(refills)),
            schedule,
            status,
            fulfillment,
            prescriber_id: Some(stay.doctor),
            prescribed_on: date(stay.day),
            expires_on: Some(date(stay.day + 365)),
            lot: lot.as_ref().map(|lot| Cow::Owned(lot.number.clone())),
            lot_expires_on: lot.map(|lot| date(lot.expires)),
            withdrawal_days: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: updated.unwrap_or(at),
            version: if updated.is_some() { 2 } else { 1 },
            deleted_at: None,
        };
        self.shelf.put(&record);
        if home.refills > 0 && status == PrescriptionStatus::Active {
            self.remind_of_refill(stay, item);
        }
    }

    /// How a prescription goes on: where it stands at the end, what is left of it, when that changed.
    fn course(&mut self, stay: &Stay, home: &Home) -> (PrescriptionStatus, i64, Option<clinicos_contract::Timestamp>) {
        let days = i32::try_from(home.days * (home.refills + 1)).unwrap_or(30);
        let over = stay.day + days;
        let ends = self.pets[stay.pet].end.0;
        let stopped = over.min(stay.day + 6);
        let on = |world: &Self, day| Some(world.calendar.at(day, 12 * 60));
        if self.dice.chance(40) && stopped <= self.calendar.last && stopped < ends {
            return (PrescriptionStatus::Stopped, home.refills, on(self, stopped));
        }
        if over <= self.calendar.last && over < ends {
            let left = if home.refills > 0 { self.dice.between(0, 1) } else { 0 };
            return (PrescriptionStatus::Completed, left, on(self, over));
        }
        if ends <= self.calendar.last {
            return (PrescriptionStatus::Stopped, home.refills, on(self, ends));
        }
        let filled = i64::from(self.calendar.last - stay.day) / home.days;
        (PrescriptionStatus::Active, (home.refills - filled).max(0), None)
    }
}

//! Drugs: those that are given at once, and those that go home.

use std::borrow::Cow;

use clinicos_clinic::prescriptions::model::Prescription;
use clinicos_clinic::prescriptions::parts::{Dose, Fulfillment};
use clinicos_clinic::prescriptions::status::PrescriptionStatus;
use clinicos_clinic::products::model::parts::{ProductKind, Schedule};
use clinicos_clinic::treatments::parts::TreatmentKind;
use clinicos_contract::wire::Doc;

use crate::bill::{Charge, charge, some};
use crate::calendar::date;
use crate::stock::decimal;
use crate::tables::catalog::{ITEMS, place};
use crate::tables::complaints::Home;
use crate::visit::Stay;
use crate::world::{World, no_external_ids};

impl World {
    /// Something that is done or given during the visit.
    pub fn do_at_once(&mut self, stay: &mut Stay, item: &'static str) {
        let (at, entry) = (place(item), &ITEMS[place(item)]);
        match entry.kind {
            ProductKind::Food => stay.charges.push(charge(item, stay.pet)),
            ProductKind::Drug => {
                // A tenth of a milliliter for each kilogram, within what a syringe holds.
                let weight = self.weight_on(stay.pet, stay.day) / 100;
                let quantity = (weight / 10 * 10).clamp(10, 300);
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
        let fulfillment = match self.dice.below(100) {
            0..86 => Fulfillment::InHouse,
            86..93 => Fulfillment::HomeDelivery,
            93..98 => Fulfillment::External,
            _ => Fulfillment::Compounded,
        };
        let in_house = fulfillment == Fulfillment::InHouse;
        if in_house {
            stay.charges.push(some(home.item, stay.pet, home.quantity));
        }
        let (status, refills_left, updated) = self.course(stay, home);
        let lot = if in_house { self.next_lot(item, at) } else { None };
        let schedule = ITEMS[item].schedule;
        let refills = if schedule == Schedule::Two { 0 } else { home.refills };
        let unit = match home.form {
            clinicos_clinic::prescriptions::parts::DrugForm::Tablet
            | clinicos_clinic::prescriptions::parts::DrugForm::Capsule => ITEMS[item].unit,
            _ => "mL",
        };
        let record = Prescription {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            product_id: Some(self.goods[item].id),
            drug: Cow::Borrowed(ITEMS[item].name),
            strength: Some(Cow::Borrowed(home.strength)),
            form: Some(home.form),
            dose: Some(Doc::of(&Dose { qty: "1".to_owned(), unit: unit.to_owned(), per_kg: false })),
            route: Some(home.route),
            frequency: Some(home.frequency),
            duration_days: Some(home.days),
            directions: Some(Cow::Borrowed(home.label)),
            quantity: decimal(home.quantity * 100),
            unit: Cow::Borrowed(ITEMS[item].unit),
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

//! Laboratory orders, and what comes back.

use std::borrow::Cow;

use clinicos_clinic::documents::DiagnosticCodes;
use clinicos_clinic::lab_orders::model::LabOrder;
use clinicos_clinic::lab_orders::parts::{LabPlace, LabPriority, Specimen};
use clinicos_clinic::lab_orders::status::LabOrderStatus;
use clinicos_clinic::lab_results::model::LabResult;
use clinicos_clinic::lab_results::parts::{Analyte, AnalyteFlag, Analytes, LabResultStatus};
use clinicos_clinic::patients::model::parts::Species;
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::bill::charge;
use crate::tables::catalog::{ITEMS, place};
use crate::tables::labs::{Measured, Panel, panel};
use crate::visit::Stay;
use crate::world::{World, no_external_ids};

/// The other laboratory.
const REFERENCE_LAB: &str = "Example Reference Laboratory";

impl World {
    /// A test: ordered, charged, and reported once the laboratory is through.
    pub fn test(&mut self, stay: &mut Stay, item: &'static str, about: Option<&str>) {
        let Some(panel) = panel(item) else { return };
        stay.charges.push(charge(item, stay.pet));
        let ordered = stay.after(700);
        let collected = stay.after(900);
        let reported = if panel.reference {
            let day = self.calendar.after_open(stay.day, self.dice.one(&[1, 1, 2, 3]));
            self.calendar.at(day, 9 * 60 + self.dice.between(0, 240))
        } else {
            stay.leaves.plus_seconds(-60).max(collected)
        };
        let is_rejected = self.dice.chance(8);
        let status = match reported <= self.now {
            true if is_rejected => LabOrderStatus::Rejected,
            true if self.dice.chance(9) => LabOrderStatus::Corrected,
            true => LabOrderStatus::Final,
            false => LabOrderStatus::Sent,
        };
        let order = self.order(stay, item, panel, (ordered, collected, reported), status);
        if matches!(status, LabOrderStatus::Final | LabOrderStatus::Corrected) {
            self.result(stay, panel, &order, reported, about);
        }
        self.shelf.put(&order);
    }

    fn order(
        &mut self,
        stay: &Stay,
        item: &str,
        panel: &Panel,
        times: (Timestamp, Timestamp, Timestamp),
        status: LabOrderStatus,
    ) -> LabOrder<'static> {
        let (ordered, collected, reported) = times;
        let entry = place(item);
        let helper = self.helper();
        let priority = if self.dice.chance(60) { LabPriority::Urgent } else { LabPriority::Routine };
        LabOrder {
            id: self.dice.id(ordered),
            clinic_id: self.clinic,
            patient_id: self.pets[stay.pet].record.id,
            visit_id: Some(stay.visit),
            product_id: Some(self.goods[entry].id),
            status,
            lab: if panel.reference { LabPlace::Reference } else { LabPlace::InHouse },
            lab_name: panel.reference.then_some(Cow::Borrowed(REFERENCE_LAB)),
            panel: Cow::Borrowed(ITEMS[entry].name),
            panel_codes: Doc::of(&DiagnosticCodes::default()),
            specimen: Some(panel.specimen),
            priority,
            ordered_at: ordered,
            ordered_by_id: Some(stay.doctor),
            collected_at: Some(collected),
            collected_by_id: Some(helper),
            accession_no: panel.reference.then(|| Cow::Owned(format!("A{}", self.dice.digits(8)))),
            notes: None,
            rejected_reason: (status == LabOrderStatus::Rejected).then_some(Cow::Borrowed("Hemolyzed.")),
            external_ids: no_external_ids(),
            created_at: ordered,
            updated_at: if status == LabOrderStatus::Sent { collected } else { reported },
            version: 3,
            deleted_at: None,
        }
    }

    fn result(&mut self, stay: &Stay, panel: &Panel, order: &LabOrder<'static>, reported: Timestamp, about: Option<&str>) {
        let corrected = order.status == LabOrderStatus::Corrected;
        let analytes = self.analytes(stay, panel, about);
        let is_off = analytes.iter().any(|one| !matches!(one.flag, Some(AnalyteFlag::Normal | AnalyteFlag::Negative) | None));
        let reviewed = reported.plus_seconds(self.dice.between(600, 9_000)).min(self.now);
        let words = if is_off { "Some values are not as usual; see flags." } else { "All values as usual." };
        let record = LabResult {
            id: self.dice.id(reported),
            clinic_id: self.clinic,
            patient_id: order.patient_id,
            visit_id: order.visit_id,
            lab_order_id: Some(order.id),
            status: if corrected { LabResultStatus::Corrected } else { LabResultStatus::Final },
            panel: order.panel.clone(),
            panel_codes: Doc::of(&DiagnosticCodes::default()),
            analytes: Doc::of(&Analytes(analytes)),
            interpretation: Some(Cow::Borrowed(words)),
            reported_at: reported,
            reviewed_by_id: Some(stay.doctor),
            reviewed_at: Some(reviewed.max(reported)),
            external_ids: no_external_ids(),
            created_at: reported,
            updated_at: reviewed.max(reported),
            version: if corrected { 3 } else { 2 },
            deleted_at: None,
        };
        self.shelf.put(&record);
    }

    fn analytes(&mut self, stay: &Stay, panel: &Panel, about: Option<&str>) -> Vec<Analyte> {
        let is_dog = self.pets[stay.pet].record.species == Species::Canine;
        let sick = about.is_some();
        let mut found: Vec<Analyte> = panel.numbers.iter().map(|one| self.number(one, is_dog, sick, about)).collect();
        for (name, usual, other, per_mille) in panel.words {
            let is_other = self.dice.chance(if sick { per_mille * 2 } else { *per_mille });
            found.push(Analyte {
                name: (*name).to_owned(),
                loinc: None,
                value: (if is_other { *other } else { *usual }).to_owned(),
                comparator: None,
                unit: None,
                ref_low: None,
                ref_high: None,
                flag: Some(match (is_other, panel.specimen) {
                    (true, Specimen::Blood) => AnalyteFlag::Positive,
                    (true, _) => AnalyteFlag::Abnormal,
                    (false, Specimen::Blood) => AnalyteFlag::Negative,
                    (false, _) => AnalyteFlag::Normal,
                }),
            });
        }
        found
    }

    fn number(&mut self, one: &Measured, is_dog: bool, sick: bool, about: Option<&str>) -> Analyte {
        let (low, high) = if is_dog { one.dogs } else { one.cats };
        let span = high - low;
        let told = [
            ("Chronic kidney disease", "Creatinine"),
            ("Chronic kidney disease", "Urea nitrogen"),
            ("Hyperthyroidism", "Thyroxine, total"),
            ("Diabetes mellitus", "Glucose"),
        ];
        let is_told = about.is_some_and(|about| told.contains(&(about, one.name)));
        let value = match self.dice.below(1_000) {
            _ if is_told => high + span * self.dice.between(20, 140) / 100,
            0..45 => low - span * self.dice.between(2, 12) / 100,
            45..110 => high + span * self.dice.between(2, 25) / 100,
            110..190 if sick => high + span * self.dice.between(10, 60) / 100,
            _ => low + span * self.dice.between(10, 90) / 100,
        };
        let value = value.max(1);
        let flag = match value {
            value if value > high + span => AnalyteFlag::CriticallyHigh,
            value if value > high => AnalyteFlag::High,
            value if value < low => AnalyteFlag::Low,
            _ => AnalyteFlag::Normal,
        };
        Analyte {
            name: one.name.to_owned(),
            loinc: Some(one.loinc.to_owned()),
            value: thousandths(value, one.digits),
            comparator: None,
            unit: Some(one.unit.to_owned()),
            ref_low: Some(thousandths(low, one.digits)),
            ref_high: Some(thousandths(high, one.digits)),
            flag: Some(flag),
        }
    }
}

/// Thousandths as a number with so many digits behind the point.
fn thousandths(value: i64, digits: u32) -> String {
    let unit = 10_i64.pow(3 - digits.min(3));
    let (rounded, scale) = (value / unit, 10_i64.pow(digits.min(3)));
    if digits == 0 {
        return rounded.to_string();
    }
    format!("{}.{:0width$}", rounded / scale, rounded % scale, width = digits as usize)
}

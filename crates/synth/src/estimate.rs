//! Estimates: what care may cost, and what the client says.

use std::borrow::Cow;

use clinicos_clinic::estimates::lines::{EstimateLine, EstimateLines};
use clinicos_clinic::estimates::model::Estimate;
use clinicos_clinic::estimates::status::{EstimateStatus, LineAnswer};
use clinicos_clinic::ids::InvoiceId;
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::booking::Slot;
use crate::calendar::date;
use crate::plan::CURRENCY;
use crate::stock::decimal;
use crate::tables::catalog::{ITEMS, place};
use crate::visit::Stay;
use crate::world::{Why, World, money, no_external_ids};

/// How long an estimate holds, in days.
const HOLDS_DAYS: i32 = 60;

impl World {
    /// What a procedure may cost. Says whether the client wants it.
    pub fn estimate(&mut self, stay: &Stay, item: &'static str) -> bool {
        let at = stay.leaves;
        let days = self.dice.between(0, 6);
        let answered = at.plus_seconds(days * 86_400 + 3_600);
        let is_recent = answered > self.now;
        let (status, yes) = match self.dice.below(100) {
            0..7 if is_recent => (EstimateStatus::Draft, false),
            _ if is_recent => (EstimateStatus::Sent, false),
            0..62 => (EstimateStatus::Accepted, true),
            62..72 => (EstimateStatus::PartiallyAccepted, true),
            72..90 => (EstimateStatus::Declined, false),
            _ if stay.day + HOLDS_DAYS <= self.calendar.last => (EstimateStatus::Expired, false),
            _ => (EstimateStatus::Sent, false),
        };
        let mut lines = self.offer(stay, item);
        for (place, line) in lines.0.iter_mut().enumerate() {
            line.answer = match status {
                EstimateStatus::Accepted => LineAnswer::Accepted,
                EstimateStatus::PartiallyAccepted if place < 2 => LineAnswer::Accepted,
                EstimateStatus::PartiallyAccepted | EstimateStatus::Declined => LineAnswer::Declined,
                _ => LineAnswer::Open,
            };
        }
        let estimate = self.estimate_of(stay, item, lines, status, (at, answered));
        if !yes {
            self.shelf.put(&estimate);
        } else if let Some(before) = self.accepted.insert(stay.pet, estimate) {
            self.shelf.put(&before);
        }
        yes
    }

    fn offer(&mut self, stay: &Stay, item: &'static str) -> EstimateLines {
        let mut keys = vec!["ANES", item, "LAB-CBC"];
        keys.push(if item == "DENT" { "EXTR" } else { "LAB-HIST" });
        let patient = self.pets[stay.pet].record.id;
        let line = |key: &&str| {
            let entry = place(key);
            let price = self.price(entry, stay.day);
            EstimateLine {
                patient_id: Some(patient),
                product_id: Some(self.goods[entry].id),
                description: ITEMS[entry].name.to_owned(),
                quantity: decimal(100),
                unit_price: money(price),
                discount: Some(money(0)),
                tax: Some(money(0)),
                total: None,
                low: Some(money(if *key == "EXTR" { 0 } else { price })),
                high: Some(money(if *key == "EXTR" { price * 5 } else { price * 12 / 10 })),
                answer: LineAnswer::Open,
            }
        };
        EstimateLines(keys.iter().map(line).collect())
    }

    fn estimate_of(
        &mut self,
        stay: &Stay,
        item: &'static str,
        mut lines: EstimateLines,
        status: EstimateStatus,
        (at, answered): (Timestamp, Timestamp),
    ) -> Estimate<'static> {
        // Prices of the list are far from any limit.
        let sums = lines.settle(CURRENCY).unwrap_or_default();
        let is_answer = status.is_answer();
        let owner = self.pets[stay.pet].owner;
        Estimate {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            currency: CURRENCY,
            client_id: self.owners[owner].record.id,
            patient_id: Some(self.pets[stay.pet].record.id),
            visit_id: Some(stay.visit),
            provider_id: Some(stay.doctor),
            title: Some(Cow::Borrowed(ITEMS[place(item)].name)),
            issued_on: date(stay.day),
            expires_on: Some(date(stay.day + HOLDS_DAYS)),
            status,
            lines: Doc::of(&lines),
            subtotal: money(sums.subtotal),
            discount: money(sums.discount),
            tax: money(sums.tax),
            total: money(sums.total),
            low: money(sums.low),
            high: money(sums.high),
            accepted_total: money(sums.accepted),
            sent_at: (status != EstimateStatus::Draft).then_some(at),
            answered_at: is_answer.then_some(answered),
            invoice_id: None,
            notes_internal: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: match status {
                EstimateStatus::Expired => self.calendar.at(stay.day + HOLDS_DAYS, 23 * 60),
                _ if is_answer => answered,
                _ => at,
            },
            version: if is_answer { 3 } else { 2 },
            deleted_at: None,
        }
    }

    /// What was accepted becomes an invoice once it is done.
    pub fn convert_estimate(&mut self, slot: &Slot, invoice: Option<InvoiceId>, at: Timestamp) {
        if !matches!(slot.why, Why::Surgery(_) | Why::Dental) {
            return;
        }
        let Some(mut estimate) = self.accepted.remove(&slot.pets[0]) else { return };
        if let Some(invoice) = invoice.filter(|_| estimate.answered_at.is_none_or(|answered| answered <= at)) {
            (estimate.status, estimate.invoice_id) = (EstimateStatus::Converted, Some(invoice));
            (estimate.updated_at, estimate.version) = (at.max(estimate.updated_at), estimate.version + 1);
        }
        self.shelf.put(&estimate);
    }

    /// Writes down what was accepted and not done.
    pub fn close_estimates(&mut self) {
        for estimate in std::mem::take(&mut self.accepted).into_values() {
            self.shelf.put(&estimate);
        }
    }
}

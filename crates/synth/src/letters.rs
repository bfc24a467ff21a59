//! Messages, and what owners are reminded of.

use std::borrow::Cow;

use clinicos_clinic::appointments::model::Appointment;
use clinicos_clinic::ids::{ConsentId, InvoiceId, ProductId, VisitId};
use clinicos_clinic::messages::model::Message;
use clinicos_clinic::messages::parts::{Direction, DocumentIds, MessageCategory, MessageChannel};
use clinicos_clinic::messages::status::MessageStatus;
use clinicos_clinic::reminders::model::Reminder;
use clinicos_clinic::reminders::parts::{ChannelPlan, ReminderKind, ReminderStatus, SuppressedReason};
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::booking::Slot;
use crate::calendar::{Day, date, day_of};
use crate::plan::CURRENCY;
use crate::tables::catalog::ITEMS;
use crate::tables::words::{NEWSLETTERS, QUESTIONS, how_is, is_due, please_pay, see_you};
use crate::visit::Stay;
use crate::world::{End, Why, World, money, no_external_ids};

/// When owners are reminded, in days from the day that something is due.
const REMINDED: &[Day] = &[-21, 7, 30];
/// Days after which a recheck or a refill that nobody came for is given up.
const FORGOTTEN_DAYS: Day = 60;
/// Characters of a text message that is one of several.
const SEGMENT: usize = 153;

impl World {
    fn message(
        &mut self,
        owner: usize,
        channel: MessageChannel,
        category: MessageCategory,
        body: String,
        at: Timestamp,
    ) -> Message<'static> {
        let status = match self.dice.below(1_000) {
            0..820 => MessageStatus::Delivered,
            820..930 if channel != MessageChannel::Sms => MessageStatus::Read,
            820..960 => MessageStatus::Sent,
            960..975 => MessageStatus::Undelivered,
            975..982 => MessageStatus::Failed,
            _ => MessageStatus::Delivered,
        };
        let is_text = channel == MessageChannel::Sms;
        let segments = i64::try_from(body.len().div_ceil(SEGMENT)).unwrap_or(1).max(1);
        let is_trouble = matches!(status, MessageStatus::Undelivered | MessageStatus::Failed);
        let email = self.owners[owner].record.emails.value().unwrap_or_default().0.into_iter().next();
        let to = if is_text { Some(self.owners[owner].mobile.clone()) } else { email };
        let sender = if is_text { self.desk_number() } else { "desk@example.org".to_owned() };
        let later = at.plus_seconds(self.dice.between(2, 40));
        Message {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            currency: CURRENCY,
            channel,
            direction: Direction::Outbound,
            category,
            status,
            conversation: Some(Cow::Owned(format!("client-{owner}"))),
            reply_to_id: None,
            provider: Some(Cow::Borrowed(if is_text { "twilio" } else { "ses" })),
            provider_ref: Some(Cow::Owned(format!(
                "{}{}",
                if is_text { "SMsynthetic" } else { "ses-synthetic-" },
                self.dice.digits(16)
            ))),
            error_code: is_trouble.then_some(Cow::Borrowed(if is_text { "30003" } else { "550" })),
            segments: is_text.then_some(segments),
            cost: is_text.then(|| money(segments)),
            sender: Some(Cow::Owned(sender)),
            recipient: to.map(Cow::Owned),
            subject: None,
            body: Some(Cow::Owned(body)),
            template_id: None,
            attachment_ids: Doc::of(&DocumentIds::default()),
            client_id: Some(self.owners[owner].record.id),
            patient_id: None,
            visit_id: None,
            invoice_id: None,
            consent_id: None,
            is_opt_out: false,
            scheduled_for: None,
            sent_at: (status != MessageStatus::Failed).then_some(at),
            delivered_at: matches!(status, MessageStatus::Delivered | MessageStatus::Read).then_some(later),
            read_at: (status == MessageStatus::Read).then(|| later.plus_seconds(1_800)),
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: if status == MessageStatus::Read { later.plus_seconds(1_800) } else { later },
            version: 2,
            deleted_at: None,
        }
    }

    /// What a client says.
    fn answer(&mut self, owner: usize, category: MessageCategory, body: &'static str, at: Timestamp) -> Message<'static> {
        let message = self.message(owner, MessageChannel::Sms, category, body.to_owned(), at);
        Message {
            direction: Direction::Inbound,
            status: MessageStatus::Received,
            error_code: None,
            cost: None,
            sender: Some(Cow::Owned(self.owners[owner].mobile.clone())),
            recipient: Some(Cow::Owned(self.desk_number())),
            sent_at: Some(at),
            delivered_at: None,
            read_at: None,
            updated_at: at,
            version: 1,
            ..message
        }
    }

    fn desk_number(&self) -> String {
        format!("({}) 555-0100", self.practice.place[3])
    }

    fn may_text(&self, owner: usize, at: Timestamp) -> Option<ConsentId> {
        if at > self.now {
            return None;
        }
        self.owners[owner].texts?.at(at)
    }

    /// A client wants no more texts.
    pub fn opted_out(&mut self, owner: usize, at: Timestamp) {
        let message = self.answer(owner, MessageCategory::Other, "STOP", at);
        self.shelf.put(&Message { is_opt_out: true, ..message });
    }

    /// A text about an appointment that was booked days before, and what the client says to it.
    pub fn remind_of_appointment(&mut self, appointment: &Appointment<'static>, pet: usize) {
        let owner = self.pets[pet].owner;
        let day = self.calendar.day(appointment.starts_at);
        let at = self.calendar.at(day - 2, 17 * 60 + self.dice.between(0, 60));
        let Some(consent) = self.may_text(owner, at).filter(|_| appointment.created_at < at) else { return };
        let minute = (appointment.starts_at.as_micros() - self.calendar.at(day, 0).as_micros()) / 60_000_000;
        let time = format!("{}:{:02}", minute / 60, minute % 60);
        let body = see_you(&self.pets[pet].record.name, &date(day).to_string(), &time, &self.name);
        let mut message = self.message(owner, MessageChannel::Sms, MessageCategory::Scheduling, body, at);
        message.patient_id = Some(self.pets[pet].record.id);
        message.consent_id = Some(consent);
        message.template_id = Some(Cow::Borrowed("appointment-reminder"));
        let arrived = message.delivered_at.is_some();
        self.shelf.put(&message);
        if arrived && self.dice.chance(520) {
            let when = at.plus_seconds(self.dice.between(60, 7_200));
            let reply = self.answer(owner, MessageCategory::Scheduling, "C", when);
            self.shelf.put(&Message { reply_to_id: Some(message.id), patient_id: message.patient_id, ..reply });
        }
    }

    /// What follows a visit: how it is doing, a copy of the bill, a question.
    pub fn after_visit(
        &mut self,
        slot: &Slot,
        (owner, visit): (usize, Option<VisitId>),
        invoice: Option<InvoiceId>,
        leaves: Timestamp,
    ) {
        let pet = slot.pets[0];
        self.convert_estimate(slot, invoice, leaves);
        let next = self.calendar.at(slot.day + 1, 11 * 60 + self.dice.between(0, 200));
        if slot.why != Why::Farewell
            && self.dice.chance(130)
            && let Some(consent) = self.may_text(owner, next)
        {
            let body = how_is(&self.pets[pet].record.name, &self.name);
            let mut message = self.message(owner, MessageChannel::Sms, MessageCategory::Survey, body, next);
            message.consent_id = Some(consent);
            (message.patient_id, message.visit_id) = (Some(self.pets[pet].record.id), visit);
            self.shelf.put(&message);
            if self.dice.chance(450) && next.plus_seconds(9_000) < self.now {
                let text = self.dice.one(QUESTIONS);
                let when = next.plus_seconds(self.dice.between(120, 8_000));
                let reply = self.answer(owner, MessageCategory::Medical, text, when);
                let (patient_id, visit_id) = (message.patient_id, message.visit_id);
                self.shelf.put(&Message { reply_to_id: Some(message.id), patient_id, visit_id, ..reply });
            }
        }
        if let Some(invoice) = invoice.filter(|_| self.dice.chance(240)) {
            let body = format!("Thank you for your visit to {}. Your invoice is attached.", self.name);
            let mut message = self.message(
                owner,
                MessageChannel::Email,
                MessageCategory::Billing,
                body,
                leaves.plus_seconds(900).min(self.now),
            );
            (message.invoice_id, message.visit_id) = (Some(invoice), visit);
            message.subject = Some(Cow::Borrowed("Your invoice"));
            if message.recipient.is_some() {
                self.shelf.put(&message);
            }
        }
    }

    /// An invoice is past its due date.
    pub fn remind_of_bill(&mut self, number: i64, at: Timestamp) {
        let Some(open) = self.books.open.get(&number) else { return };
        let (owner, invoice, owed) = (open.owner, open.invoice.id, open.invoice.balance.amount);
        let label = open.invoice.number.clone();
        if owed == 0 {
            return;
        }
        let body = please_pay(&label, &format!("{}.{:02}", owed / 100, owed % 100), &self.name);
        let mut message = self.message(owner, MessageChannel::Email, MessageCategory::Billing, body, at);
        message.invoice_id = Some(invoice);
        message.subject = Some(Cow::Borrowed("Your open invoice"));
        self.shelf.put(&message);
        let day = self.calendar.day(at);
        let pet = self.owners[owner].pets[0];
        let mut reminder = self.reminder(pet, ReminderKind::Payment, day, None, at);
        reminder.patient_id = None;
        (reminder.status, reminder.attempts, reminder.last_attempt_at) = (ReminderStatus::Sent, 1, Some(at));
        self.shelf.put(&reminder);
    }

    /// What the clinic advertises this month, to some of those who want it.
    pub fn newsletter(&mut self, day: Day) {
        let month = usize::try_from(date(day).month() - 1).unwrap_or(0);
        for owner in 0..self.owners.len() {
            let at = self.calendar.at(day, 18 * 60).plus_seconds(i64::try_from(owner / 4).unwrap_or(0));
            let allowed = self.owners[owner].news.and_then(|news| news.at(at));
            let Some(consent) = allowed.filter(|_| (owner + month) % 6 == 0) else { continue };
            let mut message =
                self.message(owner, MessageChannel::Email, MessageCategory::Marketing, NEWSLETTERS[month].to_owned(), at);
            message.consent_id = Some(consent);
            message.subject = Some(Cow::Borrowed(NEWSLETTERS[month]));
            if message.recipient.is_some() {
                self.shelf.put(&message);
            }
        }
    }

    fn reminder(
        &mut self,
        pet: usize,
        kind: ReminderKind,
        due: Day,
        product: Option<ProductId>,
        at: Timestamp,
    ) -> Reminder<'static> {
        let owner = self.pets[pet].owner;
        Reminder {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            kind,
            due_on: date(due),
            status: ReminderStatus::Upcoming,
            suppressed_reason: None,
            client_id: Some(self.owners[owner].record.id),
            patient_id: Some(self.pets[pet].record.id),
            product_id: product,
            appointment_id: None,
            text: None,
            channel_plan: Doc::of(&ChannelPlan(vec![MessageChannel::Sms, MessageChannel::Email])),
            attempts: 0,
            last_attempt_at: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        }
    }

    /// The next dose: the reminder of this one is done with, and the next begins.
    pub fn remind_of_vaccine(&mut self, stay: &Stay, item: usize, due: Day) {
        let at = stay.leaves;
        let product = self.goods[item].id;
        self.complete(stay.pet, ReminderKind::Vaccine, Some(product), at);
        let next = self.reminder(stay.pet, ReminderKind::Vaccine, due, Some(product), at);
        self.pets[stay.pet].reminders.push(next);
    }

    /// The next yearly check: the reminder of this one is done with.
    pub fn remind_of_wellness(&mut self, stay: &Stay) {
        self.complete(stay.pet, ReminderKind::Wellness, None, stay.leaves);
        let check = self.reminder(stay.pet, ReminderKind::Wellness, stay.day + 365, None, stay.leaves);
        self.pets[stay.pet].reminders.push(check);
    }

    /// Something is looked at again.
    pub fn remind_of_recheck(&mut self, stay: &Stay, due: Day) {
        self.complete(stay.pet, ReminderKind::Recheck, None, stay.leaves);
        let reminder = self.reminder(stay.pet, ReminderKind::Recheck, due, None, stay.leaves);
        self.pets[stay.pet].reminders.push(reminder);
    }

    /// A drug goes on.
    pub fn remind_of_refill(&mut self, stay: &Stay, item: usize) {
        let product = self.goods[item].id;
        self.complete(stay.pet, ReminderKind::MedicationRefill, Some(product), stay.leaves);
        let reminder = self.reminder(stay.pet, ReminderKind::MedicationRefill, stay.day + 28, Some(product), stay.leaves);
        self.pets[stay.pet].reminders.push(reminder);
    }

    /// What its owner was to be reminded of was done.
    pub fn complete(&mut self, pet: usize, kind: ReminderKind, product: Option<ProductId>, at: Timestamp) {
        let all = std::mem::take(&mut self.pets[pet].reminders);
        let (done, open): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|one| one.kind == kind && one.product_id == product && one.created_at < at);
        self.pets[pet].reminders = open;
        for reminder in done {
            self.close_reminder(pet, reminder, Some((ReminderStatus::Completed, None)), at);
        }
    }

    /// Nobody is to be reminded of an animal that no longer comes.
    pub fn suppress(&mut self, pet: usize, end: End, at: Timestamp) {
        let (status, reason) = match end {
            End::Death => (ReminderStatus::Suppressed, Some(SuppressedReason::Deceased)),
            End::Transfer => (ReminderStatus::Suppressed, Some(SuppressedReason::Transferred)),
            End::Rehomed | End::Lost => (ReminderStatus::Cancelled, None),
        };
        for reminder in std::mem::take(&mut self.pets[pet].reminders) {
            self.close_reminder(pet, reminder, Some((status, reason)), at);
        }
    }

    /// Writes down what an animal's owner is still to be reminded of.
    pub fn close_reminders(&mut self, pet: usize) {
        let now = self.now;
        for reminder in std::mem::take(&mut self.pets[pet].reminders) {
            self.close_reminder(pet, reminder, None, now);
        }
    }

    /// Writes down a reminder as it stands at a time, and the messages that went out for it before.
    fn close_reminder(
        &mut self,
        pet: usize,
        mut reminder: Reminder<'static>,
        end: Option<(ReminderStatus, Option<SuppressedReason>)>,
        at: Timestamp,
    ) {
        let owner = self.pets[pet].owner;
        let due = day_of(reminder.due_on);
        let allowed = self.owners[owner].texts;
        for days in REMINDED {
            let when = self.calendar.at(due + days, 16 * 60 + 30);
            if when <= reminder.created_at || when >= at {
                continue;
            }
            let Some(consent) = self.may_text(owner, when) else { continue };
            self.send_reminder(pet, &reminder, consent, when);
            (reminder.attempts, reminder.last_attempt_at) = (reminder.attempts + 1, Some(when));
            (reminder.updated_at, reminder.version) = (when, reminder.version + 1);
        }
        let days = due - self.calendar.last;
        let may = allowed.is_some_and(|allowed| allowed.until.is_none());
        let is_soon = matches!(reminder.kind, ReminderKind::Recheck | ReminderKind::MedicationRefill);
        let (status, reason) = match end {
            Some(end) => end,
            None if !may && allowed.is_some() => (ReminderStatus::Suppressed, Some(SuppressedReason::OptOut)),
            None if !may => (ReminderStatus::Suppressed, Some(SuppressedReason::NoConsent)),
            None if days < 0 && reminder.attempts > 2 && self.dice.chance(150) => (ReminderStatus::Acknowledged, None),
            // Nobody goes on asking for what was to be done soon.
            None if days < -FORGOTTEN_DAYS && is_soon => (ReminderStatus::Cancelled, None),
            None if days < -30 => (ReminderStatus::Overdue, None),
            None if reminder.attempts > 0 => (ReminderStatus::Sent, None),
            None if days <= 30 => (ReminderStatus::Due, None),
            None => (ReminderStatus::Upcoming, None),
        };
        (reminder.status, reminder.suppressed_reason) = (status, reason);
        if end.is_some() {
            (reminder.updated_at, reminder.version) = (at.max(reminder.updated_at), reminder.version + 1);
        }
        self.shelf.put(&reminder);
    }

    fn send_reminder(&mut self, pet: usize, reminder: &Reminder<'static>, consent: ConsentId, at: Timestamp) {
        let owner = self.pets[pet].owner;
        let product = reminder.product_id.and_then(|id| self.goods.iter().position(|good| good.id == id));
        let what = product.map_or("a check", |item| ITEMS[item].name);
        let body = is_due(&self.pets[pet].record.name, what, &self.name);
        let category =
            if reminder.kind == ReminderKind::MedicationRefill { MessageCategory::Refill } else { MessageCategory::Reminder };
        let mut message = self.message(owner, MessageChannel::Sms, category, body, at);
        message.patient_id = reminder.patient_id;
        message.consent_id = Some(consent);
        message.template_id = Some(Cow::Borrowed("reminder"));
        self.shelf.put(&message);
    }
}

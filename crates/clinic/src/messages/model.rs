//! The message: what was said, between whom, and whether it arrived. Sending is not done here.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::event::EventType;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Money, Problem, Resource, Timestamp};
use clinicos_gate::Announcement;

use super::parts::{Direction, DocumentIds, MessageCategory, MessageChannel};
use super::status::MessageStatus;
use super::{events, sample};
use crate::ids::{ClientId, ConsentId, InvoiceId, MessageId, MessageKind, PatientId, VisitId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{plain_record, refusals};

/// Most segments of a text message that carriers put together again.
const SEGMENTS_MAX: i64 = 255;

const COMMUNICATION: Field = Field::of(Category::Communications);
const CONTACT: Field = Field::of(Category::OwnerContact);
/// What a message costs the clinic.
const COST: Field = Field::of(Category::Aggregates).sensitivity(Sensitivity::Internal);

/// What nobody can write anew once a message is no draft.
const SAID: &[&str] = &["channel", "sender", "recipient", "subject", "body", "attachment_ids"];

plain_record! {
    /// A message between the clinic and an owner or partner, as a record: nothing is sent by it.
    pub struct Message<'a>: MessageKind, "message" in "messages";
    words "a message", "messages";
    index "client_id" "patient_id" "visit_id" "conversation" "provider_ref";
    worklist "status";
    money in currency;
    {
        /// How it travels.
        channel: MessageChannel = COMMUNICATION.required().updatable().equal(),
        /// Which way it goes.
        direction: Direction = COMMUNICATION.required().equal(),
        /// What it is about.
        category: MessageCategory = COMMUNICATION.required().updatable().equal(),
        /// Where it stands. What comes in is `received` or `read`, and nothing else.
        status: MessageStatus = COMMUNICATION.required().updatable().equal(),
        /// What messages of one conversation have in common, as the clinic or a provider names it.
        conversation: Option<Cow<'a, str>> = COMMUNICATION.writable().filled().max(120).equal(),
        /// The message that it answers.
        reply_to_id: Option<MessageId> = COMMUNICATION.writable().equal(),
        /// Who carries it, such as `twilio`, `telnyx` or `ses`.
        provider: Option<Cow<'a, str>> = COMMUNICATION.writable().filled().max(60).equal(),
        /// What the provider calls it.
        provider_ref: Option<Cow<'a, str>> = COMMUNICATION.writable().filled().max(200).equal(),
        /// Why it did not arrive, as the provider says it. Only for `failed`, `undelivered` and `partially_delivered`.
        error_code: Option<Cow<'a, str>> = COMMUNICATION.writable().filled().max(60).equal(),
        /// How many text messages it was cut into; at most 255.
        segments: Option<i64> = COMMUNICATION.writable().at_least(1),
        /// What the provider asks for it, rounded up.
        cost: Option<Money> = COST.writable().at_least(0),
        /// From which number or address, as entered.
        sender: Option<Cow<'a, str>> = CONTACT.writable().max(254),
        /// To which number or address, as entered.
        recipient: Option<Cow<'a, str>> = CONTACT.writable().max(254),
        /// What it is titled.
        subject: Option<Cow<'a, str>> = COMMUNICATION.writable().max(400),
        /// What it says. Once it is no draft, its words, addresses and attachments stay.
        body: Option<Cow<'a, str>> = COMMUNICATION.writable().max(20_000),
        /// The template that it was made from, as the clinic or a provider names it.
        template_id: Option<Cow<'a, str>> = COMMUNICATION.writable().max(120).equal(),
        /// What it brings along; at most 20 documents.
        attachment_ids: Doc<'a, DocumentIds> = COMMUNICATION.leads_to(Category::Clinical).writable().max(20).distinct(),
        /// The client that it is from or for.
        client_id: Option<ClientId> = COMMUNICATION.writable().equal(),
        /// The patient that it is about.
        patient_id: Option<PatientId> = COMMUNICATION.writable().equal(),
        /// The visit that it is about.
        visit_id: Option<VisitId> = COMMUNICATION.leads_to(Category::Clinical).writable().equal(),
        /// The invoice that it is about.
        invoice_id: Option<InvoiceId> = COMMUNICATION.leads_to(Category::OwnerFinancial).writable().equal(),
        /// What allows it.
        consent_id: Option<ConsentId> = COMMUNICATION.writable().equal(),
        /// Whether somebody asks with it to get no more on this channel. Only of what comes in.
        is_opt_out: bool = COMMUNICATION.creatable().equal(),
        /// When it should go out. A `scheduled` one has it.
        scheduled_for: Option<Timestamp> = COMMUNICATION.writable().range(),
        /// When it went out or came in; when that was said here unless given.
        sent_at: Option<Timestamp> = COMMUNICATION.writable().range(),
        /// When it arrived; when that was said here unless given.
        delivered_at: Option<Timestamp> = COMMUNICATION.writable().range(),
        /// When it was read; when that was said here unless given.
        read_at: Option<Timestamp> = COMMUNICATION.writable().range(),
    }
}

impl Plain for Message<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const CREATE_DOC: &'static str = "Records a message; nothing is sent.";
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps, and a provider's report may skip some. What a message says can be changed while it is a draft.";
    const DELETE_DOC: &'static str = "For a message recorded by mistake. One that should not go out is `canceled`.";
    const VERBS: &'static [&'static EventType] = &[Self::UPDATED, &events::DELIVERED, &events::FAILED];
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED, &events::RECEIVED, &events::OPTED_OUT];

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            self.check_said(before)?;
        }
        if !self.status.fits(self.direction) {
            let detail = format!("`{}` is nothing for `{}` messages", self.status.name(), self.direction.name());
            return Err(Problem::rule("/status", "direction", detail));
        }
        if self.is_opt_out && self.direction == Direction::Outbound {
            return Err(Problem::rule("/is_opt_out", "direction", "is only for what comes in"));
        }
        if self.error_code.is_some() && !self.status.is_trouble() {
            return Err(Problem::rule("/error_code", "no_error", "is only for messages that did not arrive"));
        }
        if self.status == MessageStatus::Scheduled && self.scheduled_for.is_none() {
            return Err(Problem::rule("/scheduled_for", "required", "must be given for a `scheduled` message"));
        }
        if self.reply_to_id == Some(self.id) {
            return Err(Problem::rule("/reply_to_id", "range", "must be another message"));
        }
        refusals::check_int("/segments", self.segments, 1, SEGMENTS_MAX)?;
        self.fill_times(before.map(|before| before.status), moment.now);
        refusals::check_order("/delivered_at", self.sent_at, self.delivered_at, "sent_at")?;
        refusals::check_order("/read_at", self.sent_at, self.read_at, "sent_at")
    }

    fn verb(&self, before: &Self) -> Option<&'static EventType> {
        match self.status {
            status if status == before.status => None,
            MessageStatus::Delivered => Some(&events::DELIVERED),
            MessageStatus::Failed | MessageStatus::Undelivered => Some(&events::FAILED),
            _ => None,
        }
    }

    fn birth(&self) -> Option<&'static EventType> {
        match self.direction {
            Direction::Inbound if self.is_opt_out => Some(&events::OPTED_OUT),
            Direction::Inbound => Some(&events::RECEIVED),
            Direction::Outbound => None,
        }
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        let announcement = announcement
            .with("status", self.status.name())
            .with("channel", self.channel.name())
            .with("direction", self.direction.name());
        match self.client_id {
            Some(client) => announcement.with("client_id", client),
            None => announcement,
        }
    }
}

impl Message<'static> {
    /// What was said stays: a record of another text than the one that somebody got is none.
    fn check_said(&self, before: &Self) -> Result<(), Problem> {
        if before.status == MessageStatus::Draft {
            return Ok(());
        }
        let changes = self.differences(before);
        match SAID.iter().find(|field| changes.has(field)) {
            Some(field) => Err(Problem::rule(format!("/{field}"), "not_draft", "stays as it is once the message is no draft")),
            None => Ok(()),
        }
    }

    /// A report of a step is taken as its time where none is given.
    fn fill_times(&mut self, before: Option<MessageStatus>, now: Timestamp) {
        if before == Some(self.status) {
            return;
        }
        if self.status.is_on_record() {
            let known = [self.delivered_at, self.read_at].into_iter().flatten();
            self.sent_at = self.sent_at.or(Some(known.fold(now, Timestamp::min)));
        }
        match self.status {
            MessageStatus::Delivered => self.delivered_at = self.delivered_at.or(Some(now)),
            MessageStatus::Read => self.read_at = self.read_at.or(Some(now)),
            _ => {}
        }
    }
}

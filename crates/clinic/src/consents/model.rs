//! The consent: what a client decided. After it is recorded, where it stands is all that moves.

use std::borrow::Cow;

use clinicos_contract::event::EventType;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp, problem};
use clinicos_gate::{Announcement, Cx, conflict};

use super::parts::{ConsentCategory, ConsentMethod, ConsentSubject, DataCategories, Decision, Purposes, Recipients};
use super::status::ConsentStatus;
use super::{events, sample};
use crate::ids::{ClientId, ConsentKind, DocumentId, PatientId, StaffId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{plain_record, refusals};

const CONSENT: Field = Field::of(Category::Communications);

plain_record! {
    /// What a client allows or denies. What was decided is never written anew: only `status` and `withdrawn_at` move.
    pub struct Consent<'a>: ConsentKind, "consent" in "consents";
    words "a consent", "consents";
    index "client_id" "patient_id";
    {
        /// About whom it is.
        subject: ConsentSubject = CONSENT.required().equal(),
        /// Who decided.
        client_id: ClientId = CONSENT.required().equal(),
        /// The patient that it is about. Goes together with the subject `patient`.
        patient_id: Option<PatientId> = CONSENT.creatable().equal(),
        /// What it is about.
        category: ConsentCategory = CONSENT.required().equal(),
        /// What was decided.
        decision: Decision = CONSENT.required().equal(),
        /// What data may, or may not, be used for. `data_sharing` names some.
        purposes: Doc<'a, Purposes> = CONSENT.creatable().max(12).distinct(),
        /// Which data; empty for all that the purposes need.
        data_categories: Doc<'a, DataCategories> = CONSENT.creatable().max(13).distinct(),
        /// To whom it applies; at most 50. Empty for everybody.
        recipients: Doc<'a, Recipients> = CONSENT.creatable().max(50),
        /// From when; null for as soon as it was decided.
        valid_from: Option<Timestamp> = CONSENT.creatable().range(),
        /// Until when; null for as long as nobody takes it back.
        valid_until: Option<Timestamp> = CONSENT.creatable().range(),
        /// Where it stands.
        status: ConsentStatus = CONSENT.required().updatable().equal(),
        /// How the client said so.
        method: ConsentMethod = CONSENT.required().equal(),
        /// The document that shows it.
        evidence_document_id: Option<DocumentId> = CONSENT.leads_to(Category::Clinical).creatable().equal(),
        /// Which version of the clinic's text the client saw.
        policy_version: Option<Cow<'a, str>> = CONSENT.creatable().filled().max(60).equal(),
        /// Who wrote it down.
        captured_by: Option<StaffId> = CONSENT.creatable().equal(),
        /// When the client decided; when that was said here unless given. Null while it is proposed.
        decided_at: Option<Timestamp> = CONSENT.creatable().range(),
        /// When the client took it back; when that was said here unless given. Goes together with `withdrawn`.
        withdrawn_at: Option<Timestamp> = CONSENT.writable().range(),
    }
}

impl Plain for Consent<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const CREATE_DOC: &'static str = "A client who decides anew makes another consent; the latest one counts. A connection that clients' consents bind \
         writes down what a client refuses, and not what a client permits.";
    const UPDATE_DOC: &'static str =
        "Only `status` and `withdrawn_at` move. To take a consent back set `withdrawn`; it does not come back.";
    const DELETE_DOC: &'static str = "Only for a consent that is `proposed` or `entered_in_error`.";
    const HEARS_CLIENTS: bool = true;
    const VERBS: &'static [&'static EventType] = &[Self::UPDATED, &events::GRANTED, &events::WITHDRAWN];
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED, &events::GRANTED];

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
            if before.withdrawn_at.is_some() && self.withdrawn_at != before.withdrawn_at {
                return Err(Problem::rule("/withdrawn_at", "withdrawn", "stays as it is"));
            }
        } else {
            self.check_terms()?;
        }
        self.settle_times(moment.now)
    }

    fn verb(&self, before: &Self) -> Option<&'static EventType> {
        match self.status {
            status if status == before.status => None,
            ConsentStatus::Active => self.birth(),
            ConsentStatus::Withdrawn => Some(&events::WITHDRAWN),
            _ => None,
        }
    }

    fn birth(&self) -> Option<&'static EventType> {
        let granted = self.status == ConsentStatus::Active && self.decision == Decision::Permit;
        granted.then_some(&events::GRANTED)
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        announcement
            .with("client_id", self.client_id)
            .with("category", self.category.name())
            .with("decision", self.decision.name())
            .with("status", self.status.name())
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        if cx.permit().asks_clients() && after.frees(before) {
            let detail = "clients decide what this connection sees, so it writes down what they refuse and not what they permit; a \
                          person or a program of the clinic's own may";
            return Err(Problem::new(&problem::CANNOT_GRANT, detail));
        }
        let counts = after.status.counts() || before.is_some_and(|before| before.status.counts());
        if counts && !after.is_of_care() {
            cx.client_decided(after.client_id.any())?;
        }
        if after.deleted_at.is_some() && !after.status.can_be_deleted() {
            let detail = format!("a consent that is `{}` shows what a client decided and cannot be deleted", after.status.name());
            return Err(conflict(detail));
        }
        Ok(())
    }
}

impl Consent<'static> {
    /// Whether it is about what is done to an animal, and says nothing of data.
    fn is_of_care(&self) -> bool {
        matches!(self.category, ConsentCategory::Treatment | ConsentCategory::Anesthesia | ConsentCategory::Telehealth)
    }

    /// Whether it refuses: a permission that was taken back does, and a refusal that was taken back does not.
    fn refuses(&self) -> bool {
        self.status.counts() && (self.decision == Decision::Deny) == (self.status == ConsentStatus::Active)
    }

    /// Whether more data may leave by it than before: it permits, or ends a refusal.
    fn frees(&self, before: Option<&Self>) -> bool {
        let is_moved = before.is_none_or(|before| before.status != self.status);
        let permits = self.status.counts() && !self.refuses();
        is_moved && !self.is_of_care() && (permits || before.is_some_and(Self::refuses))
    }

    /// What is decided once and for all.
    fn check_terms(&self) -> Result<(), Problem> {
        if (self.subject == ConsentSubject::Patient) != self.patient_id.is_some() {
            return Err(Problem::rule("/patient_id", "subject", "goes together with the subject `patient`"));
        }
        if self.category == ConsentCategory::DataSharing && self.purposes.text() == "[]" {
            return Err(Problem::rule("/purposes", "required", "must be given for `data_sharing`"));
        }
        if self.status == ConsentStatus::EnteredInError {
            return Err(Problem::rule("/status", "transition", "`entered_in_error` is for a consent that was recorded before"));
        }
        for (at, recipient) in self.recipients.value().unwrap_or_default().0.iter().enumerate() {
            if recipient.named() != 1 {
                return Err(Problem::rule(format!("/recipients/{at}"), "ambiguous", "must name exactly one recipient"));
            }
        }
        refusals::check_order("/valid_until", self.valid_from, self.valid_until, "valid_from")?;
        refusals::check_order("/valid_until", self.decided_at, self.valid_until, "decided_at")
    }

    /// Says when it was decided and taken back, where nobody said so, and refuses times that cannot be.
    fn settle_times(&mut self, now: Timestamp) -> Result<(), Problem> {
        let is_decided = matches!(self.status, ConsentStatus::Active | ConsentStatus::Withdrawn | ConsentStatus::Rejected);
        if self.status == ConsentStatus::Proposed && self.decided_at.is_some() {
            return Err(Problem::rule("/decided_at", "proposed", "nothing is decided while it is `proposed`"));
        }
        if is_decided {
            self.decided_at = self.decided_at.or(self.withdrawn_at).or(Some(now));
        }
        if self.status == ConsentStatus::Withdrawn {
            self.withdrawn_at = self.withdrawn_at.or(Some(now));
        } else if self.withdrawn_at.is_some() {
            return Err(Problem::rule("/withdrawn_at", "withdrawn", "goes together with the status `withdrawn`"));
        }
        for (pointer, time) in [("/decided_at", self.decided_at), ("/withdrawn_at", self.withdrawn_at)] {
            if time.is_some_and(|time| time > now) {
                return Err(Problem::rule(pointer, "range", "must not be in the future"));
            }
        }
        refusals::check_order("/withdrawn_at", self.decided_at, self.withdrawn_at, "decided_at")
    }
}

//! The referral case: work that one practice sends to another, and what is shared for it.

use std::borrow::Cow;

use clinicos_contract::category::Sensitivity;
use clinicos_contract::event::EventType;
use clinicos_contract::time::Date;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Category, Field, Problem, Resource, Timestamp};
use clinicos_gate::{Announcement, Cx};

use super::parts::{EstimateRange, ReferralDirection, ReferralService, ReferralUpdates, ReferralUrgency, Shares};
use super::status::{ReferralStage, ReferralStatus};
use super::{events, sample};
use crate::ids::{AppointmentId, ClientId, DocumentId, PatientId, ReferralKind, ReferralPartnerId};
use crate::plain::{Declared as _, Moment, Plain, check_step};
use crate::{chart, plain_record};

const CLINICAL: Field = Field::of(Category::Clinical);
const PARTNER: Field = Field::of(Category::Communications);
const FINANCIAL: Field = Field::of(Category::OwnerFinancial);

plain_record! {
    /// Work that one practice sends to another.
    pub struct Referral<'a>: ReferralKind, "referral" in "referrals";
    words "a referral case", "referral cases";
    index "client_id" "patient_id" "partner_id" "referred_on";
    worklist "status";
    {
        /// Which way it goes.
        direction: ReferralDirection = CLINICAL.required().equal(),
        /// The other practice.
        partner_id: Option<ReferralPartnerId> = CLINICAL.writable().equal(),
        /// Who refers, as the letter says it.
        referring_vet: Option<Cow<'a, str>> = PARTNER.writable().max(200),
        /// The patient's owner.
        client_id: Option<ClientId> = CLINICAL.writable().equal(),
        /// The patient; null until it is known here.
        patient_id: Option<PatientId> = CLINICAL.writable().equal(),
        /// When it was referred.
        referred_on: Date = CLINICAL.required().updatable().range().sortable(),
        /// What for.
        service: ReferralService = CLINICAL.required().updatable().equal(),
        /// How soon.
        urgency: ReferralUrgency = CLINICAL.writable().fallback("\"routine\"").equal(),
        /// Where it stands.
        status: ReferralStatus = CLINICAL.writable().fallback("\"draft\"").equal(),
        /// The same in four words; follows from `status`.
        stage: ReferralStage = CLINICAL.fallback("\"pending\"").equal(),
        /// Why, as the veterinarian who refers says it.
        reason: Option<Cow<'a, str>> = CLINICAL.writable().max(10_000),
        /// What that veterinarian wants to know.
        question: Option<Cow<'a, str>> = CLINICAL.writable().max(4_000),
        /// Between which amounts the care may cost.
        estimate_range: Option<Doc<'a, EstimateRange>> = FINANCIAL.writable(),
        /// What the other practice may see; at most 100. A share stays in its place; it ends by `revoked_at`.
        shares: Doc<'a, Shares> = CLINICAL.writable().max(100),
        /// What one practice told the other one meanwhile, oldest first; at most 200. What was told stays.
        updates: Doc<'a, ReferralUpdates> = CLINICAL.writable().max(200),
        /// How many records came along that nobody has looked at.
        records_awaiting_review: i64 = CLINICAL.writable().at_least(0).fallback("0"),
        /// The appointment that was booked for it.
        appointment_id: Option<AppointmentId> = CLINICAL.leads_to(Category::Appointments).writable().equal(),
        /// The report to the veterinarian who referred.
        report_document_id: Option<DocumentId> = CLINICAL.writable().equal(),
        /// Why it was not taken. Only for `declined`.
        declined_reason: Option<Cow<'a, str>> = CLINICAL.writable().max(1_000),
        /// What came of it.
        outcome: Option<Cow<'a, str>> = CLINICAL.writable().max(10_000),
        /// When it was completed.
        completed_at: Option<Timestamp> = CLINICAL.range(),
        /// Notes that the other practice should not read.
        notes_internal: Option<Cow<'a, str>> = CLINICAL.sensitivity(Sensitivity::Internal).writable().max(4_000),
    }
}

impl Plain for Referral<'static> {
    const RESOURCE: &'static Resource = &super::RESOURCE;
    const CREATE_EXAMPLE: &'static str = sample::CREATE;
    const UPDATE_EXAMPLE: &'static str = sample::UPDATE;
    const UPDATE_DOC: &'static str = "`status` goes along allowed steps. Shares and updates that are there stay in their places: send them again with what is new \
         behind them, and set `revoked_at` of a share to take it back.";
    const DELETE_DOC: &'static str = "For a case made by mistake. One that does not take place is cancelled.";
    const VERBS: &'static [&'static EventType] =
        &[Self::UPDATED, &events::RECEIVED, &events::ACCEPTED, &events::SCHEDULED, &events::REPORT_SENT, &events::COMPLETED];
    const CREATE_VERBS: &'static [&'static EventType] = &[Self::CREATED, &events::RECEIVED];

    fn settle(&mut self, before: Option<&Self>, moment: &Moment<'_>) -> Result<(), Problem> {
        if let Some(before) = before {
            check_step("status", before.status, self.status, before.status.next())?;
        }
        if self.referred_on > moment.today {
            return Err(Problem::rule("/referred_on", "range", "must not be in the future"));
        }
        if self.declined_reason.is_some() && self.status != ReferralStatus::Declined {
            return Err(Problem::rule("/declined_reason", "declined", "is only for the status `declined`"));
        }
        if let Some(range) = self.estimate_range.as_ref().and_then(Doc::value)
            && range.high.amount < range.low.amount
        {
            return Err(Problem::rule("/estimate_range/high", "range", "must not be less than `low`"));
        }
        self.check_shares(before)?;
        self.check_updates(before)?;
        self.stage = self.status.stage();
        self.completed_at = match self.status {
            ReferralStatus::Completed => self.completed_at.or(Some(moment.now)),
            _ => None,
        };
        Ok(())
    }

    fn verb(&self, before: &Self) -> Option<&'static EventType> {
        match self.status {
            status if status == before.status => None,
            ReferralStatus::Pending if before.status == ReferralStatus::Draft => self.birth(),
            ReferralStatus::Accepted => Some(&events::ACCEPTED),
            ReferralStatus::Scheduled => Some(&events::SCHEDULED),
            ReferralStatus::ReportSent => Some(&events::REPORT_SENT),
            ReferralStatus::Completed => Some(&events::COMPLETED),
            _ => None,
        }
    }

    fn birth(&self) -> Option<&'static EventType> {
        let came = self.direction == ReferralDirection::Incoming && self.status != ReferralStatus::Draft;
        came.then_some(&events::RECEIVED)
    }

    fn tell(&self, announcement: Announcement) -> Announcement {
        let announcement = announcement.with("status", self.status.name()).with("direction", self.direction.name());
        match self.partner_id {
            Some(partner) => announcement.with("partner_id", partner),
            None => announcement,
        }
    }

    async fn effect(cx: &mut Cx<'_>, before: Option<&Self>, after: &mut Self) -> Result<(), Problem> {
        let entry = |referral: &Self| {
            let day = Some(("referred_on", referral.referred_on));
            referral.patient_id.map(|patient| chart::Entry { patient, visit: None, day, after_death: false })
        };
        let Some(now) = entry(after) else { return Ok(()) };
        chart::check(cx, before.and_then(entry), now).await
    }
}

impl Referral<'static> {
    /// What was shared can be looked up later: shares end, and do not vanish.
    fn check_shares(&self, before: Option<&Self>) -> Result<(), Problem> {
        let shares = self.shares.value().unwrap_or_default().0;
        let earlier = before.and_then(|before| before.shares.value()).unwrap_or_default().0;
        for (at, share) in shares.iter().enumerate() {
            if share.named() != 1 {
                return Err(Problem::rule(format!("/shares/{at}"), "ambiguous", "must name exactly one record"));
            }
        }
        for (at, earlier) in earlier.iter().enumerate() {
            if !shares.get(at).is_some_and(|share| share.continues(earlier)) {
                let detail = "a share stays as it is: set its `revoked_at` to end it, and add another one to share again";
                return Err(Problem::rule(format!("/shares/{at}"), "shared", detail));
            }
        }
        Ok(())
    }

    fn check_updates(&self, before: Option<&Self>) -> Result<(), Problem> {
        let updates = self.updates.value().unwrap_or_default().0;
        let earlier = before.and_then(|before| before.updates.value()).unwrap_or_default().0;
        for (at, earlier) in earlier.iter().enumerate() {
            if updates.get(at) != Some(earlier) {
                return Err(Problem::rule(format!("/updates/{at}"), "told", "what was told stays; add another one behind"));
            }
        }
        Ok(())
    }
}

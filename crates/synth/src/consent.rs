//! What clients allow and deny.

use std::borrow::Cow;

use clinicos_clinic::consents::model::Consent;
use clinicos_clinic::consents::parts::{
    ConsentCategory, ConsentMethod, ConsentSubject, DataCategories, Decision, Purposes, Recipient, RecipientClass, Recipients,
};
use clinicos_clinic::consents::status::ConsentStatus;
use clinicos_clinic::ids::{ConsentId, DocumentId};
use clinicos_contract::wire::Doc;
use clinicos_contract::{Purpose, Timestamp};

use crate::visit::Stay;
use crate::world::{Allowed, World, no_external_ids};

/// The version of the clinic's text.
const POLICY: &str = "2024-01";

/// What is asked beside messages: category, how often of a thousand, how often of those the answer is yes.
const ASKED: &[(ConsentCategory, u64, u64)] = &[
    (ConsentCategory::PhotoUse, 220, 700),
    (ConsentCategory::DataSharing, 90, 600),
    (ConsentCategory::Research, 50, 500),
    (ConsentCategory::ReferralShare, 60, 930),
    (ConsentCategory::InsuranceShare, 50, 950),
    (ConsentCategory::Telehealth, 70, 900),
    (ConsentCategory::AiProcessing, 60, 450),
];

impl World {
    /// What a new client is asked.
    pub fn first_consents(&mut self, owner: usize) {
        let at = self.owners[owner].record.created_at.plus_seconds(600).min(self.now);
        self.ask_for_texts(owner, at);
        if self.owners[owner].record.marketing_opt_in {
            let mut consent = self.consent(owner, ConsentCategory::MarketingEmail, Decision::Permit, at);
            consent.method = ConsentMethod::Click;
            let until = self.may_end(&mut consent, 80);
            self.owners[owner].news = Some(Allowed { consent: consent.id, until });
            self.shelf.put(&consent);
        } else if self.dice.chance(120) {
            let consent = self.consent(owner, ConsentCategory::MarketingSms, Decision::Deny, at);
            self.shelf.put(&consent);
        }
        for (category, per_mille, yes) in ASKED {
            if self.dice.chance(*per_mille) {
                let decision = if self.dice.chance(*yes) { Decision::Permit } else { Decision::Deny };
                self.ask(owner, *category, decision, at);
            }
        }
    }

    /// Text messages: most say yes, and some take it back with a word.
    fn ask_for_texts(&mut self, owner: usize, at: Timestamp) {
        let says_yes = self.dice.chance(940);
        let decision = if says_yes { Decision::Permit } else { Decision::Deny };
        let mut consent = self.consent(owner, ConsentCategory::TransactionalSms, decision, at);
        if says_yes {
            let until = self.may_end(&mut consent, 45);
            self.owners[owner].texts = Some(Allowed { consent: consent.id, until });
            if let Some(until) = until {
                consent.method = ConsentMethod::Verbal;
                self.opted_out(owner, until);
            }
        }
        self.shelf.put(&consent);
    }

    fn ask(&mut self, owner: usize, category: ConsentCategory, decision: Decision, at: Timestamp) {
        let mut consent = self.consent(owner, category, decision, at);
        // A few of each clinic stand where most do not.
        match self.dice.below(100) {
            0..8 => {
                consent.status = ConsentStatus::Proposed;
                (consent.decided_at, consent.updated_at) = (None, at);
            }
            8..14 => consent.status = ConsentStatus::Rejected,
            14..20 => {
                let until = at.plus_seconds(self.dice.between(30, 400) * 86_400);
                consent.valid_until = Some(until);
                if until <= self.now {
                    (consent.status, consent.updated_at, consent.version) = (ConsentStatus::Expired, until, 2);
                }
            }
            20..24 => {
                consent.status = ConsentStatus::EnteredInError;
                (consent.updated_at, consent.version) = (at.plus_seconds(900).min(self.now), 2);
            }
            _ => {
                self.may_end(&mut consent, 70);
            }
        }
        self.shelf.put(&consent);
    }

    /// Whether and when it is taken back.
    fn may_end(&mut self, consent: &mut Consent<'static>, per_mille: u64) -> Option<Timestamp> {
        let days = self.dice.between(20, 900);
        let at = consent.created_at.plus_seconds(days * 86_400);
        if !self.dice.chance(per_mille) || at > self.now {
            return None;
        }
        (consent.status, consent.withdrawn_at) = (ConsentStatus::Withdrawn, Some(at));
        (consent.updated_at, consent.version) = (at, 2);
        Some(at)
    }

    fn consent(&mut self, owner: usize, category: ConsentCategory, decision: Decision, at: Timestamp) -> Consent<'static> {
        let (purposes, class) = match category {
            ConsentCategory::DataSharing => (vec![Purpose::AnalyticsAggregate], Some(RecipientClass::Analytics)),
            ConsentCategory::Research => (vec![Purpose::Research], Some(RecipientClass::Researcher)),
            ConsentCategory::ReferralShare => (vec![Purpose::Referral], Some(RecipientClass::TreatingVeterinarian)),
            ConsentCategory::InsuranceShare => (vec![Purpose::Insurance], Some(RecipientClass::Insurer)),
            ConsentCategory::AiProcessing => (Vec::new(), Some(RecipientClass::AiService)),
            _ => (Vec::new(), None),
        };
        let recipients = class.map(|class| Recipient { app: None, partner_id: None, class: Some(class) });
        let method = self.dice.one(&[
            ConsentMethod::Click,
            ConsentMethod::Click,
            ConsentMethod::Signed,
            ConsentMethod::Verbal,
            ConsentMethod::PaperScan,
        ]);
        let captured_by = Some(self.helper());
        Consent {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            subject: ConsentSubject::Client,
            client_id: self.owners[owner].record.id,
            patient_id: None,
            category,
            decision,
            purposes: Doc::of(&Purposes(purposes)),
            data_categories: Doc::of(&DataCategories::default()),
            recipients: Doc::of(&Recipients(recipients.into_iter().collect())),
            valid_from: None,
            valid_until: None,
            status: ConsentStatus::Active,
            method,
            evidence_document_id: None,
            policy_version: Some(Cow::Borrowed(POLICY)),
            captured_by,
            decided_at: Some(at),
            withdrawn_at: None,
            external_ids: no_external_ids(),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
        }
    }

    /// The consent to an anesthesia, signed before it.
    pub fn ask_for_anesthesia(&mut self, stay: &Stay) -> Option<ConsentId> {
        let form = self.consent_form(stay, "Consent to anesthesia and surgery");
        self.signed(stay, ConsentCategory::Anesthesia, form)
    }

    /// The consent to a farewell.
    pub fn ask_for_farewell(&mut self, stay: &Stay) -> Option<ConsentId> {
        let form = self.consent_form(stay, "Consent to euthanasia");
        self.signed(stay, ConsentCategory::Treatment, form)
    }

    fn signed(&mut self, stay: &Stay, category: ConsentCategory, form: DocumentId) -> Option<ConsentId> {
        let owner = self.pets[stay.pet].owner;
        let mut consent = self.consent(owner, category, Decision::Permit, stay.after(120));
        consent.subject = ConsentSubject::Patient;
        consent.patient_id = Some(self.pets[stay.pet].record.id);
        consent.method = ConsentMethod::Signed;
        consent.evidence_document_id = Some(form);
        self.shelf.put(&consent);
        Some(consent.id)
    }
}

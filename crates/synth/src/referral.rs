//! Referral partners, and the patients that go to them and come from them.

use std::borrow::Cow;

use clinicos_clinic::documents::ClinicAddress;
use clinicos_clinic::ids::{StaffId, VisitId};
use clinicos_clinic::referral_partners::model::ReferralPartner;
use clinicos_clinic::referral_partners::parts::{PartnerVet, PartnerVets, PortalAccess, PortalPermission, PortalPermissions};
use clinicos_clinic::referrals::model::Referral;
use clinicos_clinic::referrals::parts::{
    EstimateRange, ReferralDirection, ReferralService, ReferralUpdate, ReferralUpdates, ReferralUrgency, Share, Shares,
};
use clinicos_clinic::referrals::status::ReferralStatus as Status;
use clinicos_clinic::texts::Email;
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::calendar::{Day, date};
use crate::tables::complaints::Complaint;
use crate::tables::names::{FAMILY, GIVEN, mailbox};
use crate::tables::practice::PARTNERS;
use crate::visit::Stay;
use crate::world::{World, money, no_external_ids};

/// The usual way of a case: how many days after the first is it where.
const WAY: &[(Day, Status)] = &[
    (0, Status::Pending),
    (1, Status::Accepted),
    (2, Status::RecordsRequested),
    (4, Status::Scheduled),
    (11, Status::InProgress),
    (14, Status::ReportSent),
    (21, Status::Completed),
];

/// Every state, once for each clinic however small.
const ALL: [Status; 11] = [
    Status::Draft,
    Status::Pending,
    Status::Accepted,
    Status::RecordsRequested,
    Status::Scheduled,
    Status::InProgress,
    Status::ReportSent,
    Status::Completed,
    Status::Declined,
    Status::Cancelled,
    Status::Expired,
];

/// What a case is made from.
struct Case {
    pet: usize,
    direction: ReferralDirection,
    reason: &'static str,
    visit: Option<(VisitId, StaffId)>,
    at: Timestamp,
    changed: Timestamp,
    status: Status,
}

impl World {
    /// Practices that it works with.
    pub fn find_partners(&mut self) {
        for (place, (practice, _, access)) in PARTNERS.iter().enumerate() {
            let at = self.calendar.at(self.calendar.first - 1, 9 * 60 + 30 + place as i64);
            let (given, family) = (self.dice.one(GIVEN), self.dice.one(FAMILY));
            let vet = PartnerVet {
                name: format!("Dr. {given} {family}"),
                credentials: Some("DVM".to_owned()),
                email: Some(format!("{}.{}@example.net", mailbox(given), mailbox(family))),
                phone: None,
            };
            let permissions = match access {
                PortalAccess::None => Vec::new(),
                _ => vec![PortalPermission::Submit, PortalPermission::Upload, PortalPermission::ViewShared],
            };
            let [city, state, zip, area] = self.practice.place;
            let address = ClinicAddress {
                line1: Some(format!("{} Commerce Drive", self.dice.between(10, 900))),
                line2: None,
                city: Some(city.to_owned()),
                region: Some(state.to_owned()),
                postal_code: Some(format!("{zip}{}", self.dice.digits(2))),
                country: Some("US".to_owned()),
            };
            let id = self.dice.id(at);
            self.partners.push(id);
            self.shelf.put(&ReferralPartner {
                id,
                clinic_id: self.clinic,
                practice: Cow::Borrowed(practice),
                vets: Doc::of(&PartnerVets(vec![vet])),
                email: Some(Email(Cow::Owned(format!("referrals{place}@example.net")))),
                phone: Some(Cow::Owned(format!("({area}) 555-01{place}0"))),
                address: Some(Doc::of(&address)),
                portal_access: *access,
                permissions: Doc::of(&PortalPermissions(permissions)),
                active: true,
                notes_internal: None,
                external_ids: no_external_ids(),
                created_at: at,
                updated_at: at,
                version: 1,
                deleted_at: None,
            });
        }
    }

    /// A patient goes to a specialist.
    pub fn refer(&mut self, stay: &Stay, complaint: &'static Complaint) {
        let (status, changed) = self.stands(stay.day);
        let at = stay.leaves;
        let case = Case {
            pet: stay.pet,
            direction: ReferralDirection::Outgoing,
            reason: complaint.name,
            visit: Some((stay.visit, stay.doctor)),
            at,
            changed: self.calendar.at(changed, 13 * 60).max(at).min(self.now),
            status,
        };
        self.case(&case);
    }

    /// Where a case of a day stands at the end, and since when.
    fn stands(&mut self, day: Day) -> (Status, Day) {
        let elapsed = self.calendar.last - day;
        let other = match self.dice.below(100) {
            0..10 => Some((2, Status::Declined)),
            10..17 => Some((5, Status::Cancelled)),
            17..22 => Some((30, Status::Expired)),
            _ => None,
        };
        match other.filter(|(days, _)| *days <= elapsed) {
            Some((days, status)) => (status, day + days),
            None => WAY
                .iter()
                .rev()
                .find(|(days, _)| *days <= elapsed)
                .map_or((Status::Pending, day), |(days, status)| (*status, day + days)),
        }
    }

    /// One case in each state in the last weeks, in both directions.
    pub fn show_every_state(&mut self) {
        for (place, status) in (0..).zip(ALL) {
            let day = self.calendar.last - 24 + place;
            let Some(pet) = (0..self.pets.len()).find(|pet| pet % 11 == place as usize && self.comes(*pet, self.calendar.last))
            else {
                continue;
            };
            let direction = if place % 3 == 0 { ReferralDirection::Incoming } else { ReferralDirection::Outgoing };
            let at = self.calendar.at(day, 11 * 60);
            let changed = if matches!(status, Status::Draft | Status::Pending) { at } else { at.plus_seconds(86_400) };
            self.case(&Case { pet, direction, reason: "Second opinion", visit: None, at, changed, status });
        }
    }

    fn case(&mut self, case: &Case) {
        let partner = self.dice.below(PARTNERS.len());
        let is_done = matches!(case.status, Status::ReportSent | Status::Completed);
        let report = is_done.then(|| self.letter(case.pet, "Referral report", case.changed));
        let low = self.dice.between(4, 30) * 10_000;
        let range = EstimateRange { low: money(low), high: money(low * 2) };
        let shares = case.visit.map(|(visit, staff)| self.share(visit, staff, case)).into_iter().collect();
        let told = ReferralUpdate {
            at: case.changed,
            by: Some(PARTNERS[partner].0.to_owned()),
            text: "Thank you, we will call the owner.".to_owned(),
        };
        let updates = if case.changed > case.at { vec![told] } else { Vec::new() };
        let owner = self.pets[case.pet].owner;
        let service =
            if partner == 7 { self.dice.one(&[ReferralService::Dentistry, ReferralService::Rehab]) } else { PARTNERS[partner].1 };
        let record = Referral {
            id: self.dice.id(case.at),
            clinic_id: self.clinic,
            direction: case.direction,
            partner_id: Some(self.partners[partner]),
            referring_vet: (case.direction == ReferralDirection::Incoming)
                .then_some(Cow::Borrowed("The veterinarian of Riverbend Family Vets")),
            client_id: Some(self.owners[owner].record.id),
            patient_id: Some(self.pets[case.pet].record.id),
            referred_on: date(self.calendar.day(case.at)),
            service,
            urgency: self.dice.one(&[
                ReferralUrgency::Routine,
                ReferralUrgency::Routine,
                ReferralUrgency::Urgent,
                ReferralUrgency::Emergency,
            ]),
            status: case.status,
            stage: case.status.stage(),
            reason: Some(Cow::Borrowed(case.reason)),
            question: Some(Cow::Borrowed("Please examine and advise on treatment.")),
            estimate_range: Some(Doc::of(&range)),
            shares: Doc::of(&Shares(shares)),
            updates: Doc::of(&ReferralUpdates(updates)),
            records_awaiting_review: i64::from(case.status == Status::ReportSent),
            appointment_id: None,
            report_document_id: report,
            declined_reason: (case.status == Status::Declined).then_some(Cow::Borrowed("No free time within a month.")),
            outcome: (case.status == Status::Completed).then_some(Cow::Borrowed("Treated; back with us for rechecks.")),
            completed_at: (case.status == Status::Completed).then_some(case.changed),
            notes_internal: None,
            external_ids: no_external_ids(),
            created_at: case.at,
            updated_at: case.changed,
            version: if case.changed > case.at { 3 } else { 1 },
            deleted_at: None,
        };
        self.shelf.put(&record);
    }

    fn share(&mut self, visit: VisitId, staff: StaffId, case: &Case) -> Share {
        let is_over = matches!(case.status, Status::Completed | Status::Cancelled | Status::Declined);
        Share {
            document_id: None,
            lab_result_id: None,
            visit_id: Some(visit),
            granted_by: Some(staff),
            expires_at: Some(case.at.plus_seconds(180 * 86_400)),
            revoked_at: is_over.then_some(case.changed),
        }
    }
}

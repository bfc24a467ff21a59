//! Clients: who they are, how they are reached.

use std::borrow::Cow;

use clinicos_clinic::clients::model::Client;
use clinicos_clinic::clients::model::parts::{AccountStatus, Channel, Emails, Phone, PhoneKind, Phones, ReferralSource, Tags};
use clinicos_clinic::documents::{ExternalId, ExternalIds, OwnerAddress};
use clinicos_contract::Timestamp;
use clinicos_contract::wire::Doc;

use crate::tables::names::{FAMILY, GIVEN, STREETS, SUFFIXES, TAGS, mailbox};
use crate::world::{Owner, World, money};

/// Clients that a practice has when its records begin, for each visit of a day.
const FIRST_CLIENTS: u32 = 65;

const SOURCES: &[ReferralSource] = &[
    ReferralSource::Friend,
    ReferralSource::Friend,
    ReferralSource::Friend,
    ReferralSource::Search,
    ReferralSource::Search,
    ReferralSource::Social,
    ReferralSource::WalkBy,
    ReferralSource::Rdvm,
    ReferralSource::Shelter,
    ReferralSource::Breeder,
];
const CHANNELS: &[Channel] =
    &[Channel::Sms, Channel::Sms, Channel::Sms, Channel::Sms, Channel::Email, Channel::Email, Channel::Phone, Channel::App];
const LANGUAGES: &[&str] = &["en", "en", "en", "en", "en", "en", "es", "es", "fr", "pt"];

impl World {
    /// The clients and patients of before: they came from another system on the day before the first.
    pub fn take_over(&mut self) {
        let count = i64::from(self.plan.visits_per_day * FIRST_CLIENTS);
        let begin = self.calendar.at(self.calendar.first - 1, 12 * 60);
        for at in 0..count {
            let time = begin.plus_micros(at * 40_000);
            let owner = self.new_owner(time, Some(at + 1001));
            for _ in 0..self.how_many_pets() {
                self.new_pet(owner, time, true);
            }
            self.first_consents(owner);
        }
    }

    /// One or more.
    pub fn how_many_pets(&mut self) -> usize {
        1 + self.dice.weighted([62_u64, 26, 9, 3].into_iter())
    }

    /// A client who came at a time; `before` is the number in another system.
    pub fn new_owner(&mut self, at: Timestamp, before: Option<i64>) -> usize {
        let place = self.owners.len();
        let (given, family) = (self.dice.one(GIVEN), self.dice.one(FAMILY));
        let is_rescue = self.dice.chance(8);
        let area = self.practice.place[3];
        let mobile = format!("({area}) 555-01{}", self.dice.digits(2));
        let mut phones = vec![Phone { number: mobile.clone(), kind: PhoneKind::Mobile, sms_capable: true }];
        if self.dice.chance(180) {
            let number = format!("({area}) 555-01{}", self.dice.digits(2));
            phones.push(Phone { number, kind: PhoneKind::Home, sms_capable: false });
        }
        let email = format!("{}.{}{}@example.com", mailbox(given), mailbox(family), place + 1);
        let emails = if self.dice.chance(930) { vec![email] } else { Vec::new() };
        let tagged = if self.dice.chance(140) { vec![self.dice.one(TAGS).to_owned()] } else { Vec::new() };
        let external = before.map(|number| ExternalId { system: "previous_system".to_owned(), value: format!("C{number}") });
        let record = Client {
            id: self.dice.id(at),
            clinic_id: self.clinic,
            given_name: Some(Cow::Borrowed(given)),
            family_name: Some(Cow::Borrowed(family)),
            organization_name: is_rescue.then(|| Cow::Owned(format!("{family} Animal Rescue"))),
            emails: Doc::of(&Emails(emails)),
            phones: Doc::of(&Phones(phones)),
            address: Some(Doc::of(&self.address())),
            preferred_channel: Some(self.dice.one(CHANNELS)),
            language: Some(Cow::Borrowed(self.dice.one(LANGUAGES))),
            account_status: if self.dice.chance(4) { AccountStatus::DoNotBook } else { AccountStatus::Active },
            referral_source: Some(self.dice.one(SOURCES)),
            tags: Doc::of(&Tags(tagged)),
            marketing_opt_in: self.dice.chance(450),
            balance: money(0),
            credit: money(0),
            external_ids: Doc::of(&ExternalIds(external.into_iter().collect())),
            created_at: at,
            updated_at: at,
            version: 1,
            deleted_at: None,
            merged_into: None,
        };
        self.owner_of.insert(record.id, place);
        self.owners.push(Owner {
            record,
            pets: Vec::new(),
            texts: None,
            news: None,
            mobile,
            balance: 0,
            credit: 0,
            deposits: Vec::new(),
        });
        place
    }

    fn address(&mut self) -> OwnerAddress {
        let [city, state, zip, _] = self.practice.place;
        OwnerAddress {
            line1: Some(format!("{} {} {}", self.dice.between(1, 2_400), self.dice.one(STREETS), self.dice.one(SUFFIXES))),
            line2: if self.dice.chance(150) { Some(format!("Apt {}", self.dice.between(1, 48))) } else { None },
            city: Some(city.to_owned()),
            region: Some(state.to_owned()),
            postal_code: Some(format!("{zip}{}", self.dice.digits(2))),
            country: Some("US".to_owned()),
        }
    }

    /// Says that something of a client changed.
    pub fn touch_owner(&mut self, owner: usize, at: Timestamp) {
        let record = &mut self.owners[owner].record;
        record.updated_at = record.updated_at.max(at);
        record.version += 1;
    }

    /// Writes down every client, with what is owed at the end.
    pub fn close_owners(&mut self) {
        for place in 0..self.owners.len() {
            let has_pets = self.owners[place].pets.iter().any(|pet| !self.pets[*pet].gone);
            let owner = &mut self.owners[place];
            owner.record.balance = money(owner.balance);
            owner.record.credit = money(owner.credit);
            if !has_pets && owner.record.account_status == AccountStatus::Active {
                owner.record.account_status = AccountStatus::Inactive;
            }
            self.shelf.put(&self.owners[place].record);
        }
    }
}

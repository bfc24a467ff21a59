//! A clinic while its years are lived: who works there, who comes, what is on the calendar.

use std::collections::{BTreeMap, BTreeSet};

use clinicos_clinic::clients::model::Client;
use clinicos_clinic::documents::ExternalIds;
use clinicos_clinic::estimates::model::Estimate;
use clinicos_clinic::ids::{AppointmentId, AppointmentTypeId, ClientId, ConsentId, ReferralPartnerId, StaffId};
use clinicos_clinic::patients::model::Patient;
use clinicos_clinic::payments::model::Payment;
use clinicos_clinic::reminders::model::Reminder;
use clinicos_clinic::staff::model::Staff;
use clinicos_contract::wire::Doc;
use clinicos_contract::{Money, Timestamp};
use clinicos_gate::ClinicId;

use crate::calendar::{Calendar, Day, Minute};
use crate::dice::Dice;
use crate::money::Books;
use crate::plan::{CURRENCY, Plan, Practice};
use crate::shelf::Shelf;
use crate::stock::Good;

/// A member of staff.
#[derive(Debug)]
pub struct Member {
    /// The record.
    pub record: Staff<'static>,
    /// Whether they see patients.
    pub is_doctor: bool,
    /// Cents an hour.
    pub rate: i64,
    /// First day of work.
    pub from: Day,
    /// Last day of work.
    pub to: Option<Day>,
    /// Days on which they are away.
    pub away: BTreeSet<Day>,
}

/// A client.
#[derive(Debug)]
pub struct Owner {
    /// The record, without what is owed.
    pub record: Client<'static>,
    /// Their animals.
    pub pets: Vec<usize>,
    /// What allows text messages.
    pub texts: Option<Allowed>,
    /// What allows advertising by e-mail.
    pub news: Option<Allowed>,
    /// Where texts go.
    pub mobile: String,
    /// What is owed.
    pub balance: i64,
    /// What was paid ahead.
    pub credit: i64,
    /// Deposits that no invoice has taken yet.
    pub deposits: Vec<Payment<'static>>,
}

/// A consent, and when it was taken back.
#[derive(Debug, Clone, Copy)]
pub struct Allowed {
    /// The consent.
    pub consent: ConsentId,
    /// When it ended.
    pub until: Option<Timestamp>,
}

impl Allowed {
    /// The consent, if it holds at a time.
    pub fn at(self, at: Timestamp) -> Option<ConsentId> {
        self.until.is_none_or(|until| at < until).then_some(self.consent)
    }
}

/// What becomes of an animal in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It dies.
    Death,
    /// Its owners move, and another practice has it.
    Transfer,
    /// It is given to somebody else.
    Rehomed,
    /// It runs away.
    Lost,
}

/// A vaccine that an animal gets.
#[derive(Debug)]
pub struct Course {
    /// The place in the table.
    pub vaccine: usize,
    /// How many doses it had.
    pub doses: i64,
    /// When the next is due.
    pub next: Day,
}

/// An animal.
#[derive(Debug)]
pub struct Pet {
    /// The record.
    pub record: Patient<'static>,
    /// Its owner.
    pub owner: usize,
    /// Its species' place in the table.
    pub animal: usize,
    /// What it weighs when it is grown, in grams.
    pub adult: i64,
    /// When it was born.
    pub born: Day,
    /// When it stops coming, and why.
    pub end: (Day, End),
    /// Whether it came to that.
    pub gone: bool,
    /// Its vaccines.
    pub courses: Vec<Course>,
    /// What stays, as places in the table of complaints.
    pub chronic: Vec<usize>,
    /// When its yearly check is due.
    pub wellness: Day,
    /// When it was seen last.
    pub seen: Day,
    /// What its owner is to be reminded of.
    pub reminders: Vec<Reminder<'static>>,
}

/// Why an animal comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// It is time to let it go.
    Farewell,
    /// To be looked at again; the complaint.
    Again(usize),
    /// To be looked at after an operation; the entry of the price list.
    Healing(&'static str),
    /// To be operated; the entry of the price list.
    Surgery(&'static str),
    /// Teeth.
    Dental,
    /// The yearly check.
    Wellness,
    /// The next dose of a series.
    Booster,
    /// Nails.
    Nails,
    /// By video.
    Video,
    /// Something is wrong.
    Sick,
}

/// Somebody who should come.
#[derive(Debug, Clone)]
pub struct Want {
    /// Who.
    pub pet: usize,
    /// Why.
    pub why: Why,
    /// The appointment in whose place it is.
    pub replaces: Option<AppointmentId>,
}

/// A clinic while its years are lived.
#[derive(Debug)]
pub struct World {
    /// What was asked for.
    pub plan: Plan,
    /// Who it is.
    pub practice: Practice,
    /// What the clinic is called.
    pub name: String,
    /// Its identifier, which stands in no line.
    pub clinic: ClinicId,
    /// Its days.
    pub calendar: Calendar,
    /// Its chances.
    pub dice: Dice,
    /// Its finished records.
    pub shelf: Shelf,
    /// The moment that all records are as of.
    pub now: Timestamp,
    /// The day that is lived.
    pub today: Day,
    /// Who works there.
    pub staff: Vec<Member>,
    /// Who is there today, doctors first in their own list.
    pub doctors: Vec<usize>,
    /// The others who are there today.
    pub team: Vec<usize>,
    /// What can be booked, in the order of the table.
    pub types: Vec<AppointmentTypeId>,
    /// What is sold, in the order of the table.
    pub goods: Vec<Good>,
    /// Clients.
    pub owners: Vec<Owner>,
    /// Their places.
    pub owner_of: BTreeMap<ClientId, usize>,
    /// Patients.
    pub pets: Vec<Pet>,
    /// Practices that it refers to, in the order of the table.
    pub partners: Vec<ReferralPartnerId>,
    /// What rooms are taken on the day that is filled: name, from, to.
    pub rooms: Vec<(String, Minute, Minute)>,
    /// Who should come when.
    pub agenda: BTreeMap<Day, Vec<Want>>,
    /// The days on which animals stop coming.
    pub ends: BTreeMap<Day, Vec<usize>>,
    /// Estimates that clients said yes to, by animal, until they become an invoice.
    pub accepted: BTreeMap<usize, Estimate<'static>>,
    /// Its money.
    pub books: Books,
}

/// An amount of the clinic's currency.
pub const fn money(amount: i64) -> Money {
    Money::new(amount, CURRENCY)
}

/// No identifiers in other systems.
pub fn no_external_ids() -> Doc<'static, ExternalIds> {
    Doc::from_stored("[]")
}

impl World {
    /// Somebody of the team who is there today, or a doctor.
    pub fn helper(&mut self) -> StaffId {
        let all = if self.team.is_empty() { &self.doctors } else { &self.team };
        let at = if all.is_empty() { 0 } else { self.dice.one(all) };
        self.staff[at].record.id
    }

    /// Whether an animal comes on a day, as far as anybody knows.
    pub fn comes(&self, pet: usize, day: Day) -> bool {
        let pet = &self.pets[pet];
        !pet.gone && pet.end.0 > day
    }

    /// Puts somebody on the agenda, on the first open day from then on.
    pub fn want(&mut self, day: Day, want: Want) {
        let day = self.calendar.next_open(day);
        self.agenda.entry(day).or_default().push(want);
    }
}

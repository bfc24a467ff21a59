//! A clinic's days in turn.

use std::collections::BTreeMap;

use clinicos_gate::ClinicId;
use jiff::tz::TimeZone;

use crate::calendar::{Calendar, Day, OPENS, date, day_of};
use crate::dice::Dice;
use crate::money::Books;
use crate::plan::Plan;
use crate::shelf::Shelf;
use crate::world::{End, Want, Why, World};

/// New clients for each thousand visits.
const NEW_PER_MILLE: u64 = 34;

/// Patients that are written down at a time in the end.
const PATIENTS_AT_A_TIME: usize = 500;

/// A part of a clinic's life.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// What was there before the first day.
    Begin,
    /// A day.
    Day(Day),
    /// Patients as they are in the end, from this place on.
    Patients(usize),
    /// Nothing is left.
    Over,
}

impl World {
    /// A clinic before its first day.
    pub fn new(plan: Plan, zone: TimeZone) -> Self {
        let calendar = Calendar::new(zone, plan.until, plan.years);
        let mut dice = Dice::new(plan.seed, plan.clinic);
        let clinic: ClinicId = dice.id(calendar.at(calendar.first - 1, 7 * 60));
        Self {
            practice: plan.practice(),
            name: plan.name(),
            clinic,
            now: calendar.now(),
            today: calendar.first - 1,
            plan,
            calendar,
            dice,
            shelf: Shelf::default(),
            staff: Vec::new(),
            doctors: Vec::new(),
            team: Vec::new(),
            types: Vec::new(),
            goods: Vec::new(),
            owners: Vec::new(),
            owner_of: BTreeMap::new(),
            pets: Vec::new(),
            partners: Vec::new(),
            rooms: Vec::new(),
            agenda: BTreeMap::new(),
            ends: BTreeMap::new(),
            accepted: BTreeMap::new(),
            books: Books::default(),
        }
    }

    /// Lives a step; gives the next one, or `None` behind the last.
    pub fn live(&mut self, step: Step) -> Option<Step> {
        match step {
            Step::Begin => {
                self.begin();
                Some(Step::Day(self.calendar.first))
            }
            Step::Day(day) if day <= self.calendar.last => {
                self.live_day(day);
                Some(Step::Day(day + 1))
            }
            Step::Day(_) => {
                self.look_ahead();
                Some(Step::Patients(0))
            }
            Step::Patients(first) if first < self.pets.len() => {
                self.close_pets(first, PATIENTS_AT_A_TIME);
                Some(Step::Patients(first + PATIENTS_AT_A_TIME))
            }
            Step::Patients(_) => {
                self.close_owners();
                Some(Step::Over)
            }
            Step::Over => None,
        }
    }

    fn live_day(&mut self, day: Day) {
        self.today = day;
        self.settle_due(day);
        if self.calendar.is_open(day) {
            self.open_day(day);
            self.morning_stock(day);
            self.new_clients(day);
            self.farewells(day);
            self.see_patients(day);
            self.other_work(day);
            self.close_day(day);
        }
        self.part(day);
    }

    fn begin(&mut self) {
        self.hire_staff();
        self.doctors = vec![0];
        self.offer_types();
        self.find_partners();
        self.stock_up();
        self.plan_time_off();
        self.plan_availability();
        self.take_over();
        for pet in 0..self.pets.len() {
            self.first_want(pet);
        }
    }

    /// An animal of before comes when its next check or vaccine is due.
    fn first_want(&mut self, pet: usize) {
        let next = self.pets[pet].courses.iter().map(|course| course.next).min();
        let due = next.unwrap_or(self.pets[pet].wellness).min(self.pets[pet].wellness).max(self.calendar.first);
        let late = self.dice.days(0, 50);
        self.want(due + late, Want { pet, why: Why::Wellness, replaces: None });
    }

    fn new_clients(&mut self, day: Day) {
        let expected = self.calendar.busy(day) * u64::from(self.plan.visits_per_day) * NEW_PER_MILLE;
        // In thousandths of thousandths: the whole part comes, the rest by chance.
        let count = expected / 1_000_000 + u64::from(self.dice.chance(expected % 1_000_000 / 1_000));
        for place in 0..count {
            let at = self.calendar.at(day, OPENS - 25).plus_seconds(i64::try_from(place).unwrap_or(0) * 90);
            let owner = self.new_owner(at, None);
            for _ in 0..self.how_many_pets() {
                let pet = self.new_pet(owner, at.plus_seconds(30), false);
                let days = self.dice.one(&[0, 0, 0, 1, 2, 4, 7]);
                self.want(day + days, Want { pet, why: Why::Wellness, replaces: None });
            }
            self.first_consents(owner);
        }
        // Somebody who is a client gets another animal.
        if self.dice.chance(220) {
            let owner = self.dice.below(self.owners.len());
            let at = self.calendar.at(day, OPENS - 5);
            let pet = self.new_pet(owner, at, false);
            self.touch_owner(owner, at);
            self.want(day, Want { pet, why: Why::Wellness, replaces: None });
        }
    }

    /// Most owners of an animal that dies today come to say goodbye.
    fn farewells(&mut self, day: Day) {
        for pet in self.ends.get(&day).cloned().unwrap_or_default() {
            let dies = self.pets[pet].end.1 == End::Death && !self.pets[pet].gone;
            if dies && self.dice.chance(720) {
                self.agenda.entry(day).or_default().push(Want { pet, why: Why::Farewell, replaces: None });
            }
        }
    }

    fn see_patients(&mut self, day: Day) {
        for slot in self.fill(day) {
            if let Some(appointment) = self.book(&slot) {
                self.attend(&slot, appointment);
            }
        }
    }

    fn other_work(&mut self, day: Day) {
        for _ in 0..self.plan.visits_per_day.div_ceil(12) {
            let pet = self.dice.below(self.pets.len());
            if self.comes(pet, day) && self.dice.chance(500) {
                let at = self.calendar.at(day, 14 * 60).plus_seconds(self.dice.between(0, 5_000));
                self.paper_mail(pet, at);
            }
        }
        if self.calendar.next_open(day_of(date(day).first_of_month())) == day {
            self.newsletter(day);
        }
    }

    fn look_ahead(&mut self) {
        self.show_every_state();
        self.plan_ahead();
        self.close_estimates();
        self.close_books();
        self.close_stock();
    }
}

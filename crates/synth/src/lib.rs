//! Clinics that do not exist: years of records of every kind from a seed.
//!
//! The same seed gives the same bytes, on every machine: whole numbers alone, no clock, nothing in an
//! order that is not said. What comes out are the lines of an export (decision 0030), written by
//! the same serializer, so that they go into a clinic by the same door as any other export.
//!
//! A clinic is lived, a day after the other: staff come to work, animals come in, something is found and done,
//! it is billed and paid. So what belongs together fits together. What a rule of the product derives, such as
//! an invoice's status or how much there is of a product, is derived by that rule or kept as the sum that
//! the rule says.
//!
//! | here | what |
//! |---|---|
//! | `plan.rs`, `calendar.rs`, `dice.rs` | what is asked for, days and times, choices |
//! | `world.rs`, `life.rs` | the clinic, and its days in turn |
//! | `people.rs`, `pets.rs`, `staff.rs`, `roster.rs` | who is there |
//! | `booking.rs`, `occasion.rs`, `visit.rs`, `care/` | who comes when, and what is done |
//! | `bill.rs`, `money.rs`, `refund.rs`, `till.rs`, `stock.rs` | what is charged, paid, booked and used |
//! | `letters.rs`, `papers.rs`, `consent.rs`, `referral.rs`, `estimate.rs` | what is said and signed |
//! | `shelf.rs` | finished records as lines, in runs |
//! | `tables/` | breeds, prices, vaccines, complaints, names |

#![expect(clippy::indexing_slicing, reason = "places come from the very lists that they index, and lists only grow")]

mod bill;
mod booking;
pub mod calendar;
mod care;
mod consent;
mod dice;
mod estimate;
mod letters;
mod life;
mod money;
mod occasion;
mod papers;
mod people;
mod pets;
pub mod plan;
mod referral;
mod refund;
mod roster;
pub mod shelf;
mod staff;
mod stock;
pub mod tables;
mod till;
mod visit;
mod world;

use clinicos_contract::time::zone;
use jiff::tz::TimeZone;

use clinicos_contract::Timestamp;
use clinicos_gate::ClinicId;

use life::Step;
pub use plan::Plan;
pub use shelf::{Kind, Run, kinds};
use world::World;

/// A clinic that is being lived. It is asked for runs of lines until there are no more; what it made
/// before, it holds no longer.
#[derive(Debug)]
pub struct Life {
    world: World,
    next: Step,
}

/// What is known of a clinic once its years are over.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// The clinic's identifier where an export names one.
    pub clinic: ClinicId,
    /// The moment that the records are as of.
    pub as_of: Timestamp,
    /// How far invoices are counted.
    pub last_invoice_number: i64,
}

impl Life {
    /// Before its first day.
    pub fn of(plan: &Plan) -> Self {
        let zone = zone(plan.practice().time_zone).unwrap_or(TimeZone::UTC);
        Self { world: World::new(*plan, zone), next: Step::Begin }
    }

    /// Lives on until there is a run of lines to take. `None` once all are taken.
    pub fn next_run(&mut self) -> Option<Run> {
        loop {
            if let Some(run) = self.world.shelf.take_full() {
                return Some(run);
            }
            match self.world.live(self.next) {
                Some(next) => self.next = next,
                None => return self.world.shelf.take_any(),
            }
        }
    }

    /// What is known once all runs are taken.
    pub fn end(&self) -> Ended {
        let world = &self.world;
        Ended { clinic: world.clinic, as_of: world.now, last_invoice_number: world.books.last_number }
    }
}

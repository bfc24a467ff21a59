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
//! | `booking.rs`, `visit.rs`, `care/` | who comes when, and what is done |
//! | `bill.rs`, `money.rs`, `refund.rs`, `till.rs`, `stock.rs` | what is charged, paid, booked and used |
//! | `letters.rs`, `papers.rs`, `consent.rs`, `referral.rs`, `estimate.rs` | what is said and signed |
//! | `shelf.rs` | finished records as lines |
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

pub use plan::Plan;
pub use shelf::Sorted;

/// Everything of one clinic.
#[derive(Debug)]
pub struct Record {
    /// The clinic's identifier where an export names one.
    pub clinic: clinicos_gate::ClinicId,
    /// The moment that the records are as of.
    pub as_of: clinicos_contract::Timestamp,
    /// How far invoices are counted.
    pub last_invoice_number: i64,
    /// The lines of each kind, in the order in which records name one another.
    pub kinds: Vec<Sorted>,
}

/// Lives the years of a clinic.
pub fn generate(plan: &Plan) -> Record {
    let practice = plan.practice();
    let zone = zone(practice.time_zone).unwrap_or(TimeZone::UTC);
    let mut world = world::World::new(*plan, zone);
    world.live();
    let last_invoice_number = world.books.last_number;
    Record { clinic: world.clinic, as_of: world.now, last_invoice_number, kinds: world.shelf.finish().collect() }
}

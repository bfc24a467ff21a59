//! What of a client's data may leave, and why: the rules of a jurisdiction, what the clients decided,
//! and one pure function over both. No I/O, no clock.
//!
//! - [`Rules`] are those of one jurisdiction, read from data: what holds whatever a client decides, what
//!   holds where one decided nothing, and how one can decide.
//! - [`Standing`] is what those rules come to for one [`Recipient`], worked out once.
//! - [`Decisions`] are what one client decided, newest first, with no more of them than differ.
//! - [`Standing::shown`] says, for the owners of one record, which categories may leave.
//! - [`Standing::explain`] says why, for one category and one client.
//!
//! Only some categories of data tell of a client: [`OF_CLIENTS`]. The others are the clinic's own.

mod decisions;
mod jurisdictions;
mod opt_ins;
mod recipient;
mod recorded;
mod rules;
mod standing;
#[cfg(test)]
mod tests;

use clinicos_contract::{Category, CategorySet};

pub use decisions::{Decided, Decisions, Patient, Statement, To};
pub use jurisdictions::{GENERIC, all, find, rules_of};
pub use opt_ins::{OptIn, may_leave, opted_in};
pub use recipient::{ClassSet, PurposeSet, Recipient, RecipientClass};
pub use recorded::{Recorded, Unreadable};
pub use rules::{Method, MethodSet, Rule, Rules, RulesError};
pub use standing::{Because, Standing, Verdict};

/// The categories of data that tell of a client or of a client's animal. Consent is asked for these alone.
pub const OF_CLIENTS: CategorySet = CategorySet::NONE
    .with(Category::OwnerContact)
    .with(Category::OwnerFinancial)
    .with(Category::PatientIdentity)
    .with(Category::Clinical)
    .with(Category::Diagnostics)
    .with(Category::Prescriptions)
    .with(Category::Appointments)
    .with(Category::Communications);

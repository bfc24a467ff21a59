//! What a batch is asked for, and what it loaded.

use std::borrow::Cow;

use clinicos_contract::{Category, Field, Problem, Timestamp, record};
use clinicos_gate::ClinicId;
use serde::Deserialize;

use super::shares::Shares;
use crate::ids::SyntheticBatchId;

/// Most clients that a batch loads; more are loaded by several.
pub const COUNT_MAX: i64 = 20_000;
/// Most clients of a whole.
pub const CLIENTS_MAX: i64 = 10_000_000;
/// Most invoices of a whole.
pub const INVOICES_MAX: i64 = 100_000_000;
/// Most invoices that a batch loads, so that its transaction stays bounded.
pub const INVOICES_IN_BATCH_MAX: u64 = 200_000;
/// Longest time that invoices are spread over.
pub const YEARS_MAX: i64 = 30;

const SYSTEM: Field = Field::of(Category::RecordSystem);
const PRACTICE: Field = Field::of(Category::Practice);

record! {
    /// Synthetic records that were loaded.
    pub struct SyntheticBatch<'a> as "synthetic_batch" {
        /// Its identifier.
        id: SyntheticBatchId = SYSTEM,
        /// The clinic that they were loaded into.
        clinic_id: ClinicId = SYSTEM,
        /// What they follow from: the same seed gives the same records.
        seed: i64 = PRACTICE.required().at_least(0),
        /// How many clients the whole has.
        clients: i64 = PRACTICE.required().at_least(1),
        /// How many invoices the whole has.
        invoices: i64 = PRACTICE.required().at_least(0),
        /// Over how many years, up to 2026-10-31.
        years: i64 = PRACTICE.required().at_least(1),
        /// The first client of this batch, counted from 0.
        first_client: i64 = PRACTICE.required().at_least(0),
        /// How many clients this batch has.
        count: i64 = PRACTICE.required().at_least(1),
        /// How many products came with it: all with the first batch, none with others.
        products_added: i64 = PRACTICE,
        /// How many patients this batch has.
        patients_added: i64 = PRACTICE,
        /// How many invoices this batch has.
        invoices_added: i64 = PRACTICE,
        /// How many lines those have.
        lines_added: i64 = PRACTICE,
        /// How many payments this batch has.
        payments_added: i64 = PRACTICE,
        /// A checksum of ids and amounts (FNV-1a, 64 bits): the same for the same records.
        digest: Cow<'a, str> = PRACTICE,
        /// When it was loaded.
        created_at: Timestamp = SYSTEM,
        /// Always 1.
        version: i64 = SYSTEM,
    }
}

/// A body of `synthetic.load`.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct NewBatch {
    /// What the records follow from.
    pub seed: i64,
    /// How many clients the whole has.
    pub clients: i64,
    /// How many invoices the whole has.
    pub invoices: i64,
    /// Over how many years.
    pub years: i64,
    /// The first client of this batch.
    pub first_client: i64,
    /// How many clients this batch has.
    pub count: i64,
}

impl NewBatch {
    /// Refuses what is out of proportion.
    pub fn check(&self) -> Result<(), Problem> {
        for (pointer, value, most) in [
            ("/clients", self.clients, CLIENTS_MAX),
            ("/invoices", self.invoices, INVOICES_MAX),
            ("/years", self.years, YEARS_MAX),
            ("/count", self.count, COUNT_MAX),
        ] {
            if value > most {
                return Err(Problem::rule(pointer, "range", format!("must be at most {most}")));
            }
        }
        if self.first_client.saturating_add(self.count) > self.clients {
            return Err(Problem::rule("/count", "range", "goes beyond the last client"));
        }
        let places = self.places();
        let invoices = self.shares().before(places.end).saturating_sub(self.shares().before(places.start));
        if invoices > INVOICES_IN_BATCH_MAX {
            let detail =
                format!("makes {invoices} invoices; a batch takes {INVOICES_IN_BATCH_MAX}, so ask for fewer clients at once");
            return Err(Problem::rule("/count", "range", detail));
        }
        Ok(())
    }

    /// How invoices are spread over clients.
    pub fn shares(&self) -> Shares {
        Shares { clients: self.clients.unsigned_abs(), invoices: self.invoices.unsigned_abs() }
    }

    /// The places of the clients of this batch.
    pub fn places(&self) -> std::ops::Range<u64> {
        let first = self.first_client.unsigned_abs();
        first..first.saturating_add(self.count.unsigned_abs())
    }
}

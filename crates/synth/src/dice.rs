//! Choices that a seed makes: whole numbers alone, so that every machine makes the same.

use clinicos_clinic::synthetic::random::SplitMix64;
use clinicos_contract::id::uuid_v7;
use clinicos_contract::{Id, Kind, Timestamp};

/// The choices of one clinic.
#[derive(Debug)]
pub struct Dice {
    random: SplitMix64,
    /// Identifiers come from a sequence of their own, so that one record more does not change all choices behind it.
    ids: SplitMix64,
}

impl Dice {
    /// Those of a clinic of a seed.
    pub fn new(seed: u64, clinic: u32) -> Self {
        let place = u64::from(clinic) << 1;
        Self { random: SplitMix64::new(seed, place), ids: SplitMix64::new(seed, place | 1) }
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.random.chance(per_mille)
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        self.random.between(first, last)
    }

    /// A number of days from `first` to `last`.
    pub fn days(&mut self, first: i32, last: i32) -> i32 {
        // Within two numbers of 32 bits.
        i32::try_from(self.between(i64::from(first), i64::from(last))).unwrap_or(first)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.random.below(end as u64)).unwrap_or(0)
    }

    /// One of these.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// One of these, each as often as its weight says. The place.
    pub fn weighted(&mut self, weights: impl Iterator<Item = u64> + Clone) -> usize {
        let mut roll = self.random.below(weights.clone().sum());
        for (at, weight) in weights.enumerate() {
            if roll < weight {
                return at;
            }
            roll -= weight;
        }
        0
    }

    /// An identifier of a record that was made at a time.
    pub fn id<K: Kind>(&mut self, at: Timestamp) -> Id<K> {
        Id::from_bytes(uuid_v7(at.as_millis(), self.ids.ten_bytes()))
    }

    /// Some digits.
    pub fn digits(&mut self, count: u32) -> String {
        let number = self.random.below(10_u64.pow(count));
        format!("{number:0width$}", width = count as usize)
    }
}

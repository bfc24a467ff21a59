//! Which ways to write days go with all values of a column, or with all but a few: one unreadable day
//! among many is a fault of its record, and says nothing of the others.

use super::days::{DAYS, fitting, is_open};

/// Values after which a column is given up of which most are no days.
const TRIED: u64 = 200;
/// Of so many values, all but one must be days.
const ONE_IN: u64 = 4;

/// What is known of the days of a column.
#[derive(Default)]
pub(super) struct Daily {
    values: u64,
    /// Ways that fit the same values, each a bit, and how many values those are; with one of them, of which
    /// the ways tell different days if there is any.
    groups: Vec<(u32, u64, String)>,
}

impl Daily {
    /// Looks at one more value.
    pub(super) fn add(&mut self, value: &str) {
        self.values += 1;
        if self.is_given_up() {
            return;
        }
        let fits = fitting(value);
        match self.groups.iter_mut().find(|(ways, ..)| *ways == fits) {
            Some((_, count, example)) => {
                *count += 1;
                if fits.count_ones() > 1 && !is_open(example, ways(fits)) && is_open(value, ways(fits)) {
                    value.clone_into(example);
                }
            }
            None => self.groups.push((fits, 1, value.to_owned())),
        }
    }

    fn is_given_up(&self) -> bool {
        let days: u64 = self.groups.iter().filter(|(ways, ..)| *ways != 0).map(|(_, count, _)| count).sum();
        self.values > TRIED && days * 2 < TRIED
    }

    /// The ways that fit, as places in [`DAYS`]; a value that they read as different days; and one that is a day in
    /// another way.
    pub(super) fn finish(&self) -> (Vec<usize>, Option<String>, Option<String>) {
        let fits =
            |way: usize| -> u64 { self.groups.iter().filter(|(ways, ..)| ways & 1 << way != 0).map(|(_, count, _)| count).sum() };
        let most_fit = |way: &usize| fits(*way) > 0 && fits(*way) * ONE_IN >= self.values * (ONE_IN - 1);
        let candidates: Vec<usize> = (0..DAYS.len()).filter(most_fit).collect();
        // A way is none if another one fits all that it fits, and more.
        let has =
            |with: usize, without: usize| self.groups.iter().any(|(ways, ..)| ways & 1 << with != 0 && ways & 1 << without == 0);
        let is_worse = |way: usize| candidates.iter().any(|other| has(*other, way) && !has(way, *other));
        let best: Vec<usize> = candidates.iter().copied().filter(|way| !is_worse(*way)).collect();
        let open = self.groups.iter().map(|(.., example)| example).find(|example| is_open(example, best.iter().copied()));
        // Where none is the best, those that the first day is written in are compared with.
        let first = self.groups.iter().map(|(ways, ..)| *ways).find(|ways| *ways != 0).unwrap_or_default();
        let known = if best.is_empty() { first } else { best.iter().fold(0, |bits, way| bits | 1 << way) };
        let other = self.groups.iter().find(|(ways, ..)| *ways != 0 && ways & known == 0);
        (best.clone(), open.cloned(), other.map(|(.., example)| example.clone()))
    }
}

fn ways(bits: u32) -> impl Iterator<Item = usize> {
    (0..DAYS.len()).filter(move |way| bits & 1 << way != 0)
}

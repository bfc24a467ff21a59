//! Folding: under a flood of refusals, those of one kind in one batch become one entry.

use std::collections::HashMap;

use super::{Bytes16, Entry, Folded};

/// Refusals that are written one by one in each second.
pub(crate) const UNFOLDED_PER_SECOND_MAX: u32 = 200;
const MICROS_PER_SECOND: i64 = 1_000_000;
/// The first status that is a refusal.
const REFUSED_FROM: u16 = 400;

/// Whether a status is a refusal.
pub(crate) fn is_refusal(entry: &Entry) -> bool {
    is_refused(entry.status)
}

/// The same of its status alone.
pub(crate) fn is_refused(status: u16) -> bool {
    status >= REFUSED_FROM
}

/// What refusals must share to be folded.
#[derive(PartialEq, Eq, Hash)]
struct Alike {
    clinic: Option<Bytes16>,
    operation: String,
    problem: Option<String>,
    status: u16,
    credential: Option<Bytes16>,
    source: u64,
}

impl Alike {
    fn of(entry: &Entry) -> Self {
        Self {
            clinic: entry.clinic,
            operation: entry.operation.clone(),
            problem: entry.problem.clone(),
            status: entry.status,
            credential: entry.actor.credential,
            source: entry.source_key,
        }
    }
}

/// Counts the refusals of the current second.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    second: i64,
    refusals: u32,
}

impl Folder {
    /// Folds what has to be folded in a batch that is about to be committed, at `now` in
    /// microseconds. The order of what stays is the order of arrival.
    pub(crate) fn fold(&mut self, entries: &mut Vec<Entry>, now: i64) {
        let second = now.div_euclid(MICROS_PER_SECOND);
        if second != self.second {
            (self.second, self.refusals) = (second, 0);
        }
        let arrived = entries.iter().filter(|entry| is_refusal(entry)).count();
        let single = UNFOLDED_PER_SECOND_MAX.saturating_sub(self.refusals);
        self.refusals = self.refusals.saturating_add(u32::try_from(arrived).unwrap_or(u32::MAX));
        if self.refusals > UNFOLDED_PER_SECOND_MAX && arrived > 0 {
            fold_after(entries, single);
        }
    }
}

/// Folds the refusals after the first `single` ones.
fn fold_after(entries: &mut Vec<Entry>, mut single: u32) {
    let mut kept: Vec<Entry> = Vec::with_capacity(entries.len());
    let mut heads: HashMap<Alike, usize> = HashMap::new();
    for entry in entries.drain(..) {
        if !is_refusal(&entry) || single > 0 {
            single -= u32::from(is_refusal(&entry));
            kept.push(entry);
            continue;
        }
        let at = *heads.entry(Alike::of(&entry)).or_insert(kept.len());
        match kept.get_mut(at) {
            Some(head) => absorb(head, &entry),
            None => kept.push(entry),
        }
    }
    *entries = kept;
}

fn absorb(head: &mut Entry, other: &Entry) {
    let before = head.folded.unwrap_or(Folded { count: 1, first: head.request_id, last: head.request_id });
    let (more, last) = other.folded.map_or((1, other.request_id), |folded| (folded.count, folded.last));
    head.folded = Some(Folded { count: before.count.saturating_add(more), first: before.first, last });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(number: u8, operation: &str) -> Entry {
        Entry { request_id: [number; 16], operation: operation.to_owned(), status: 429, ..Entry::default() }
    }

    #[test]
    fn refusals_beyond_the_rate_fold_by_kind() {
        let mut folder = Folder::default();
        let mut calm = vec![refusal(1, "a"); 200];
        folder.fold(&mut calm, 5);
        assert_eq!(calm.len(), 200);
        let allowed = Entry { status: 200, ..refusal(9, "a") };
        let mut flood = vec![refusal(1, "a"), allowed.clone(), refusal(2, "a"), refusal(3, "b"), refusal(4, "a"), allowed];
        folder.fold(&mut flood, 6);
        assert_eq!(flood.len(), 4);
        assert_eq!(flood[0].folded, Some(Folded { count: 3, first: [1; 16], last: [4; 16] }));
        assert_eq!(flood[2].folded, None, "a kind that came once stays as it was");
    }

    #[test]
    fn a_new_second_starts_over_and_the_last_single_ones_stay() {
        let mut folder = Folder::default();
        let mut flood = vec![refusal(1, "a"); 300];
        folder.fold(&mut flood, 0);
        assert_eq!(flood.len(), 201);
        assert_eq!(flood[200].folded.map(|folded| folded.count), Some(100));
        let mut later = vec![refusal(1, "a"); 3];
        folder.fold(&mut later, MICROS_PER_SECOND);
        assert_eq!(later.len(), 3);
    }

    #[test]
    fn sources_are_kept_apart() {
        let mut folder = Folder { second: 0, refusals: 500 };
        let other = Entry { source_key: 7, ..refusal(2, "a") };
        let mut flood = vec![refusal(1, "a"), other.clone(), refusal(3, "a"), other];
        folder.fold(&mut flood, 0);
        assert_eq!(flood.len(), 2);
    }
}

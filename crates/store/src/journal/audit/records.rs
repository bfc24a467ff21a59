//! Which records the entries of a segment may show, and whose data they may tell: a Bloom filter in
//! parts, so that a search for one record reads a few hundred bytes of each segment and not its entries.
//!
//! A segment with filters has one for every part. One without them was written before there were
//! any, and has to be looked through.

use super::{Bytes16, Entry, RecordGroup, Search};

/// Parts of a segment's filter; a record belongs to one of them.
pub(crate) const PARTS: u8 = 64;
/// Ten bits and seven probes let one of a hundred other records pass.
const BITS_PER_RECORD: usize = 10;
const PROBES: u64 = 7;

/// The records of a segment, by their hashes.
#[derive(Default)]
pub(crate) struct Shown(Vec<u64>);

impl Shown {
    /// Takes in the records of an entry.
    pub(crate) fn add(&mut self, entry: &Entry) {
        self.0.extend(entry.records.iter().flat_map(ids).map(hash));
        self.0.extend(entry.told.iter().flat_map(|told| told.subjects.iter().flat_map(ids)).map(hash_told));
    }

    /// The filter of each part. None is empty.
    pub(crate) fn filters(mut self) -> Vec<Vec<u8>> {
        self.0.sort_unstable();
        self.0.dedup();
        let mut rest = &*self.0;
        let part = |part: u8| {
            let (own, others) = rest.split_at(rest.partition_point(|hash| part_of(*hash) <= part));
            rest = others;
            filter(own)
        };
        (0..PARTS).map(part).collect()
    }
}

/// The ids of a group.
pub(crate) fn ids(group: &RecordGroup) -> &[Bytes16] {
    group.ids.as_chunks::<{ size_of::<Bytes16>() }>().0
}

/// What a search has to find in an entry, by hashes: each of the conditions, any of its alternatives.
pub(crate) fn sought(search: &Search) -> Vec<Vec<u64>> {
    let record = search.record.iter().map(|record| vec![hash(record)]);
    let about = (!search.about.is_empty()).then(|| search.about.iter().map(hash_told).collect());
    record.chain(about).collect()
}

/// Whether a segment may hold a hash, by the filter of its part.
pub(crate) fn may_hold(filter: &[u8], hash: u64) -> bool {
    probes(hash, filter.len()).all(|(byte, bit)| filter.get(byte).is_none_or(|bits| bits & bit != 0))
}

fn filter(hashes: &[u64]) -> Vec<u8> {
    let mut filter = vec![0; (hashes.len() * BITS_PER_RECORD).div_ceil(8).max(1)];
    for hash in hashes {
        for (byte, bit) in probes(*hash, filter.len()) {
            if let Some(bits) = filter.get_mut(byte) {
                *bits |= bit;
            }
        }
    }
    filter
}

/// Byte and bit of each probe into a filter of so many bytes (Kirsch and Mitzenmacher, 2006).
fn probes(hash: u64, bytes: usize) -> impl Iterator<Item = (usize, u8)> {
    let bits = (bytes as u64 * 8).max(1);
    let (first, step) = (hash & 0xffff_ffff, (hash >> 32) | 1);
    (0..PROBES).map(move |probe| {
        let bit = first.wrapping_add(probe.wrapping_mul(step)) % bits;
        (usize::try_from(bit / 8).unwrap_or(usize::MAX), 1 << (bit % 8))
    })
}

/// The highest bits, so that hashes in order are in order of their parts.
pub(crate) fn part_of(hash: u64) -> u8 {
    (hash >> (u64::BITS - u32::from(PARTS).ilog2())) as u8
}

/// Somebody whose data was told: another hash than that of the same record shown.
pub(crate) fn hash_told(subject: &Bytes16) -> u64 {
    // Any odd constant keeps different hashes different.
    hash(subject).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// Mixes every bit of an id into every other (the finalizer of SplitMix64).
pub(crate) fn hash(record: &Bytes16) -> u64 {
    let bits = u128::from_be_bytes(*record);
    let mut hash = (bits as u64) ^ ((bits >> 64) as u64).rotate_left(32);
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: u64) -> Bytes16 {
        u128::from(number).to_be_bytes()
    }

    #[test]
    fn what_was_shown_is_found_and_little_else() {
        let mut shown = Shown::default();
        for first in (0..20_000).step_by(10) {
            let ids = (first..first + 10).flat_map(record).collect();
            shown.add(&Entry { records: vec![RecordGroup { prefix: "inv".to_owned(), ids }], ..Entry::default() });
        }
        let filters = shown.filters();
        assert_eq!(filters.len(), usize::from(PARTS));
        let may = |number| may_hold(&filters[usize::from(part_of(hash(&record(number))))], hash(&record(number)));
        assert!((0..20_000).all(may));
        let passed = (20_000..120_000).filter(|number| may(*number)).count();
        assert!(passed < 2_000, "{passed} of 100,000 other records pass");
    }

    #[test]
    fn where_nothing_was_shown_nothing_is_found() {
        let filters = Shown::default().filters();
        assert!((0..1_000).all(|number| !may_hold(&filters[usize::from(part_of(hash(&record(number))))], hash(&record(number)))));
        assert!(filters.iter().all(|filter| !filter.is_empty()), "an empty filter means that there is none");
        assert!(may_hold(&[], hash(&record(1))), "a segment without filters has to be looked through");
    }
}

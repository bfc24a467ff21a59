//! What a file held since its last sync, sector by sector, and what a cut makes of it.

use std::collections::BTreeMap;

/// Bytes that a disk writes at once.
pub const SECTOR_BYTES: usize = 512;

/// How far back from the last write a cut that keeps a prefix may lie.
const PREFIX_REACH_WRITES: u64 = 32;

/// One in so many sectors with a later version is torn between two versions.
const TORN_ONE_IN: u64 = 8;

/// A small seeded generator (SplitMix64): the same seed gives the same cut for ever.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Starts from a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll().checked_rem(bound).unwrap_or(0)
    }

    /// Heads or tails.
    pub fn coin(&mut self) -> bool {
        self.roll() & 1 == 1
    }
}

/// How a cut treats writes that were not synced.
#[derive(Debug, Clone, Copy)]
pub enum Loss {
    /// None of them reached the disk.
    Everything,
    /// Those up to this number did.
    After(u64),
    /// Each sector holds any version that it had.
    Scattered,
}

impl Loss {
    /// Draws one; `last` is the number of the last write.
    pub fn draw(dice: &mut Dice, last: u64) -> Self {
        match dice.below(5) {
            0 => Self::After(last),
            1 => Self::Everything,
            2 => Self::After(last.saturating_sub(dice.below(PREFIX_REACH_WRITES))),
            _ => Self::Scattered,
        }
    }

    /// Which of these versions survives, by index. They are numbered upwards, the first is durable.
    fn choose(self, dice: &mut Dice, numbers: impl ExactSizeIterator<Item = u64>) -> usize {
        match self {
            Self::Everything => 0,
            Self::After(cutoff) => numbers.take_while(|number| *number <= cutoff).count().saturating_sub(1),
            Self::Scattered => usize::try_from(dice.below(numbers.len() as u64)).unwrap_or(0),
        }
    }
}

/// A write or truncation: whole sectors before and after it.
#[derive(Debug)]
pub struct Change<'a> {
    /// The number of the first sector.
    pub first_sector: u64,
    /// Those sectors before; zeros beyond the end of the file.
    pub before: &'a [u8],
    /// Those sectors after; as long as `before`.
    pub after: &'a [u8],
    /// The length of the file before.
    pub length_before: u64,
    /// And after.
    pub length_after: u64,
}

#[derive(Debug)]
struct Version<T> {
    number: u64,
    value: T,
}

/// Everything that one file held since its last sync.
#[derive(Debug, Default)]
pub struct History {
    sectors: BTreeMap<u64, Vec<Version<Vec<u8>>>>,
    lengths: Vec<Version<u64>>,
}

impl History {
    /// Keeps a change under its number.
    pub fn record(&mut self, number: u64, change: &Change<'_>) {
        if self.lengths.is_empty() {
            self.lengths.push(Version { number: 0, value: change.length_before });
        }
        self.lengths.push(Version { number, value: change.length_after });
        let sectors = change.before.chunks(SECTOR_BYTES).zip(change.after.chunks(SECTOR_BYTES));
        for (index, (before, after)) in (change.first_sector..).zip(sectors) {
            let versions = self.sectors.entry(index).or_insert_with(|| vec![Version { number: 0, value: before.to_vec() }]);
            versions.push(Version { number, value: after.to_vec() });
        }
    }

    /// Forgets the past: what the file holds now is durable.
    pub fn synced(&mut self) {
        self.sectors.clear();
        self.lengths.clear();
    }

    /// Whether anything was written since the last sync.
    pub fn is_clean(&self) -> bool {
        self.lengths.is_empty()
    }

    /// What survives of a file that now holds `image`.
    pub fn survivor(&self, mut image: Vec<u8>, loss: Loss, dice: &mut Dice) -> Vec<u8> {
        let longest = self.lengths.iter().map(|length| length.value).max().unwrap_or(0);
        let longest = usize::try_from(longest).unwrap_or(usize::MAX).max(image.len());
        image.resize(longest.next_multiple_of(SECTOR_BYTES), 0);
        for (index, versions) in &self.sectors {
            let start = usize::try_from(*index).unwrap_or(usize::MAX).saturating_mul(SECTOR_BYTES);
            let sector = survive_sector(versions, loss, dice);
            if let Some(place) = image.get_mut(start..start.saturating_add(sector.len())) {
                place.copy_from_slice(&sector);
            }
        }
        if !self.is_clean() {
            let kept = loss.choose(dice, self.lengths.iter().map(|length| length.number));
            let length = self.lengths.get(kept).map_or(0, |length| length.value);
            image.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        } else {
            image.truncate(longest);
        }
        image
    }
}

fn survive_sector(versions: &[Version<Vec<u8>>], loss: Loss, dice: &mut Dice) -> Vec<u8> {
    let kept = loss.choose(dice, versions.iter().map(|version| version.number));
    let Some(version) = versions.get(kept) else { return Vec::new() };
    let mut sector = version.value.clone();
    let torn = matches!(loss, Loss::Scattered) && dice.below(TORN_ONE_IN) == 0;
    if let (true, Some(next)) = (torn, versions.get(kept.saturating_add(1))) {
        // Both versions agree outside the bytes that the write touched, so only those are torn.
        let middle = usize::try_from(dice.below(SECTOR_BYTES as u64)).unwrap_or(0);
        for (byte, newer) in sector.iter_mut().zip(&next.value).take(middle) {
            *byte = *newer;
        }
    }
    sector
}

#[cfg(test)]
mod tests {
    use super::{Change, Dice, History, Loss, SECTOR_BYTES};

    fn grow(history: &mut History, number: u64, fill: u8) {
        let before = vec![fill.saturating_sub(1); SECTOR_BYTES];
        let after = vec![fill; SECTOR_BYTES];
        let length = SECTOR_BYTES as u64;
        let change = Change { first_sector: 0, before: &before, after: &after, length_before: length, length_after: length };
        history.record(number, &change);
    }

    #[test]
    fn what_was_synced_survives_every_cut() {
        for seed in 0..100 {
            let mut history = History::default();
            grow(&mut history, 1, 1);
            history.synced();
            grow(&mut history, 2, 2);
            let mut dice = Dice::new(seed);
            let loss = Loss::draw(&mut dice, 2);
            let image = history.survivor(vec![2; SECTOR_BYTES], loss, &mut dice);
            assert!(image.iter().all(|byte| *byte == 1 || *byte == 2), "seed {seed}: neither the old nor the new bytes");
        }
    }

    #[test]
    fn a_cut_can_lose_keep_and_tear() {
        let (mut lost, mut kept, mut torn) = (false, false, false);
        for seed in 0..200 {
            let mut history = History::default();
            grow(&mut history, 1, 1);
            let image = history.survivor(vec![1; SECTOR_BYTES], Loss::Scattered, &mut Dice::new(seed));
            lost |= image.iter().all(|byte| *byte == 0);
            kept |= image.iter().all(|byte| *byte == 1);
            torn |= image.contains(&0) && image.contains(&1);
        }
        assert!(lost && kept && torn, "lost {lost}, kept {kept}, torn {torn}");
    }

    #[test]
    fn a_truncation_can_be_undone() {
        let mut history = History::default();
        let (before, after) = (vec![7; SECTOR_BYTES], vec![0; SECTOR_BYTES]);
        let change = Change { first_sector: 0, before: &before, after: &after, length_before: 512, length_after: 0 };
        history.record(1, &change);
        let image = history.survivor(Vec::new(), Loss::Everything, &mut Dice::new(1));
        assert_eq!(image, before, "a truncation that was not synced must be undone by a total loss");
    }

    #[test]
    fn the_prefix_of_writes_is_a_prefix() {
        let mut history = History::default();
        for (number, fill) in (1..).zip(1..=9) {
            grow(&mut history, number, fill);
        }
        let image = history.survivor(vec![9; SECTOR_BYTES], Loss::After(4), &mut Dice::new(1));
        assert_eq!(image, vec![4; SECTOR_BYTES]);
    }
}

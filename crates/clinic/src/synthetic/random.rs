//! A generator whose numbers never change.
//!
//! The generators of libraries may change between versions, and the same seed has to give the
//! same records for good. So this is SplitMix64, written out: Steele, Lea and Flood, "Fast
//! Splittable Pseudorandom Number Generators", 2014; constants as in
//! <https://prng.di.unimi.it/splitmix64.c>. It is not fit for secrets.

/// The golden ratio in 64 bits: the step between states.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A sequence of numbers.
#[derive(Debug, Clone)]
pub struct SplitMix64(u64);

impl SplitMix64 {
    /// The sequence of one place of a seed.
    pub fn new(seed: u64, place: u64) -> Self {
        let mut outer = Self(seed);
        let mixed = outer.bits() ^ place.wrapping_mul(STEP);
        Self(Self(mixed).bits())
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`; zero if that is zero. Its bias is below 2⁻³² for ends below 2³².
    pub fn below(&mut self, end: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(end);
        // The upper half of a product of two 64-bit numbers fits 64 bits.
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A number from `first` to `last`.
    pub fn between(&mut self, first: i64, last: i64) -> i64 {
        let span = u64::try_from(last.saturating_sub(first)).unwrap_or(0).saturating_add(1);
        first.saturating_add(i64::try_from(self.below(span)).unwrap_or(0))
    }

    /// Whether something happens that happens so many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1_000) < per_mille
    }

    /// One of these; `None` if there are none.
    pub fn pick<'t, T>(&mut self, of: &'t [T]) -> Option<&'t T> {
        let at = self.below(of.len() as u64);
        of.get(usize::try_from(at).unwrap_or(0))
    }

    /// Ten bytes, for an identifier.
    pub fn ten_bytes(&mut self) -> [u8; 10] {
        let mut bytes = [0; 10];
        let source = self.bits().to_le_bytes().into_iter().chain(self.bits().to_le_bytes());
        bytes.iter_mut().zip(source).for_each(|(slot, byte)| *slot = byte);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_published_sequence() {
        // The first numbers for seed 1234567, as the reference implementation prints them.
        let mut numbers = SplitMix64(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(expected.map(|_| numbers.bits()), expected);
    }

    #[test]
    fn stays_within_its_ends() {
        let mut numbers = SplitMix64::new(1, 2);
        for _ in 0..10_000 {
            assert!(numbers.below(7) < 7);
            assert!((-3..=3).contains(&numbers.between(-3, 3)));
        }
        assert_eq!(numbers.below(0), 0);
        assert!(numbers.pick::<u8>(&[]).is_none());
    }
}

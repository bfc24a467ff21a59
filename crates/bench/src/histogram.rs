//! Latencies in microseconds, to about one part in a hundred.

use std::time::Duration;

/// Values below this have a bucket of their own; above, each doubling has half as many buckets.
const EXACT: u64 = 128;
const BITS: u32 = EXACT.ilog2();
const BUCKETS: usize = (EXACT + (u64::BITS - BITS) as u64 * EXACT / 2) as usize;

/// A histogram of fixed size.
#[derive(Debug)]
pub struct Histogram {
    buckets: Vec<u64>,
    count: u64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self { buckets: vec![0; BUCKETS], count: 0 }
    }
}

impl Histogram {
    /// Adds one.
    pub fn add(&mut self, latency: Duration) {
        let us = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get_mut(bucket(us)) {
            *bucket += 1;
            self.count += 1;
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The value that this part of all is not above; 0 if there is none.
    pub fn at(&self, part: f64) -> u64 {
        let wanted = ((self.count as f64 * part).ceil() as u64).max(1);
        let mut seen = 0;
        for (place, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return value(place);
            }
        }
        0
    }
}

fn bucket(us: u64) -> usize {
    if us < EXACT {
        return us as usize;
    }
    let shift = us.ilog2() - BITS + 1;
    (u64::from(shift) * EXACT / 2 + (us >> shift)) as usize
}

/// The least value of a bucket.
fn value(place: usize) -> u64 {
    let place = place as u64;
    if place < EXACT {
        return place;
    }
    let shift = place / (EXACT / 2) - 1;
    (place - shift * EXACT / 2) << shift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_comes_back_to_one_part_in_fifty() {
        for us in (0..200).chain([255, 256, 1_000, 1_023, 1_024, 77_777, 20_000_000, 1 << 40]) {
            let back = value(bucket(us));
            assert!(back <= us && us - back <= us / 50, "{us} became {back}");
        }
        assert!(bucket(u64::MAX) < BUCKETS);
    }

    #[test]
    fn quantiles() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.at(0.5), 0);
        (1..=100).for_each(|us| histogram.add(Duration::from_micros(us)));
        assert_eq!((histogram.at(0.5), histogram.at(0.99), histogram.count()), (50, 99, 100));
    }
}

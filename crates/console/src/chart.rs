//! The bar chart of calls by hour, as numbers for an SVG. Whole numbers only: attributes stay short.

use crate::words::{Count, counted};

/// Width of the drawing, in its own units.
pub const WIDTH: u64 = 960;
/// Height of the drawing, in its own units.
pub const HEIGHT: u64 = 200;
/// Heights of the lines behind the bars.
pub const GRID: [u64; 4] = [1, 50, 100, 150];

/// Part of a slot that a bar fills, in percent.
const BAR_PERCENT: u64 = 64;
/// A bar of few calls is still seen.
const BAR_HEIGHT_MIN: u64 = 3;
/// At most this many labels under the bars, and the last one.
const LABELS: usize = 6;

/// One hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hour {
    /// When it starts: `14:00`.
    pub label: String,
    /// All calls, refused ones too.
    pub calls: Count,
    /// Those that were refused.
    pub refused: Count,
}

/// Calls by hour, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Chart {
    /// The hours.
    pub hours: Vec<Hour>,
}

/// A number on the axis of calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// How high it stands, in percent of the drawing.
    pub percent: u64,
    /// What a bar of that height stands for.
    pub calls: Count,
}

/// A bar to draw: allowed calls at the bottom, refused ones on top of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What a pointer that rests on it shows.
    pub title: String,
    /// Left edge.
    pub x: u64,
    /// Width.
    pub width: u64,
    /// Left edge of the slot that the bar stands in.
    pub slot_x: u64,
    /// Width of the slot.
    pub slot_width: u64,
    /// Top of the part that was allowed.
    pub allowed_y: u64,
    /// Height of the part that was allowed.
    pub allowed_height: u64,
    /// Top of the part that was refused.
    pub refused_y: u64,
    /// Height of the part that was refused.
    pub refused_height: u64,
}

impl Chart {
    /// Most calls of one hour.
    pub fn tallest(&self) -> Count {
        self.hours.iter().map(|hour| hour.calls).max().unwrap_or_default()
    }

    /// Numbers beside the drawing: at its top, and at its middle if that is a whole number.
    pub fn marks(&self) -> Vec<Mark> {
        let tallest = self.tallest().0;
        let mark = |percent: u64| Mark { percent, calls: Count(tallest / (100 / percent)) };
        let halves = tallest > 0 && tallest.is_multiple_of(2);
        if halves { vec![mark(100), mark(50)] } else { vec![mark(100)] }
    }

    /// The bars.
    pub fn bars(&self) -> Vec<Bar> {
        let slot = WIDTH / (self.hours.len() as u64).max(1);
        let tallest = self.tallest().0;
        (0..).zip(&self.hours).map(|(at, hour)| bar(hour, at * slot, slot, tallest)).collect()
    }

    /// Labels for the axis: about six, evenly spread, with the first and the last one.
    pub fn axis(&self) -> Vec<&str> {
        let step = self.hours.len().div_ceil(LABELS).max(1);
        let mut labels: Vec<&str> = self.hours.iter().step_by(step).map(|hour| hour.label.as_str()).collect();
        if !self.hours.is_empty() {
            labels.push("now");
        }
        labels
    }

    /// The whole drawing in one sentence, for those who do not see it.
    pub fn summary(&self) -> String {
        let calls: u64 = self.hours.iter().map(|hour| hour.calls.0).fold(0, u64::saturating_add);
        let refused: u64 = self.hours.iter().map(|hour| hour.refused.0).fold(0, u64::saturating_add);
        let busiest = self.hours.iter().filter(|hour| hour.calls.0 > 0).max_by_key(|hour| hour.calls);
        let most = busiest.map_or_else(String::new, |hour| format!("; most, {}, at {}", hour.calls, hour.label));
        format!("Bars for {} hours: {}, {refused} refused{most}", self.hours.len(), counted(calls, "call", "calls"))
    }
}

fn bar(hour: &Hour, slot_x: u64, slot_width: u64, tallest: u64) -> Bar {
    let height = |count: u64| match count {
        0 => 0,
        // Wide, so that no count overflows.
        _ => u64::try_from(u128::from(count) * u128::from(HEIGHT) / u128::from(tallest.max(1)))
            .unwrap_or(HEIGHT)
            .clamp(BAR_HEIGHT_MIN, HEIGHT),
    };
    let refused = hour.refused.0.min(hour.calls.0);
    let refused_height = height(refused);
    let allowed_height = height(hour.calls.0 - refused).min(HEIGHT - refused_height);
    let width = slot_width * BAR_PERCENT / 100;
    Bar {
        title: format!("{}: {}, {} refused", hour.label, counted(hour.calls.0, "call", "calls"), hour.refused),
        x: slot_x + (slot_width - width) / 2,
        width,
        slot_x,
        slot_width,
        allowed_y: HEIGHT - allowed_height,
        allowed_height,
        refused_y: HEIGHT - allowed_height - refused_height,
        refused_height,
    }
}

#[cfg(test)]
mod tests {
    use super::{Chart, Count, HEIGHT, Hour, WIDTH};

    fn chart(hours: &[(u64, u64)]) -> Chart {
        let hour = |(at, (calls, refused)): (usize, &(u64, u64))| Hour {
            label: format!("{at:02}:00"),
            calls: Count(*calls),
            refused: Count(*refused),
        };
        Chart { hours: hours.iter().enumerate().map(hour).collect() }
    }

    #[test]
    fn bars_stay_in_the_drawing() {
        let odd = [(0, 0), (1, 1), (u64::MAX, 0), (u64::MAX, u64::MAX), (5, 9), (10, 5)];
        for bar in chart(&odd).bars() {
            assert!(bar.allowed_height + bar.refused_height <= HEIGHT, "{bar:?}");
            assert!(bar.slot_x + bar.slot_width <= WIDTH, "{bar:?}");
            assert_eq!(bar.allowed_y, HEIGHT - bar.allowed_height);
        }
    }

    #[test]
    fn the_tallest_hour_fills_the_height() {
        let bars = chart(&[(40, 10), (20, 0)]).bars();
        assert_eq!((bars[0].allowed_height, bars[0].refused_height), (150, 50));
        assert_eq!(bars[1].allowed_height, 100);
    }

    #[test]
    fn the_axis_has_whole_numbers() {
        let marks = |calls: u64| chart(&[(calls, 0)]).marks().iter().map(|mark| (mark.percent, mark.calls.0)).collect::<Vec<_>>();
        assert_eq!(marks(40), [(100, 40), (50, 20)]);
        assert_eq!(marks(7), [(100, 7)]);
        assert_eq!(marks(u64::MAX - 1), [(100, u64::MAX - 1), (50, u64::MAX / 2)]);
    }

    #[test]
    fn a_day_has_few_labels_and_a_summary() {
        let day = chart(&[(3, 1); 24]);
        assert_eq!(day.axis(), ["00:00", "04:00", "08:00", "12:00", "16:00", "20:00", "now"]);
        assert!(day.summary().contains("72 calls, 24 refused"), "{}", day.summary());
        assert_eq!(chart(&[]).axis(), Vec::<&str>::new());
        assert_eq!(chart(&[]).bars(), []);
    }
}

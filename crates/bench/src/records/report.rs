//! The figures of lists and of the export, held to their bars.

use std::fmt::Write as _;

use serde::Serialize;

use crate::report::{BUSY_MAX, Bar, Machine};
use crate::sample::Sample;

/// Half of the answers over many rows may take this many times as long as over few.
pub const RATIO_MOST: f64 = 2.0;
/// All but one in a hundred answers must have come within this time.
pub const P99_MS_MOST: f64 = 50.0;
/// What an export must write in a second on one core.
pub const MB_A_SECOND_LEAST: f64 = 50.0;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The day.
    pub date: String,
    /// The source that was measured.
    pub commit: String,
    /// Where.
    pub machine: Machine,
    /// At least so many rows of each kind, where there are few.
    pub few: u64,
    /// And where there are many.
    pub many: u64,
    /// Connections that asked at the same time.
    pub connections: usize,
    /// Rounds, of which each figure is the median.
    pub rounds: usize,
    /// Seconds of each.
    pub round_s: f64,
    /// How the rows came in, for each engine.
    pub imports: Vec<Import>,
    /// The lists.
    pub lists: Vec<List>,
    /// The exports.
    pub exports: Vec<Export>,
    /// What must hold.
    pub bars: Vec<Bar>,
}

/// How rows came in.
#[derive(Debug, Clone, Serialize)]
pub struct Import {
    /// How many records.
    pub records: u64,
    /// How long it took, in seconds.
    pub wall_s: f64,
}

/// Answers of one list over one number of rows.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Times {
    /// How many records the page had.
    pub records: usize,
    /// Half of the answers came within this many milliseconds.
    pub p50_ms: f64,
    /// All but one in a hundred did.
    pub p99_ms: f64,
    /// Processor time of the server for each, in milliseconds.
    pub cpu_ms: f64,
}

impl Times {
    /// Of what a round came to. Where no answer came while they were counted, each took at least as long.
    pub fn new(records: usize, sample: &Sample, round_s: f64) -> Self {
        let [p50_ms, p99_ms, cpu_ms] = [sample.p50_us, sample.p99_us, sample.cpu_us].map(|us| us / 1e3);
        let least = if sample.rate > 0.0 { 0.0 } else { round_s * 1e3 };
        Self { records, p50_ms: p50_ms.max(least), p99_ms: p99_ms.max(least), cpu_ms }
    }
}

/// A list over few and over many rows.
#[derive(Debug, Clone, Serialize)]
pub struct List {
    /// `SQLite` or `PostgreSQL`.
    pub engine: &'static str,
    /// Of what.
    pub resource: &'static str,
    /// Which page of it.
    pub page: String,
    /// Over few rows.
    pub few: Times,
    /// Over many.
    pub many: Times,
    /// The p50 over many as a multiple of that over few, if the pages are equally long.
    pub ratio: Option<f64>,
}

impl List {
    /// Compares them.
    pub fn new(engine: &'static str, resource: &'static str, page: String, few: Times, many: Times) -> Self {
        // A page of twelve records is no measure for one of fifty.
        let ratio = (few.records == many.records).then_some(many.p50_ms / few.p50_ms);
        Self { engine, resource, page, few, many, ratio }
    }
}

/// An export.
#[derive(Debug, Clone, Serialize)]
pub struct Export {
    /// `SQLite` or `PostgreSQL`.
    pub engine: &'static str,
    /// How many records it has.
    pub records: u64,
    /// Megabytes (10⁶ bytes) of its lines.
    pub mb: f64,
    /// How long it took, in seconds.
    pub wall_s: f64,
    /// Processor time of the exporting process, in seconds.
    pub cpu_s: f64,
    /// Megabytes for each second that passed.
    pub mb_a_second: f64,
    /// Megabytes for each second of processor time.
    pub mb_a_cpu_second: f64,
}

impl Export {
    /// Divides.
    pub fn new(engine: &'static str, records: u64, bytes: u64, wall_s: f64, cpu_s: f64) -> Self {
        let mb = bytes as f64 / 1e6;
        Self { engine, records, mb, wall_s, cpu_s, mb_a_second: mb / wall_s, mb_a_cpu_second: mb / cpu_s }
    }

    /// Its bar. Where the database is a process of its own, its work is not in the processor time, so
    /// the time that passed is held to it.
    fn bar(&self) -> Bar {
        let (of, measured) = match self.engine {
            "PostgreSQL" => ("second", self.mb_a_second),
            _ => ("second of processor time", self.mb_a_cpu_second),
        };
        Bar::least(format!("{}: MB of an export in a {of}", self.engine), MB_A_SECOND_LEAST, Some(measured))
    }
}

/// What is promised of lists and exports.
pub fn bars(lists: &[List], exports: &[Export]) -> Vec<Bar> {
    let mut bars = Vec::new();
    for list in lists {
        let name = |what: &str| format!("{}, {}, {}: {what}", list.engine, list.resource, list.page);
        bars.push(Bar::most(name("p50, of that over few rows"), RATIO_MOST, list.ratio));
        bars.push(Bar::most(name("p99 ms"), P99_MS_MOST, Some(list.many.p99_ms)));
    }
    bars.extend(exports.iter().map(Export::bar));
    bars
}

impl Report {
    /// Whether every bar holds.
    pub fn holds(&self) -> bool {
        self.bars.iter().all(|bar| bar.holds)
    }

    /// The page that is published.
    pub fn markdown(&self) -> String {
        let mut page = String::from("# Lists and exports of large records, measured\n\n");
        self.head(&mut page);
        for engine in ["SQLite", "PostgreSQL"] {
            let lists: Vec<&List> = self.lists.iter().filter(|list| list.engine == engine).collect();
            if !lists.is_empty() {
                self.table(&mut page, engine, &lists);
            }
        }
        self.exports(&mut page);
        self.missed(&mut page);
        page
    }

    fn head(&self, page: &mut String) {
        // Writing into a `String` cannot fail, here and below.
        if self.machine.busy > BUSY_MAX {
            let percent = self.machine.busy * 100.0;
            let _ = writeln!(page, "**Other work took {percent:.0} % of the machine: times mean little.**\n");
        }
        let machine = &self.machine;
        let _ = writeln!(
            page,
            "{} at {}, {} ({} cores, Linux {}). Server on one core, load on another, loopback.\n\
             At least {} and {} rows of each kind; {} connections ask for pages of 50; medians of {} rounds of {} s.\n\
             Written by `cargo xtask bench records`; [how it is measured](README.md).\n",
            self.date,
            self.commit,
            machine.processor,
            machine.cores,
            machine.kernel,
            self.few,
            self.many,
            self.connections,
            self.rounds,
            self.round_s
        );
    }

    fn table(&self, page: &mut String, engine: &str, lists: &[&List]) {
        let _ = writeln!(
            page,
            "## {engine}\n\n| list | page | records | p50 ms, few | p50 ms, many | ratio | p99 ms, few | p99 ms, many | CPU ms, few | CPU ms, many |\n\
             |---|---|---|---|---|---|---|---|---|---|"
        );
        for list in lists {
            let List { few, many, .. } = list;
            let records = match list.ratio {
                Some(_) => many.records.to_string(),
                None => format!("{} and {}", few.records, many.records),
            };
            let ratio = list.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}"));
            let _ = writeln!(
                page,
                "| {} | {} | {records} | {:.2} | {:.2} | {ratio} | {:.2} | {:.2} | {:.2} | {:.2} |",
                list.resource, list.page, few.p50_ms, many.p50_ms, few.p99_ms, many.p99_ms, few.cpu_ms, many.cpu_ms
            );
        }
        page.push('\n');
    }

    fn exports(&self, page: &mut String) {
        page.push_str("## In and out\n\n| | records | MB | s | CPU s | records a second | MB a second | MB a CPU second |\n");
        page.push_str("|---|---|---|---|---|---|---|---|\n");
        for (import, export) in self.imports.iter().zip(&self.exports) {
            let (records, seconds, rate) = (import.records, import.wall_s, import.records as f64 / import.wall_s);
            let _ =
                writeln!(page, "| {}, in | {records} | {:.0} | {seconds:.1} | – | {rate:.0} | – | – |", export.engine, export.mb);
            let Export { engine, records, mb, wall_s, cpu_s, mb_a_second, mb_a_cpu_second } = export;
            let rate = *records as f64 / wall_s;
            let _ = writeln!(
                page,
                "| {engine}, out | {records} | {mb:.0} | {wall_s:.1} | {cpu_s:.1} | {rate:.0} | {mb_a_second:.0} | {mb_a_cpu_second:.0} |"
            );
        }
        page.push('\n');
    }

    fn missed(&self, page: &mut String) {
        let _ = writeln!(
            page,
            "## Bars\n\nThe p50 over many rows at most {RATIO_MOST} of that over few; p99 at most {P99_MS_MOST} ms; an export at least {MB_A_SECOND_LEAST} MB a second: of processor time on SQLite, of time on PostgreSQL.\n"
        );
        let missed: Vec<&Bar> = self.bars.iter().filter(|bar| !bar.holds).collect();
        if missed.is_empty() {
            let _ = writeln!(page, "All {} hold.", self.bars.len());
        }
        for bar in missed {
            let measured = bar.measured.unwrap_or_default();
            let _ = writeln!(page, "- **missed:** {}: {} {}, measured {measured:.2}", bar.name, bar.is, bar.bar);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(records: usize, p50_ms: f64, p99_ms: f64) -> Times {
        Times { records, p50_ms, p99_ms, cpu_ms: 0.1 }
    }

    fn list(few: Times, many: Times) -> List {
        List::new("SQLite", "visits", "first".to_owned(), few, many)
    }

    fn hold(lists: &[List], exports: &[Export]) -> bool {
        bars(lists, exports).iter().all(|bar| bar.holds)
    }

    #[test]
    fn a_list_must_not_grow_with_its_rows() {
        assert!(hold(&[list(times(50, 2.0, 9.0), times(50, 4.0, 50.0))], &[]));
        assert!(!hold(&[list(times(50, 2.0, 9.0), times(50, 4.1, 9.0))], &[]), "more than twice as long");
        assert!(!hold(&[list(times(50, 2.0, 9.0), times(50, 2.0, 50.1))], &[]), "some wait too long");
    }

    #[test]
    fn no_answer_in_time_is_no_fast_answer() {
        let sample = |rate, p50_us| Sample { rate, p50_us, p99_us: p50_us, cpu_us: 9e5, answers: 8 };
        let (some, none) = (Times::new(0, &sample(10.0, 900.0), 1.2), Times::new(0, &sample(0.0, 0.0), 1.2));
        assert_eq!((some.p50_ms, none.p50_ms, none.p99_ms), (0.9, 1_200.0, 1_200.0));
        assert!(!hold(&[list(some, none)], &[]));
    }

    #[test]
    fn pages_of_other_lengths_are_not_compared() {
        let short = list(times(12, 1.0, 2.0), times(50, 4.0, 9.0));
        assert_eq!(short.ratio, None);
        assert!(hold(&[short], &[]));
        assert!(!hold(&[list(times(12, 1.0, 2.0), times(50, 4.0, 51.0))], &[]), "their p99 counts");
    }

    #[test]
    fn an_export_is_held_to_the_time_of_whoever_works() {
        let export = |engine, wall_s, cpu_s| Export::new(engine, 1_000, 100_000_000, wall_s, cpu_s);
        assert!(hold(&[], &[export("SQLite", 4.0, 2.0)]));
        assert!(!hold(&[], &[export("SQLite", 4.0, 2.1)]));
        assert!(hold(&[], &[export("PostgreSQL", 2.0, 1.0)]));
        assert!(!hold(&[], &[export("PostgreSQL", 4.0, 1.0)]), "the database's own work is not in the processor time");
    }
}

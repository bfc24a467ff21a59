//! The figures, as they are printed, published and held to their bars.

use std::fmt::Write as _;

use serde::Serialize;

use crate::disk::Disk;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The day.
    pub date: String,
    /// The source that was measured.
    pub commit: String,
    /// Where.
    pub machine: Machine,
    /// Shorter rounds and less data: for development, not for publishing.
    pub quick: bool,
    /// Rounds, of which each figure is the median.
    pub rounds: usize,
    /// Seconds of each.
    pub round_s: f64,
    /// The disk under the data directory.
    pub disk: Disk,
    /// On SQLite.
    pub rows: Vec<Row>,
    /// On PostgreSQL.
    pub postgres: Vec<Row>,
    /// Lists over more and more invoices.
    pub scaling: Vec<ScalingRow>,
    /// Memory of the server's own.
    pub memory: Vec<Memory>,
    /// Starts over a million audit entries.
    pub starts: Vec<Starts>,
    /// What must hold.
    pub bars: Vec<Bar>,
}

/// Where it was measured.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Its cores.
    pub cores: usize,
    /// The kernel's release.
    pub kernel: String,
    /// The part of the processor's time that went to other work, right before.
    pub busy: f64,
}

/// One cell of the table.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// `fixed`, `list` or `get`.
    pub call: &'static str,
    /// How many connections asked.
    pub connections: usize,
    /// Who answered.
    pub side: &'static str,
    /// Answers a second.
    pub rate: f64,
    /// Half of the answers came within this many microseconds.
    pub p50_us: f64,
    /// All but one in a hundred did.
    pub p99_us: f64,
    /// Processor time of the server for each answer, in microseconds.
    pub cpu_us: f64,
    /// The rate as a part of the bare query's.
    pub of_bare_query: Option<f64>,
}

/// What one list costs.
#[derive(Debug, Clone, Serialize)]
pub struct ScalingRow {
    /// Which list, over how many invoices.
    pub list: &'static str,
    /// Processor time of the server for each answer, in microseconds.
    pub cpu_us: f64,
    /// As a part of the first row's.
    pub of_first: f64,
}

/// Memory at one moment.
#[derive(Debug, Clone, Serialize)]
pub struct Memory {
    /// When.
    pub when: &'static str,
    /// Anonymous resident memory in MiB.
    pub anonymous_mib: f64,
    /// How much it may be.
    pub most_mib: f64,
}

/// Starts of one kind.
#[derive(Debug, Clone, Serialize)]
pub struct Starts {
    /// After what.
    pub after: &'static str,
    /// Audit entries in the directory, at least.
    pub entries: u64,
    /// The median time from the start to a served health check, in milliseconds.
    pub median_ms: f64,
    /// The longest.
    pub worst_ms: f64,
}

/// Something that must hold.
#[derive(Debug, Clone, Serialize)]
pub struct Bar {
    /// Of what.
    pub name: String,
    /// `at least` or `at most`.
    pub is: &'static str,
    /// This much.
    pub bar: f64,
    /// What was measured; nothing if it was left out.
    pub measured: Option<f64>,
    /// Whether it holds. What was left out does.
    pub holds: bool,
}

impl Bar {
    /// The figure must not be below the bar.
    pub fn least(name: impl Into<String>, bar: f64, measured: Option<f64>) -> Self {
        let holds = measured.is_none_or(|measured| measured >= bar);
        Self { name: name.into(), is: "at least", bar, measured, holds }
    }

    /// The figure must not be above the bar.
    pub fn most(name: impl Into<String>, bar: f64, measured: Option<f64>) -> Self {
        let holds = measured.is_none_or(|measured| measured <= bar);
        Self { name: name.into(), is: "at most", bar, measured, holds }
    }
}

impl Report {
    /// Whether every bar holds.
    pub fn holds(&self) -> bool {
        self.bars.iter().all(|bar| bar.holds)
    }

    /// The page that is published.
    pub fn markdown(&self) -> String {
        let mut page = String::from("# The door, measured\n\n");
        self.head(&mut page);
        table(&mut page, "SQLite", &self.rows);
        table(&mut page, "PostgreSQL", &self.postgres);
        self.shares(&mut page);
        self.rest(&mut page);
        self.bars(&mut page);
        page
    }

    fn head(&self, page: &mut String) {
        if self.machine.busy > BUSY_MAX {
            let percent = self.machine.busy * 100.0;
            // Writing into a `String` cannot fail, here and below.
            let _ = writeln!(page, "**Other work took {percent:.0} % of the machine: rates and times mean nothing.**\n");
        }
        let _ = writeln!(
            page,
            "{} at {}, {} ({} cores, Linux {}). Server on one core, load on another, loopback, {}.\n\
             Medians of {} interleaved rounds of {} s. `fdatasync` after 4 KiB: p50 {:.3} ms, p99 {:.3} ms.\n\
             Written by `cargo xtask bench door`; [how it is measured](README.md).\n",
            self.date,
            self.commit,
            self.machine.processor,
            self.machine.cores,
            self.machine.kernel,
            if self.quick { "a quick run: not for publishing" } else { "release builds" },
            self.rounds,
            self.round_s,
            self.disk.p50_us as f64 / 1e3,
            self.disk.p99_us as f64 / 1e3,
        );
    }

    /// Where the processor's time goes, from the differences between neighbours in the table.
    fn shares(&self, page: &mut String) {
        let cpu = |call: &str, side: &str| {
            let wanted = |row: &&Row| row.call == call && row.side == side && row.connections == 64;
            self.rows.iter().find(wanted).map(|row| row.cpu_us)
        };
        let mut lines = String::new();
        for call in ["list", "get"] {
            let (Some(http), Some(query), Some(no_wait), Some(ours)) =
                (cpu("fixed", FIXED), cpu(call, QUERY), cpu(call, NO_WAIT), cpu(call, OURS))
            else {
                continue;
            };
            let parts = [http, query - http, no_wait - query, ours - no_wait, ours].map(|part| format!("{part:.1}"));
            let _ = writeln!(lines, "| {call} | {} |", parts.join(" | "));
        }
        if !lines.is_empty() {
            page.push_str(
                "## Where the time goes\n\nProcessor time of an answer at 64 connections, in microseconds.\n\n\
                 | call | HTTP | query and bytes | gate, its entry and the writer | waiting for the disk | all |\n\
                 |---|---|---|---|---|---|\n",
            );
            page.push_str(&lines);
            page.push('\n');
        }
    }

    fn rest(&self, page: &mut String) {
        if !self.scaling.is_empty() {
            page.push_str("## More invoices\n\n| list | CPU µs | of the first |\n|---|---|---|\n");
            for row in &self.scaling {
                let _ = writeln!(page, "| {} | {:.1} | {:.2} |", row.list, row.cpu_us, row.of_first);
            }
            page.push('\n');
        }
        page.push_str("## Memory\n\n| when | anonymous, MiB | at most |\n|---|---|---|\n");
        for memory in &self.memory {
            let _ = writeln!(page, "| {} | {:.1} | {:.0} |", memory.when, memory.anonymous_mib, memory.most_mib);
        }
        page.push_str("\n## Starts\n\n| after | audit entries | median ms | worst ms |\n|---|---|---|---|\n");
        for starts in &self.starts {
            let _ =
                writeln!(page, "| {} | {} | {:.0} | {:.0} |", starts.after, starts.entries, starts.median_ms, starts.worst_ms);
        }
        page.push('\n');
    }

    fn bars(&self, page: &mut String) {
        page.push_str("## Bars\n\n| what | bar | measured | holds |\n|---|---|---|---|\n");
        for bar in &self.bars {
            let measured = bar.measured.map_or_else(|| "not measured".to_owned(), |measured| format!("{measured:.2}"));
            let holds = match (bar.measured, bar.holds) {
                (None, _) => "–",
                (_, true) => "yes",
                (_, false) => "**no**",
            };
            let _ = writeln!(page, "| {} | {} {} | {measured} | {holds} |", bar.name, bar.is, bar.bar);
        }
    }
}

/// Above this part of other work a run says nothing about rates: whoever has more threads gets
/// more of the core.
pub const BUSY_MAX: f64 = 0.1;

/// A fixed answer by axum.
pub const FIXED: &str = "bare axum";
/// The same statement without the door.
pub const QUERY: &str = "bare axum and query";
/// The door without the wait for the audit entry.
pub const NO_WAIT: &str = "ours without the audit wait";
/// The door.
pub const OURS: &str = "ours";

fn table(page: &mut String, title: &str, rows: &[Row]) {
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(
        page,
        "## {title}\n\n| call | connections | server | req/s | p50 ms | p99 ms | CPU µs | of the bare query |\n\
         |---|---|---|---|---|---|---|---|"
    );
    for row in rows {
        let part = row.of_bare_query.map_or_else(|| "–".to_owned(), |part| format!("{part:.2}"));
        let _ = writeln!(
            page,
            "| {} | {} | {} | {:.0} | {:.3} | {:.3} | {:.1} | {part} |",
            row.call,
            row.connections,
            row.side,
            row.rate,
            row.p50_us / 1e3,
            row.p99_us / 1e3,
            row.cpu_us
        );
    }
    page.push('\n');
}

/// The part of the bare query's rate that the door reaches.
pub fn part_of_bare(rows: &[Row], call: &str, connections: usize) -> Option<f64> {
    rows.iter().find(|row| row.call == call && row.connections == connections && row.side == OURS)?.of_bare_query
}

#[cfg(test)]
mod tests {
    use super::Bar;

    #[test]
    fn bars_hold_on_the_right_side() {
        assert!(Bar::least("a", 0.5, Some(0.5)).holds && !Bar::least("a", 0.5, Some(0.49)).holds);
        assert!(Bar::most("a", 300.0, Some(300.0)).holds && !Bar::most("a", 300.0, Some(300.1)).holds);
        assert!(Bar::least("a", 0.5, None).holds);
    }
}

//! The pages' figures, held to their bars.

use std::fmt::Write as _;

use serde::Serialize;

use crate::report::Machine;

/// Most bytes of a page, compressed.
pub const PAGE_BYTES_MAX: usize = 40 << 10;
/// The time within which 95 of 100 answers must have come.
pub const P95_MS_MAX: f64 = 25.0;

/// The same for a question that every segment of the log has to be asked.
pub const OF_THE_LOG_MS_MAX: f64 = 300.0;

/// Everything that was measured.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The day.
    pub date: String,
    /// The source that was measured.
    pub commit: String,
    /// Where.
    pub machine: Machine,
    /// Fewer entries and requests: for development, not for publishing.
    pub quick: bool,
    /// Connections of the clinic.
    pub connections: usize,
    /// Audit entries.
    pub entries: u64,
    /// Requests of each page.
    pub requests: usize,
    /// Visitors who asked at the same time, where it was not one.
    pub visitors: usize,
    /// The pages.
    pub rows: Vec<Row>,
}

/// How long a page took.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Half of the answers to one visitor came within this many milliseconds.
    pub p50_ms: f64,
    /// 95 of 100 did: the bar is for this one.
    pub p95_ms: f64,
    /// The same for each of several visitors at the same time.
    pub p95_together_ms: f64,
}

/// One page on one engine.
#[derive(Debug, Serialize)]
pub struct Row {
    /// `SQLite` or `PostgreSQL`.
    pub engine: &'static str,
    /// What it shows.
    pub page: &'static str,
    /// Bytes of its HTML, compressed.
    pub bytes: usize,
    /// Half of the answers came within this many milliseconds.
    pub p50_ms: f64,
    /// 95 of 100 did.
    pub p95_ms: f64,
    /// 95 of 100 did while several visitors asked.
    pub p95_together_ms: f64,
    /// Processor time of the server for each, in milliseconds.
    pub cpu_ms: f64,
    /// Whether it is light enough.
    pub light: bool,
    /// Whether it is fast enough.
    pub fast: bool,
}

impl Row {
    /// Holds the figures to the bars.
    pub fn new(engine: &'static str, (page, most_ms): (&'static str, f64), bytes: usize, times: Times, cpu_ms: f64) -> Self {
        let Times { p50_ms, p95_ms, p95_together_ms } = times;
        let (light, fast) = (bytes <= PAGE_BYTES_MAX, p95_ms <= most_ms);
        Self { engine, page, bytes, p50_ms, p95_ms, p95_together_ms, cpu_ms, light, fast }
    }
}

impl Report {
    /// Whether every bar holds.
    pub fn holds(&self) -> bool {
        self.rows.iter().all(|row| row.light && row.fast)
    }

    /// The page that is published.
    pub fn markdown(&self) -> String {
        let mut page = String::from("# The console, measured\n\n");
        let machine = &self.machine;
        // Writing into a `String` cannot fail.
        let _ = writeln!(
            page,
            "{} at {}, {} ({} cores, Linux {}). Server on one core, loopback, release build.",
            self.date, self.commit, machine.processor, machine.cores, machine.kernel
        );
        let _ = writeln!(
            page,
            "A clinic with {} connections and {} audit entries; {} requests of each page by one visitor, an admin who is signed in, and as many by {} at the same time.",
            self.connections, self.entries, self.requests, self.visitors
        );
        let _ = writeln!(
            page,
            "Bars: at most {} KB of compressed HTML, p95 of one visitor at most {P95_MS_MAX} ms; {OF_THE_LOG_MS_MAX} ms for what left about a client, and over more than a million entries for the log of a record.\nWritten by `cargo xtask bench console`.",
            PAGE_BYTES_MAX >> 10
        );
        if self.quick {
            page.push_str("\n**A quick run: these figures are not for publishing.**\n");
        }
        for engine in ["SQLite", "PostgreSQL"] {
            let rows: Vec<&Row> = self.rows.iter().filter(|row| row.engine == engine).collect();
            if !rows.is_empty() {
                table(&mut page, engine, &rows);
            }
        }
        page
    }
}

fn table(page: &mut String, engine: &str, rows: &[&Row]) {
    let _ = writeln!(
        page,
        "\n## {engine}\n\n| page | KB | | p50 ms | p95 ms | | CPU ms | p95 ms together |\n|---|---|---|---|---|---|---|---|"
    );
    let verdict = |holds| if holds { "PASS" } else { "FAIL" };
    for row in rows {
        let _ = writeln!(
            page,
            "| {} | {:.1} | {} | {:.1} | {:.1} | {} | {:.2} | {:.1} |",
            row.page,
            row.bytes as f64 / 1024.0,
            verdict(row.light),
            row.p50_ms,
            row.p95_ms,
            verdict(row.fast),
            row.cpu_ms,
            row.p95_together_ms
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_hold_up_to_themselves() {
        let times = |p95_ms| Times { p50_ms: 1.0, p95_ms, p95_together_ms: 2.0 * P95_MS_MAX };
        let row = |bytes, p95| Row::new("SQLite", ("home", P95_MS_MAX), bytes, times(p95), 1.0);
        assert!(row(PAGE_BYTES_MAX, P95_MS_MAX).light && row(PAGE_BYTES_MAX, P95_MS_MAX).fast);
        assert!(!row(PAGE_BYTES_MAX + 1, 1.0).light && !row(1, P95_MS_MAX + 0.1).fast);
    }
}

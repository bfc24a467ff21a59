//! Cuts the power under load, round after round, and checks what is left:
//!
//! - every acknowledged write is there exactly once, with its audit entry;
//! - every acknowledged read and refusal has its audit entry; a refusal has no row;
//! - no row without an entry, no event and no stored result without its row;
//! - the database is whole, opens again, and the positions of entries have no gaps.
//!
//! `cut --rounds N [--seed N] [--no-sync] [--json]`; exit code 1 if anything is missing. With
//! `--no-sync` syncs are lies, so the run must fail: that shows that it can.

mod subject;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use anyhow::{Context as _, Result, bail};
use clinicos_faultvfs::FaultVfs;

use crate::subject::{Found, Kind, Subject};

const CALLERS: u64 = 8;
const CALLS_MAX: u64 = 20_000;
/// Operations on the disk between the start of the load and the cut.
const OPERATIONS_MIN: u64 = 10;
const OPERATIONS_SPREAD: u64 = 6_000;

struct Options {
    rounds: u64,
    seed: u64,
    no_sync: bool,
    json: bool,
}

#[derive(Default)]
struct Report {
    acknowledged: u64,
    survived_unacknowledged: u64,
    lost_writes: u64,
    lost_entries: u64,
    doubled: u64,
    rows_without_entry: u64,
    refused_with_row: u64,
    events_without_row: u64,
    results_without_row: u64,
    damaged: u64,
}

impl Report {
    fn faults(&self) -> u64 {
        self.lost_writes
            + self.lost_entries
            + self.doubled
            + self.rows_without_entry
            + self.refused_with_row
            + self.events_without_row
            + self.results_without_row
            + self.damaged
    }

    fn lines(&self) -> [(&'static str, u64); 10] {
        [
            ("acknowledged", self.acknowledged),
            ("survived_unacknowledged", self.survived_unacknowledged),
            ("lost_writes", self.lost_writes),
            ("lost_entries", self.lost_entries),
            ("doubled", self.doubled),
            ("rows_without_entry", self.rows_without_entry),
            ("refused_with_row", self.refused_with_row),
            ("events_without_row", self.events_without_row),
            ("results_without_row", self.results_without_row),
            ("damaged", self.damaged),
        ]
    }
}

fn main() -> Result<()> {
    let options = options()?;
    let mut report = Report::default();
    for round in 0..options.rounds {
        let seed = options.seed.wrapping_add(round);
        let (acknowledged, found) = one_round(seed, options.no_sync).with_context(|| format!("round with seed {seed}"))?;
        let before = report.faults();
        check(&mut report, &acknowledged, found.as_ref());
        if !options.json {
            let faults = report.faults() - before;
            println!("seed {seed}: {} acknowledged, {faults} faults", acknowledged.len());
        }
    }
    if options.json {
        let fields: Vec<String> = report.lines().iter().map(|(name, count)| format!("\"{name}\":{count}")).collect();
        println!("{{\"rounds\":{},{}}}", options.rounds, fields.join(","));
    } else {
        for (name, count) in report.lines() {
            println!("{name:>24} {count}");
        }
    }
    if report.faults() > 0 {
        bail!("{} faults after {} power cuts", report.faults(), options.rounds);
    }
    Ok(())
}

fn options() -> Result<Options> {
    let mut options = Options { rounds: 10, seed: 1, no_sync: false, json: false };
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut number = || -> Result<u64> {
            let value = arguments.next().with_context(|| format!("`{argument}` wants a number"))?;
            value.parse().with_context(|| format!("`{value}` is no number"))
        };
        match argument.as_str() {
            "--rounds" => options.rounds = number()?,
            "--seed" => options.seed = number()?,
            "--no-sync" => options.no_sync = true,
            "--json" => options.json = true,
            other => bail!("unknown argument `{other}`; known: --rounds N, --seed N, --no-sync, --json"),
        }
    }
    Ok(options)
}

/// Loads a fresh store, cuts, and reads the image. `None`: the image cannot be opened.
fn one_round(seed: u64, no_sync: bool) -> Result<(BTreeMap<u64, Kind>, Option<Found>)> {
    let (live, image) = (tempfile::tempdir()?, tempfile::tempdir()?);
    let disk = FaultVfs::install_as_default(&format!("cut-{seed}"), seed)?;
    disk.drop_syncs(no_sync);
    let subject = Subject::open(&live.path().join("clinicos.db"))?;
    // A different stretch of load for each seed; a multiplier spreads neighbouring seeds.
    disk.power_off_after(OPERATIONS_MIN + seed.wrapping_mul(0x9E37_79B9) % OPERATIONS_SPREAD);
    let acknowledged = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (subject, acknowledged) = (&subject, &acknowledged);
            scope.spawn(move || {
                for call in 0..CALLS_MAX {
                    let id = call * CALLERS + caller;
                    let kind = match id % 5 {
                        0 => Kind::Refused,
                        1 => Kind::Read,
                        _ => Kind::Written,
                    };
                    if subject.call(id, kind).is_err() {
                        return;
                    }
                    if let Ok(mut acknowledged) = acknowledged.lock() {
                        acknowledged.insert(id, kind);
                    }
                }
            });
        }
        scope.spawn(|| while subject.read().is_ok() && !disk.is_off() {});
    });
    drop(subject);
    FaultVfs::restore_default()?;
    disk.cut(live.path(), image.path())?;
    let acknowledged = acknowledged.into_inner().unwrap_or_default();
    Ok((acknowledged, Subject::read_back(&image.path().join("clinicos.db")).ok()))
}

fn check(report: &mut Report, acknowledged: &BTreeMap<u64, Kind>, found: Option<&Found>) {
    report.acknowledged += acknowledged.len() as u64;
    let Some(found) = found else {
        report.damaged += 1;
        report.lost_entries += acknowledged.len() as u64;
        return;
    };
    let rows: BTreeSet<u64> = found.rows.iter().copied().collect();
    let entries: BTreeSet<u64> = found.entries.iter().copied().collect();
    report.doubled += (found.rows.len() - rows.len() + found.entries.len() - entries.len()) as u64;
    for (id, kind) in acknowledged {
        report.lost_entries += u64::from(!entries.contains(id));
        report.lost_writes += u64::from(*kind == Kind::Written && !rows.contains(id));
        report.refused_with_row += u64::from(*kind != Kind::Written && rows.contains(id));
    }
    report.rows_without_entry += rows.difference(&entries).count() as u64;
    report.results_without_row += found.results.iter().filter(|id| !rows.contains(id)).count() as u64;
    report.events_without_row += found.events.iter().filter(|id| !rows.contains(id)).count() as u64;
    report.survived_unacknowledged += entries.iter().filter(|id| !acknowledged.contains_key(id)).count() as u64;
    report.damaged += u64::from(!found.sound);
}

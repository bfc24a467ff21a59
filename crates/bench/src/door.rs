//! `door`: everything that is promised about the speed of a governed call, in one run.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::binaries::{self, Binaries};
use crate::demo::{Demo, Sizes, Start};
use crate::disk;
use crate::postgres::Database;
use crate::process;
use crate::report::{BUSY_MAX, Bar, Machine, Memory, QUERY, Report, Row, Starts, part_of_bare};
use crate::rounds::{self, Plan};
use crate::scaling::{self, Scaling};
use crate::sides::Sides;
use crate::starts;

/// Connections that ask at the same time.
const CONNECTIONS: &[usize] = &[1, 8, 64, 256];
const QUICK_CONNECTIONS: &[usize] = &[8, 64];
/// PostgreSQL is measured at one number: it shares the load's core, so that more say little.
const POSTGRES_CONNECTIONS: &[usize] = &[64];
const SIZES: Sizes = Sizes { invoices: 15_000, clients: 2_000 };
const QUICK_SIZES: Sizes = Sizes { invoices: 3_000, clients: 400 };
/// Audit entries that a start must not mind.
const ENTRIES: u64 = 1_000_000;
const QUICK_ENTRIES: u64 = 50_000;
/// Above this p50 of `fdatasync` the bar at eight connections says more about the disk than about us.
const FAST_DISK_US: u64 = 300;
const READY_MIB_MAX: f64 = 40.0;
const AFTER_MIB_MAX: f64 = 256.0;
const READY_MS_MAX: f64 = 300.0;
const SCALING_MAX: f64 = 1.2;
/// How long the machine is watched before anything is measured.
const QUIET_LOOK: Duration = Duration::from_secs(3);

/// What `door` is told.
#[derive(Debug, clap::Args)]
pub struct DoorArgs {
    /// Print JSON in place of the tables
    #[arg(long)]
    json: bool,
    /// Shorter rounds, less data, no million: for development; nothing is published
    #[arg(long)]
    quick: bool,
    /// The day that stands over the figures; today unless given
    #[arg(long)]
    date: Option<String>,
    /// A PostgreSQL whose user may create databases
    #[arg(long, env = "CLINICOS_TEST_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// Measure no PostgreSQL
    #[arg(long)]
    no_postgres: bool,
    /// Where data is made; on the disk that is to be measured [default: bench-data in the target directory]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Measure although the machine has other work; nothing is published
    #[arg(long)]
    noisy: bool,
    /// Leave the data where it is
    #[arg(long)]
    keep: bool,
}

/// One run.
struct Run<'a> {
    args: &'a DoorArgs,
    plan: Plan,
    sizes: Sizes,
    binaries: Binaries,
    home: PathBuf,
    busy: f64,
}

/// What is measured over a clinic of usual size.
struct Usual {
    rows: Vec<Row>,
    memory: Vec<Memory>,
    starts: Vec<Starts>,
}

/// Measures. Whether all bars hold.
pub fn run(args: &DoorArgs) -> Result<bool> {
    if args.postgres.is_none() && !args.no_postgres {
        bail!("name a PostgreSQL with `--postgres URL`, or leave it out with `--no-postgres`");
    }
    let binaries = Binaries::build()?;
    let busy = busy()?;
    if busy > BUSY_MAX && !args.noisy {
        bail!("other work takes {:.0} % of the machine; wait for it to end, or measure with `--noisy`", busy * 100.0);
    }
    let home = fresh_home(args.data_dir.as_deref(), &binaries.target)?;
    let (plan, sizes) = if args.quick { (Plan::QUICK, QUICK_SIZES) } else { (Plan::FULL, SIZES) };
    let run = Run { args, plan, sizes, binaries, home, busy };
    let report = run.report()?;
    run.publish(&report)?;
    if !args.keep {
        std::fs::remove_dir_all(&run.home)?;
    }
    Ok(report.holds())
}

/// An empty directory for the data. One that we did not make is not emptied.
pub fn fresh_home(chosen: Option<&Path>, target: &Path) -> Result<PathBuf> {
    let home = chosen.map_or_else(|| target.join("bench-data"), Path::to_owned);
    let mark = home.join("made-by-clinicos-bench");
    if home.exists() && !mark.exists() {
        bail!("`{}` exists and was not made by this program", home.display());
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    std::fs::write(&mark, "")?;
    Ok(home)
}

impl Run<'_> {
    fn report(&self) -> Result<Report> {
        let disk = disk::measure(&self.home)?;
        let usual = self.usual()?;
        let postgres = self.postgres()?;
        let scaling = if self.args.quick { None } else { Some(self.scaling()?) };
        let mut memory = usual.memory;
        memory.extend(scaling.iter().map(|scaling| scaling.memory.clone()));
        let mut report = Report {
            date: self.args.date.clone().unwrap_or_else(|| jiff::Zoned::now().date().to_string()),
            commit: commit()?,
            machine: machine(self.busy)?,
            quick: self.args.quick,
            rounds: self.plan.rounds,
            round_s: self.plan.counted_s,
            disk,
            rows: usual.rows,
            postgres,
            scaling: scaling.map(|scaling| scaling.rows).unwrap_or_default(),
            memory,
            starts: usual.starts,
            bars: Vec::new(),
        };
        report.bars = bars(&report);
        Ok(report)
    }

    fn usual(&self) -> Result<Usual> {
        let no_wait = self.binaries.build_no_wait()?;
        let sides = Sides::sqlite(&self.binaries, Some(&no_wait), &self.home, self.sizes)?;
        let mut memory = vec![ready_memory("ready", &sides.ours)?];
        let connections = if self.args.quick { QUICK_CONNECTIONS } else { CONNECTIONS };
        let variants = sides.variants(connections);
        let samples = rounds::run(&self.binaries.bench, &self.plan, &variants)?;
        let rows = rounds::rows(&variants, &samples, QUERY);
        let ours = variants.iter().zip(&samples).filter(|(variant, _)| variant.server.id() == sides.ours.server.id());
        let answered = ours.map(|(_, sample)| sample.answers).sum();
        let wanted = if self.args.quick { QUICK_ENTRIES } else { ENTRIES };
        let entries = starts::fill(&self.binaries.bench, &sides.ours, sides.get_targets(), answered, wanted)?;
        memory.push(Memory {
            when: "after the rounds",
            anonymous_mib: sides.ours.server.anonymous_mib()?,
            most_mib: AFTER_MIB_MAX,
        });
        let targets = sides.get_targets().to_vec();
        sides.ours.server.stop()?;
        let directory = self.home.join("ours");
        let start = Start { binary: &self.binaries.server, directory: &directory, sizes: self.sizes, postgres: None };
        let starts = starts::measure(&self.binaries.bench, start, &targets, entries)?;
        let again = Demo::start(start)?;
        memory.push(ready_memory("ready, over all those entries", &again)?);
        again.server.stop()?;
        Ok(Usual { rows, memory, starts })
    }

    fn postgres(&self) -> Result<Vec<Row>> {
        let Some(server) = self.args.postgres.as_deref().filter(|_| !self.args.no_postgres) else { return Ok(Vec::new()) };
        let database = Database::create(server)?;
        let sides = Sides::postgres(&self.binaries, &database.url, &self.home, self.sizes)?;
        let variants = sides.variants(POSTGRES_CONNECTIONS);
        let samples = rounds::run(&self.binaries.bench, &self.plan, &variants)?;
        let rows = rounds::rows(&variants, &samples, QUERY);
        sides.ours.server.stop()?;
        Ok(rows)
    }

    fn scaling(&self) -> Result<Scaling> {
        scaling::measure(&self.binaries, &self.home, &self.plan, AFTER_MIB_MAX)
    }

    fn publish(&self, report: &Report) -> Result<()> {
        let (page, json) = (report.markdown(), serde_json::to_string_pretty(report)?);
        println!("{}", if self.args.json { &json } else { &page });
        if self.args.quick || self.args.noisy {
            return Ok(());
        }
        let directory = binaries::root()?.join("docs/benchmarks");
        std::fs::create_dir_all(&directory)?;
        std::fs::write(directory.join("door.md"), page)?;
        std::fs::write(directory.join("door.json"), json + "\n")?;
        Ok(())
    }
}

fn ready_memory(when: &'static str, demo: &Demo) -> Result<Memory> {
    Ok(Memory { when, anonymous_mib: demo.server.anonymous_mib()?, most_mib: READY_MIB_MAX })
}

/// What is promised.
fn bars(report: &Report) -> Vec<Bar> {
    let part = |call, connections| part_of_bare(&report.rows, call, connections);
    let at_eight = part("list", 8).filter(|_| report.disk.p50_us < FAST_DISK_US);
    let mut bars = vec![
        Bar::least("list at 64 connections, of the bare query", 0.75, part("list", 64)),
        Bar::least("get at 64 connections, of the bare query", 0.5, part("get", 64)),
        Bar::least("list at 8 connections, of the bare query, where `fdatasync` p50 is under 0.3 ms", 0.5, at_eight),
        Bar::least("list at 64 connections on PostgreSQL, of the bare query", 0.5, part_of_bare(&report.postgres, "list", 64)),
    ];
    let over = report.scaling.iter().skip(1);
    bars.extend(over.map(|row| Bar::most(format!("CPU of a list: {}", row.list), SCALING_MAX, Some(row.of_first))));
    let memory = report.memory.iter();
    bars.extend(memory.map(|one| Bar::most(format!("anonymous MiB, {}", one.when), one.most_mib, Some(one.anonymous_mib))));
    let starts = report.starts.iter();
    bars.extend(starts.map(|one| Bar::most(format!("ms to ready after {}", one.after), READY_MS_MAX, Some(one.median_ms))));
    bars
}

/// The source that is measured.
pub fn commit() -> Result<String> {
    let mut git = Command::new("git");
    let described = process::read(git.args(["describe", "--always", "--dirty", "--exclude=*"]).current_dir(binaries::root()?))?;
    Ok(described.trim().to_owned())
}

/// The part of the processor's time that is not idle while we only wait.
pub fn busy() -> Result<f64> {
    let times = || -> Result<(f64, f64)> {
        let stat = std::fs::read_to_string("/proc/stat")?;
        let line = stat.lines().next().context("`/proc/stat` is empty")?;
        let ticks = line.split_whitespace().skip(1).map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        // The fourth is idle, the fifth waits for a disk.
        Ok((ticks.iter().sum(), ticks.iter().skip(3).take(2).sum()))
    };
    let (all, idle) = times()?;
    std::thread::sleep(QUIET_LOOK);
    let (all_after, idle_after) = times()?;
    Ok(1.0 - (idle_after - idle) / (all_after - all).max(1.0))
}

/// Where it is measured.
pub fn machine(busy: f64) -> Result<Machine> {
    let cpu = std::fs::read_to_string("/proc/cpuinfo")?;
    let name = cpu.lines().find_map(|line| line.strip_prefix("model name")).and_then(|rest| rest.split_once(':'));
    Ok(Machine {
        processor: name.map_or("unknown processor", |(_, name)| name.trim()).to_owned(),
        cores: std::thread::available_parallelism()?.get(),
        kernel: std::fs::read_to_string("/proc/sys/kernel/osrelease").context("the kernel's release")?.trim().to_owned(),
        busy,
    })
}

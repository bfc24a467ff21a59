//! `records`: lists over a million rows against ten thousand, and how fast a clinic's record goes out.
//!
//! Rows come in as a clinic's record does: `clinicos synth` writes a year of a clinic as an export, four
//! kinds of its records are copied until there are enough, and `clinicos import-record` takes that in.

mod clinic;
mod directory;
mod multiply;
mod report;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use self::clinic::{Clinic, Place};
use self::report::{Export, Import, List, Report, Times, bars};
use crate::binaries::{self, Binaries};
use crate::door::{busy, commit, fresh_home, machine};
use crate::postgres::Database;
use crate::process;
use crate::report::BUSY_MAX;
use crate::rounds::{self, Plan, Variant};
use crate::sample::Sample;

/// Rows of each kind that the others are compared with.
const FEW: u64 = 10_000;
/// Rows of each kind, in a figure that is published.
const MANY: u64 = 1_000_000;
const CONNECTIONS: usize = 8;
const LIMIT: usize = 50;

/// A kind of record, and how its lists are usually filtered.
struct Kind {
    resource: &'static str,
    /// A status that about one record in fifty has.
    few_have: &'static str,
    /// A status that no record of a clinic's past has, because it is under way right now: whoever asks
    /// for it looks at as many records as a page may.
    none_has: &'static str,
    /// Whose records are asked for.
    whose: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind { resource: "appointments", few_have: "no_show", none_has: "waiting", whose: "client_id" },
    Kind { resource: "visits", few_have: "amended", none_has: "in_progress", whose: "patient_id" },
    Kind { resource: "messages", few_have: "failed", none_has: "queued", whose: "client_id" },
    Kind { resource: "lab_results", few_have: "corrected", none_has: "partial", whose: "patient_id" },
];

/// What `records` is told.
#[derive(Debug, clap::Args)]
pub struct RecordsArgs {
    /// How many rows of each kind; with less than a million nothing is published
    #[arg(long, default_value_t = MANY)]
    rows: u64,
    /// Print JSON in place of the tables
    #[arg(long)]
    json: bool,
    /// Shorter rounds: for development; nothing is published
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
    /// Where data is made; a million rows need 15 GB [default: bench-data in the target directory]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// A server that was built before
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Measure although the machine has other work; nothing is published
    #[arg(long)]
    noisy: bool,
}

/// One run.
struct Run {
    server: PathBuf,
    bench: PathBuf,
    home: PathBuf,
    plan: Plan,
    rows: u64,
}

/// What came of one engine.
struct Measured {
    import: Import,
    lists: Vec<List>,
    export: Export,
}

/// Measures. Whether all bars hold.
pub fn run(args: &RecordsArgs) -> Result<bool> {
    if args.postgres.is_none() && !args.no_postgres {
        bail!("name a PostgreSQL with `--postgres URL`, or leave it out with `--no-postgres`");
    }
    if args.rows < FEW {
        bail!("the lists are compared with those over {FEW} rows; `--rows` must not be less");
    }
    let bench = std::env::current_exe()?;
    let target = bench.ancestors().nth(2).context("this program lies in no target directory")?.to_owned();
    let server = match &args.binary {
        Some(binary) => binary.clone(),
        None => Binaries::build()?.server,
    };
    let busy = busy()?;
    if busy > BUSY_MAX && !args.noisy {
        bail!("other work takes {:.0} % of the machine; wait for it to end, or measure with `--noisy`", busy * 100.0);
    }
    let home = fresh_home(args.data_dir.as_deref(), &target)?;
    let plan = if args.quick || args.rows < MANY { Plan::QUICK } else { Plan::FULL };
    let run = Run { server, bench, home, plan, rows: args.rows };
    let measured = run.engines(args);
    // What a run that failed has made is of no use either, and large.
    std::fs::remove_dir_all(&run.home)?;
    let report = run.report(args, measured?, busy)?;
    publish(args, &report)?;
    Ok(report.holds())
}

fn publish(args: &RecordsArgs, report: &Report) -> Result<()> {
    let (page, json) = (report.markdown(), serde_json::to_string_pretty(report)?);
    println!("{}", if args.json { &json } else { &page });
    if args.quick || args.rows < MANY || args.noisy {
        return Ok(());
    }
    let directory = binaries::root()?.join("docs/benchmarks");
    std::fs::write(directory.join("records.md"), page)?;
    std::fs::write(directory.join("records.json"), json + "\n")?;
    Ok(())
}

impl Run {
    fn engines(&self, args: &RecordsArgs) -> Result<Vec<Measured>> {
        let year = self.year()?;
        let mut measured = vec![self.engine("SQLite", &year, None)?];
        if let Some(server) = args.postgres.as_deref().filter(|_| !args.no_postgres) {
            let few = Database::create_as(server, "clinicos_bench_few")?;
            let many = Database::create(server)?;
            measured.push(self.engine("PostgreSQL", &year, Some((&few.url, &many.url)))?);
        }
        Ok(measured)
    }

    /// A year of a clinic, as an export.
    fn year(&self) -> Result<PathBuf> {
        let to = self.home.join("synth");
        process::read(Command::new(&self.server).args(["synth", "--seed", "7", "--years", "1", "--to"]).arg(&to))?;
        let made = std::fs::read_dir(&to)?.next().context("`clinicos synth` made no clinic")??;
        Ok(made.path())
    }

    fn engine(&self, engine: &'static str, year: &Path, databases: Option<(&str, &str)>) -> Result<Measured> {
        let home = self.home.join(engine);
        std::fs::create_dir_all(&home)?;
        let make = |name: &str, rows: u64, postgres| {
            eprintln!("{engine}: making a clinic with {rows} rows of each kind");
            let export = home.join(format!("{name}-in"));
            directory::widen(year, &export, &KINDS.map(|kind| kind.resource), rows)?;
            let place = Place { binary: &self.server, directory: home.join(name), postgres };
            let (clinic, import) = Clinic::make(place, &export)?;
            // The export that comes out is compared with what is told of the one that went in.
            for kind in &KINDS {
                std::fs::remove_file(export.join(format!("{}.ndjson", kind.resource)))?;
            }
            eprintln!("{engine}: {} records in {:.1} s", import.records, import.wall_s);
            Ok::<_, anyhow::Error>((clinic, import, export))
        };
        let (few, _, few_export) = make("few", FEW, databases.map(|(few, _)| few))?;
        let (many, import, many_export) = make("many", self.rows, databases.map(|(_, many)| many))?;
        let lists = self.lists(engine, year, (&few, &few_export), (&many, &many_export))?;
        few.demo.server.stop()?;
        let export = many.export(engine, &many_export, &home.join("many-out"))?;
        std::fs::remove_dir_all(&home)?;
        Ok(Measured { import, lists, export })
    }

    fn lists(
        &self,
        engine: &'static str,
        year: &Path,
        (few, few_export): (&Clinic<'_>, &Path),
        (many, many_export): (&Clinic<'_>, &Path),
    ) -> Result<Vec<List>> {
        let (few_pages, many_pages) = (pages(few, year, few_export)?, pages(many, year, many_export)?);
        let of_few = few_pages.iter().map(|page| variant(few, page, "few rows"));
        let of_many = many_pages.iter().map(|page| variant(many, page, "many rows"));
        let variants: Vec<Variant<'_>> = of_few.zip(of_many).flat_map(<[_; 2]>::from).collect();
        let samples = rounds::run(&self.bench, &self.plan, &variants)?;
        let times = |clinic: &Clinic<'_>, page: &Page, sample: Option<&Sample>| {
            let sample = sample.context("a list was not measured")?;
            let records = clinic.page_records(page.targets.first().context("a page without a target")?)?;
            Ok::<_, anyhow::Error>(Times::new(records, sample, self.plan.counted_s))
        };
        let pairs = few_pages.iter().zip(&many_pages).zip(samples.chunks(2));
        pairs
            .map(|((of_few, of_many), samples)| {
                let (of_few, name) = (times(few, of_few, samples.first())?, of_many.name.clone());
                Ok(List::new(engine, of_many.resource, name, of_few, times(many, of_many, samples.get(1))?))
            })
            .collect()
    }

    fn report(&self, args: &RecordsArgs, measured: Vec<Measured>, busy: f64) -> Result<Report> {
        let mut report = Report {
            date: args.date.clone().unwrap_or_else(|| jiff::Zoned::now().date().to_string()),
            commit: commit()?,
            machine: machine(busy)?,
            few: FEW,
            many: self.rows,
            connections: CONNECTIONS,
            rounds: self.plan.rounds,
            round_s: self.plan.counted_s,
            imports: Vec::new(),
            lists: Vec::new(),
            exports: Vec::new(),
            bars: Vec::new(),
        };
        for one in measured {
            report.imports.push(one.import);
            report.lists.extend(one.lists);
            report.exports.push(one.export);
        }
        report.bars = bars(&report.lists, &report.exports);
        Ok(report)
    }
}

/// A page that is asked for.
struct Page {
    resource: &'static str,
    name: String,
    targets: Vec<String>,
}

/// All pages of a clinic, in an order that is the same for each.
fn pages(clinic: &Clinic<'_>, year: &Path, export: &Path) -> Result<Vec<Page>> {
    let files = directory::files(export)?;
    let mut pages = Vec::new();
    for Kind { resource, few_have, none_has, whose } in &KINDS {
        let records = files.get(*resource).context("a kind is not in the export")?.records;
        let whom = directory::most_frequent(&year.join(format!("{resource}.ndjson")), whose)?;
        let first = format!("/v1/{resource}?limit={LIMIT}");
        let middle = clinic.middle(resource, records, LIMIT)?;
        let mut page = |name: String, target| pages.push(Page { resource, name, targets: vec![target] });
        page("first".to_owned(), first.clone());
        page("in the middle".to_owned(), middle);
        for status in [few_have, none_has] {
            page(format!("`status={status}`"), format!("{first}&status={status}"));
        }
        page(format!("of one `{whose}`"), format!("{first}&{whose}={whom}"));
    }
    Ok(pages)
}

fn variant<'v>(clinic: &'v Clinic<'_>, page: &'v Page, side: &'static str) -> Variant<'v> {
    let (server, address) = (&clinic.demo.server, clinic.demo.address);
    let (call, key, targets) = (page.resource, Some(&*clinic.key), &*page.targets);
    Variant { call, connections: CONNECTIONS, side, server, address, key, targets }
}

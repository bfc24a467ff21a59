//! `console`: how heavy each page of the console is, and how long it takes, over a clinic with
//! hundreds of connections and a million audit entries.

pub mod browser;
mod history;
mod report;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clinicos_contract::id;
use clinicos_store::Location;
use serde_json::{Value as Json, json};

use self::browser::Browser;
use self::history::{Caller, Marks};
use self::report::{OF_THE_LOG_MS_MAX, P95_MS_MAX, Report, Row, Times};
use crate::binaries::{self, Binaries};
use crate::demo::{DATABASE_FILE, Demo, Sizes, Start};
use crate::door::{busy, commit, fresh_home, machine};
use crate::histogram::Histogram;
use crate::postgres::Database;
use crate::report::BUSY_MAX;

const SIZES: Sizes = Sizes { invoices: 2_000, clients: 300 };
const CONNECTIONS: usize = 200;
const ENTRIES: u64 = 1_000_000;
const QUICK_ENTRIES: u64 = 100_000;
/// Requests of each page that are counted: by one visitor, held to the bar, and again by so many at
/// the same time.
const REQUESTS: usize = 320;
const QUICK_REQUESTS: usize = 80;
const VISITORS: usize = 4;
/// Requests before anything is counted, by each visitor.
const WARM: usize = 3;
/// Questions that every segment of the log has to be asked.
const OF_A_RECORD: &str = "log of a record";
const OF_A_CLIENT: &str = "what left about a client";
const PASSWORD: &str = "four plain words here";

/// What `console` is told.
#[derive(Debug, clap::Args)]
pub struct ConsoleArgs {
    /// Print JSON in place of the tables
    #[arg(long)]
    json: bool,
    /// Fewer entries and requests: for development; nothing is published
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
    /// Where data is made [default: bench-data in the target directory]
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Measure although the machine has other work; nothing is published
    #[arg(long)]
    noisy: bool,
    /// Measure this page alone, as the table calls it; nothing is published
    #[arg(long)]
    only: Option<String>,
    /// Entries of the log; with another number than usual nothing is published
    #[arg(long)]
    entries: Option<u64>,
    /// How often each page is asked for
    #[arg(long)]
    requests: Option<usize>,
}

/// Measures. Whether all bars hold.
pub fn run(args: &ConsoleArgs) -> Result<bool> {
    if args.postgres.is_none() && !args.no_postgres {
        bail!("name a PostgreSQL with `--postgres URL`, or leave it out with `--no-postgres`");
    }
    let binaries = Binaries::build()?;
    let home = fresh_home(args.data_dir.as_deref(), &binaries.target)?;
    let (entries, requests) = if args.quick { (QUICK_ENTRIES, QUICK_REQUESTS) } else { (ENTRIES, REQUESTS) };
    let (entries, requests) = (args.entries.unwrap_or(entries), args.requests.unwrap_or(requests));
    let measure = |engine, database: Option<&str>| {
        let clinic = Clinic::make(&binaries.server, &home.join(engine), database, entries)?;
        quiet(args.noisy)?;
        clinic.measure(engine, requests, args.only.as_deref())
    };
    let mut rows = measure("SQLite", None)?;
    if let Some(server) = args.postgres.as_deref().filter(|_| !args.no_postgres) {
        let database = Database::create(server)?;
        rows.extend(measure("PostgreSQL", Some(&database.url))?);
    }
    let report = Report {
        date: args.date.clone().unwrap_or_else(|| jiff::Zoned::now().date().to_string()),
        commit: commit()?,
        machine: machine(busy()?)?,
        quick: args.quick,
        connections: CONNECTIONS,
        entries,
        requests,
        visitors: VISITORS,
        rows,
    };
    publish(args, &report)?;
    std::fs::remove_dir_all(&home)?;
    Ok(report.holds())
}

fn quiet(noisy: bool) -> Result<()> {
    let busy = busy()?;
    if busy > BUSY_MAX && !noisy {
        bail!("other work takes {:.0} % of the machine; wait for it to end, or measure with `--noisy`", busy * 100.0);
    }
    Ok(())
}

fn publish(args: &ConsoleArgs, report: &Report) -> Result<()> {
    let (page, json) = (report.markdown(), serde_json::to_string_pretty(report)?);
    println!("{}", if args.json { &json } else { &page });
    if args.quick || args.noisy || args.only.is_some() || args.entries.is_some() {
        return Ok(());
    }
    let directory = binaries::root()?.join("docs/benchmarks");
    std::fs::write(directory.join("console.md"), page)?;
    std::fs::write(directory.join("console.json"), json + "\n")?;
    Ok(())
}

/// A clinic with a long history, served.
struct Clinic {
    demo: Demo,
    marks: Marks,
    cookies: BTreeMap<String, String>,
    entries: u64,
}

impl Clinic {
    fn make(binary: &Path, directory: &Path, database: Option<&str>, entries: u64) -> Result<Self> {
        let start = Start { binary, directory, sizes: SIZES, postgres: database };
        let demo = Demo::start(start)?;
        let callers = connect(&demo)?;
        let (records, clients) = (records(&demo)?, clients(&demo)?);
        demo.server.stop()?;
        let location = match database {
            Some(url) => Location::Postgres(url.to_owned()),
            None => Location::Sqlite(directory.join(DATABASE_FILE)),
        };
        let marks = history::fill(location, (&callers, &records, &clients), entries)?;
        let demo = Demo::start(start)?;
        let cookies = sign_in(&demo)?;
        Ok(Self { demo, marks, cookies, entries })
    }

    /// Every page, by what it is called in the table.
    fn pages(&self) -> Result<Vec<(&'static str, String)>> {
        let Marks { record, request, at, connection, client } = self.marks;
        let of = |prefix: &str, uuid| format!("{prefix}_{}", id::text_of(uuid));
        let (connection, record, request) = (of("con", connection), of("inv", record), of("req", request));
        let day = jiff::Timestamp::from_microsecond(at)?.to_zoned(jiff::tz::TimeZone::UTC).date();
        Ok(vec![
            ("home", "/console".to_owned()),
            ("connections", "/console/connections".to_owned()),
            ("connections that can write", "/console/connections?filter=can_write".to_owned()),
            ("a connection", format!("/console/connections/{connection}")),
            ("what it did", format!("/console/connections/{connection}/activity")),
            ("log", "/console/log".to_owned()),
            ("log of a connection", format!("/console/log?connection={connection}")),
            ("the same as CSV", format!("/console/log.csv?connection={connection}")),
            (OF_A_RECORD, format!("/console/log?record={record}")),
            (OF_A_CLIENT, format!("/console/records/clients/{}/left", of("cli", client))),
            ("log of refusals", "/console/log?outcome=refused".to_owned()),
            ("log of a day", format!("/console/log?from={day}&to={day}")),
            ("an entry", format!("/console/log/{request}")),
            ("new key", "/console/keys/new".to_owned()),
            ("account", "/console/account".to_owned()),
            ("emergency", "/console/emergency".to_owned()),
            ("documentation", "/docs".to_owned()),
            ("reference", "/docs/reference/invoices".to_owned()),
        ])
    }

    fn measure(self, engine: &'static str, requests: usize, only: Option<&str>) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (page, target) in self.pages()?.into_iter().filter(|(page, _)| only.is_none_or(|only| only == *page)) {
            let row = self.row(engine, page, &target, requests)?;
            eprintln!("{engine}, {page}: {:.1} ms, {} bytes", row.p95_ms, row.bytes);
            rows.push(row);
        }
        self.demo.server.stop()?;
        Ok(rows)
    }

    fn row(&self, engine: &'static str, page: &'static str, target: &str, requests: usize) -> Result<Row> {
        let before = self.demo.server.cpu_s()?;
        let alone = self.visits(target, requests, 1)?;
        self.demo.server.settle()?;
        let cpu_ms = (self.demo.server.cpu_s()? - before) * 1e3 / (requests + WARM) as f64;
        let together = self.visits(target, requests, VISITORS)?;
        let ms = |visits: &Visits, part| visits.latencies.at(part) as f64 / 1e3;
        let times = Times { p50_ms: ms(&alone, 0.50), p95_ms: ms(&alone, 0.95), p95_together_ms: ms(&together, 0.95) };
        let most_ms = match page {
            OF_A_CLIENT => OF_THE_LOG_MS_MAX,
            OF_A_RECORD if self.entries > ENTRIES => OF_THE_LOG_MS_MAX,
            _ => P95_MS_MAX,
        };
        Ok(Row::new(engine, (page, most_ms), alone.bytes.max(together.bytes), times, cpu_ms))
    }

    /// Loads a page so often, by so many visitors at the same time.
    fn visits(&self, target: &str, requests: usize, visitors: usize) -> Result<Visits> {
        let found = std::thread::scope(|scope| {
            let visit = || visit(self.demo.address, self.cookies.clone(), target, requests.div_ceil(visitors));
            let visitors: Vec<_> = (0..visitors).map(|_| scope.spawn(visit)).collect();
            visitors.into_iter().map(|visitor| visitor.join().ok().context("a visitor gave up")?).collect::<Result<Vec<_>>>()
        })?;
        let mut visits = Visits::default();
        for visit in found {
            visits.bytes = visits.bytes.max(visit.bytes);
            visit.took.iter().for_each(|took| visits.latencies.add(*took));
        }
        Ok(visits)
    }
}

/// What came of loading a page often.
#[derive(Default)]
struct Visits {
    latencies: Histogram,
    /// The most that came, compressed.
    bytes: usize,
}

struct Visit {
    took: Vec<std::time::Duration>,
    /// The most that came, compressed.
    bytes: usize,
}

fn visit(address: SocketAddr, cookies: BTreeMap<String, String>, target: &str, requests: usize) -> Result<Visit> {
    let mut browser = Browser::open(address, cookies)?;
    let mut visit = Visit { took: Vec::with_capacity(requests), bytes: 0 };
    for number in 0..WARM + requests {
        let answer = browser.load(target)?;
        // A part that is loaded by itself says with 286 that it need not be asked for again.
        if ![200, 286].contains(&answer.status) {
            bail!("{target} was answered {}", answer.status);
        }
        visit.bytes = visit.bytes.max(answer.body.len());
        if number >= WARM {
            visit.took.push(answer.took);
        }
    }
    Ok(visit)
}

/// Makes connections, and lets each of them call a little.
fn connect(demo: &Demo) -> Result<Vec<Caller>> {
    let mut api = Browser::open(demo.address, BTreeMap::new())?;
    let admin = format!("Bearer {}", demo.admin_key);
    let kinds: [&[&str]; 3] = [&["invoices:read", "payments:read"], &["clients:write", "invoices:read"], &["invoices:write"]];
    let mut callers = Vec::new();
    // The demo has made some by itself.
    let answer = api.send("GET", "/v1/connections?limit=200&fields=name", &[("authorization", &*admin)], "")?;
    let list: Json = serde_json::from_slice(&answer.body)?;
    let made = list.get("data").and_then(Json::as_array).context("no list of connections")?.len();
    for (number, scopes) in (made..CONNECTIONS).zip(kinds.iter().cycle()) {
        let body = json!({
            "name": format!("Integration {number}"), "run_by": format!("Vendor {} Ltd.", number / 2), "purpose": "payment",
            "reason": "Reconciles what was billed with what was paid", "scopes": scopes,
        });
        let unique = format!("bench-{number}");
        let headers = [("authorization", &*admin), ("idempotency-key", &*unique), ("content-type", "application/json")];
        let answer = api.send("POST", "/v1/keys", &headers, &body.to_string())?;
        let key: Json = serde_json::from_slice(&answer.body)?;
        let member = |name: &str| key.get(name).and_then(Json::as_str).with_context(|| format!("no key: {}", answer.text()));
        callers.push(Caller { connection: uuid(member("connection_id")?)?, key: uuid(member("id")?)? });
    }
    // Samples of what calls leave behind.
    let one = demo.get_targets()?.into_iter().next().context("the clinic has no invoices")?;
    demo.get(&one)?;
    demo.get("/v1/invoices?limit=10")?;
    let refused = api.send("GET", "/v1/clients", &[("authorization", &format!("Bearer {}", demo.key))], "")?;
    if refused.status != 403 {
        bail!("the financial key was answered {} where it must be refused", refused.status);
    }
    Ok(callers)
}

/// The UUIDs of the clinic's invoices.
fn records(demo: &Demo) -> Result<Vec<[u8; 16]>> {
    demo.get_targets()?.iter().map(|target| uuid(target.rsplit('/').next().unwrap_or_default())).collect()
}

/// The UUIDs of some of its clients.
fn clients(demo: &Demo) -> Result<Vec<[u8; 16]>> {
    let admin = format!("Bearer {}", demo.admin_key);
    let mut api = Browser::open(demo.address, BTreeMap::new())?;
    let answer = api.send("GET", "/v1/clients?limit=200&fields=id", &[("authorization", &*admin)], "")?;
    let page: Json = serde_json::from_slice(&answer.body)?;
    let records = page.get("data").and_then(Json::as_array).context("the list has no `data`")?;
    records.iter().filter_map(|record| record.get("id").and_then(Json::as_str)).map(uuid).collect()
}

fn uuid(id: &str) -> Result<[u8; 16]> {
    id::parse_any(id).map(|(_, bytes)| bytes).with_context(|| format!("`{id}` is no id"))
}

/// Accepts the invitation that the demo made; signed in afterwards.
fn sign_in(demo: &Demo) -> Result<BTreeMap<String, String>> {
    let setup = demo.server.said("setup_url")?;
    let token = setup.split_once("token=").context("the link has no token")?.1;
    let mut browser = Browser::open(demo.address, BTreeMap::new())?;
    let page = browser.read(&format!("/console/welcome?token={token}"))?;
    let csrf = page.split_once("name=\"csrf\" value=\"").and_then(|(_, rest)| rest.split('"').next()).context("no form")?;
    let form = format!("csrf={csrf}&token={token}&name=Sam&password={}", PASSWORD.replace(' ', "+"));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = browser.send("POST", "/console/welcome", &headers, &form)?;
    if answer.status != 303 {
        bail!("the invitation was answered {}: {}", answer.status, answer.text());
    }
    Ok(browser.cookies())
}

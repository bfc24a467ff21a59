//! `profile`: the server under one load, and where its time goes.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Result, bail};

use crate::binaries::Binaries;
use crate::demo::{Demo, LIST, Sizes, Start};
use crate::door::fresh_home;
use crate::process;
use crate::report::OURS;
use crate::rounds::Plan;
use crate::sample::sample;
use crate::sides::variant;

/// Samples a second.
const FREQUENCY: &str = "999";
/// Functions below this part of the time are left out.
const PERCENT_LEAST: &str = "0.7";

/// What `profile` is told.
#[derive(Debug, clap::Args)]
pub struct ProfileArgs {
    /// What to ask for: `list`, `get`, or a target such as `/v1/payments?limit=50`
    #[arg(default_value = "list")]
    call: String,
    /// How many connections ask
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// For how long
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// Invoices of the clinic
    #[arg(long, default_value_t = 3_000)]
    invoices: u32,
    /// Its clients
    #[arg(long, default_value_t = 400)]
    clients: u32,
    /// A PostgreSQL database that is empty, in place of a file
    #[arg(long)]
    postgres: Option<String>,
    /// Where data is made
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Leave out the wait for the audit entry
    #[arg(long)]
    no_wait: bool,
    /// Show callers, too
    #[arg(long)]
    callers: bool,
}

/// Profiles.
pub fn run(args: &ProfileArgs) -> Result<()> {
    let binaries = Binaries::build()?;
    let binary = if args.no_wait { binaries.build_no_wait()? } else { binaries.server.clone() };
    let home = fresh_home(args.data_dir.as_deref(), &binaries.target)?;
    let sizes = Sizes { invoices: args.invoices, clients: args.clients };
    let start = Start { binary: &binary, directory: &home.join("ours"), sizes, postgres: args.postgres.as_deref() };
    Demo::start(start)?.server.stop()?;
    let demo = Demo::start(start)?;
    let targets = match args.call.as_str() {
        "list" => vec![LIST.to_owned()],
        "get" => demo.get_targets()?,
        target if target.starts_with('/') => vec![target.to_owned()],
        other => bail!("`{other}` is no call; say `list`, `get` or a target that starts with `/`"),
    };
    let before = demo.server.anonymous_mib()?;
    let plan = Plan { rounds: 1, warm_s: 0.5, counted_s: args.seconds };
    let asked = variant(&demo, "profile", args.connections, OURS, &targets);
    let record = home.join("perf.data");
    let recording = record_start(&demo, &record, args)?;
    let sample = sample(&binaries.bench, &demo.server, &asked.job(&plan))?;
    println!("{:.0} answers a second, {:.1} µs of CPU each", sample.rate, sample.cpu_us);
    println!("p50 {:.3} ms, p99 {:.3} ms", sample.p50_us / 1e3, sample.p99_us / 1e3);
    println!("anonymous memory {before:.1} MiB before, {:.1} MiB after", demo.server.anonymous_mib()?);
    match recording {
        Some(mut perf) => {
            perf.wait()?;
            print!("{}", top(&record, args)?);
        }
        None => println!("install `perf` to see where the time goes"),
    }
    demo.server.stop()
}

/// Starts `perf` on the server, if there is one.
fn record_start(demo: &Demo, file: &Path, args: &ProfileArgs) -> Result<Option<Child>> {
    let present = Command::new("perf").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !present.is_ok_and(|status| status.success()) {
        return Ok(None);
    }
    let mut perf = Command::new("perf");
    perf.args(["record", "--quiet", "--freq", FREQUENCY]).arg("--output").arg(file);
    if args.callers {
        perf.args(["--call-graph", "dwarf,16384"]);
    }
    perf.args(["--pid", &demo.server.id().to_string(), "--", "sleep", &args.seconds.to_string()]);
    Ok(Some(perf.stdout(Stdio::null()).spawn()?))
}

fn top(file: &Path, args: &ProfileArgs) -> Result<String> {
    let mut perf = Command::new("perf");
    perf.args(["report", "--stdio", "--percent-limit", PERCENT_LEAST, "--sort", "comm,symbol"]).arg("--input").arg(file);
    perf.args(if args.callers { ["--children", "--call-graph=caller,0.5"] } else { ["--no-children", "--call-graph=none"] });
    let text = process::read(&mut perf)?;
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    // The columns are padded to the longest symbol, which fills a screen.
    let narrow = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let tree = args.callers;
    Ok(lines.map(|line| if tree { line.trim_end().to_owned() } else { narrow(line) }).map(|line| line + "\n").collect())
}

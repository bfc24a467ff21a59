//! `import`: a million invoices into a server that answers others at the same time.
//!
//! The files are made first: clients, invoices, and the lines of the invoices in a file of their
//! own, as systems write them. A row is a record of a file, which is how an import's report counts. Then the command line imports them over the running server's
//! control socket, while eight connections read. Held to bars: how fast rows go in, how long the
//! readers wait, and that memory does not grow with the files.

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value as Json;

use crate::binaries::Binaries;
use crate::demo::LIST;
use crate::door::fresh_home;
use crate::load::{Job, Outcome};
use crate::process::{self, Server};
use crate::sample;

/// Rows a second, at least.
const ROWS_A_SECOND_LEAST: f64 = 20_000.0;
/// The 99th percentile of the readers' waits, at most, in milliseconds.
const P99_MS_MOST: f64 = 50.0;
/// What memory may grow between the first and the last quarter, in MiB.
const GROWTH_MIB_MOST: f64 = 32.0;
/// Connections that read.
const READERS: usize = 8;
/// Seconds that one reading of the readers' waits covers.
const WINDOW_S: f64 = 8.0;
/// Lines of five invoices, one after the other: 2.6 for each, as in the sample company's orders.
const LINES: [u64; 5] = [1, 2, 3, 2, 5];
/// Invoices of one client.
const INVOICES_A_CLIENT: u64 = 20;

const MAPPING: &str = r#"
system = "bench"

[[file]]
name = "clients.csv"
resource = "clients"
key = "id"

[file.fields]
given_name = "first"
family_name = "last"
phones = [{ number = "phone", kind = { value = "mobile" } }]

[[file]]
name = "invoices.csv"
resource = "invoices"
key = "id"

[file.fields]
client_external_id = "client"
number = { template = "B-{id}" }
stage = { value = "open" }
issued_on = "day"

[file.fields.lines]
file = "lines.csv"
parent = "invoice"

[file.fields.lines.fields]
description = "what"
quantity = "quantity"
unit_price = "price"
revenue_category = { value = "exams" }
"#;

/// What `import` is told.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    /// How many invoices
    #[arg(long, default_value_t = 1_000_000)]
    invoices: u64,
    /// Leave the readers out
    #[arg(long)]
    no_readers: bool,
    /// Where data is made
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// A server that was built before
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Record where the server's time goes, with `perf`, into this file
    #[arg(long)]
    perf: Option<PathBuf>,
}

/// What was measured.
struct Measured {
    made: Made,
    seconds: f64,
    windows: Vec<Outcome>,
    server_mib: Vec<f64>,
    importer_mib: f64,
    report: Json,
}

/// Measures, and tells whether the bars hold.
pub fn run(args: &ImportArgs) -> Result<bool> {
    let bench = std::env::current_exe()?;
    let server = match &args.binary {
        Some(binary) => binary.clone(),
        None => Binaries::build()?.server,
    };
    let target = bench.ancestors().nth(2).context("this program lies in no target directory")?;
    let home = fresh_home(args.data_dir.as_deref(), target)?;
    let files = home.join("files");
    let made = write_files(&files, args.invoices)?;
    let data = home.join("data");
    let mut command = Command::new(&server);
    command.args(["demo", "--json", "--no-limits", "--listen", "127.0.0.1:0", "--data-dir"]).arg(&data);
    command.args(["--invoices", "3000", "--clients", "400"]).env_remove("CLINICOS_DATABASE_URL");
    let running = Server::start(&mut command, "base_url", &home.join("server.log"))?;
    let mut perf = args.perf.as_deref().map(|file| record(&running, file)).transpose()?;
    let measured = measure(&running, &bench, &server, &data, &files, made, !args.no_readers)?;
    if let Some(perf) = &mut perf {
        process::run(Command::new("kill").args(["-INT", &perf.id().to_string()]))?;
        perf.wait()?;
    }
    running.stop()?;
    Ok(tell(&measured))
}

fn record(server: &Server, file: &Path) -> Result<Child> {
    let mut perf = Command::new("perf");
    perf.args(["record", "--quiet", "--freq", "499", "--call-graph", "fp", "--output"]).arg(file);
    Ok(perf.args(["--pid", &server.id().to_string()]).stdout(Stdio::null()).spawn()?)
}

/// What the files hold.
#[derive(Clone, Copy)]
struct Made {
    clients: u64,
    invoices: u64,
    lines: u64,
}

impl Made {
    fn rows(self) -> u64 {
        self.clients + self.invoices + self.lines
    }
}

/// Writes clients, and invoices with their lines.
fn write_files(dir: &Path, invoices: u64) -> Result<Made> {
    std::fs::create_dir_all(dir)?;
    std::fs::write(dir.join("bench.toml"), MAPPING)?;
    let clients = invoices.div_ceil(INVOICES_A_CLIENT);
    let mut out = BufWriter::new(std::fs::File::create(dir.join("clients.csv"))?);
    writeln!(out, "id,first,last,phone")?;
    for client in 0..clients {
        writeln!(out, "C{client:07},Ann,Doe {client},(312) 555-{:04}", client % 10_000)?;
    }
    out.flush()?;
    let mut out = BufWriter::new(std::fs::File::create(dir.join("invoices.csv"))?);
    let mut out_lines = BufWriter::new(std::fs::File::create(dir.join("lines.csv"))?);
    writeln!(out, "id,client,day")?;
    writeln!(out_lines, "invoice,what,quantity,price")?;
    let (mut random, mut lines) = (1_u64, 0);
    for invoice in 0..invoices {
        // In the order of their days, for clients in no order, as a clinic's books have them.
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (client, day) = ((random >> 33) % clients, invoice * 3_600 / invoices);
        let (year, month, day) = (2016 + day / 360, day % 360 / 30 + 1, day % 28 + 1);
        writeln!(out, "{invoice:08},C{client:07},{year}-{month:02}-{day:02}")?;
        let count = LINES.get((invoice % LINES.len() as u64) as usize).copied().unwrap_or(1);
        for line in lines..lines + count {
            let (quantity, price) = (1 + line % 3, 15 + line % 300);
            writeln!(out_lines, "{invoice:08},Exam {},{quantity},{price}.{:02}", line % 40, line % 100)?;
        }
        lines += count;
    }
    out.flush()?;
    out_lines.flush()?;
    Ok(Made { clients, invoices, lines })
}

fn measure(
    server: &Server,
    bench: &Path,
    binary: &Path,
    data: &Path,
    files: &Path,
    made: Made,
    readers: bool,
) -> Result<Measured> {
    let clinic = server.said("clinic_id")?.to_owned();
    let address = server.said("base_url")?.trim_start_matches("http://").parse()?;
    let key = Some(server.said("financial_key")?.to_owned());
    let job = Job { address, key, targets: vec![LIST.to_owned()], connections: READERS, warm_s: 0.2, counted_s: WINDOW_S };
    let over = AtomicBool::new(false);
    let start = Instant::now();
    let mut importer = Command::new(binary);
    importer.args(["import", "--json", "--clinic", &clinic, "--data-dir"]).arg(data);
    importer.arg("--mapping").arg(files.join("bench.toml")).arg(files).stdout(Stdio::piped());
    let importer = importer.spawn()?;
    let importer_id = importer.id();
    let (windows, samples, output) = std::thread::scope(|scope| -> Result<_> {
        let reading = scope.spawn(|| {
            let mut windows = Vec::new();
            while readers && !over.load(Ordering::SeqCst) {
                windows.push(sample::load_anywhere(bench, &job)?);
            }
            Ok::<_, anyhow::Error>(windows)
        });
        let watching = scope.spawn(|| {
            let (mut of_server, mut of_importer) = (Vec::new(), 0.0_f64);
            while !over.load(Ordering::SeqCst) {
                of_server.push(server.anonymous_mib().unwrap_or_default());
                of_importer = of_importer.max(process::anonymous_mib(importer_id).unwrap_or_default());
                std::thread::sleep(Duration::from_millis(200));
            }
            (of_server, of_importer)
        });
        let output = importer.wait_with_output();
        let seconds = start.elapsed().as_secs_f64();
        over.store(true, Ordering::SeqCst);
        let samples = watching.join().map_err(|_| anyhow::anyhow!("the watcher panicked"))?;
        let windows = reading.join().map_err(|_| anyhow::anyhow!("the readers panicked"))??;
        Ok((windows, samples, (output?, seconds)))
    })?;
    let (output, seconds) = output;
    if !output.status.success() {
        bail!("the import ended with {}: {}", output.status, String::from_utf8_lossy(&output.stdout));
    }
    let report: Json = serde_json::from_slice(&output.stdout).context("the import printed no report")?;
    Ok(Measured { made, seconds, windows, server_mib: samples.0, importer_mib: samples.1, report })
}

fn tell(measured: &Measured) -> bool {
    let (made, seconds) = (measured.made, measured.seconds);
    let rate = made.rows() as f64 / seconds;
    let created: u64 = measured
        .report
        .pointer("/files")
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
        .filter_map(|file| file.get("created")?.as_u64())
        .sum();
    println!(
        "{} clients, {} invoices and {} lines in {seconds:.1} s: {:.0} invoices a second with their lines",
        made.clients,
        made.invoices,
        made.lines,
        made.invoices as f64 / seconds
    );
    let mut holds = verdict("every row is in", created == made.rows(), format!("{created} of {}", made.rows()));
    holds &= verdict("rows a second, at least 20,000", rate >= ROWS_A_SECOND_LEAST, format!("{rate:.0}"));
    // The last window reaches beyond the import's end.
    let within = measured.windows.split_last().map_or(&[][..], |(_, within)| within);
    let mut waits: Vec<f64> = within.iter().map(|window| window.p99_us as f64 / 1e3).collect();
    waits.sort_by(f64::total_cmp);
    if let (Some(worst), Some(median)) = (waits.last(), waits.get(waits.len() / 2)) {
        let refused: u64 = within.iter().map(|window| window.refused).sum();
        let rate: f64 = within.iter().map(|window| window.rate).sum::<f64>() / within.len() as f64;
        println!("the readers got {rate:.0} answers a second; windows' p99 in ms: {waits:.1?}");
        holds &= verdict("no reader was refused", refused == 0, refused.to_string());
        holds &= verdict(
            "p99 of the readers under 50 ms",
            *median < P99_MS_MOST,
            format!("{median:.1} ms, {worst:.1} in the worst window"),
        );
    }
    let quarter = measured.server_mib.len() / 4;
    let most = |part: &[f64]| part.iter().copied().fold(0.0_f64, f64::max);
    let early = most(measured.server_mib.get(..quarter).unwrap_or_default());
    let late = most(measured.server_mib.get(quarter * 3..).unwrap_or_default());
    let said = format!(
        "{early:.0} MiB in the first quarter, {late:.0} in the last; the importer had {:.0} at most",
        measured.importer_mib
    );
    holds & verdict("memory is flat", late - early <= GROWTH_MIB_MOST, said)
}

fn verdict(what: &str, holds: bool, measured: String) -> bool {
    println!("{} {what}: {measured}", if holds { "PASS" } else { "FAIL" });
    holds
}

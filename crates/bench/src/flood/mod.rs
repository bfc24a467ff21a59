//! `flood`: ten thousand slow connections and floods of ten times the limits, at once.
//!
//! - `slow` are clients who hold a connection and do little with it.
//! - `hurry` are callers who ask far more often than they may.
//! - `probe` is a health check and one client who behaves; both are timed.
//!
//! The load runs on the machine that it loads, so what it measures is the server and its load
//! together: a server on a machine of its own does better.

mod hurry;
mod probe;
mod slow;
mod socket;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::sync::watch;

use self::probe::{Timings, Watched};
use crate::binaries::Binaries;
use crate::door::fresh_home;
use crate::process::Server;

/// Health answers at least this fast, all but one in a hundred.
const HEALTH_P99_MS_MAX: f64 = 100.0;
/// Memory of the server's own.
const ANONYMOUS_MIB_MAX: f64 = 512.0;
/// Until the server is as fast as before.
const RECOVERY_S_MAX: f64 = 5.0;
/// Of the calls of the client who behaves, so many are answered as if nothing was.
const SERVED_PART_MIN: f64 = 0.99;
/// How much slower than before still counts as recovered, and no less than so many milliseconds.
const RECOVERED_FACTOR: f64 = 3.0;
const RECOVERED_MS_MIN: f64 = 10.0;
/// So many probes in a row must be that fast.
const RECOVERED_PROBES: usize = 20;
/// How long recovery is waited for.
const RECOVERY_WAIT: Duration = Duration::from_secs(60);

/// What `flood` is told.
#[derive(Debug, clap::Args)]
pub struct FloodArgs {
    /// Slow connections
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Seconds of the flood, after all slow connections are open
    #[arg(long, default_value_t = 30)]
    seconds: u64,
    /// How many times the limits the floods ask
    #[arg(long, default_value_t = 10)]
    times: u32,
    /// Where data is made
    #[arg(long)]
    data_dir: Option<PathBuf>,
}

/// The server, and what it takes to call it.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    /// Floods show this one.
    pub(crate) admin_key: Arc<str>,
    /// The client who behaves shows this one.
    pub(crate) financial_key: Arc<str>,
}

/// Floods a server, and says whether it held.
pub fn run(args: &FloodArgs) -> Result<bool> {
    let binaries = Binaries::build()?;
    let home = fresh_home(args.data_dir.as_deref(), &binaries.target)?;
    let data = home.join("flood");
    let mut command = std::process::Command::new(&binaries.server);
    command.args([
        "demo",
        "--json",
        "--still",
        "--listen",
        "127.0.0.1:0",
        "--clients",
        "200",
        "--invoices",
        "1500",
        "--data-dir",
    ]);
    let server = Server::start(command.arg(&data), "base_url", &home.join("flood.log"))?;
    let address = server.said("base_url")?.trim_start_matches("http://").parse()?;
    let target =
        Target { address, admin_key: server.said("admin_key")?.into(), financial_key: server.said("financial_key")?.into() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let seen = runtime.block_on(flood(args, &target, &server))?;
    runtime.shutdown_background();
    let panics = panics(&data.join("control.sock"))?;
    server.stop().context("the server did not stop after the flood")?;
    Ok(report(args, &seen, panics))
}

/// What was measured.
struct Seen {
    before: Timings,
    during: Timings,
    slow: slow::Tally,
    open_at_start: usize,
    flooded: hurry::Tally,
    anonymous_before_mib: f64,
    anonymous_most_mib: f64,
    recovery: Option<Duration>,
}

async fn flood(args: &FloodArgs, target: &Target, server: &Server) -> Result<Seen> {
    let watched = Watched::start(target);
    tokio::time::sleep(Duration::from_secs(5)).await;
    let before = watched.take();
    let anonymous_before_mib = server.anonymous_mib()?;
    let (stop, stopped) = watch::channel(false);
    let slow = slow::start(target, args.connections, &stopped);
    let opened = slow.wait_until_open(args.connections).await;
    ensure!(opened * 100 >= args.connections * 95, "only {opened} of {} slow connections could be opened", args.connections);
    watched.take();
    let floods = hurry::start(target, args.times, &stopped);
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let mut anonymous_most_mib = 0.0_f64;
    while Instant::now() < end {
        anonymous_most_mib = anonymous_most_mib.max(server.anonymous_mib()?);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let during = watched.take();
    stop.send_replace(true);
    let calm_ms = (before.health_ms(0.99) * RECOVERED_FACTOR).max(RECOVERED_MS_MIN);
    let recovery = probe::recovery(target, calm_ms, RECOVERED_PROBES, RECOVERY_WAIT).await;
    Ok(Seen {
        before,
        during,
        slow: slow.tally(),
        open_at_start: opened,
        flooded: floods.tally(),
        anonymous_before_mib,
        anonymous_most_mib,
        recovery,
    })
}

/// How often the server panicked, as it tells whoever can open its control socket.
fn panics(socket: &std::path::Path) -> Result<u64> {
    use std::io::{Read as _, Write as _};
    let mut stream = std::os::unix::net::UnixStream::connect(socket)?;
    stream.write_all(b"GET /health/live HTTP/1.1\r\nhost: clinicos\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default();
    let told: serde_json::Value = serde_json::from_str(body).with_context(|| format!("health said `{answer}`"))?;
    told.get("panics").and_then(serde_json::Value::as_u64).context("health on the control socket does not count panics")
}

fn report(args: &FloodArgs, seen: &Seen, panics: u64) -> bool {
    let Seen { before, during, slow, flooded, .. } = seen;
    println!(
        "\n{} slow connections were open at once; of each kind, opened again after the server closed them:",
        seen.open_at_start
    );
    for (kind, opened) in slow.by_kind() {
        println!("  {kind:<44} {opened:>8}");
    }
    println!("floods of {} times the limits for {} s, answers by status:", args.times, args.seconds);
    for (kind, answers) in flooded.by_kind() {
        println!("  {kind:<44} {answers}");
    }
    println!("latency, of the whole machine with its load on it:");
    println!("  health before: p50 {:.2} ms, p99 {:.2} ms", before.health_ms(0.5), before.health_ms(0.99));
    println!(
        "  health during: p50 {:.2} ms, p99 {:.2} ms of {} probes",
        during.health_ms(0.5),
        during.health_ms(0.99),
        during.probes()
    );
    println!("  behaved client before: p50 {:.2} ms, p99 {:.2} ms", before.client_ms(0.5), before.client_ms(0.99));
    println!("  behaved client during: p50 {:.2} ms, p99 {:.2} ms", during.client_ms(0.5), during.client_ms(0.99));
    println!("  anonymous memory: {:.0} MiB before, {:.0} MiB at most\n", seen.anonymous_before_mib, seen.anonymous_most_mib);
    let recovery_s = seen.recovery.map_or(f64::INFINITY, |recovery| recovery.as_secs_f64());
    let bars = [
        ("health p99 during, ms", during.health_ms(0.99), HEALTH_P99_MS_MAX, true),
        ("health probes that failed", during.failed_probes() as f64, 0.0, true),
        ("anonymous memory at most, MiB", seen.anonymous_most_mib, ANONYMOUS_MIB_MAX, true),
        ("recovery, s", recovery_s, RECOVERY_S_MAX, true),
        ("part of the behaved client's calls that were served", during.served_part(), SERVED_PART_MIN, false),
        ("answers of 5xx", (flooded.server_errors() + during.server_errors()) as f64, 0.0, true),
        ("panics", panics as f64, 0.0, true),
    ];
    let mut all = true;
    for (what, found, bar, at_most) in bars {
        let holds = if at_most { found <= bar } else { found >= bar };
        let verdict = if holds { "PASS" } else { "FAIL" };
        println!("{what:<54} {found:>9.2}  {} {bar:>7.2}  {verdict}", if at_most { "at most " } else { "at least" });
        all &= holds;
    }
    all
}

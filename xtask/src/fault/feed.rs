//! Kills a follower of the change feed at random moments, while others write. What it holds in the
//! end must be what there is: every record of every list, as it is.
//!
//! The follower is the sample of the documentation: a program of its own, which is ended by SIGKILL.

mod compare;
mod copy;
mod writers;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::fault::kill::mix;
use crate::fault::server::{self, Server};
use crate::shell;
use crate::test::database::Database;

/// A follower runs at least so long before it is killed.
const RUN_MIN_MS: u64 = 50;
const RUN_SPREAD_MS: u64 = 1_500;
/// Most time that the last follower has to come to the end.
const CATCH_UP_MAX: Duration = Duration::from_secs(300);

/// What is asked for.
pub struct Plan {
    /// Writes that are accepted.
    pub writes: u64,
    /// Who write at once.
    pub writers: u64,
    /// Decides what is written, and the moments of the kills.
    pub seed: u64,
    /// The server.
    pub binary: PathBuf,
    /// One engine, or both.
    pub engine: Option<String>,
}

/// Runs it on each engine.
pub fn run(plan: &Plan) -> Result<()> {
    let engines = match plan.engine.as_deref() {
        None => vec!["sqlite", "postgres"],
        Some(one @ ("sqlite" | "postgres")) => vec![one],
        Some(other) => bail!("`--engine` wants `sqlite` or `postgres`, not `{other}`"),
    };
    for engine in engines {
        on(engine, plan).with_context(|| format!("on {engine}, with the seed {}", plan.seed))?;
    }
    Ok(())
}

fn on(engine: &str, plan: &Plan) -> Result<()> {
    let home = shell::root()?.join("target/fault/feed").join(engine);
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    let database = match engine {
        "postgres" => Some(Database::create(&crate::test::postgres_url()?, "feed")?),
        _ => None,
    };
    let data = home.join("data");
    let mut command = Command::new(&plan.binary);
    command.env_remove("CLINICOS_DATABASE_URL");
    command.envs(database.as_ref().map(|database| ("CLINICOS_DATABASE_URL", &database.url)));
    let (log, started) = (home.join("server.log"), Instant::now());
    let server = Server::start_with(&mut command, &data, &log).with_context(|| format!("see {}", log.display()))?;
    let key = key(&plan.binary, &data, &server)?;
    let follower = copy::Follower::new(&home, &server.base_url, &key)?;
    eprintln!("{engine}: ready after {:.1} s", started.elapsed().as_secs_f64());
    let disturbed = disturb(plan, &server, &key, &follower)?;
    let last = writers::last_one(&server.base_url, &key)?;
    let copy = caught_up(&follower, &last)?;
    let records = compare::equal(&server.base_url, &key, &copy)?;
    let Disturbed { written, kills, took } = disturbed;
    println!(
        "{engine}: {} writes by {} writers in {:.1} s ({} refused, {} busy), {kills} kills, {} pages, {} gaps; {records} records, equal",
        written.accepted,
        plan.writers,
        took.as_secs_f64(),
        written.refused,
        written.busy,
        copy.pages,
        copy.gaps
    );
    ensure!(copy.gaps == 0, "the follower was told of {} gaps, and nothing was taken away", copy.gaps);
    ensure!(written.busy == 0, "{} writes were told to come again", written.busy);
    ensure!(kills > 0, "the follower was not killed once: this shows nothing");
    server.kill()
}

/// A key that may do everything in the smaller clinic of the demo.
fn key(binary: &Path, data: &Path, server: &Server) -> Result<String> {
    let mut command = Command::new(binary);
    command.args(["key", "create", "--clinic", &server.other_clinic_id, "--name", "Follower", "--reason", "A test", "--admin"]);
    let made = shell::read(command.args(["--json", "--data-dir"]).arg(data))?;
    let made: Value = serde_json::from_str(&made)?;
    Ok(made.get("secret").and_then(Value::as_str).context("the key has no secret")?.to_owned())
}

/// What happened while the follower was killed.
struct Disturbed {
    written: writers::Written,
    kills: u64,
    took: Duration,
}

/// Writes, and kills followers until everything is written.
fn disturb(plan: &Plan, server: &Server, key: &str, follower: &copy::Follower) -> Result<Disturbed> {
    let (started, mut kills) = (Instant::now(), 0);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| writers::write(&server.base_url, key, plan));
        let mut turn = 0;
        while !writing.is_finished() {
            let moment = RUN_MIN_MS + mix(plan.seed.wrapping_add(turn)) % RUN_SPREAD_MS;
            kills += u64::from(follower.killed_after(Duration::from_millis(moment), || writing.is_finished())?);
            turn += 1;
        }
        let written = writing.join().map_err(|_| anyhow::anyhow!("a writer panicked"))??;
        Ok(Disturbed { written, kills, took: started.elapsed() })
    })
}

/// What the follower holds once it was told of this record.
fn caught_up(follower: &copy::Follower, last: &str) -> Result<copy::Copy> {
    let started = Instant::now();
    loop {
        follower.run()?;
        let copy = follower.copy()?;
        if copy.records.contains_key(last) {
            return Ok(copy);
        }
        ensure!(started.elapsed() < CATCH_UP_MAX, "the follower is not told of the last write");
    }
}

/// Reads what is asked for, and runs it.
pub fn begin(mut flags: crate::flags::Flags, seed: u64) -> Result<()> {
    let (writes, writers) = (flags.number("--writes", 20_000)?, flags.number("--writers", 8)?);
    let (engine, release) = (flags.text("--engine")?, flags.switch("--release"));
    let binary = flags.text("--binary")?.map(PathBuf::from);
    flags.end()?;
    let binary = binary.map_or_else(|| server::build(release), Ok)?;
    run(&Plan { writes, writers, seed, binary, engine })
}

//! Kills the server under load, starts it again, and checks that it kept its word:
//!
//! - every acknowledged write is there exactly once, and a replay tells the same id;
//! - a write without an answer happened once or not at all;
//! - every answered request has exactly one audit entry;
//! - no event without its row, no gap in a sequence.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::fault::server::{self, Server};
use crate::fault::{load, verify};
use crate::shell;

/// The load runs at least this long before the kill.
const LOAD_MIN_MS: u64 = 300;
const LOAD_SPREAD_MS: u64 = 1_500;

/// What is asked for.
pub struct Plan {
    /// How often to kill.
    pub rounds: u64,
    /// Decides the moments of the kills.
    pub seed: u64,
    /// Whether to use the release build.
    pub release: bool,
    /// Whether to print one line of JSON.
    pub json: bool,
}

#[derive(Default)]
struct Totals {
    acknowledged: usize,
    unanswered: usize,
    answered: usize,
    faults: usize,
}

/// Runs the rounds on one data directory, so that each starts on what the last one left.
pub fn run(plan: &Plan) -> Result<()> {
    let home = shell::root()?.join("target/fault/kill");
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    let (data, log) = (home.join("data"), home.join("server.log"));
    let binary = server::build(plan.release)?;
    let mut totals = Totals::default();
    for round in 0..plan.rounds {
        let server = Server::start(&binary, &data, &log).with_context(|| format!("see {}", log.display()))?;
        let moment = Duration::from_millis(LOAD_MIN_MS + mix(plan.seed.wrapping_add(round)) % LOAD_SPREAD_MS);
        let mut memory = load::run_until(server, round, || std::thread::sleep(moment))?;
        let mut complaints = std::mem::take(&mut memory.complaints);
        complaints.extend(server::doctor(&binary, &data)?);
        let started = Instant::now();
        let server = Server::start(&binary, &data, &log).context("the server did not start after the kill")?;
        let start = started.elapsed();
        complaints.extend(verify::verify(&server, &memory)?);
        server.kill()?;
        let acknowledged = memory.writes.iter().filter(|write| write.id.is_some()).count();
        if acknowledged == 0 {
            complaints.push("not one write was acknowledged: the round shows nothing".to_owned());
        }
        eprintln!(
            "round {round}: killed after {} ms; {acknowledged} writes acknowledged, {} requests answered, started again in {} ms, {} faults",
            moment.as_millis(),
            memory.answered.len(),
            start.as_millis(),
            complaints.len()
        );
        for complaint in &complaints {
            eprintln!("  {complaint}");
        }
        totals.acknowledged += acknowledged;
        totals.unanswered += memory.writes.len() - acknowledged;
        totals.answered += memory.answered.len();
        totals.faults += complaints.len();
    }
    report(plan, &totals)
}

fn report(plan: &Plan, totals: &Totals) -> Result<()> {
    let Totals { acknowledged, unanswered, answered, faults } = totals;
    if plan.json {
        println!(
            "{{\"rounds\":{},\"acknowledged\":{acknowledged},\"unanswered\":{unanswered},\"answered\":{answered},\"faults\":{faults}}}",
            plan.rounds
        );
    } else {
        println!(
            "{} kills: {acknowledged} writes acknowledged, {unanswered} without an answer, {answered} requests answered",
            plan.rounds
        );
    }
    if *faults > 0 { bail!("{faults} faults after {} kills", plan.rounds) } else { Ok(()) }
}

/// Spreads neighbouring seeds (the last step of SplitMix64).
pub fn mix(seed: u64) -> u64 {
    let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

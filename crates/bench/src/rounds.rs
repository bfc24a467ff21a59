//! Interleaved rounds: each visits every variant once, so that whatever else the machine does
//! falls on all of them.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::load::Job;
use crate::process::Server;
use crate::report::Row;
use crate::sample::{Sample, medians, sample};

/// How long rounds are, and how many.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Rounds; an odd number.
    pub rounds: usize,
    /// Seconds at the start of a round that are not counted.
    pub warm_s: f64,
    /// Seconds that are.
    pub counted_s: f64,
}

impl Plan {
    /// The plan of a figure that is published.
    pub const FULL: Self = Self { rounds: 5, warm_s: 0.3, counted_s: 1.2 };
    /// Enough to see whether something broke.
    pub const QUICK: Self = Self { rounds: 3, warm_s: 0.1, counted_s: 0.4 };
}

/// A cell of the table: what is asked of whom.
pub struct Variant<'v> {
    /// `fixed`, `list` or `get`.
    pub call: &'static str,
    /// How many connections ask.
    pub connections: usize,
    /// Who answers.
    pub side: &'static str,
    /// The process that answers.
    pub server: &'v Server,
    /// Where it listens.
    pub address: SocketAddr,
    /// The key that it wants to see.
    pub key: Option<&'v str>,
    /// What to ask for.
    pub targets: &'v [String],
}

impl Variant<'_> {
    /// One round of it.
    pub fn job(&self, plan: &Plan) -> Job {
        Job {
            address: self.address,
            key: self.key.map(str::to_owned),
            targets: self.targets.to_vec(),
            connections: self.connections,
            warm_s: plan.warm_s,
            counted_s: plan.counted_s,
        }
    }
}

/// Runs all rounds. The medians, in the order of the variants.
pub fn run(bench: &Path, plan: &Plan, variants: &[Variant<'_>]) -> Result<Vec<Sample>> {
    let mut samples: Vec<Vec<Sample>> = vec![Vec::new(); variants.len()];
    for round in 0..plan.rounds {
        eprintln!("round {} of {}", round + 1, plan.rounds);
        // Each round starts at another variant, so that none always follows the same one.
        let turn = round * variants.len() / plan.rounds;
        let (behind, ahead) = variants.split_at(turn);
        let places = (turn..variants.len()).chain(0..turn);
        for (variant, place) in ahead.iter().chain(behind).zip(places) {
            let what = || format!("{} at {} connections from {}", variant.call, variant.connections, variant.side);
            let taken = sample(bench, variant.server, &variant.job(plan)).with_context(what)?;
            samples.get_mut(place).context("a sample without its variant")?.push(taken);
        }
    }
    Ok(samples.iter().map(|samples| medians(samples)).collect())
}

/// Rows of the table, each with its part of the bare query at the same number of connections.
pub fn rows(variants: &[Variant<'_>], samples: &[Sample], bare: &str) -> Vec<Row> {
    let rate_of = |wanted: &Variant<'_>| {
        let same = |one: &Variant<'_>| one.call == wanted.call && one.connections == wanted.connections && one.side == bare;
        variants.iter().zip(samples).find(|(variant, _)| same(variant)).map(|(_, sample)| sample.rate)
    };
    let row = |(variant, sample): (&Variant<'_>, &Sample)| Row {
        call: variant.call,
        connections: variant.connections,
        side: variant.side,
        rate: sample.rate,
        p50_us: sample.p50_us,
        p99_us: sample.p99_us,
        cpu_us: sample.cpu_us,
        of_bare_query: rate_of(variant).map(|bare| sample.rate / bare),
    };
    variants.iter().zip(samples).map(row).collect()
}

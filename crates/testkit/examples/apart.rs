//! Measures whether the time of an answer tells what is hidden: two clinics differ in nothing but the
//! words that their clients hide, and whoever may not see those asks both the same, in turns.
//!
//! `cargo run --release -p clinicos-testkit --example apart -- 100000`, or `cargo xtask bench apart`.
//!
//! One clinic is never another: pages of a file lie in another order, and blocks of memory. So the words change
//! places again and again, and what one clinic takes longer than the other falls on both words alike. Pairs of one
//! turn share such an order and are no independent trials; turns are. What must hold: over the turns, the part of
//! pairs in which one word took longer does not differ from a half, significantly at the level of one in a hundred
//! (Student's t, two turns at a time; only pairs in which both answered in the usual time).
#![expect(clippy::print_stdout, clippy::indexing_slicing, reason = "a program that measures")]
#![expect(clippy::disallowed_methods, reason = "time is what it measures")]

use std::process::ExitCode;
use std::time::Instant;

use clinicos_testkit::apart::{clinic_with, targets, write_hidden};
use clinicos_testkit::{As, Call, Engine, Samples, World};

/// The same length in letters and bytes, as nothing but the words may differ.
const WORDS: [&str; 2] = ["Marguerite", "Wilhelmine"];
/// How often the words change places; an even number.
const TURNS: usize = 100;
/// Beyond this quantile of all times an answer waited for something else.
const USUAL: f64 = 0.95;
/// Student's t with 49 degrees of freedom exceeds it, in either direction, in one of a hundred cases.
const T_MAX: f64 = 2.68;

struct Clinic {
    world: World,
    samples: Samples,
    caller: As,
}

impl Clinic {
    async fn with(word: &str) -> Self {
        let world = World::open(Engine::Sqlite).await;
        let (samples, caller, _) = clinic_with(&world, word).await;
        Self { world, samples, caller }
    }

    /// Nanoseconds until the answer, and its status.
    async fn ask(&self, target: &str) -> (u64, u16) {
        self.world.clock.advance_s(60);
        let begun = Instant::now();
        let reply = self.caller.send(Call::get(target.to_owned())).await;
        (u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX), reply.status)
    }
}

/// Times of the same question: to who hides the first word, and to who hides the other.
type Pair = [u64; 2];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let pairs: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let clinics = [Clinic::with(WORDS[0]).await, Clinic::with(WORDS[1]).await];
    let mut asked = Vec::new();
    for question in targets(&clinics[0].world, &clinics[0].samples).await {
        let shows = clinics[0].ask(&question).await.1 == 200 && clinics[1].ask(&question).await.1 == 200;
        asked.extend(shows.then_some(question));
    }
    let mut turns: Vec<Vec<Pair>> = Vec::with_capacity(TURNS);
    for turn in 0..TURNS {
        for (place, clinic) in clinics.iter().enumerate() {
            write_hidden(&clinic.world, &clinic.samples, WORDS[(place + turn) % 2]).await;
        }
        let mut told = Vec::with_capacity(pairs / TURNS);
        for number in 0..pairs / TURNS {
            // Each turn goes on where the one before ended; who is asked first changes from pair to pair.
            let question = &asked[(turn / 2 * (pairs / TURNS) + number) % asked.len()];
            let mut times = [0; 2];
            for place in [number % 2, 1 - number % 2] {
                times[(place + turn) % 2] = clinics[place].ask(question).await.0;
            }
            told.push(times);
        }
        turns.push(told);
    }
    let holds = is_none(&turns);
    println!("{} questions, {} pairs: {}", asked.len(), turns.iter().flatten().count(), if holds { "PASS" } else { "FAIL" });
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether no difference between the words is significant.
fn is_none(turns: &[Vec<Pair>]) -> bool {
    let mut all: Vec<u64> = turns.iter().flatten().flatten().copied().collect();
    all.sort_unstable();
    let usual = all[(all.len() as f64 * USUAL) as usize];
    // How much more than in half of its pairs the first word took longer.
    let more = |turn: &Vec<Pair>| {
        let usually = || turn.iter().filter(|pair| pair.iter().all(|took| *took <= usual) && pair[0] != pair[1]);
        usually().filter(|pair| pair[0] > pair[1]).count() as f64 / usually().count() as f64 - 0.5
    };
    let mores: Vec<f64> = turns.iter().map(more).collect();
    // In two turns each word stood in each clinic.
    let both: Vec<f64> = mores.as_chunks::<2>().0.iter().map(|[one, other]| f64::midpoint(*one, *other)).collect();
    let clinics: Vec<f64> = mores.as_chunks::<2>().0.iter().map(|[one, other]| (one - other) / 2.0).collect();
    let t = student(&both);
    println!(
        "median {} ns; the first word took longer in {:+.3} % of pairs, t = {t:+.2}",
        all[all.len() / 2],
        100.0 * mean(&both)
    );
    println!("the first clinic took longer in {:+.3} % of pairs, t = {:+.2}", 100.0 * mean(&clinics), student(&clinics));
    t.abs() <= T_MAX
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// The mean in units of its standard error.
fn student(values: &[f64]) -> f64 {
    let (mean, count) = (mean(values), values.len() as f64);
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0);
    mean / (variance / count).sqrt()
}

//! Measures whether the time of an answer tells what is hidden: two clinics differ in nothing but the
//! words that their clients hide, and whoever may not see those asks both the same, in turns.
//!
//! `cargo run --release -p clinicos-testkit --example apart -- 100000`, or `cargo xtask bench apart`.
//!
//! Each of the two words stands in two clinics. That tells what the words do from what it does that one
//! clinic is not another: the order of pages in a file, of blocks in memory. What must hold: the difference
//! between the words is not significant at the level of one in a hundred, by a test that knows nothing of how
//! times are distributed (the sign test, on pairs in which both answered in the usual time).
#![expect(clippy::print_stdout, clippy::indexing_slicing, clippy::unwrap_used, reason = "a program that measures")]
#![expect(clippy::disallowed_methods, reason = "time is what it measures")]

use std::process::ExitCode;
use std::time::Instant;

use clinicos_testkit::apart::{clinic_with, targets};
use clinicos_testkit::{As, Call, Engine, World};

/// The same length in letters and bytes, as nothing but the words may differ.
const WORDS: [&str; 4] = ["Marguerite", "Wilhelmine", "Wilhelmine", "Marguerite"];
/// Beyond this quantile of all times an answer waited for something else.
const USUAL: f64 = 0.95;
/// The standard normal distribution exceeds it, in either direction, in one of a hundred cases.
const Z_MAX: f64 = 2.576;

struct Clinic {
    world: World,
    caller: As,
}

impl Clinic {
    /// Nanoseconds until the answer, and its status.
    async fn ask(&self, target: &str) -> (u64, u16) {
        let begun = Instant::now();
        let reply = self.caller.send(Call::get(target.to_owned())).await;
        (u64::try_from(begun.elapsed().as_nanos()).unwrap_or(u64::MAX), reply.status)
    }
}

/// Times of one round: the same question to each clinic.
type Round = [u64; 4];

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let pairs: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let mut clinics = Vec::new();
    let mut questions = Vec::new();
    for word in WORDS {
        let world = World::open(Engine::Sqlite).await;
        let (samples, caller, _) = clinic_with(&world, word).await;
        if questions.is_empty() {
            questions = targets(&world, &samples).await;
        }
        clinics.push(Clinic { world, caller });
    }
    let mut asked = Vec::new();
    for question in questions {
        let (_, status) = clinics[0].ask(&question).await;
        clinics[0].world.clock.advance_s(60);
        if status == 200 {
            asked.push(question);
        }
    }
    // A round is two pairs.
    let mut rounds: Vec<Round> = Vec::with_capacity(pairs / 2);
    for number in 0..pairs / 2 {
        let mut round = [0; 4];
        // Who is asked first changes from round to round.
        for place in 0..4 {
            let clinic = (place + number) % 4;
            clinics[clinic].world.clock.advance_s(60);
            round[clinic] = clinics[clinic].ask(&asked[number % asked.len()]).await.0;
        }
        rounds.push(round);
    }
    let words = told("between the words", &rounds, [1, -1, -1, 1]);
    told("between clinics, one way", &rounds, [1, 1, -1, -1]);
    told("between clinics, another way", &rounds, [1, -1, 1, -1]);
    println!("{} questions, {} pairs: {}", asked.len(), rounds.len() * 2, if words { "PASS" } else { "FAIL" });
    if words { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether a difference is none: clinics with 1 against those with -1.
fn told(what: &str, rounds: &[Round], signs: [i64; 4]) -> bool {
    let mut all: Vec<u64> = rounds.iter().flatten().copied().collect();
    all.sort_unstable();
    let usual = all[(all.len() as f64 * USUAL) as usize];
    let differences = rounds.iter().filter(|round| round.iter().all(|took| *took <= usual)).map(|round| {
        let signed = |(took, sign): (&u64, i64)| i64::try_from(*took).unwrap_or(i64::MAX) * sign;
        round.iter().zip(signs).map(signed).sum::<i64>() as f64 / 2.0
    });
    let mut differences: Vec<f64> = differences.filter(|difference| *difference != 0.0).collect();
    let count = differences.len() as f64;
    let above = differences.iter().filter(|difference| **difference > 0.0).count() as f64;
    let z = (2.0 * above - count) / count.sqrt();
    differences.sort_unstable_by(f64::total_cmp);
    println!(
        "{what:<30} median {:>8.0} ns of {} ns, more in {:.2} % of {count} rounds, z = {z:+.2}",
        differences[differences.len() / 2],
        all[all.len() / 2],
        100.0 * above / count
    );
    z.abs() <= Z_MAX
}

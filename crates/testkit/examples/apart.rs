//! Measures whether the time of an answer tells what is hidden: two clinics differ in nothing but the
//! words that their clients hide, and whoever may not see those asks both the same, in turns.
//!
//! `cargo run --release -p clinicos-testkit --example apart -- 100000`, or `cargo xtask bench apart`.
//!
//! One clinic is never another: pages of a file lie in another order, and blocks of memory. So the words change
//! places again and again, and what one clinic takes longer than the other falls on both words alike. What must
//! hold: the difference between the words is not significant at the level of one in a hundred, by a test that knows
//! nothing of how times are distributed (the sign test, on pairs in which both answered in the usual time).
#![expect(clippy::print_stdout, clippy::indexing_slicing, clippy::unwrap_used, reason = "a program that measures")]
#![expect(clippy::disallowed_methods, reason = "time is what it measures")]

use std::process::ExitCode;
use std::time::Instant;

use clinicos_testkit::apart::{clinic_with, targets, write_hidden};
use clinicos_testkit::{As, Call, Engine, Samples, World};

/// The same length in letters and bytes, as nothing but the words may differ.
const WORDS: [&str; 2] = ["Marguerite", "Wilhelmine"];
/// How often the words change places; an even number.
const TURNS: usize = 40;
/// Beyond this quantile of all times an answer waited for something else.
const USUAL: f64 = 0.95;
/// The standard normal distribution exceeds it, in either direction, in one of a hundred cases.
const Z_MAX: f64 = 2.576;

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

/// Times of the same question: to who hides the first word, and to who hides the other; and whether the first
/// clinic hides the first word.
type Pair = ([u64; 2], bool);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> ExitCode {
    let pairs: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let clinics = [Clinic::with(WORDS[0]).await, Clinic::with(WORDS[1]).await];
    let mut asked = Vec::new();
    for question in targets(&clinics[0].world, &clinics[0].samples).await {
        let shows = clinics[0].ask(&question).await.1 == 200 && clinics[1].ask(&question).await.1 == 200;
        asked.extend(shows.then_some(question));
    }
    let mut told: Vec<Pair> = Vec::with_capacity(pairs);
    for turn in 0..TURNS {
        for (place, clinic) in clinics.iter().enumerate() {
            write_hidden(&clinic.world, &clinic.samples, WORDS[(place + turn) % 2]).await;
        }
        for number in 0..pairs / TURNS {
            let question = &asked[number % asked.len()];
            let mut times = [0; 2];
            // Who is asked first changes from pair to pair.
            for place in [number / asked.len() % 2, 1 - number / asked.len() % 2] {
                times[(place + turn) % 2] = clinics[place].ask(question).await.0;
            }
            told.push((times, turn % 2 == 0));
        }
    }
    let by_word: Vec<[u64; 2]> = told.iter().map(|(times, _)| *times).collect();
    let by_clinic: Vec<[u64; 2]> =
        told.iter().map(|([one, other], straight)| if *straight { [*one, *other] } else { [*other, *one] }).collect();
    let holds = is_none("between the words", &by_word);
    is_none("between the clinics", &by_clinic);
    println!("{} questions, {} pairs: {}", asked.len(), told.len(), if holds { "PASS" } else { "FAIL" });
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whether no difference is significant.
fn is_none(what: &str, pairs: &[[u64; 2]]) -> bool {
    let mut all: Vec<u64> = pairs.iter().flatten().copied().collect();
    all.sort_unstable();
    let usual = all[(all.len() as f64 * USUAL) as usize];
    let usually = pairs.iter().filter(|pair| pair.iter().all(|took| *took <= usual));
    let signed = |took: u64| i64::try_from(took).unwrap_or(i64::MAX);
    let mut differences: Vec<i64> = usually.map(|pair| signed(pair[0]) - signed(pair[1])).filter(|one| *one != 0).collect();
    let count = differences.len() as f64;
    let above = differences.iter().filter(|difference| **difference > 0).count() as f64;
    let z = (2.0 * above - count) / count.sqrt();
    differences.sort_unstable();
    println!(
        "{what:<20} median {:>6} ns of {} ns, more in {:.2} % of {count} pairs, z = {z:+.2}",
        differences[differences.len() / 2],
        all[all.len() / 2],
        100.0 * above / count
    );
    z.abs() <= Z_MAX
}

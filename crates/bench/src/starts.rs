//! How soon the server is ready over a long history, after a stop and after a crash.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::client;
use crate::demo::{Demo, Start};
use crate::load::Job;
use crate::report::Starts;
use crate::sample::load;

/// Starts of each kind; an odd number.
const STARTS: usize = 5;
/// How long a server is under load before it is killed.
const BEFORE_KILL: Duration = Duration::from_millis(700);

/// Makes entries until there are this many, and returns how many there are.
pub fn fill(bench: &Path, demo: &Demo, targets: &[String], mut entries: u64, wanted: u64) -> Result<u64> {
    while entries < wanted {
        eprintln!("{entries} audit entries of {wanted}");
        let outcome = load(bench, &job(demo, targets, 256, 5.0))?;
        entries += outcome.answers;
    }
    demo.server.settle()?;
    Ok(entries)
}

/// Starts it again and again: after it was stopped, and after it was killed under load.
pub fn measure(bench: &Path, start: Start<'_>, targets: &[String], entries: u64) -> Result<Vec<Starts>> {
    let mut after_stop = Vec::new();
    for _ in 0..STARTS {
        let (demo, took) = ready(start)?;
        after_stop.push(took);
        demo.server.stop()?;
    }
    let mut after_kill = Vec::new();
    let mut demo = ready(start)?.0;
    for _ in 0..STARTS {
        let asks = job(&demo, targets, 64, 10.0);
        let killed = std::thread::scope(|scope| {
            let asking = scope.spawn(|| load(bench, &asks));
            std::thread::sleep(BEFORE_KILL);
            let killed = demo.server.kill();
            // It ends with an error, because nobody answers any more.
            drop(asking.join());
            killed
        });
        killed?;
        let took;
        (demo, took) = ready(start)?;
        after_kill.push(took);
    }
    demo.server.stop()?;
    Ok(vec![starts("a stop", entries, after_stop), starts("`kill -9` under load", entries, after_kill)])
}

/// Starts it, and waits until it has said so and passed its health check.
fn ready(start: Start<'_>) -> Result<(Demo, Duration)> {
    let began = Instant::now();
    let demo = Demo::start(start)?;
    client::get(demo.address, "/health/ready", None).context("the server said that it is ready")?;
    Ok((demo, began.elapsed()))
}

fn job(demo: &Demo, targets: &[String], connections: usize, counted_s: f64) -> Job {
    Job { address: demo.address, key: Some(demo.key.clone()), targets: targets.to_vec(), connections, warm_s: 0.0, counted_s }
}

fn starts(after: &'static str, entries: u64, mut took: Vec<Duration>) -> Starts {
    took.sort();
    let ms = |time: Option<&Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    Starts { after, entries, median_ms: ms(took.get(took.len() / 2)), worst_ms: ms(took.last()) }
}

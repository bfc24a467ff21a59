//! One round of one variant, and medians of rounds.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::load::{Job, Outcome};
use crate::process::{LOAD_CORE, Server, pinned};

/// What a round came to.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Answers a second.
    pub rate: f64,
    /// Half of the answers came within this many microseconds.
    pub p50_us: f64,
    /// All but one in a hundred did.
    pub p99_us: f64,
    /// Processor time of the server for each answer, in microseconds.
    pub cpu_us: f64,
    /// How many answers there were.
    pub answers: u64,
}

/// Runs a load on its own core.
pub fn load(bench: &Path, job: &Job) -> Result<Outcome> {
    load_by(pinned(LOAD_CORE, bench), job)
}

/// Runs a load on whichever core is free, beside others.
pub fn load_anywhere(bench: &Path, job: &Job) -> Result<Outcome> {
    load_by(Command::new(bench), job)
}

fn load_by(mut command: Command, job: &Job) -> Result<Outcome> {
    // Its errors are this one's to tell: where the server is killed on purpose they are no news.
    let mut child = command.arg("load").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("the load has no input")?;
    input.write_all(&serde_json::to_vec(job)?)?;
    drop(input);
    let output = child.wait_with_output()?;
    if !output.status.success() {
        bail!("the load failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs a load and reads what it cost the server, what it does afterwards included. A single
/// answer other than 200 makes the round worthless.
pub fn sample(bench: &Path, server: &Server, job: &Job) -> Result<Sample> {
    let before = server.cpu_s()?;
    let outcome = load(bench, job)?;
    if outcome.refused > 0 {
        let (refused, status) = (outcome.refused, outcome.refused_status);
        bail!("{refused} of {} answers were no 200 but {status}; the round does not count", outcome.answers);
    }
    server.settle()?;
    Ok(Sample {
        rate: outcome.rate,
        p50_us: outcome.p50_us as f64,
        p99_us: outcome.p99_us as f64,
        cpu_us: (server.cpu_s()? - before) * 1e6 / outcome.answers.max(1) as f64,
        answers: outcome.answers,
    })
}

/// The median of each figure, and the sum of the answers.
pub fn medians(samples: &[Sample]) -> Sample {
    let of = |figure: fn(&Sample) -> f64| {
        let mut figures: Vec<f64> = samples.iter().map(figure).collect();
        figures.sort_by(f64::total_cmp);
        figures.get(figures.len() / 2).copied().unwrap_or_default()
    };
    Sample {
        rate: of(|sample| sample.rate),
        p50_us: of(|sample| sample.p50_us),
        p99_us: of(|sample| sample.p99_us),
        cpu_us: of(|sample| sample.cpu_us),
        answers: samples.iter().map(|sample| sample.answers).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Sample, medians};

    #[test]
    fn each_figure_has_its_own_median() {
        let sample = |rate, cpu_us| Sample { rate, p50_us: 1.0, p99_us: 2.0, cpu_us, answers: 10 };
        let median = medians(&[sample(3.0, 1.0), sample(1.0, 9.0), sample(2.0, 5.0)]);
        assert_eq!((median.rate, median.cpu_us, median.answers), (2.0, 5.0, 30));
    }
}

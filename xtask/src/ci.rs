//! Everything that must hold before a merge, in order, with the time that each step took.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::flags::Flags;
use crate::shell::{self, cargo};

/// What a step must come to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Must {
    Pass,
    /// A control: it shows that a check can fail.
    Fail,
}

struct Step {
    name: &'static str,
    must: Must,
    arguments: &'static [&'static str],
}

const fn step(name: &'static str, arguments: &'static [&'static str]) -> Step {
    Step { name, must: Must::Pass, arguments }
}

/// Arguments of cargo. On two cores all of them together stay under 40 minutes.
const STEPS: &[Step] = &[
    step("format", &["fmt", "--all", "--check"]),
    step("clippy", &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    step("tidy", &["xtask", "tidy"]),
    step("generated files are clean", &["xtask", "generate", "--check"]),
    step("tests", &["xtask", "test"]),
    step(
        "documents in a store of objects",
        &["test", "-p", "clinicos-server", "--features", "object-storage", "--lib", "files::"],
    ),
    step(
        "clippy of the same",
        &["clippy", "--quiet", "-p", "clinicos-server", "--features", "object-storage", "--", "-D", "warnings"],
    ),
    step("fuzzing finds nothing", &["xtask", "fuzz", "--seconds", "10"]),
    step("power cuts", &["xtask", "fault", "cut", "--rounds", "3"]),
    Step {
        name: "power cuts without sync lose data",
        must: Must::Fail,
        arguments: &["xtask", "fault", "cut", "--rounds", "3", "--no-sync"],
    },
    step("kills", &["xtask", "fault", "kill", "--rounds", "2"]),
    step("followers are killed", &["xtask", "fault", "feed", "--writes", "500"]),
    step("faults turn tests red", &["xtask", "mutants", "--quick"]),
];

/// Runs `cargo xtask ci`. `--skip NAME..` is for callers that ran a step already.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let mut flags = Flags::new(arguments);
    let skips = flags.switch("--skip");
    let named = flags.words()?;
    if let Some(unknown) = named.iter().find(|name| !skips || !STEPS.iter().any(|step| step.name == **name)) {
        bail!(
            "unknown step `{unknown}`; known after --skip: {}",
            STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ")
        );
    }
    let mut table = Vec::new();
    for step in STEPS.iter().filter(|step| !named.iter().any(|name| name == step.name)) {
        eprintln!("\n== {}", step.name);
        let started = Instant::now();
        let passed = run_step(step)?;
        table.push((step.name, passed, started.elapsed()));
        if !passed {
            break;
        }
    }
    show(&table);
    match table.last() {
        Some((name, false, _)) => bail!("`{name}` failed"),
        _ => Ok(()),
    }
}

fn run_step(step: &Step) -> Result<bool> {
    let mut command = cargo();
    command.args(step.arguments).current_dir(shell::root()?);
    let text = shell::text_of(&command);
    eprintln!("$ {text}");
    let succeeded = shell::status(&mut command)?.success();
    if step.must == Must::Fail && succeeded {
        eprintln!("`{text}` passed, but this control must fail: the check sees nothing");
    }
    Ok(succeeded == (step.must == Must::Pass))
}

fn show(table: &[(&str, bool, Duration)]) {
    println!();
    for (name, passed, took) in table {
        let verdict = if *passed { "ok" } else { "FAILED" };
        println!("{name:<36} {verdict:<8} {:>7.1} s", took.as_secs_f64());
    }
    let total: Duration = table.iter().map(|(_, _, took)| *took).sum();
    println!("{:<36} {:<8} {:>7.1} s", "together", "", total.as_secs_f64());
}

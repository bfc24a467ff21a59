//! Feeds inputs that nobody thought of to what must hold for any, with libFuzzer.
//!
//! The properties are in `crates/properties`, the targets in `fuzz/`. Sanitizers that find misuse
//! of memory would need a nightly compiler; the product has no unsafe code for them to watch.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::flags::Flags;
use crate::shell::{self, cargo};

/// The version that is installed where there is none.
const CARGO_FUZZ_VERSION: &str = "0.13.2";
/// Seconds for each target unless told otherwise.
const SECONDS: u64 = 10;
/// A single input that takes longer is a finding.
const INPUT_SECONDS_MAX: u64 = 20;

/// What one target came to.
struct Run {
    target: String,
    executions: u64,
    edges: u64,
    corpus: usize,
    passed: bool,
}

/// Runs `cargo xtask fuzz [target..] [--seconds N]`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let mut flags = Flags::new(arguments);
    let seconds = flags.number("--seconds", SECONDS)?;
    let named = flags.words()?;
    let root = shell::root()?;
    let targets = targets(&root, &named)?;
    let binaries = build(&root)?;
    let words = root.join("fuzz/target/words.dict");
    std::fs::write(
        &words,
        shell::read(
            cargo().args(["run", "--quiet", "--package", "clinicos-properties", "--example", "words"]).current_dir(&root),
        )?,
    )?;
    let mut runs = Vec::new();
    for target in targets {
        runs.push(fuzz(&root, &binaries.join(&target), target, &words, seconds)?);
    }
    println!("\n{:<14} {:>12} {:>8} {:>8}", "target", "executions", "edges", "corpus");
    for run in &runs {
        let verdict = if run.passed { "ok" } else { "FINDING" };
        println!("{:<14} {:>12} {:>8} {:>8}  {verdict}", run.target, run.executions, run.edges, run.corpus);
    }
    match runs.iter().find(|run| !run.passed) {
        Some(run) => bail!("`{}` has a finding; it is in fuzz/artifacts/{0}", run.target),
        None => Ok(()),
    }
}

/// The targets that are asked for; all, if none is named.
fn targets(root: &Path, named: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(root.join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        all.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    all.sort();
    match named.iter().find(|name| !all.contains(name)) {
        Some(unknown) => bail!("unknown target `{unknown}`; known: {}", all.join(", ")),
        None if named.is_empty() => Ok(all),
        None => Ok(named.to_vec()),
    }
}

/// Builds all targets, with coverage and without a sanitizer. Gives the directory that they are in.
fn build(root: &Path) -> Result<PathBuf> {
    if !shell::succeeds(cargo().args(["fuzz", "--version"])) {
        let mut install = cargo();
        install.args(["install", "--locked", "--version", CARGO_FUZZ_VERSION, "cargo-fuzz"]);
        shell::run(&mut install)
            .context("cargo-fuzz is missing and cannot be installed; it needs a C++ compiler and the registry")?;
    }
    // What is fuzzed is built with the product's versions.
    std::fs::copy(root.join("Cargo.lock"), root.join("fuzz/Cargo.lock"))?;
    let target = root.join("fuzz/target");
    let mut build = cargo();
    build.args(["fuzz", "build", "--sanitizer", "none", "--target-dir"]).arg(&target);
    shell::run(build.current_dir(root.join("fuzz")))?;
    let host = shell::read(Command::new("rustc").arg("-vV"))?;
    let triple = host.lines().find_map(|line| line.strip_prefix("host: ")).context("`rustc -vV` names no host")?;
    Ok(target.join(triple).join("release"))
}

/// Runs one target over the corpus; what it finds new stays in the build's directory.
fn fuzz(root: &Path, binary: &Path, target: String, words: &Path, seconds: u64) -> Result<Run> {
    let (found, artifacts) = (root.join("fuzz/target/found").join(&target), root.join("fuzz/artifacts").join(&target));
    std::fs::create_dir_all(&found)?;
    std::fs::create_dir_all(&artifacts)?;
    let mut command = Command::new(binary);
    command.args([
        format!("-max_total_time={seconds}"),
        format!("-timeout={INPUT_SECONDS_MAX}"),
        "-print_final_stats=1".to_owned(),
    ]);
    command.arg(format!("-dict={}", words.display())).arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.arg(&found).arg(root.join("fuzz/corpus").join(&target));
    eprintln!("$ {target} -max_total_time={seconds}");
    let output = shell::output(&mut command)?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        eprintln!("{told}");
    }
    let executions = told.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:")?.trim().parse().ok());
    Ok(Run {
        executions: executions.unwrap_or(0),
        edges: told.lines().rev().find_map(edges).unwrap_or(0),
        corpus: std::fs::read_dir(&found)?.count(),
        passed: output.status.success(),
        target,
    })
}

/// The number in `#4096 pulse  cov: 812 ft: 2291 …`.
fn edges(line: &str) -> Option<u64> {
    let mut words = line.split_whitespace().skip_while(|word| *word != "cov:");
    words.nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::edges;

    #[test]
    fn reads_how_much_was_covered() {
        assert_eq!(edges("#4096\tpulse  cov: 812 ft: 2291 corp: 94/12Kb lim: 4096 exec/s: 2048 rss: 60Mb"), Some(812));
        assert_eq!(edges("Done 788670 runs in 9 second(s)"), None);
    }
}

//! Puts known faults in, one at a time, and demands that the test named for it turns red.
//!
//! A fault is a file `mutants/<CASE>.patch`: a unified diff with a head of comments.
//!
//! ```text
//! # case: A7
//! # package: clinicos-server
//! # test: a7_
//! # quick
//! ```
//!
//! `test` is a filter of `cargo test` that must find at least one test; `quick` puts the
//! fault among those that every merge runs. The work is done in a tree of its own under
//! `target/mutants`, which keeps its build for the next time.

mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::flags::Flags;
use crate::shell::{self, Timed, cargo};
use patch::Patch;

const BUILD_MAX: Duration = Duration::from_secs(900);
const TEST_MAX: Duration = Duration::from_secs(300);

/// What became of one fault.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// The test ran and failed, as it must.
    Red,
    /// The test passed with the fault in.
    Survived,
    /// The patch does not fit the code any more.
    DoesNotApply,
    /// Not a fault that a test can find.
    DoesNotBuild,
    /// The filter finds no test.
    NoTest,
    /// The test did not end.
    Hung,
    /// It fails without the fault too.
    RedWithoutFault,
}

impl Verdict {
    fn text(&self) -> &'static str {
        match self {
            Self::Red => "red, as it must",
            Self::Survived => "SURVIVED: no test saw the fault",
            Self::DoesNotApply => "DOES NOT APPLY: renew the patch",
            Self::DoesNotBuild => "DOES NOT BUILD: the test never ran",
            Self::NoTest => "NO TEST has this name",
            Self::Hung => "HUNG: the test did not end",
            Self::RedWithoutFault => "RED WITHOUT THE FAULT",
        }
    }
}

/// Runs `cargo xtask mutants [--quick] [case..]`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let mut flags = Flags::new(arguments);
    let quick = flags.switch("--quick");
    let cases = flags.words()?;
    let root = shell::root()?;
    let patches = chosen(patch::load(&root.join("mutants"))?, quick, &cases)?;
    if patches.is_empty() {
        println!("no faults to put in");
        return Ok(());
    }
    // The tests use the same databases as `cargo xtask test`.
    let postgres = crate::test::postgres_url()?;
    let bench = Bench::new(&root, postgres)?;
    let healthy = bench.healthy(&patches)?;
    let mut table = Vec::new();
    for patch in &patches {
        let started = Instant::now();
        let verdict = if healthy.contains(&patch.test_key()) { bench.judge(patch)? } else { bench.sick(patch)? };
        eprintln!("{:<6} {:<44} {:>6.1} s  {}", patch.case, patch.name, started.elapsed().as_secs_f64(), verdict.text());
        table.push((patch, verdict));
    }
    println!();
    for (patch, verdict) in &table {
        println!("{:<6} {:<44} {}", patch.case, patch.name, verdict.text());
    }
    let bad = table.iter().filter(|(_, verdict)| *verdict != Verdict::Red).count();
    if bad > 0 { bail!("{bad} of {} faults did not turn their test red", table.len()) } else { Ok(()) }
}

fn chosen(patches: Vec<Patch>, quick: bool, cases: &[String]) -> Result<Vec<Patch>> {
    if let Some(unknown) = cases.iter().find(|case| !patches.iter().any(|patch| patch.is(case))) {
        bail!("no patch for the case `{unknown}` in mutants/");
    }
    let wanted = |patch: &Patch| (!quick || patch.quick) && (cases.is_empty() || cases.iter().any(|case| patch.is(case)));
    Ok(patches.into_iter().filter(wanted).collect())
}

/// The tree where faults are put in, and its build.
struct Bench {
    tree: PathBuf,
    build: PathBuf,
    postgres: String,
}

impl Bench {
    /// Brings the tree to what the working copy holds now, as far as git tracks it.
    fn new(root: &Path, postgres: String) -> Result<Self> {
        let home = root.join("target/mutants");
        let bench = Self { tree: home.join("tree"), build: home.join("build"), postgres };
        std::fs::create_dir_all(&home)?;
        let mut stash = Command::new("git");
        let changed = shell::read(stash.args(["stash", "create"]).current_dir(root))?;
        let commit = if changed.trim().is_empty() { "HEAD" } else { changed.trim() };
        let commit = shell::read(Command::new("git").args(["rev-parse", commit]).current_dir(root))?;
        let commit = commit.trim();
        if bench.tree.join(".git").exists() && shell::succeeds(bench.git().args(["rev-parse", "HEAD"])) {
            shell::read(bench.git().args(["reset", "--quiet", "--hard"]))?;
            shell::read(bench.git().args(["clean", "--quiet", "-fd"]))?;
            shell::read(bench.git().args(["checkout", "--quiet", "--detach", commit]))?;
        } else {
            shell::read(Command::new("git").args(["worktree", "prune"]).current_dir(root))?;
            let mut add = Command::new("git");
            add.args(["worktree", "add", "--quiet", "--force", "--detach"]).arg(&bench.tree).arg(commit);
            shell::read(add.current_dir(root))?;
        }
        Ok(bench)
    }

    fn git(&self) -> Command {
        let mut git = Command::new("git");
        git.current_dir(&self.tree);
        git
    }

    fn test(&self, patch: &Patch, build_only: bool) -> Result<Timed> {
        let mut test = cargo();
        test.args(["test", "--quiet", "--package", &patch.package]);
        if build_only {
            test.arg("--no-run");
        } else {
            test.arg(&patch.test);
        }
        test.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.build).env(crate::test::POSTGRES_VARIABLE, &self.postgres);
        shell::run_for(&mut test, if build_only { BUILD_MAX } else { TEST_MAX })
    }

    /// The tests that pass without any fault.
    fn healthy(&self, patches: &[Patch]) -> Result<BTreeSet<(String, String)>> {
        let tests: BTreeMap<_, _> = patches.iter().map(|patch| (patch.test_key(), patch)).collect();
        let mut healthy = BTreeSet::new();
        for (key, patch) in tests {
            eprintln!("without a fault: {} {}", patch.package, patch.test);
            if self.test(patch, true)?.success != Some(true) {
                continue;
            }
            let timed = self.test(patch, false)?;
            if timed.success == Some(true) && patch::counts(&timed.printed).ran() > 0 {
                healthy.insert(key);
            } else {
                eprintln!("{}", timed.printed.trim());
            }
        }
        Ok(healthy)
    }

    /// Why a test was not among the healthy ones.
    fn sick(&self, patch: &Patch) -> Result<Verdict> {
        if self.test(patch, true)?.success != Some(true) {
            return Ok(Verdict::DoesNotBuild);
        }
        let timed = self.test(patch, false)?;
        Ok(if timed.success == Some(true) { Verdict::NoTest } else { Verdict::RedWithoutFault })
    }

    /// Puts the fault in, runs the test, takes the fault out.
    fn judge(&self, patch: &Patch) -> Result<Verdict> {
        if !shell::succeeds(self.git().args(["apply", "--whitespace=nowarn"]).arg(&patch.path)) {
            return Ok(Verdict::DoesNotApply);
        }
        let verdict = self.judge_applied(patch);
        shell::put_away(self.git().args(["reset", "--quiet", "--hard"])).context("cannot take the fault out again")?;
        shell::put_away(self.git().args(["clean", "--quiet", "-fd"]))?;
        verdict
    }

    fn judge_applied(&self, patch: &Patch) -> Result<Verdict> {
        let built = self.test(patch, true)?;
        if built.success != Some(true) {
            eprintln!("{}", built.printed.trim());
            return Ok(Verdict::DoesNotBuild);
        }
        let timed = self.test(patch, false)?;
        let counts = patch::counts(&timed.printed);
        Ok(match timed.success {
            None => Verdict::Hung,
            _ if counts.failed > 0 => Verdict::Red,
            _ if counts.ran() == 0 => Verdict::NoTest,
            _ => Verdict::Survived,
        })
    }
}

//! Writes `generated/` from the catalogue and from what its examples are answered with, or checks that it is up to date.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::flags::Flags;
use crate::shell::{self, cargo};

/// Runs `cargo xtask generate [--check]`.
pub fn run(arguments: Vec<String>) -> Result<()> {
    let mut flags = Flags::new(arguments);
    let check = flags.switch("--check");
    flags.end()?;
    let root = shell::root()?;
    let committed = root.join("generated");
    let fresh = root.join("target/generated");
    if fresh.exists() {
        fs::remove_dir_all(&fresh)?;
    }
    fs::create_dir_all(&fresh)?;
    let mut spec = cargo();
    spec.args(["run", "--quiet", "--package", "clinicos-server", "--bin", "clinicos", "--", "spec", "--to"]);
    shell::run(spec.arg(&fresh).current_dir(&root))?;
    let mut answers = cargo();
    answers.args(["run", "--quiet", "--package", "clinicos-testkit", "--example", "answers", "--"]);
    shell::run(answers.arg(fresh.join("answers.md")).current_dir(&root))?;
    let (old, new) = (files(&committed)?, files(&fresh)?);
    if new.is_empty() {
        bail!("`clinicos spec --to` wrote nothing");
    }
    let differing = differences(&old, &new);
    if check {
        if differing.is_empty() {
            return Ok(());
        }
        bail!("generated/ does not match the code; run `cargo xtask generate` and commit:\n  {}", differing.join("\n  "));
    }
    write(&committed, &old, &new)?;
    for line in differing {
        println!("{line}");
    }
    Ok(())
}

fn write(committed: &Path, old: &BTreeMap<PathBuf, Vec<u8>>, new: &BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    for path in old.keys().filter(|path| !new.contains_key(*path)) {
        fs::remove_file(committed.join(path))?;
    }
    for (path, content) in new.iter().filter(|(path, content)| old.get(*path) != Some(content)) {
        let target = committed.join(path);
        if let Some(directory) = target.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(target, content)?;
    }
    Ok(())
}

/// One line for each file that is not the same.
fn differences(old: &BTreeMap<PathBuf, Vec<u8>>, new: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, content) in new {
        match old.get(path) {
            None => lines.push(format!("generated/{} is missing", path.display())),
            Some(before) if before != content => {
                lines.push(format!("generated/{} is out of date{}", path.display(), first_line(before, content)))
            }
            Some(_) => {}
        }
    }
    lines.extend(
        old.keys()
            .filter(|path| !new.contains_key(*path))
            .map(|path| format!("generated/{} is no longer generated", path.display())),
    );
    lines
}

/// Where two files part.
fn first_line(before: &[u8], after: &[u8]) -> String {
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let same = before.lines().zip(after.lines()).take_while(|(old, new)| old == new).count();
    format!(" from line {} on", same + 1)
}

fn files(directory: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    if directory.is_dir() {
        collect(directory, directory, &mut found).with_context(|| format!("cannot read `{}`", directory.display()))?;
    }
    Ok(found)
}

fn collect(top: &Path, directory: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(top, &path, found)?;
        } else {
            found.insert(path.strip_prefix(top)?.to_owned(), fs::read(&path)?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::differences;
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    fn tree(files: &[(&str, &str)]) -> BTreeMap<PathBuf, Vec<u8>> {
        files.iter().map(|(path, content)| (PathBuf::from(path), content.as_bytes().to_vec())).collect()
    }

    #[test]
    fn names_what_differs() {
        let old = tree(&[("same", "1"), ("changed", "a\nb"), ("gone", "1")]);
        let new = tree(&[("same", "1"), ("changed", "a\nc"), ("new", "1")]);
        let lines = differences(&old, &new);
        assert_eq!(
            lines,
            [
                "generated/changed is out of date from line 2 on",
                "generated/new is missing",
                "generated/gone is no longer generated"
            ]
        );
        assert!(differences(&old, &old).is_empty());
    }
}

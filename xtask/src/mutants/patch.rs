//! Reads patches, and the counts that a test run prints.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// A fault that can be put in.
#[derive(Debug, Clone)]
pub struct Patch {
    /// The file.
    pub path: PathBuf,
    /// The file's name without its ending.
    pub name: String,
    /// The abuse case: `A7`.
    pub case: String,
    /// The package whose tests must see the fault.
    pub package: String,
    /// The filter that finds the test.
    pub test: String,
    /// Whether every merge runs it.
    pub quick: bool,
}

impl Patch {
    /// Whether a person means this one: by case or by name.
    pub fn is(&self, word: &str) -> bool {
        self.case.eq_ignore_ascii_case(word) || self.name.eq_ignore_ascii_case(word)
    }

    /// Patches with the same key run the same test.
    pub fn test_key(&self) -> (String, String) {
        (self.package.clone(), self.test.clone())
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let head: Vec<&str> = text.lines().map_while(|line| line.strip_prefix('#')).map(str::trim).collect();
        let field = |name: &str| {
            let value = head.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            let value = value.map(str::trim).filter(|value| !value.is_empty());
            value.map(str::to_owned).with_context(|| format!("{} has no line `# {name}: …` at its top", path.display()))
        };
        Ok(Self {
            path: path.to_owned(),
            name: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
            case: field("case")?,
            package: field("package")?,
            test: field("test")?,
            quick: head.contains(&"quick"),
        })
    }
}

/// Every patch of a directory, by name; none if there is no such directory.
pub fn load(directory: &Path) -> Result<Vec<Patch>> {
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "patch") {
            found.push(Patch::parse(&path, &std::fs::read_to_string(&path)?)?);
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(found)
}

/// What test binaries said at their end.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tests that passed.
    pub passed: u64,
    /// Tests that failed.
    pub failed: u64,
}

impl Counts {
    /// Tests that ran.
    pub fn ran(&self) -> u64 {
        self.passed + self.failed
    }
}

/// Adds up every `test result: FAILED. 3 passed; 1 failed; …`.
pub fn counts(printed: &str) -> Counts {
    let mut counts = Counts::default();
    for line in printed.lines().filter(|line| line.trim_start().starts_with("test result:")) {
        let number = |word: &str| {
            let mut words = line.split([' ', ';', '.']).filter(|part| !part.is_empty()).peekable();
            std::iter::from_fn(|| words.next().map(|part| (part, words.peek().copied())))
                .find_map(|(part, next)| (next == Some(word)).then(|| part.parse::<u64>().ok())?)
                .unwrap_or(0)
        };
        counts.passed += number("passed");
        counts.failed += number("failed");
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::{Counts, Patch, counts};
    use std::path::Path;

    #[test]
    fn reads_the_head() {
        let text = "# case: A7\n# package: clinicos-server\n# test: a7_\n# quick\n\n--- a/x\n+++ b/x\n# case: no\n";
        let patch = Patch::parse(Path::new("mutants/A7-another.patch"), text).expect("a patch");
        assert!(patch.is("a7") && patch.is("A7-another") && patch.quick);
        assert_eq!(patch.test_key(), ("clinicos-server".to_owned(), "a7_".to_owned()));
        assert!(Patch::parse(Path::new("x.patch"), "# case: A7\n--- a/x\n").is_err());
    }

    #[test]
    fn adds_up_what_binaries_say() {
        let printed = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out; finished in 0.00s\n\
                       noise\ntest result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        assert_eq!(counts(printed), Counts { passed: 5, failed: 1 });
        assert_eq!(counts("error: could not compile"), Counts::default());
    }
}

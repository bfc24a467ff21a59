//! Clock, randomness and environment are read in the server's main and handed down.

use super::{Finding, Tree, crate_of};

/// The one place.
const HOME: &str = "crates/server/src/main.rs";
/// Tools may; they are no part of the product.
const TOOLS: &[&str] = &["bench", "faultvfs", "testkit", "xtask"];

const READS: &[&str] = &[
    "SystemTime::now",
    "Instant::now",
    "Timestamp::now(",
    "Zoned::now",
    "Utc::now",
    "Local::now",
    "rand::rng(",
    "rand::random",
    "thread_rng",
    "OsRng",
    "SysRng",
    "getrandom::",
    "from_os_rng",
    "env::var(",
    "env::var_os(",
    "env::vars",
    "env::args",
];

/// Checks the code that is no test.
pub fn sources(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust() {
        let Some(name) = crate_of(&file.path) else { continue };
        if file.path == HOME || TOOLS.contains(&name) {
            continue;
        }
        for piece in file.code() {
            for read in READS.iter().filter(|read| piece.text.contains(*read)) {
                let message =
                    format!("`{}` is read only in {HOME}; take a value, a `Clock` or an `Entropy`", read.trim_end_matches('('));
                found.push(Finding::new(&file.path, piece.line, message));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::sources;
    use crate::tidy::Tree;

    #[test]
    fn reads_outside_main_are_named() {
        let source = "// Instant::now\nfn a() {\n    let now = std::time::Instant::now();\n}\n";
        let found = sources(&Tree::of(&[("crates/gate/src/call.rs", source)]));
        assert_eq!(found.first().map(|finding| finding.line), Some(3), "{found:?}");
        assert_eq!(found.len(), 1);
        assert_eq!(sources(&Tree::of(&[("crates/server/src/main.rs", source)])), []);
        let test = "#[cfg(test)]\nmod tests {\n    fn a() { std::env::var(\"A\"); }\n}\n";
        assert_eq!(sources(&Tree::of(&[("crates/gate/src/call.rs", test)])), []);
    }
}

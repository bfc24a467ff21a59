//! The size, the content and the names of files.

use super::rust_text::Kind;
use super::{Finding, Tree, crate_of};

/// Most lines of a Rust file.
const FILE_LINES_MAX: usize = 400;

/// Names that say nothing about what is inside.
const DRAWERS: &[&str] = &["core", "util", "utils", "common", "helper", "helpers", "types", "misc", "shared", "stuff"];

/// Files are short, not empty, and named for what they hold.
pub fn files(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.rust().iter().filter(|file| crate_of(&file.path).is_some()) {
        let path = file.path.as_str();
        let lines = tree.text(path).map_or(0, |text| text.lines().count());
        if lines >= FILE_LINES_MAX {
            let message = format!("{lines} lines; a file stays under {FILE_LINES_MAX}: split it by what it does");
            found.push(Finding::new(path, FILE_LINES_MAX, message));
        }
        if !file.pieces.iter().any(|piece| piece.kind == Kind::Code) {
            found.push(Finding::new(path, 1, "the module is empty; remove it"));
        }
        for part in path.split('/').map(|part| part.trim_end_matches(".rs")).filter(|part| DRAWERS.contains(part)) {
            found.push(Finding::new(path, 1, format!("`{part}` is a drawer; name the thing that is inside")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::files;
    use crate::tidy::Tree;

    fn one(path: &str, text: &str) -> usize {
        files(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn long_empty_and_badly_named_files_are_named() {
        assert_eq!(one("crates/gate/src/call.rs", "fn a() {}\n"), 0);
        assert_eq!(one("crates/gate/src/call.rs", &"fn a() {}\n".repeat(399)), 0);
        assert_eq!(one("crates/gate/src/call.rs", &"fn a() {}\n".repeat(400)), 1);
        assert_eq!(one("crates/gate/src/call.rs", "//! Says what is not there.\n"), 1);
        assert_eq!(one("crates/gate/src/utils.rs", "fn a() {}\n"), 1);
        assert_eq!(one("crates/common/src/lib.rs", "fn a() {}\n"), 1);
    }
}

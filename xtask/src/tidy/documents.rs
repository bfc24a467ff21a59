//! Decision notes, the architecture page, and what no text may name.

use super::{Finding, Tree};

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const ARCHITECTURE_LINES_MAX: usize = 300;
const DECISIONS: &str = "docs/decisions/";
const STATES: &[&str] = &["proposed", "accepted", "superseded", "rejected"];

/// Hosts of package registries. The code must build against whichever one a machine is set to.
const REGISTRIES: &[&str] = &[
    concat!("crates", ".io"),
    concat!("static.rust", "-lang.org"),
    concat!("registry.npm", "js.org"),
    concat!("registry.yarn", "pkg.com"),
    concat!("py", "pi.org"),
    concat!("files.python", "hosted.org"),
    concat!("proxy.gol", "ang.org"),
];
/// Cargo writes it; nobody reads it.
const LOCK: &str = "Cargo.lock";
const CARGO_CONFIG: &str = ".cargo/config.toml";

/// Checks the shape of decision notes and the length of the architecture page.
pub fn documents(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files() {
        let lines = text.lines().count();
        if path == ARCHITECTURE && lines >= ARCHITECTURE_LINES_MAX {
            let message =
                format!("{lines} lines; it stays under {ARCHITECTURE_LINES_MAX}: move detail to a decision or a how-to");
            found.push(Finding::new(path, ARCHITECTURE_LINES_MAX, message));
        }
        if let Some(name) = path.strip_prefix(DECISIONS) {
            found.extend(decision(path, name, text));
        }
    }
    found
}

fn decision(path: &str, name: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    if !is_numbered(name) {
        found.push(Finding::new(path, 1, "a decision is named `NNNN-what-it-says.md`"));
    }
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    match field("State:") {
        Some(state) if STATES.iter().any(|known| state.starts_with(known)) => {}
        _ => found.push(Finding::new(path, 1, format!("a decision has a line `State:` with one of: {}", STATES.join(", ")))),
    }
    if !field("Date:").is_some_and(is_date) {
        found.push(Finding::new(path, 1, "a decision has a line `Date: YYYY-MM-DD`"));
    }
    found
}

/// `0001-one-door.md`
fn is_numbered(name: &str) -> bool {
    let Some((number, slug)) = name.strip_suffix(".md").and_then(|stem| stem.split_once('-')) else { return false };
    let slug_ok = !slug.is_empty() && slug.chars().all(|next| next.is_ascii_lowercase() || next.is_ascii_digit() || next == '-');
    number.len() == 4 && number.chars().all(|next| next.is_ascii_digit()) && slug_ok
}

/// `2026-11-22`
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    lengths == [4, 2, 2] && parts.iter().all(|part| part.chars().all(|next| next.is_ascii_digit()))
}

/// Checks that no text names a registry or sends Cargo to another one.
pub fn registries(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| *path != LOCK) {
        for (line, content) in (1..).zip(text.lines()) {
            if let Some(host) = REGISTRIES.iter().find(|host| content.contains(**host)) {
                found.push(Finding::new(
                    path,
                    line,
                    format!("names the registry `{host}`; leave that to the machine's settings"),
                ));
            }
            let redirects =
                content.starts_with("[source") || content.starts_with("[registries") || content.contains("replace-with");
            if path == CARGO_CONFIG && redirects {
                found.push(Finding::new(
                    path,
                    line,
                    "sends Cargo to a registry of its own; leave that to the machine's settings",
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{REGISTRIES, documents, registries};
    use crate::tidy::Tree;

    #[test]
    fn decisions_have_a_number_a_state_and_a_date() {
        let count = |path: &str, text: &str| documents(&Tree::of(&[(path, text)])).len();
        let good = "# 0001 One door\n\nDate: 2026-11-22\nState: accepted\n";
        assert_eq!(count("docs/decisions/0001-one-door.md", good), 0);
        assert_eq!(count("docs/decisions/one-door.md", good), 1);
        assert_eq!(count("docs/decisions/0001-one-door.md", "Date: 2026-11-22\n"), 1);
        assert_eq!(count("docs/decisions/0001-one-door.md", "State: accepted\nDate: soon\n"), 1);
        assert_eq!(count("docs/decisions/0001-one-door.md", "State: perhaps\nDate: 2026-11-22\n"), 1);
    }

    #[test]
    fn a_long_architecture_page_is_named() {
        assert_eq!(documents(&Tree::of(&[("ARCHITECTURE.md", &"a\n".repeat(299))])), []);
        assert_eq!(documents(&Tree::of(&[("ARCHITECTURE.md", &"a\n".repeat(300))])).len(), 1);
    }

    #[test]
    fn registries_are_named() {
        for host in REGISTRIES {
            assert_eq!(registries(&Tree::of(&[("README.md", &format!("see https://{host}/x"))])).len(), 1, "{host}");
        }
        assert_eq!(registries(&Tree::of(&[("Cargo.lock", &format!("source = \"{}\"", REGISTRIES.join(" ")))])), []);
        assert_eq!(registries(&Tree::of(&[(".cargo/config.toml", "[source.x]\nreplace-with = \"y\"\n")])).len(), 2);
    }
}

//! Resource folders: a folder may use another one's `model` and `rows`, never its operations,
//! and never in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::rust_text::RustFile;
use super::{Finding, Tree};

/// Crates that are made of resource folders.
const CRATES: &[&str] = &["clinic", "platform"];
/// The modules of a folder that others may use.
const OPEN: &[&str] = &["model", "rows"];

/// One use of a folder by another.
struct Use<'t> {
    file: &'t RustFile,
    line: usize,
    from: &'t str,
    to: String,
    /// The module or item right behind the folder; `{` opens a list.
    module: String,
}

/// Checks every crate of folders.
pub fn folders(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for name in CRATES {
        let uses = uses(tree, name);
        for one in uses.iter().filter(|one| !OPEN.contains(&one.module.as_str())) {
            let message = format!(
                "`{}` uses `{}::{}`; of another folder only {} may be used",
                one.from,
                one.to,
                one.module,
                OPEN.join(" and ")
            );
            found.push(Finding::new(&one.file.path, one.line, message));
        }
        found.extend(circles(&uses));
    }
    found
}

fn folder_of<'t>(path: &'t str, name: &str) -> Option<&'t str> {
    let inside = path.strip_prefix("crates/")?.strip_prefix(name)?.strip_prefix("/src/")?;
    inside.split_once('/').map(|(folder, _)| folder)
}

fn uses<'t>(tree: &'t Tree, name: &str) -> Vec<Use<'t>> {
    let folders: BTreeSet<&str> = tree.rust().iter().filter_map(|file| folder_of(&file.path, name)).collect();
    let mut found = Vec::new();
    for file in tree.rust() {
        let Some(from) = folder_of(&file.path, name) else { continue };
        for (line, path) in paths(file) {
            let mut parts = path.splitn(3, "::");
            let (Some(to), Some(module)) = (parts.next(), parts.next()) else { continue };
            if to != from && folders.contains(to) {
                found.push(Use { file, line, from, to: to.to_owned(), module: module.to_owned() });
            }
        }
    }
    found
}

/// Paths that start at the crate, without `crate::`: `clients::model::Client`. A list of
/// modules is taken apart: `clients::{model, rows::find}` gives two.
fn paths(file: &RustFile) -> Vec<(usize, String)> {
    let mut code = String::new();
    let mut lines = Vec::new();
    for piece in file.code() {
        let text: String = piece.text.chars().filter(|next| !next.is_whitespace()).collect();
        lines.extend(std::iter::repeat_n(piece.line, text.len()));
        code.push_str(&text);
    }
    let mut found = Vec::new();
    for start in ["crate::", "super::super::"] {
        for (place, _) in code.match_indices(start) {
            let line = lines.get(place).copied().unwrap_or(1);
            let rest = code.split_at(place + start.len()).1;
            found.extend(expand(rest).into_iter().map(|path| (line, path)));
        }
    }
    found
}

/// The paths of `a::b`, `a::{b, c::d}` or `{a::b, c::d}`, each at least two names long if it can be.
fn expand(text: &str) -> Vec<String> {
    let name: String = text.chars().take_while(|next| next.is_alphanumeric() || *next == '_').collect();
    let rest = text.strip_prefix(name.as_str()).unwrap_or_default();
    if name.is_empty() {
        return match text.strip_prefix('{') {
            Some(list) => split_list(list).into_iter().flat_map(expand).collect(),
            None => Vec::new(),
        };
    }
    match rest.strip_prefix("::") {
        Some(next) if next.starts_with('*') => vec![format!("{name}::*")],
        Some(next) => expand(next).into_iter().map(|path| format!("{name}::{path}")).collect(),
        None => vec![name],
    }
}

/// The parts of a list in braces; `text` starts behind the opening one.
fn split_list(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0_usize, 0, Vec::new());
    for (place, next) in text.char_indices() {
        match next {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                parts.extend(text.get(start..place));
                start = place + 1;
                if next == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

/// Folders that use each other, directly or round about.
fn circles(uses: &[Use<'_>]) -> Vec<Finding> {
    let mut edges: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for one in uses {
        edges.entry(one.from).or_default().insert(&one.to);
    }
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for one in uses {
        if !told.insert((one.from, one.to.as_str())) {
            continue;
        }
        if let Some(way) = way(&edges, &one.to, one.from) {
            let message = format!("folders use each other in a circle: {} → {}", one.from, way.join(" → "));
            found.push(Finding::new(&one.file.path, one.line, message));
        }
    }
    found
}

/// A way from one folder to another.
fn way<'t>(edges: &BTreeMap<&'t str, BTreeSet<&'t str>>, from: &'t str, to: &str) -> Option<Vec<&'t str>> {
    let mut seen = BTreeSet::from([from]);
    let mut waiting = vec![vec![from]];
    while let Some(path) = waiting.pop() {
        let last = path.last().copied()?;
        if last == to {
            return Some(path);
        }
        for next in edges.get(last).into_iter().flatten().copied() {
            if seen.insert(next) {
                waiting.push(path.iter().copied().chain([next]).collect());
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::folders;
    use crate::tidy::Tree;

    fn tree(invoices: &str, clients: &str) -> Tree {
        Tree::of(&[("crates/clinic/src/invoices/create.rs", invoices), ("crates/clinic/src/clients/rows.rs", clients)])
    }

    #[test]
    fn model_and_rows_may_be_used() {
        let uses = "use crate::clients::{model::Client, rows};\nfn a() { crate::clients::rows::find(); }\n";
        assert_eq!(folders(&tree(uses, "fn a() {}")), []);
        assert_eq!(folders(&tree("use crate::invoices::create::Body;", "use crate::clients::list::Body;")), []);
    }

    #[test]
    fn operations_of_another_folder_are_named() {
        for bad in [
            "use crate::clients::create::Create;",
            "use crate::clients::{rows, create};",
            "use crate::{clients::create, ids};",
            "fn a() { super::super::clients::create::run(); }",
            "use crate::clients::*;",
            "use crate::\n    clients::CLIENTS;",
        ] {
            assert_eq!(folders(&tree(bad, "fn a() {}")).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_circle_is_named() {
        let found = folders(&tree("use crate::clients::rows;", "use crate::invoices::model;"));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.iter().all(|finding| finding.message.contains("circle")));
    }
}

//! Resource folders: a folder may use what another one is (its resource, `model` and the parts
//! of it, `rows`, `events`), never what it does (its operations), and never in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::rust_text::RustFile;
use super::{Finding, Tree};

/// Crates that are made of resource folders.
const CRATES: &[&str] = &["clinic", "platform"];
/// The one item of a folder's `mod.rs` that others may use: an operation may be guarded by
/// another folder's resource.
const OPEN_ITEM: &str = "RESOURCE";
/// What makes a file an operation.
const OPERATION: &str = "impl Operation for ";

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
        for one in uses.iter().filter(|one| !is_open(tree, name, one)) {
            let message = format!(
                "`{}` uses `{}::{}`; another folder's `model`, `rows`, `events` and the like may be used, its operations may not",
                one.from, one.to, one.module
            );
            found.push(Finding::new(&one.file.path, one.line, message));
        }
        found.extend(circles(&uses));
    }
    found
}

/// Whether what is used is a module without operations, the resource, or of a folder that has no
/// operation at all.
fn is_open(tree: &Tree, name: &str, one: &Use<'_>) -> bool {
    let has_operation = |file: &RustFile| file.code().any(|piece| piece.text.contains(OPERATION));
    let path = format!("crates/{name}/src/{}/{}.rs", one.to, one.module);
    match tree.rust().iter().find(|file| file.path == path) {
        Some(module) => !has_operation(module),
        None => {
            let folder = format!("crates/{name}/src/{}/", one.to);
            one.module == OPEN_ITEM || !tree.rust().iter().any(|file| file.path.starts_with(&folder) && has_operation(file))
        }
    }
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
        let code = Code::of(file);
        let mut imported: BTreeSet<String> = BTreeSet::new();
        let mut paths = code.paths_behind("crate::");
        paths.extend(code.paths_behind("super::super::"));
        for (_, path) in &paths {
            // `use crate::clients;` brings in the name; what is used is seen where it is used.
            let name = path.strip_suffix("::self").unwrap_or(path);
            if folders.contains(name) {
                imported.insert(name.to_owned());
            }
        }
        for name in &imported {
            let behind = code.paths_behind(&format!("{name}::")).into_iter();
            paths.extend(behind.map(|(line, rest)| (line, format!("{name}::{rest}"))));
        }
        for (line, path) in paths {
            let mut parts = path.splitn(3, "::");
            let (Some(to), Some(module)) = (parts.next(), parts.next()) else { continue };
            if to != from && module != "self" && folders.contains(to) {
                found.push(Use { file, line, from, to: to.to_owned(), module: module.to_owned() });
            }
        }
    }
    found
}

/// The code of a file in one line, and where each byte of it stood.
struct Code {
    text: String,
    lines: Vec<usize>,
}

impl Code {
    fn of(file: &RustFile) -> Self {
        let mut code = Self { text: String::new(), lines: Vec::new() };
        for piece in file.code() {
            let text = squeeze(&piece.text);
            code.lines.extend(std::iter::repeat_n(piece.line, text.len()));
            code.text.push_str(&text);
        }
        code
    }

    /// What follows a start that is not itself behind a path or a longer name. A list is taken
    /// apart: `crate::clients::{model, rows::find}` gives two.
    fn paths_behind(&self, start: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (place, _) in self.text.match_indices(start) {
            let (before, rest) = self.text.split_at(place);
            if before.ends_with(|last: char| last.is_alphanumeric() || last == '_' || last == ':') {
                continue;
            }
            let line = self.lines.get(place).copied().unwrap_or(1);
            let rest = rest.strip_prefix(start).unwrap_or_default();
            found.extend(expand(rest).into_iter().map(|path| (line, path)));
        }
        found
    }
}

/// Without blanks, except for the one that keeps two words apart: `rows as other`.
fn squeeze(text: &str) -> String {
    let is_word = |next: char| next.is_alphanumeric() || next == '_';
    let mut squeezed = String::new();
    let mut blank = false;
    for next in text.chars() {
        if next.is_whitespace() {
            blank = true;
            continue;
        }
        if blank && is_word(next) && squeezed.chars().next_back().is_some_and(is_word) {
            squeezed.push(' ');
        }
        blank = false;
        squeezed.push(next);
    }
    squeezed
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

    /// Two folders; `clients` has an operation, rows and parts of its model.
    fn tree(invoices: &str, clients: &str) -> Tree {
        Tree::of(&[
            ("crates/clinic/src/invoices/create.rs", invoices),
            ("crates/clinic/src/invoices/model.rs", "pub struct Invoice;"),
            ("crates/clinic/src/clients/mod.rs", "pub static RESOURCE: Resource = Resource {};"),
            ("crates/clinic/src/clients/create.rs", "pub struct Create;\nimpl Operation for Create {}"),
            ("crates/clinic/src/clients/model.rs", "pub struct Client;"),
            ("crates/clinic/src/clients/parts.rs", "pub struct Phone;"),
            ("crates/clinic/src/clients/rows.rs", clients),
            ("crates/clinic/src/batches/mod.rs", "pub struct Batch;"),
        ])
    }

    #[test]
    fn what_a_folder_is_may_be_used() {
        for good in [
            "use crate::clients::{model::Client, parts::Phone, rows as client_rows};",
            "fn a() { crate::clients::rows::find(); }",
            "const A: &Resource = &crate::clients::RESOURCE;",
            "use crate::invoices::create::Body;",
            "use crate::batches::{Batch, run};",
            "use crate::{clients, ids};\nfn a() { clients::rows::find(&clients::RESOURCE, our_clients::create()); }",
            "// use crate::clients::create::Create;",
        ] {
            assert_eq!(folders(&tree(good, "fn a() {}")), [], "{good}");
        }
    }

    #[test]
    fn operations_of_another_folder_are_named() {
        for bad in [
            "use crate::clients::create::Create;",
            "use crate::clients::{rows, create as other};",
            "use crate::{clients::create, ids};",
            "fn a() { super::super::clients::create::run(); }",
            "use crate::clients::*;",
            "use crate::clients::{self, rows};\nfn a() { clients::create::run(); }",
            "use crate::{clients, ids};\nfn a() { clients::create::run(); }",
            "use crate::\n    clients::OPERATIONS;",
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

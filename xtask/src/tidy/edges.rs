//! Which crate may use which, and which crate is home to drivers, HTTP, TLS and outbound requests.

use super::manifest::{Entry, entries};
use super::{Finding, Tree, crate_of};

/// What each crate of the product may depend on. The four in the middle never import one another.
const MAY_USE: &[(&str, &[&str])] = &[
    ("contract", &[]),
    ("store", &["contract"]),
    ("gate", &["contract", "store", "consent"]),
    ("clinic", &["contract", "store", "gate", "consent"]),
    ("platform", &["contract", "store", "gate", "intake", "consent"]),
    ("oversight", &["contract", "store", "gate"]),
    ("delivery", &["contract", "store", "gate"]),
    ("intake", &["contract"]),
    ("synth", &["contract", "gate", "clinic"]),
    ("consent", &["contract"]),
    ("oracle", &["contract", "consent"]),
    ("console", &["contract", "gate", "intake"]),
    (
        "server",
        &["contract", "store", "gate", "consent", "clinic", "platform", "oversight", "delivery", "intake", "console", "synth"],
    ),
];

/// For tests and tools only; they may use anything.
const DEV_ONLY: &[&str] = &["testkit", "faultvfs", "bench", "properties", "oracle", "xtask"];

/// Keeps a lints table of its own, with the reason beside it.
const OWN_LINTS: &[&str] = &["bench", "faultvfs", "xtask"];

/// Crates that have a home. A dependency is meant if its name is one of these or starts with
/// one of them and a dash.
const HOMES: &[(&str, &[&str], &[&str])] = &[
    (
        "a database driver",
        &["rusqlite", "libsqlite3-sys", "tokio-postgres", "postgres", "deadpool", "sqlx", "diesel", "sea-orm", "r2d2"],
        &["store", "faultvfs", "testkit", "bench", "xtask"],
    ),
    (
        "an HTTP crate",
        &["axum", "hyper", "http", "http-body", "tower", "actix", "warp", "poem"],
        &["server", "console", "delivery", "testkit", "bench", "properties", "xtask"],
    ),
    ("a client of a store of objects", &["object_store", "aws-sdk", "rust-s3", "opendal"], &["server"]),
    // The network ends in the server: nothing below knows whether a caller came encrypted.
    ("a TLS crate", &["rustls", "tokio-rustls", "ring", "rcgen"], &["server", "delivery", "testkit", "bench", "xtask"]),
    (
        "an outbound HTTP client",
        &["reqwest", "ureq", "isahc", "curl", "attohttpc", "awc", "surf", "hyper-rustls", "hyper-tls"],
        &["delivery", "xtask"],
    ),
];

/// Speaks HTTP to a running server through its control socket, never to the network.
const CONTROL_SOCKET_CLIENT: &str = "crates/server/src/cli/client.rs";

/// Reaches the store of objects that the operator names, in a build with that feature.
const OBJECT_STORE_CLIENT: &str = "crates/server/src/files/object/wire.rs";

/// The same in code, for what comes along through another crate. A home is a crate or a file.
const CODE_HOMES: &[(&str, &[&str])] = &[
    ("rusqlite::", &["store", "faultvfs", "bench", "xtask"]),
    ("tokio_postgres::", &["store", "testkit", "bench", "xtask"]),
    ("deadpool_postgres::", &["store", "bench", "xtask"]),
    ("axum::", &["server", "console", "testkit", "bench", "xtask"]),
    ("hyper::client", &["delivery", "testkit", "xtask", CONTROL_SOCKET_CLIENT, OBJECT_STORE_CLIENT]),
    ("hyper_util::client", &["delivery", "testkit", "bench", "xtask"]),
];

fn manifests(tree: &Tree) -> impl Iterator<Item = (&str, &str, &str)> {
    tree.files().filter(|(path, _)| path.ends_with("/Cargo.toml")).filter_map(|(path, text)| Some((crate_of(path)?, path, text)))
}

/// Checks the direction of each dependency between our crates.
pub fn directions(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, path, text) in manifests(tree) {
        let allowed = MAY_USE.iter().find(|(crate_name, _)| *crate_name == name).map(|(_, allowed)| *allowed);
        if DEV_ONLY.contains(&name) {
            continue;
        }
        let Some(allowed) = allowed else {
            let message =
                format!("the crate `{name}` has no place yet; give it one in xtask/src/tidy/edges.rs and in ARCHITECTURE.md");
            found.push(Finding::new(path, 1, message));
            continue;
        };
        for entry in entries(text).iter().filter(|entry| entry.is_dependency()) {
            found.extend(direction(name, path, entry, allowed));
        }
    }
    found
}

fn direction(name: &str, path: &str, entry: &Entry<'_>, allowed: &[&str]) -> Option<Finding> {
    let used = if entry.key == "xtask" { "xtask" } else { entry.key.strip_prefix("clinicos-")? };
    if DEV_ONLY.contains(&used) {
        let message = format!("`{used}` is for tests; move it to [dev-dependencies]");
        return (!entry.is_dev()).then(|| Finding::new(path, entry.line, message));
    }
    let message = format!("`{name}` must not depend on `{used}`; it may use: {}", or_nothing(allowed));
    (!allowed.contains(&used)).then(|| Finding::new(path, entry.line, message))
}

fn or_nothing(names: &[&str]) -> String {
    if names.is_empty() { "none of ours".to_owned() } else { names.join(", ") }
}

/// Checks that drivers, HTTP crates and outbound clients are named only in their homes.
pub fn homes(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, path, text) in manifests(tree) {
        for entry in entries(text).iter().filter(|entry| entry.is_dependency()) {
            found.extend(HOMES.iter().find_map(|(what, crates, homes)| {
                let meant = crates.iter().any(|one| entry.key == *one || entry.key.starts_with(&format!("{one}-")));
                let message = format!("`{}` is {what}: only {} may name one", entry.key, homes.join(", "));
                (meant && !homes.contains(&name)).then(|| Finding::new(path, entry.line, message))
            }));
        }
    }
    for file in tree.rust() {
        let Some(name) = crate_of(&file.path) else { continue };
        for piece in file.code() {
            let away = |homes: &[&str]| !homes.contains(&name) && !homes.contains(&file.path.as_str());
            for (word, homes) in CODE_HOMES.iter().filter(|(word, homes)| away(homes) && piece.text.contains(word)) {
                let message = format!("`{word}` is used only in {}", homes.join(", "));
                found.push(Finding::new(&file.path, piece.line, message));
            }
        }
    }
    found
}

/// Checks that every crate keeps the workspace's lints.
pub fn lints(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, path, text) in manifests(tree) {
        let entries = entries(text);
        let keeps =
            entries.iter().any(|entry| entry.section == "lints" && entry.key == "workspace" && entry.text.ends_with("true"));
        let own = OWN_LINTS.contains(&name) && entries.iter().any(|entry| entry.section == "lints.clippy");
        if !keeps && !own {
            found.push(Finding::new(path, 1, "the manifest lacks `[lints] workspace = true`"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{directions, homes, lints};
    use crate::tidy::Tree;

    const GOOD: &str = "[lints]\nworkspace = true\n[dependencies]\nclinicos-contract.workspace = true\n";

    fn manifest(path: &str, lines: &str) -> Tree {
        Tree::of(&[(path, &format!("[lints]\nworkspace = true\n{lines}\n"))])
    }

    #[test]
    fn the_right_direction_passes_and_every_wrong_one_is_named() {
        assert_eq!(directions(&Tree::of(&[("crates/store/Cargo.toml", GOOD)])), []);
        let upwards = directions(&manifest("crates/store/Cargo.toml", "[dependencies]\nclinicos-gate.workspace = true"));
        assert_eq!(upwards.first().map(|finding| finding.line), Some(4), "{upwards:?}");
        let sideways = directions(&manifest("crates/clinic/Cargo.toml", "[dependencies]\nclinicos-platform.workspace = true"));
        assert_eq!(sideways.len(), 1);
        let unknown = directions(&manifest("crates/new/Cargo.toml", ""));
        assert_eq!(unknown.len(), 1);
    }

    #[test]
    fn test_crates_are_for_tests() {
        let product = manifest("crates/gate/Cargo.toml", "[dependencies]\nclinicos-testkit.workspace = true");
        assert_eq!(directions(&product).len(), 1);
        let test = manifest("crates/gate/Cargo.toml", "[dev-dependencies]\nclinicos-testkit.workspace = true");
        assert_eq!(directions(&test), []);
    }

    #[test]
    fn drivers_and_http_have_homes() {
        let named = |path: &str, name: &str| homes(&manifest(path, &format!("[dependencies]\n{name}.workspace = true"))).len();
        assert_eq!(named("crates/gate/Cargo.toml", "rusqlite"), 1);
        assert_eq!(named("crates/store/Cargo.toml", "deadpool-postgres"), 0);
        assert_eq!(named("crates/gate/Cargo.toml", "tower-http"), 1);
        assert_eq!(named("crates/server/Cargo.toml", "axum"), 0);
        assert_eq!(named("crates/server/Cargo.toml", "reqwest"), 1);
        assert_eq!(named("crates/server/Cargo.toml", "httpdate"), 0);
        assert_eq!(named("crates/server/Cargo.toml", "tokio-rustls"), 0);
        assert_eq!(named("crates/gate/Cargo.toml", "rustls-pki-types"), 1);
        let code = Tree::of(&[("crates/gate/src/a.rs", "fn a() { rusqlite::open() } // axum::\n")]);
        assert_eq!(homes(&code).len(), 1);
    }

    #[test]
    fn a_manifest_without_lints_is_named() {
        assert_eq!(lints(&Tree::of(&[("crates/gate/Cargo.toml", "[package]\nname = \"x\"\n")])).len(), 1);
        assert_eq!(lints(&Tree::of(&[("crates/gate/Cargo.toml", GOOD)])), []);
        assert_eq!(lints(&Tree::of(&[("xtask/Cargo.toml", "[lints.clippy]\npanic = \"deny\"\n")])), []);
    }
}

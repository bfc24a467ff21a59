//! The catalogues of scopes, events and problems, in Markdown, and that of addresses, in JSON.

use std::fmt::Write as _;

use clinicos_contract::problem;
use clinicos_gate::Catalogue;
use serde_json::{Value, json};

use crate::http::raw_routes::RAW_ROUTES;

/// Every scope, and the operations that need it.
pub fn scopes(catalogue: &Catalogue) -> String {
    let mut page =
        String::from("# Scopes\n\nDerived from the operations that need them. Writing implies reading the same resource.\n");
    for scope in catalogue.scopes().names() {
        let needing: Vec<&str> =
            catalogue.specs().filter(|spec| !spec.is_open() && spec.scope() == scope).map(|spec| spec.id).collect();
        // Writing into a `String` cannot fail.
        let _ = writeln!(page, "\n## `{scope}`\n");
        for id in needing {
            let _ = writeln!(page, "- `{id}`");
        }
    }
    page
}

/// Every event, and the operations that emit it.
pub fn events(catalogue: &Catalogue) -> String {
    let mut page = String::from("# Events\n");
    for event in catalogue.events() {
        let emitting = catalogue.specs().filter(|spec| spec.emits.contains(&event)).map(|spec| format!("`{}`", spec.id));
        let _ = writeln!(page, "\n## `{}` (version {})\n\n{}", event.name, event.version, event.doc);
        let _ = writeln!(page, "\nEmitted by {}.", emitting.collect::<Vec<_>>().join(", "));
    }
    page
}

/// Every problem code.
pub fn problems() -> String {
    let mut page = String::from("# Problems\n\nEvery refusal is `application/problem+json` with one of these codes.\n");
    for code in problem::ALL {
        let _ = writeln!(page, "\n## `{}` · {}\n\n{}.\n\n{}", code.name, code.status, code.title, code.help);
    }
    page
}

/// Every address that is no operation: of the console with its methods, of raw routes, and of the
/// pages that problems lead to. The browser's tests visit them all.
pub fn pages() -> Value {
    json!({
        "console": clinicos_console::web::ROUTES.iter().map(|(path, methods)| json!([path, methods])).collect::<Value>(),
        "raw": RAW_ROUTES.iter().map(|(path, _)| *path).collect::<Value>(),
        "problems": problem::ALL.iter().map(|code| code.name).collect::<Value>(),
    })
}

//! Where statements may stand, and what each must say.

use super::rust_text::{Kind, Piece, RustFile};
use super::{Finding, Tree, crate_of};

/// Whose statements nobody looks at: they are tools and fixtures.
const TOOLS: &[&str] = &["xtask", "faultvfs", "bench", "testkit"];

/// Allows a statement to reach beyond one clinic; the reason follows.
const ALL_CLINICS: &str = "-- all clinics: ";

/// Words that start or end a transaction.
const TRANSACTION_WORDS: &[&str] = &["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"];

fn is_statement(text: &str) -> bool {
    let update = text
        .split_once("UPDATE ")
        .is_some_and(|(_, rest)| rest.contains(" SET ") || rest.contains("\n") && rest.contains("SET "));
    text.contains("SELECT ") || text.contains("INSERT INTO") || text.contains("DELETE FROM") || update
}

fn is_rows(file: &RustFile) -> bool {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    name == "rows.rs" || (file.path.starts_with("crates/gate/src/") && name.starts_with("rows"))
}

fn product_files(tree: &Tree) -> impl Iterator<Item = (&str, &RustFile)> {
    let files = tree.rust().iter().filter_map(|file| Some((crate_of(&file.path)?, file)));
    files.filter(|(name, _)| !TOOLS.contains(name))
}

/// Statements stand in a folder's `rows.rs`, in the gate's rows and in the store.
pub fn homes(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, file) in product_files(tree).filter(|(name, file)| *name != "store" && !is_rows(file)) {
        for piece in file.product().filter(|piece| piece.kind == Kind::Text && is_statement(&piece.text)) {
            let message = format!("a statement outside `rows.rs`; move it to the folder's `rows.rs` in `{name}`");
            found.push(Finding::new(&file.path, piece.line, message));
        }
    }
    found
}

/// Each statement above the store names the clinic, or says why it does not.
pub fn clinics(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (_, file) in product_files(tree).filter(|(_, file)| is_rows(file)) {
        for (first, whole) in statements(file) {
            if !whole.contains("clinic_id") && !whole.contains(ALL_CLINICS) {
                let message = format!("the statement neither names `clinic_id` nor says `{ALL_CLINICS}` and why");
                found.push(Finding::new(&file.path, first.line, message));
            }
        }
    }
    found
}

/// A statement may be put together from several strings: all up to the end of the expression count.
fn statements(file: &RustFile) -> Vec<(&Piece, String)> {
    let pieces: Vec<&Piece> = file.product().collect();
    let mut found: Vec<(&Piece, String)> = Vec::new();
    let mut open = false;
    for piece in pieces {
        match (piece.kind, found.last_mut()) {
            (Kind::Code, _) => open = open && !piece.text.contains(';'),
            (Kind::Text, Some((_, whole))) if open => whole.push_str(&piece.text),
            (Kind::Comment, Some((_, whole))) if open && piece.text.contains(ALL_CLINICS) => whole.push_str(&piece.text),
            (Kind::Text, _) if is_statement(&piece.text) => {
                found.push((piece, piece.text.clone()));
                open = true;
            }
            _ => {}
        }
    }
    found
}

/// Nothing above the store starts or ends a transaction.
pub fn transactions(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for (_, file) in product_files(tree).filter(|(name, _)| *name != "store") {
        for piece in file.product().filter(|piece| piece.kind == Kind::Text) {
            let first =
                piece.text.split(|next: char| !next.is_ascii_alphabetic()).find(|word| !word.is_empty()).unwrap_or_default();
            if TRANSACTION_WORDS.contains(&first) {
                let message = format!("`{first}` ends or starts a transaction: only the store may");
                found.push(Finding::new(&file.path, piece.line, message));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{clinics, homes, transactions};
    use crate::tidy::Tree;

    fn rust(path: &str, source: &str) -> Tree {
        Tree::of(&[(path, source)])
    }

    #[test]
    fn statements_outside_rows_are_named() {
        for statement in ["SELECT a FROM b", "INSERT INTO b", "UPDATE b SET a = 1", "UPDATE b\\nSET a = 1", "DELETE FROM b"] {
            let source = format!("fn a() {{ x(\"{}\"); }}", statement.replace("\\n", "\n"));
            assert_eq!(homes(&rust("crates/clinic/src/clients/create.rs", &source)).len(), 1, "{statement}");
            assert_eq!(homes(&rust("crates/clinic/src/clients/rows.rs", &source)), [], "{statement}");
            assert_eq!(homes(&rust("crates/gate/src/rows_keys.rs", &source)), [], "{statement}");
            assert_eq!(homes(&rust("crates/store/src/work.rs", &source)), [], "{statement}");
            assert_eq!(homes(&rust("crates/server/src/tests.rs", &source)), [], "{statement}");
        }
        assert_eq!(homes(&rust("crates/clinic/src/a.rs", "// SELECT a\nlet a = \"Select a clinic, update it\";")), []);
    }

    #[test]
    fn a_statement_without_a_clinic_is_named() {
        let path = "crates/clinic/src/clients/rows.rs";
        let bad = clinics(&rust(path, "const A: &str = \"SELECT a\n FROM b WHERE id = $1\";\nconst B: &str = \"clinic_id\";"));
        assert_eq!(bad.first().map(|finding| finding.line), Some(1), "{bad:?}");
        for good in [
            "const A: &str = \"SELECT a FROM b WHERE clinic_id = $1\";",
            "const A: &str = concat!(\"SELECT a \", \"FROM b WHERE clinic_id = $1\");",
            "const A: &str = \"-- all clinics: the operator's list\nSELECT a FROM clinics\";",
        ] {
            assert_eq!(clinics(&rust(path, good)), [], "{good}");
        }
    }

    #[test]
    fn only_the_store_ends_transactions() {
        let source = "fn a() { x(\"COMMIT\"); y(\"begin\"); }";
        assert_eq!(transactions(&rust("crates/gate/src/call.rs", source)).len(), 1);
        assert_eq!(transactions(&rust("crates/store/src/sqlite.rs", source)), []);
    }
}

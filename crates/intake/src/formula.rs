//! Cells that a spreadsheet would take for formulas. Files for people have a `'` in front of them, and
//! in a file of rejected records that comes back it is taken away again.

use std::borrow::Cow;

/// What a spreadsheet may take for the start of a formula, in its wide forms, too.
const STARTS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '|', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Whether a spreadsheet may take a cell for a formula. Some look behind white space in front of it.
fn is_risky(cell: &str) -> bool {
    cell.starts_with(STARTS) || cell.trim_start().starts_with(STARTS)
}

/// Whether a cell gets one more `'` in front: one that has some before what looks like a formula, too. Else nobody
/// could tell them from what was put there.
fn is_marked(cell: &str) -> bool {
    is_risky(cell.trim_start_matches('\''))
}

/// A cell that no spreadsheet takes for a formula.
pub fn escaped(cell: &str) -> Cow<'_, str> {
    if is_marked(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// The cell as it was before it was escaped.
pub fn unescaped(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_marked(rest)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_comes_back_as_it_was() {
        for cell in ["=1+1", "-5", " +1 608", "plain", "'quoted'", "", "\u{ff1d}1", "'-x", "'=1", "''+1", "' =1", "'", "''"] {
            assert_eq!(unescaped(&escaped(cell)), cell);
        }
        assert_eq!(escaped("=1"), "'=1");
        assert_eq!(unescaped("'tis"), "'tis", "an apostrophe of its own stays");
    }
}

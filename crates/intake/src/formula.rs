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

/// Signs of numbers, of telephone numbers and of days: none of them alone is a formula that does anything.
const FIGURES: &str = "0123456789 +-.,()/:'\"";

/// Where cells begin in a line of a table: the place of their first letter, and whether it stands between quotes, where
/// a cell only begins for whoever takes the quotes otherwise.
fn cells(line: &str, delimiter: char) -> Vec<(usize, bool)> {
    let (mut found, mut is_start, mut is_between) = (Vec::new(), true, false);
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let starts = std::mem::take(&mut is_start);
        if is_between {
            if letter == '"' && letters.next_if(|(_, next)| *next == '"').is_none() {
                is_between = false;
            }
            if letter == delimiter || letter == '\n' || letter == '\r' {
                found.push((at + letter.len_utf8(), true));
            }
            continue;
        }
        if starts {
            is_between = letter == '"';
            found.push((at + usize::from(is_between), false));
        }
        is_start = letter == delimiter || letter == '\n' || letter == '\r';
    }
    found
}

/// The cell that begins here, without the quotes that it may begin with.
fn cell_at(line: &str, at: usize, delimiter: char) -> &str {
    let rest = line.get(at..).unwrap_or_default().trim_start_matches('"');
    rest.split([delimiter, '\n', '\r']).next().unwrap_or_default()
}

/// A line of a table, as it stands, of which no spreadsheet takes any cell for a formula. `None` if one could take
/// something between quotes for one, which cannot be marked: the mark would stay in it.
pub(crate) fn escaped_line(line: &str, delimiter: char) -> Option<String> {
    let (mut text, mut done) = (String::new(), 0);
    for (at, is_between) in cells(line, delimiter) {
        let cell = cell_at(line, at, delimiter);
        if !is_marked(cell) {
            continue;
        }
        if is_between {
            if cell.contains(|letter| !FIGURES.contains(letter)) {
                return None;
            }
            continue;
        }
        text.push_str(line.get(done..at).unwrap_or_default());
        text.push('\'');
        done = at;
    }
    text.push_str(line.get(done..).unwrap_or_default());
    Some(text)
}

/// The line as it was before it was escaped.
pub(crate) fn unescaped_line(line: &str, delimiter: char) -> String {
    let (mut text, mut done) = (String::new(), 0);
    for (at, _) in cells(line, delimiter).into_iter().filter(|(_, is_between)| !is_between) {
        let has_mark = line.get(at..).is_some_and(|rest| rest.starts_with('\''));
        if has_mark && is_marked(cell_at(line, at + 1, delimiter)) {
            text.push_str(line.get(done..at).unwrap_or_default());
            done = at + 1;
        }
    }
    text.push_str(line.get(done..).unwrap_or_default());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In a line that stands as it is, cells are marked where they begin, and unmarked again.
    #[test]
    fn a_line_is_escaped_where_cells_begin() {
        for (line, expected) in [
            ("2,\"Quick,Paris", "2,\"Quick,Paris"),
            ("=1,\"-x\",-5,\"a,-5\"", "'=1,\"'-x\",'-5,\"a,-5\""),
            ("'=1,\"\"=x,'tis", "''=1,\"'\"=x,'tis"),
            ("4,\"=Quick,+1 608 555,b", "4,\"'=Quick,+1 608 555,b"),
        ] {
            assert_eq!(escaped_line(line, ',').as_deref(), Some(expected));
            assert_eq!(unescaped_line(expected, ','), line);
        }
        assert_eq!(escaped_line("4,\"a,=cmd()\",b", ','), None, "the mark would stay in a text");
        assert_eq!(escaped_line("4;\"a,=cmd()\";b", ';').as_deref(), Some("4;\"a,=cmd()\";b"), "it is no divider there");
    }

    #[test]
    fn what_is_escaped_comes_back_as_it_was() {
        for cell in ["=1+1", "-5", " +1 608", "plain", "'quoted'", "", "\u{ff1d}1", "'-x", "'=1", "''+1", "' =1", "'", "''"] {
            assert_eq!(unescaped(&escaped(cell)), cell);
        }
        assert_eq!(escaped("=1"), "'=1");
        assert_eq!(unescaped("'tis"), "'tis", "an apostrophe of its own stays");
    }
}

//! What a command prints: JSON for programs, lines for people. The one place that prints.

use std::io::{self, Write as _};

use serde_json::Value;

/// Prints a line.
pub fn line(text: &str) {
    // A reader that has gone away does not need the rest.
    let _ = writeln!(io::stdout().lock(), "{text}");
    let _ = io::stdout().lock().flush();
}

/// Prints a value as one line of JSON.
pub fn json(value: &Value) {
    line(&value.to_string());
}

/// Prints rows under headings, with columns as wide as they need.
pub fn table(headings: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(headings.get(column).map(|heading| heading.len())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let show = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        line(padded.join("  ").trim_end());
    };
    show(&mut headings.iter().copied());
    for row in rows {
        show(&mut row.iter().map(String::as_str));
    }
}

/// A field of a JSON object as text.
pub fn text(value: &Value, field: &str) -> String {
    match value.get(field) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

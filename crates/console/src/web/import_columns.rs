//! Which column of a file fills which field, with a value before and after.

use clinicos_intake::propose::is_reason;
use clinicos_intake::{Mapping, Use, text_of};
use serde_json::Value;

use super::Web;
use super::ask::{list, text};
use super::import_words::{field_words, flatten};
use crate::pages::imports::{Mapped, MappedLine};
use crate::words::capital;

/// What tells records apart, in words.
const KEY: &str = "What tells records apart";
/// The same of a part of another file's records.
const PARENT: &str = "Which record it belongs to";

/// Every file that the mapping of an import reads, column by column; nothing, before it was checked.
pub fn of(web: &Web, import: &Value) -> Vec<Mapped> {
    let (mapping, catalogue) = (text(import, "mapping"), web.door.catalogue());
    let read = text_of(&mapping).and_then(|text| Mapping::of_operations(text, &|id| Some(catalogue.find(id)?.spec())));
    let Ok(read) = read else { return Vec::new() };
    let uses = read.uses();
    let mut files: Vec<Mapped> = Vec::new();
    for one in &uses {
        if !files.iter().any(|file| file.file == one.file) {
            let of_file: Vec<&Use> = uses.iter().filter(|known| known.file == one.file).collect();
            files.extend(mapped(list(import, "preview"), one, &of_file));
        }
    }
    files
}

/// The way to a field, in words.
fn field(path: &str) -> String {
    capital(&path.split('.').map(field_words).collect::<Vec<_>>().join(", "))
}

fn mapped(preview: &[Value], file: &Use, uses: &[&Use]) -> Option<Mapped> {
    let first = |name: &str, has: &str| preview.iter().find(|row| text(row, "file") == name && !text(row, has).is_empty());
    let source: Value = serde_json::from_str(&text(first(&file.file, "source")?, "source")).ok()?;
    let cells: Vec<(String, String)> = serde_json::from_value(source.get("cells")?.clone()).ok()?;
    // A line is seen in the row of its invoice: the first one that has any.
    let rows_of = file.parent.as_deref().unwrap_or(&file.file);
    let rows = preview.iter().filter(|row| text(row, "file") == rows_of);
    let mut rows = rows.filter_map(|row| serde_json::from_str::<Value>(&text(row, "row")).ok());
    let row = rows.find(|row| file.parent.is_none() || row.pointer(&format!("/{}/0", file.resource)).is_some());
    let line = |one: &&Use| {
        let before =
            one.columns.iter().map(|column| cells.iter().find(|(name, _)| name == column).map_or("", |(_, cell)| cell.as_str()));
        let before: Vec<&str> = before.filter(|cell| !cell.is_empty()).collect();
        let mut after = Vec::new();
        // What says whose part it is has no place in the row: it is what tells that one apart.
        let pointer = if one.pointer.is_empty() { "/external_id" } else { &one.pointer };
        let value = row.as_ref().and_then(|row| row.pointer(pointer)).cloned().unwrap_or_default();
        flatten("", &serde_json::json!({"value": value}), &mut after);
        MappedLine {
            column: one.columns.join(", "),
            field: match (one.field.is_empty(), &one.parent) {
                (true, Some(_)) => PARENT.to_owned(),
                (true, None) => KEY.to_owned(),
                _ => field(&one.field),
            },
            before: before.join(", "),
            after: after.into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(", "),
        }
    };
    let is_used = |column: &str| uses.iter().any(|one| one.columns.iter().any(|known| known == column));
    let is_left = |name: &String| !is_used(name) && !is_reason(name);
    let left: Vec<String> = cells.iter().map(|(name, _)| name.clone()).filter(is_left).collect();
    Some(Mapped {
        file: file.file.clone(),
        resource: file.resource.clone(),
        lines: uses.iter().map(line).collect(),
        left: left.join(", "),
    })
}

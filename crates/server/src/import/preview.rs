//! The first records of the files of an import, as they stand and as the mapping reads them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use clinicos_intake::propose::{HEAD_BYTES, Sample};
use clinicos_intake::{Event, Mapping, Taking};
use serde_json::{Value, json};

/// Rows of each file.
const ROWS: usize = 5;
/// Records of a file that makes no rows of its own.
const RECORDS: usize = 3;
/// Most of them in all.
const ALL_MAX: usize = 200;
/// Most bytes of them: an eighth of what a report may have, because each may have to be escaped.
const BYTES_MAX: usize = 128 << 10;
/// Most characters of a row.
const ROW_CHARS_MAX: usize = 4_000;
/// Most columns of a record, and most characters of each text.
const COLUMNS_MAX: usize = 200;
const CELL_CHARS_MAX: usize = 100;

/// The rows of files that the mapping reads, and the records of all others of the directory.
pub fn of(mapping: &Mapping, dir: &Path) -> anyhow::Result<Vec<Value>> {
    let mut preview = Vec::new();
    for plan in &mapping.files {
        let mut taking = Taking::open(mapping, plan, dir)?;
        let (mut rows, mut parts): (usize, Vec<String>) = (0, Vec::new());
        while rows < ROWS
            && let Some(event) = taking.next_event()?
        {
            let Event::Row(row) = event else { continue };
            rows += 1;
            let headers = taking.headers();
            let names = std::iter::once(&plan.name).chain(plan.children.iter().map(|child| &child.name));
            for (at, (name, source)) in names.zip(row.sources()).enumerate() {
                // Of lines one is enough, and the row that it is in is shown.
                let Some((line, cells)) = source.filter(|_| at == 0 || !parts.contains(name)) else { continue };
                let by = head(dir, name)?.map_or(b',', |sample| sample.delimiter);
                let json = if at == 0 { cut(&String::from_utf8_lossy(&row.json), ROW_CHARS_MAX) } else { String::new() };
                preview.push(record(name, line, &json, by, headers.get(at).copied().unwrap_or_default(), &cells));
                parts.extend((at > 0).then(|| name.clone()));
            }
        }
    }
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    for name in names {
        let is_there = preview.iter().any(|one: &Value| one.get("file").and_then(Value::as_str) == Some(&*name));
        let Some(sample) = head(dir, &name)?.filter(|_| !is_there) else { continue };
        // A file with a header alone has its columns all the same.
        let empty = vec![vec![String::new(); sample.header.len()]];
        let records = if sample.records.is_empty() { &empty } else { &sample.records };
        for (at, cells) in records.iter().take(RECORDS).enumerate() {
            preview.push(record(&name, at as u64 + 2, "", sample.delimiter, &sample.header, cells));
        }
    }
    preview.truncate(ALL_MAX);
    let mut bytes = 0;
    preview.retain(|one| {
        bytes += one.to_string().len();
        bytes <= BYTES_MAX
    });
    Ok(preview)
}

/// The beginning of a file, if it is made of columns.
pub fn head(dir: &Path, name: &str) -> anyhow::Result<Option<Sample>> {
    if name.ends_with(".jsonl") || name.ends_with(".ndjson") {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    File::open(dir.join(name))?.take(HEAD_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Sample::read(name, &bytes))
}

fn record(file: &str, line: u64, row: &str, by: u8, header: &[String], cells: &[String]) -> Value {
    let pairs = header.iter().zip(cells).take(COLUMNS_MAX);
    let pairs: Vec<(&str, String)> = pairs.map(|(name, cell)| (name.as_str(), cut(cell.trim(), CELL_CHARS_MAX))).collect();
    let source = json!({"by": char::from(by).to_string(), "cells": pairs}).to_string();
    json!({"file": file, "line": line, "row": row, "source": source})
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

//! The first records of the files of an import, as they stand and as the mapping reads them.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use clinicos_intake::propose::{Facts, LOOKED_AT_BYTES_MAX, Sample};
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
/// Most bytes of what is known of columns, of all files together.
const FACTS_BYTES_MAX: usize = 64 << 10;

/// The rows of files that the mapping reads, and the records of all others of the directory. The first
/// record of each has what is known of the columns of the whole file.
pub fn of(mapping: &Mapping, dir: &Path) -> anyhow::Result<Vec<Value>> {
    let samples = samples(dir)?;
    let mut preview: Vec<Value> = Vec::new();
    for plan in &mapping.files {
        let mut taking = Taking::open(mapping, plan, dir)?;
        let (mut rows, mut parts): (usize, Vec<String>) = (0, Vec::new());
        while rows < ROWS
            && let Some(event) = taking.next_event()?
        {
            let Event::Row(row) = event else { continue };
            rows += 1;
            let names = std::iter::once(&plan.name).chain(plan.children.iter().map(|child| &child.name));
            for (at, (name, source)) in names.zip(row.sources()).enumerate() {
                // Of lines one is enough, and the row that it is in is shown.
                let Some((line, cells)) = source.filter(|_| at == 0 || !parts.contains(name)) else { continue };
                let Some(sample) = samples.iter().find(|sample| sample.name == *name) else { continue };
                let json = if at == 0 { cut(&String::from_utf8_lossy(&row.json), ROW_CHARS_MAX) } else { String::new() };
                preview.push(record(sample, line, &json, &cells_of(sample, cells)));
                parts.extend((at > 0).then(|| name.clone()));
            }
        }
    }
    for sample in &samples {
        if preview.iter().any(|one| one.get("file").and_then(Value::as_str) == Some(&*sample.name)) {
            continue;
        }
        // A file with a header alone has its columns all the same.
        let empty = vec![vec![String::new(); sample.header.len()]];
        let records = if sample.records.is_empty() { &empty } else { &sample.records };
        for (at, cells) in records.iter().take(RECORDS).enumerate() {
            preview.push(record(sample, at as u64 + 2, "", cells));
        }
    }
    preview.truncate(ALL_MAX);
    let mut bytes = 0;
    preview.retain(|one| {
        bytes += one.to_string().len();
        bytes <= BYTES_MAX
    });
    tell(&mut preview, &samples);
    Ok(preview)
}

/// The beginnings of all files that are made of columns, by name.
fn samples(dir: &Path) -> anyhow::Result<Vec<Sample>> {
    let mut names: Vec<String> = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    let mut samples = Vec::new();
    for name in names {
        samples.extend(head(dir, &name)?.ok());
    }
    Ok(samples)
}

/// The beginning of a file, if it is made of columns; else why it is not.
pub fn head(dir: &Path, name: &str) -> anyhow::Result<Result<Sample, String>> {
    let mut bytes = Vec::new();
    File::open(dir.join(name))?.take(LOOKED_AT_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Sample::read(name, &bytes))
}

/// The fields of a record, in the order of the columns. One of lines of JSON is its line.
fn cells_of(sample: &Sample, cells: Vec<String>) -> Vec<String> {
    match cells.as_slice() {
        [line] if sample.header.len() > 1 => match Sample::read(&sample.name, line.as_bytes()) {
            Ok(one) => {
                let value = |name: &String| one.values(name).first().map(|value| (*value).to_owned()).unwrap_or_default();
                sample.header.iter().map(value).collect()
            }
            Err(_) => cells,
        },
        _ => cells,
    }
}

/// Puts what is known of all values into the first record of each file, as far as there is room.
fn tell(preview: &mut [Value], samples: &[Sample]) {
    let room = FACTS_BYTES_MAX / samples.len().max(1);
    for sample in samples {
        let first = preview.iter_mut().find(|one| one.get("file").and_then(Value::as_str) == Some(&*sample.name));
        let Some(source) = first.and_then(|one| one.get_mut("source")) else { continue };
        let mut told: Value = source.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let facts: Vec<&Facts> = sample.facts.iter().take(COLUMNS_MAX).collect();
        let mut facts = json!(facts);
        if facts.to_string().len() > room {
            facts = json!(sample.facts.iter().map(|facts| Facts { words: Vec::new(), ..facts.clone() }).collect::<Vec<_>>());
        }
        if facts.to_string().len() <= room
            && let Some(members) = told.as_object_mut()
        {
            members.insert("count".to_owned(), json!(sample.count));
            members.insert("facts".to_owned(), facts);
            members.insert("broken".to_owned(), json!(sample.broken));
            *source = Value::String(told.to_string());
        }
    }
}

fn record(sample: &Sample, line: u64, row: &str, cells: &[String]) -> Value {
    let pairs = sample.header.iter().zip(cells).take(COLUMNS_MAX);
    let pairs: Vec<(&str, String)> = pairs.map(|(name, cell)| (name.as_str(), cut(cell.trim(), CELL_CHARS_MAX))).collect();
    let source = json!({"by": char::from(sample.delimiter).to_string(), "cells": pairs}).to_string();
    json!({"file": sample.name, "line": line, "row": row, "source": source})
}

fn cut(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

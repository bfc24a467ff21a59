//! What somebody should know before they start an import: what is left to be said, what could be read
//! otherwise, which words nobody knows, and what is left out.

use clinicos_intake::propose::{DAYS, Facts, FileChoice, Sample, What, left_for_words, reading, repeated_key};
use clinicos_intake::{Mapping, Use};
use serde_json::Value;

use super::Web;
use super::ask::text;
use super::import_mapping::samples;
use super::import_past::read;
use crate::words::Count;

/// Words that are named one by one.
const WORDS_NAMED: usize = 8;

/// All of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// What is left to be said before anything can be imported, as sentences.
    pub todo: Vec<String>,
    /// What to look at, as sentences.
    pub notes: Vec<String>,
}

/// What is to be said of an import that can still be started.
pub fn of(web: &Web, import: &Value, can_start: bool) -> Notes {
    let Ok(mapping) = read(web, &text(import, "mapping")) else { return Notes::default() };
    let samples = samples(import);
    if !can_start || samples.is_empty() {
        return Notes::default();
    }
    notes(mapping, &samples)
}

fn notes(mapping: Mapping, samples: &[Sample]) -> Notes {
    let uses = mapping.uses();
    let mut notes: Vec<String> = Vec::new();
    for sample in samples {
        let of_file: Vec<&Use> = uses.iter().filter(|one| one.file == sample.name).collect();
        for one in &of_file {
            let Some(column) = one.columns.first().filter(|_| one.columns.len() == 1) else { continue };
            let facts = sample.of(column);
            notes.extend(open_days(&sample.name, one, &facts));
            notes.extend(one.field.is_empty().then(|| repeated_key(sample, column)).flatten());
            let is_second = one.field == "reproductive_status"
                && of_file.iter().any(|other| other.field == "sex" && other.columns == one.columns);
            if !is_second {
                notes.extend(unknown_words(&sample.name, one, &facts));
            }
        }
        notes.extend(left_out(sample, &of_file));
        notes.extend(unpaid(sample, &of_file));
        let is_named = |todo: &String| todo.starts_with(&format!("{}: ", sample.name));
        if !mapping.file_names().contains(sample.name.as_str()) && !mapping.todo.iter().any(is_named) {
            notes.push(format!("{} is left out. {}", sample.name, FileChoice::why_left_out(sample)));
        }
    }
    Notes { todo: mapping.todo, notes }
}

/// Days that can be read in two ways, with a real one in both.
fn open_days(file: &str, one: &Use, facts: &Facts) -> Option<String> {
    let format = one.format.as_deref()?;
    let (value, readings) = facts.readings()?;
    let day = DAYS.iter().find(|day| day.format == Some(format))?;
    let chosen = reading(day, &value)?;
    let others: Vec<String> = readings.into_iter().filter(|(_, read)| *read != chosen).map(|(_, read)| said(read)).collect();
    let other = others.first()?;
    let order = if day.month_first() == Some(true) { "the month in front of the day" } else { "the day in front of the month" };
    let column = &facts.column;
    Some(format!(
        "The days in “{column}” of {file} can be read in two ways. {value} is read as {}, {order}; it could as well mean {other}. \
         If that is wrong, change it before you start.",
        said(chosen)
    ))
}

fn said(date: impl std::fmt::Display + Into<jiff::civil::Date> + Copy) -> String {
    let date: jiff::civil::Date = date.into();
    date.strftime("%-d %B %Y").to_string()
}

/// Columns that would become something if their words were known.
fn left_out(sample: &Sample, uses: &[&Use]) -> Vec<String> {
    let Some(what) = uses.first().and_then(|one| What::parse(&one.resource)) else { return Vec::new() };
    let is_used = |name: &String| uses.iter().any(|one| one.columns.contains(name));
    let left = sample.header.iter().filter(|name| !is_used(name)).filter_map(|name| left_for_words(sample, what, name));
    left.filter(|(field, _)| !uses.iter().any(|one| one.field == *field)).map(|(_, said)| said).collect()
}

/// Words that the mapping does not know, and what comes of them.
fn unknown_words(file: &str, one: &Use, facts: &Facts) -> Option<String> {
    let map = one.map.as_ref().filter(|_| one.otherwise.is_some() || one.has_own_words())?;
    let unknown: Vec<&(String, u64)> = facts.words.iter().filter(|(word, _)| !map.contains_key(word)).collect();
    if unknown.is_empty() {
        return None;
    }
    let named = unknown.iter().take(WORDS_NAMED).map(|(word, count)| {
        let records = if *count == 1 { "record" } else { "records" };
        format!("“{word}” ({} {records})", Count(*count))
    });
    let named = named.collect::<Vec<_>>().join(", ");
    let more = if unknown.len() > WORDS_NAMED { " and others" } else { "" };
    let (is_one, column) = (unknown.len() == 1, &facts.column);
    let is = if is_one { "is not a word that is known" } else { "are not words that are known" };
    let then = match one.otherwise.as_deref() {
        Some("") if is_one => "is left out".to_owned(),
        Some("") => "are left out".to_owned(),
        Some(otherwise) => format!("{} “{}”", if is_one { "becomes" } else { "become" }, otherwise.replace('_', " ")),
        None => format!("{} records are rejected", if is_one { "its" } else { "their" }),
    };
    Some(format!("In “{column}” of {file}, {named}{more} {is}, and {then}."))
}

/// What a file of invoices says of payments makes none.
fn unpaid(sample: &Sample, uses: &[&Use]) -> Option<String> {
    let is_of_invoices = uses.iter().any(|one| one.resource == "invoices" && one.parent.is_none());
    let is_left = |name: &String| !uses.iter().any(|one| one.columns.contains(name));
    let speaks = |name: &String| {
        let name = name.to_lowercase();
        ["paid", "balance", "payment", "outstanding", "status"].iter().any(|word| name.contains(word))
    };
    let columns: Vec<String> =
        sample.header.iter().filter(|name| is_left(name) && speaks(name)).map(|name| format!("“{name}”")).collect();
    (is_of_invoices && !columns.is_empty()).then(|| {
        format!(
            "{} of {} {} left out: every invoice comes in with its whole amount to be paid. What was paid comes from a file of \
             payments, or is recorded afterwards.",
            columns.join(", "),
            sample.name,
            if columns.len() == 1 { "is" } else { "are" }
        )
    })
}

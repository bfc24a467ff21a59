//! Makes one year of a clinic many: lines of an export, again and again, as if the years before had
//! been like it.
//!
//! A copy has an identifier of its own and lies whole weeks further back, so that days of the week and
//! hours stay what they were. Whatever it refers to is what its original refers to: clients, patients
//! and staff of the clinic then have as many records more. What changes keeps its length, so that a
//! line is changed where it stands.

use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use clinicos_contract::id;
use jiff::ToSpan as _;
use jiff::civil::Date;

/// Days between a copy and the one before.
const DAYS_APART: i64 = 7;
const MS_A_DAY: i64 = 86_400_000;
/// What stands before the identifier of a line's record.
const ID_AT: &str = "{\"id\":\"";
/// What stands before a date that is a value of its own, or begins one.
const VALUE_AT: &[u8] = b"\":\"";
const DATE_CHARS: usize = 10;

/// A line that can be copied.
struct Line {
    text: String,
    id: [u8; 16],
    /// Where the characters of the identifier begin, behind the prefix.
    id_at: usize,
    /// Where dates begin, and which.
    dates: Vec<(usize, Date)>,
}

impl Line {
    fn read(text: &str) -> Result<Self> {
        let named = text.strip_prefix(ID_AT).and_then(|rest| rest.split('"').next());
        let named = named.with_context(|| format!("no record begins like this: {}", start_of(text)))?;
        let (prefix, id) = id::parse_any(named).with_context(|| format!("`{named}` is no identifier"))?;
        Ok(Self { text: text.to_owned(), id, id_at: ID_AT.len() + prefix.len() + 1, dates: dates(text) })
    }

    /// The identifier of a copy; the original is copy 0.
    fn id_of(&self, copy: u32) -> [u8; 16] {
        if copy == 0 {
            return self.id;
        }
        let mut random = [0; 10];
        for (slot, byte) in random.iter_mut().zip(self.id.iter().skip(6)) {
            *slot = *byte;
        }
        for (slot, byte) in random.iter_mut().rev().zip(copy.to_le_bytes()) {
            *slot ^= byte;
        }
        id::uuid_v7(id::uuid_v7_ms(self.id) - i64::from(copy) * DAYS_APART * MS_A_DAY, random)
    }

    /// Puts a copy in place of what `out` held.
    fn copy_into(&self, copy: u32, out: &mut Vec<u8>) -> Result<()> {
        out.clear();
        out.extend_from_slice(self.text.as_bytes());
        put(out, self.id_at, &id::text_of(self.id_of(copy)))?;
        for (at, date) in &self.dates {
            let moved = date.checked_sub((i64::from(copy) * DAYS_APART).days())?;
            put(out, *at, &moved.to_string())?;
        }
        Ok(())
    }
}

/// The dates in a line: values that are one, and those that begin with one and go on with a time.
fn dates(text: &str) -> Vec<(usize, Date)> {
    let starts = text.as_bytes().windows(VALUE_AT.len()).enumerate().filter(|(_, window)| *window == VALUE_AT);
    let date = |(at, _): (usize, &[u8])| {
        let begin = at + VALUE_AT.len();
        let date = text.get(begin..begin + DATE_CHARS)?.parse().ok()?;
        let behind = text.as_bytes().get(begin + DATE_CHARS)?;
        matches!(behind, b'"' | b'T').then_some((begin, date))
    };
    starts.filter_map(date).collect()
}

fn put(out: &mut [u8], at: usize, text: &str) -> Result<()> {
    let place = out.get_mut(at..at + text.len()).context("a line is shorter than what is put into it")?;
    place.copy_from_slice(text.as_bytes());
    Ok(())
}

fn start_of(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Writes a file of at least so many records, in the order of their identifiers, with all lines of
/// `from` among them. How many it has.
pub fn write(from: &Path, to: &Path, records: u64) -> Result<u64> {
    let text = std::fs::read_to_string(from).with_context(|| format!("`{}` cannot be read", from.display()))?;
    let lines = text.lines().map(Line::read).collect::<Result<Vec<_>>>()?;
    if lines.is_empty() {
        bail!("`{}` has no lines to copy", from.display());
    }
    let order = order(&lines, usize::try_from(records)?)?;
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(to)?);
    let mut line = Vec::new();
    for (_, place, copy) in &order {
        lines.get(*place as usize).context("a line is missing")?.copy_into(*copy, &mut line)?;
        line.push(b'\n');
        out.write_all(&line)?;
    }
    out.flush()?;
    Ok(order.len() as u64)
}

/// Identifier, line and number of each copy, in the order of identifiers.
fn order(lines: &[Line], records: usize) -> Result<Vec<(u128, u32, u32)>> {
    let mut order = Vec::with_capacity(records.max(lines.len()));
    for number in 0..records.max(lines.len()) {
        let (place, copy) = (number % lines.len(), u32::try_from(number / lines.len())?);
        let line = lines.get(place).context("a line is missing")?;
        order.push((u128::from_be_bytes(line.id_of(copy)), u32::try_from(place)?, copy));
    }
    order.sort_unstable();
    if order.iter().zip(order.iter().skip(1)).any(|(one, next)| one.0 == next.0) {
        bail!("two copies have the same identifier");
    }
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = r#"{"id":"vis_01k8zmq9tgfxyvbms71wyy9nm7","patient_id":"pat_01k8xfz5rges1apewm51f9h3v5","starts_at":"2025-11-01T12:01:54.000000Z","chief_complaint":"2025-11-01 and after","follow_up_due":"2026-01-02","signed_at":null,"version":4}"#;
    const OTHER: &str =
        r#"{"id":"vis_01k8zph3e0f9m9h4tqnrsxmf4n","patient_id":null,"starts_at":"2025-11-01T12:33:28.000000Z","version":4}"#;

    fn copy(number: u32) -> Result<String> {
        let mut out = Vec::new();
        Line::read(RECORD)?.copy_into(number, &mut out)?;
        Ok(String::from_utf8(out)?)
    }

    #[test]
    fn the_original_is_what_it_was() -> Result<()> {
        assert_eq!(copy(0)?, RECORD);
        Ok(())
    }

    #[test]
    fn a_copy_lies_whole_weeks_back_and_refers_to_the_same() -> Result<()> {
        let copied = copy(2)?;
        let record: serde_json::Value = serde_json::from_str(&copied)?;
        let (_, original) = id::parse_any("vis_01k8zmq9tgfxyvbms71wyy9nm7").context("an id")?;
        let (prefix, uuid) = id::parse_any(record["id"].as_str().context("a text")?).context("an id")?;
        assert_eq!((prefix, id::uuid_v7_ms(uuid)), ("vis", id::uuid_v7_ms(original) - 14 * MS_A_DAY));
        assert_eq!(record["patient_id"], "pat_01k8xfz5rges1apewm51f9h3v5");
        assert_eq!(record["starts_at"], "2025-10-18T12:01:54.000000Z");
        assert_eq!(record["follow_up_due"], "2025-12-19");
        assert_eq!(record["chief_complaint"], "2025-11-01 and after", "only dates are moved, not texts that begin with one");
        assert_eq!(copied.len(), RECORD.len());
        Ok(())
    }

    #[test]
    fn a_file_has_all_originals_and_ascending_ids() -> Result<()> {
        let dir = std::env::temp_dir().join(format!("clinicos-bench-multiply-{}", std::process::id()));
        std::fs::create_dir_all(&dir)?;
        let (from, to) = (dir.join("from"), dir.join("to"));
        std::fs::write(&from, format!("{RECORD}\n{OTHER}\n"))?;
        assert_eq!(write(&from, &to, 5)?, 5);
        let text = std::fs::read_to_string(&to)?;
        assert_eq!(write(&from, &to, 1)?, 2, "no original is left out");
        std::fs::remove_dir_all(&dir)?;
        let ids: Vec<&str> = text.lines().filter_map(|line| line.split('"').nth(3)).collect();
        assert_eq!(ids.len(), 5);
        assert!(ids.is_sorted_by(|one, next| one < next), "{ids:?}");
        assert!(text.lines().any(|line| line == RECORD) && text.lines().any(|line| line == OTHER));
        Ok(())
    }
}

//! Chooses what a file holds and what its columns become, by names alone: the same files are always
//! read the same.

use super::{ColumnChoice, FileChoice, Form, Sample, Target, What, days_of};

/// What a name of a column says of a target.
const SAME: u32 = 3;
/// The same, behind the name of the record: `pet color`.
const BEHIND: u32 = 2;
/// What the name of the file says.
const OF_FILE: u32 = 10;
/// Less than this says nothing: any file may have a name and an address.
const ENOUGH: u32 = 9;

pub(super) fn file(sample: Sample, what: Option<What>) -> FileChoice {
    let what = what.or_else(|| kind(&sample));
    let targets = what.map_or_else(Vec::new, |what| targets(&sample, what));
    let key = what.filter(|what| *what != What::Lines).map(|what| key(&sample, what)).unwrap_or_default();
    let choose = |(at, name): (usize, &String)| {
        let target = targets.iter().find(|(column, _)| *column == at).map(|(_, target)| *target);
        let day = days_of(&sample.values(name)).first().copied();
        let is_day = target.is_some_and(|target| matches!(target.form, Form::Day { .. }));
        ColumnChoice { name: name.clone(), target, day: day.filter(|_| is_day) }
    };
    let columns = sample.header.iter().enumerate().map(choose).collect();
    FileChoice { what, key, columns, sample }
}

/// A name with nothing but letters and figures, in lower case.
fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The records that most of the names speak of, if what cannot be missing is among them.
fn kind(sample: &Sample) -> Option<What> {
    let stem = plain(sample.name.rsplit_once('.').map_or(sample.name.as_str(), |(stem, _)| stem));
    let score = |what: What| {
        let found = targets(sample, what);
        let has = |target: &Target| found.iter().any(|(_, one)| one.name == target.name);
        let is_whole = what.targets().iter().filter(|target| target.needed).all(has);
        let is_named = what.called().iter().any(|called| stem.contains(called));
        // A file of lines is called for its invoices, too.
        let named = if is_named { OF_FILE + u32::from(what == What::Lines) } else { 0 };
        let sum: u32 =
            found.iter().map(|(column, target)| sample.header.get(*column).map_or(0, |name| fits(name, target, what))).sum();
        let needs_name = what != What::Clients || found.iter().any(|(_, target)| target.name.ends_with("_name"));
        if is_whole && needs_name { named + sum } else { 0 }
    };
    let scored = What::ALL.into_iter().map(|what| (score(what), what));
    // Of as many, the first one.
    let best = scored.rev().max_by_key(|(score, _)| *score)?;
    (best.0 >= ENOUGH).then_some(best.1)
}

/// How well the name of a column fits a target.
fn fits(name: &str, target: &Target, what: What) -> u32 {
    let name = plain(name);
    if target.names.contains(&name.as_str()) {
        return SAME;
    }
    let rest = what.called().iter().find_map(|called| name.strip_prefix(called));
    if rest.is_some_and(|rest| target.names.contains(&rest)) { BEHIND } else { 0 }
}

/// Which column becomes what: the best fit first, each target and each column once, but for lists.
fn targets(sample: &Sample, what: What) -> Vec<(usize, &'static Target)> {
    let mut all: Vec<(u32, usize, usize)> = Vec::new();
    for (column, name) in sample.header.iter().enumerate() {
        for (place, target) in what.targets().iter().enumerate() {
            let score = fits(name, target, what);
            if score > 0 {
                all.push((score, column, place));
            }
        }
    }
    all.sort_by_key(|(score, column, place)| (u32::MAX - score, *column, *place));
    let mut chosen: Vec<(usize, &'static Target)> = Vec::new();
    for (_, column, place) in all {
        let Some(target) = what.targets().get(place) else { continue };
        let is_taken = chosen.iter().any(|(known, one)| *known == column || (one.name == target.name && !target.form.is_list()));
        if !is_taken {
            chosen.push((column, target));
        }
    }
    chosen
}

/// The column that tells records apart: by its name, and by its values as far as they are seen.
fn key(sample: &Sample, what: What) -> String {
    const ENDS: [&str; 7] = ["id", "no", "number", "code", "key", "nr", ""];
    let own = |name: &str| {
        let name = plain(name);
        let rest = what.called().iter().find_map(|called| name.strip_prefix(called)).unwrap_or(&name);
        ENDS.iter().position(|end| *end == rest && !name.is_empty())
    };
    let is_unique = |name: &str| {
        let mut values = sample.values(name);
        let count = values.len();
        values.sort_unstable();
        values.dedup();
        values.len() == count && count == sample.records.len()
    };
    let named = sample.header.iter().filter(|name| is_unique(name)).filter_map(|name| Some((own(name)?, name)));
    let best = named.min_by_key(|(place, _)| *place).map(|(_, name)| name);
    best.or_else(|| sample.header.iter().find(|name| !name.is_empty() && is_unique(name))).cloned().unwrap_or_default()
}

//! What only all files together tell: how days are written, by what records are named, and where the
//! amounts of invoices stand.

use std::collections::BTreeSet;

use super::{FileChoice, What, days};

pub(super) fn settle(files: &mut [FileChoice], month_first: Option<bool>) {
    keys(files);
    amounts(files);
    settle_days(files, month_first);
}

/// A program writes all days in one way: what one column says holds for those that leave it open.
fn settle_days(files: &mut [FileChoice], month_first: Option<bool>) {
    let month_first = decided(files).or(month_first);
    for file in files {
        for column in &mut file.columns {
            let facts = file.sample.of(&column.name);
            if column.is_day() && facts.open.is_some() && facts.other_day.is_none() {
                column.day = days::choose(&facts.days, month_first);
            }
        }
    }
}

/// Takes back what was remembered of days where values say otherwise: of a column itself, or of another
/// one that decides for those that leave it open.
pub(super) fn values_decide(files: &mut [FileChoice]) {
    for file in files.iter_mut() {
        for column in &mut file.columns {
            let fitting = file.sample.of(&column.name).days;
            let fits = fitting.iter().any(|day| days::DAYS.get(*day) == column.day);
            if column.day.is_some() && !fitting.is_empty() && !fits {
                column.day = days::choose(&fitting, None);
            }
        }
    }
    if decided(files).is_some() {
        settle_days(files, None);
    }
}

/// Whether the month stands in front, as columns say that do not leave it open; `None` if none does, or
/// they say both.
fn decided(files: &[FileChoice]) -> Option<bool> {
    let decided = files.iter().flat_map(|file| file.columns.iter().map(|column| (&file.sample, column)));
    let decided = decided.filter(|(sample, column)| column.is_day() && !column.is_open(sample));
    let said: BTreeSet<bool> = decided.filter_map(|(_, column)| column.day?.month_first()).collect();
    match (said.contains(&true), said.contains(&false)) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        _ => None,
    }
}

/// Lines that stand in a file of their own have the amounts.
fn amounts(files: &mut [FileChoice]) {
    if !files.iter().any(|file| file.what == Some(What::Lines)) {
        return;
    }
    for file in files.iter_mut().filter(|file| file.what == Some(What::Invoices)) {
        for column in &mut file.columns {
            column.target = column.target.filter(|target| target.form != super::Form::Line);
        }
    }
}

/// Other files name records by what tells them apart: a column with the names that they use is it, even
/// if it does not look like a number.
fn keys(files: &mut [FileChoice]) {
    for (what, target) in
        [(What::Clients, ["client", "owner"]), (What::Patients, ["patient", ""]), (What::Products, ["product", ""])]
    {
        let mut used: BTreeSet<String> = BTreeSet::new();
        for file in files.iter().filter(|file| file.what != Some(what)) {
            for column in target.iter().filter_map(|target| file.column(target)) {
                used.extend(file.sample.values(&column.name).into_iter().map(str::to_owned));
            }
        }
        for file in files.iter_mut().filter(|file| file.what == Some(what) && !used.is_empty()) {
            let found = |name: &str| file.sample.values(name).into_iter().filter(|value| used.contains(*value)).count();
            let sample = &file.sample;
            let tells = |name: &str| sample.tells_apart(name) || sample.repeats(name).is_some();
            let columns = sample.header.iter().filter(|name| !name.is_empty() && tells(name));
            let best = columns.map(|name| (found(name), name)).max_by_key(|(count, name)| (*count, **name == file.key));
            if let Some((count, name)) = best
                && count > found(&file.key)
                && count * 2 >= used.len().min(file.sample.records.len())
            {
                file.key = name.clone();
            }
        }
    }
}

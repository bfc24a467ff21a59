//! What is left to be said before a proposal is a mapping.

use super::guess::heading;
use super::shares::{self, Share};
use super::{ColumnChoice, DAYS, FileChoice, Form, Proposal, Sample, What, days_of, others, reading};

/// Most columns that are named in a sentence.
const NAMED_MAX: usize = 12;
/// Most pairs of columns that are looked at for a key.
const PAIRS_MAX: usize = 60;

/// Why a proposal is no mapping yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Which file, by place; `None` if it is all of them.
    pub file: Option<usize>,
    /// What is to be done, as a sentence.
    pub text: String,
}

pub(super) fn of(proposal: &Proposal) -> Vec<Lack> {
    let mut lacks: Vec<Lack> = Vec::new();
    let has_lines = proposal.has_lines();
    for (at, file) in proposal.files.iter().enumerate() {
        lacks.extend(of_file(file, has_lines).into_iter().map(|text| Lack { file: Some(at), text }));
    }
    let all = |what: What| proposal.files.iter().filter(|file| file.what == Some(what)).count();
    let whole = |text: &str| Lack { file: None, text: text.to_owned() };
    if proposal.files.iter().all(|file| file.what.is_none()) {
        lacks.push(whole("Say of at least one file what it holds."));
    }
    if has_lines && all(What::Invoices) != 1 {
        lacks.push(whole("Lines of invoices need one file of the invoices that they belong to."));
    }
    if all(What::Lines) > 1 {
        lacks.push(whole("Lines of invoices can stand in one file alone."));
    }
    lacks.extend(proposal.question_of_figures().map(|text| Lack { file: None, text }));
    lacks
}

/// Days that can be read in two ways, each with a real one, and how it is read.
pub(super) fn guesses(proposal: &Proposal) -> Vec<String> {
    let of_file = |file: &FileChoice| -> Vec<String> {
        let columns = file.columns.iter().filter(|column| column.is_open(&file.sample));
        columns.filter_map(|column| guess(file, column)).collect()
    };
    proposal.files.iter().flat_map(of_file).collect()
}

fn guess(file: &FileChoice, column: &ColumnChoice) -> Option<String> {
    let facts = file.sample.of(&column.name);
    let value = facts.open.as_deref()?;
    let (chosen, said) = (column.day?, |date: jiff::civil::Date| date.strftime("%-d %B %Y").to_string());
    let read = reading(chosen, value)?;
    let others = facts.days.iter().filter_map(|at| DAYS.get(*at)).filter_map(|day| Some((day, reading(day, value)?)));
    let (day, other) = others.into_iter().find(|(_, other)| *other != read)?;
    let format = |format: Option<&str>| format.map_or("no `format`".to_owned(), |format| format!("`format = \"{format}\"`"));
    Some(format!(
        "{}: say how the days in “{}” are written. “{value}” is {} with {}, which stands here, and {} with {}.",
        file.sample.name,
        column.name,
        said(read),
        format(chosen.format),
        said(other),
        format(day.format)
    ))
}

fn of_file(file: &FileChoice, has_lines: bool) -> Vec<String> {
    let (Some(what), mut lacks) = (file.what, Vec::new()) else { return Vec::new() };
    let taken = |name: &str| {
        let is_taken = |column: &&ColumnChoice| column.target.is_some_and(|target| target.name == name);
        file.columns.iter().filter(is_taken).count()
    };
    if what != What::Lines && !file.columns.iter().any(|column| column.name == file.key && !column.name.is_empty()) {
        if file.sample.count == 0 {
            if let Some(why) = &file.sample.broken {
                return vec![why.clone()];
            }
            return vec!["It has a heading and no records behind it: leave it out, or export it again.".to_owned()];
        }
        lacks.push(no_key(file));
    }
    for target in what.targets() {
        let count = taken(target.name);
        if target.needed && count == 0 {
            lacks.push(format!("Choose the column for “{}”.", target.says));
        }
        if count > 1 && !target.form.is_list() {
            lacks.push(format!("“{}” can be filled by one column; {count} are chosen.", target.says));
        }
    }
    lacks.extend(what_is_taken_off(file, what));
    lacks.extend(file.columns.iter().filter_map(|column| mixed_days(file, column)));
    let chosen = || file.columns.iter().filter_map(|column| column.target);
    if let Some(part) = chosen().find(|target| chosen().any(|whole| whole.form == Form::FullName && whole.excludes(target))) {
        lacks.push(format!("“{}” is part of the name that another column has as a whole: leave out one of the two.", part.says));
    }
    let names = ["full_name", "given_name", "family_name", "organization_name"];
    if what == What::Clients && names.iter().all(|name| taken(name) == 0) {
        lacks.push("Choose a column for a name: given, family or organization.".to_owned());
    }
    if what == What::Patients && taken("owner") == 0 {
        lacks.push("Choose the column that says whose animal it is: there is no patient without a client.".to_owned());
    }
    if what == What::Invoices && !has_lines && taken("amount") == 0 {
        lacks.push(
            "Choose the column with the amount of each invoice, or send the file of their lines along. Without an amount every \
             invoice would be one of 0.00, and stand as paid."
                .to_owned(),
        );
    }
    let of_line = |column: &&ColumnChoice| column.target.is_some_and(|target| target.form == Form::Line);
    if what == What::Invoices && has_lines && file.columns.iter().any(|column| of_line(&column)) {
        lacks.push("Another file has the lines of these invoices: leave out the column with the amount here.".to_owned());
    }
    lacks
}

/// What is to be said of columns of lines that speak of a discount and become nothing: they would be sums that nobody
/// ever asked for.
fn what_is_taken_off(file: &FileChoice, what: What) -> Option<String> {
    let is_discount = |column: &&ColumnChoice| column.target.is_some_and(|target| target.path == "discount");
    let chosen: Vec<&ColumnChoice> = file.columns.iter().filter(is_discount).collect();
    match chosen.as_slice() {
        _ if what != What::Lines => None,
        [] => {
            let is_unsaid = |column: &&ColumnChoice| {
                let (facts, words) = (file.sample.of(&column.name), heading(&column.name));
                column.target.is_none() && shares::is_said(&words) && facts.filled > 0 && facts.share != Share::Nothing
            };
            file.columns.iter().find(is_unsaid).map(|column| shares::question(&column.name))
        }
        [one] => {
            let is_share = one.target.is_some_and(|target| matches!(target.form, Form::Share { .. }));
            let parts = ["unit_price", "quantity"].into_iter().filter_map(|name| file.column(name));
            // A name with a backtick in it cannot stand in an expression.
            let mut named = parts.chain([*one]).map(|column| column.name.as_str());
            let wrong = named.find(|name| is_share && shares::word(name).is_none())?;
            Some(format!("Give the column “{wrong}” a name without the mark ` in the file: it cannot be reckoned with."))
        }
        many => Some(format!("What is taken off a line can be filled by one column; {} are chosen.", many.len())),
    }
}

/// Days of a column that no one way reads: some are written otherwise than the others.
fn mixed_days(file: &FileChoice, column: &ColumnChoice) -> Option<String> {
    let (facts, name) = (file.sample.of(&column.name), &column.name);
    let other = facts.other_day.as_deref().filter(|_| column.is_day() && column.day.is_none())?;
    let is_first = |value: &&&str| days_of(&[value]).iter().any(|way| !days_of(&[other]).contains(way));
    let values = file.sample.values(name);
    let shown = values.iter().find(is_first).map(|first| format!(" “{first}” and “{other}” are not written alike."));
    let shown = shown.unwrap_or_default();
    Some(format!(
        "Say how the days in “{name}” are written: no one way reads all of them.{shown} Records whose day is written otherwise are \
         rejected; or write all of them in one way in the file."
    ))
}

/// Why no column is taken for the one that tells records apart, and what to do.
fn no_key(file: &FileChoice) -> String {
    let sample = &file.sample;
    let named = |is_wanted: &dyn Fn(&str) -> bool| {
        let names: Vec<String> = sample.header.iter().filter(|name| is_wanted(name)).map(|name| format!("“{name}”")).collect();
        names.into_iter().take(NAMED_MAX).collect::<Vec<_>>()
    };
    // Words, days, amounts and the numbers of other records tell nobody apart, though a short file may look so.
    let is_own = |name: &str| {
        let target = file.columns.iter().find(|column| column.name == name).and_then(|column| column.target);
        target.is_none_or(|target| {
            matches!(target.form, Form::Plain | Form::FullName | Form::Item | Form::Phone(_))
                && !target.path.ends_with("external_id")
        })
    };
    let apart = named(&|name| !name.is_empty() && !super::is_reason(name) && is_own(name) && sample.tells_apart(name));
    let why = match apart.as_slice() {
        [] if !together(file).is_empty() => format!(
            "None differs in every record, but {} do together: choose both if they stay the same for good, because a record is \
             known again by them.",
            together(file)
        ),
        [] => "None differs in every record: add a column with a number of its own for each, or export the file with one."
            .to_owned(),
        all => format!(
            "None looks like a number or a code. What differs in every record is {}: choose it only if it stays the same for good, \
             because a record is known again by it.",
            all.join(", ")
        ),
    };
    format!("Choose the column that tells its records apart. {why}")
}

/// Two columns that differ in every record together, as far as the records are seen; empty if none do.
fn together(file: &FileChoice) -> String {
    let sample = &file.sample;
    let is_whole = sample.records.len() as u64 == sample.count && sample.count > 0;
    // Words, days and figures belong to many.
    let is_own = |column: &&ColumnChoice| {
        let form = column.target.map_or(Form::Plain, |target| target.form);
        matches!(form, Form::Plain | Form::FullName | Form::Item | Form::Phone(_) | Form::Member { .. })
    };
    let filled = |column: &&ColumnChoice| {
        let name = &column.name;
        !name.is_empty() && !super::is_reason(name) && sample.of(name).filled == sample.count
    };
    let columns = file.columns.iter().enumerate().filter(|(_, column)| is_own(column) && filled(column));
    let columns: Vec<usize> = columns.map(|(at, _)| at).collect();
    let differ = |one: usize, other: usize| {
        let mut seen = std::collections::HashSet::new();
        sample.records.iter().all(|record| seen.insert((record.get(one), record.get(other))))
    };
    // Names and what belongs to them first: they stand in front as a rule.
    let pairs = columns.iter().flat_map(|one| columns.iter().filter(move |other| one < *other).map(move |other| (*one, *other)));
    let found = pairs.take(PAIRS_MAX).find(|(one, other)| is_whole && differ(*one, *other));
    let named = |at: usize| sample.header.get(at).cloned().unwrap_or_default();
    found.map(|(one, other)| format!("“{}” and “{}”", named(one), named(other))).unwrap_or_default()
}

/// Why nobody could tell what a file holds.
pub(super) fn why_left_out(sample: &Sample) -> String {
    let said: Vec<String> = others::of(sample).iter().take(NAMED_MAX).map(|name| format!("“{name}”")).collect();
    if !said.is_empty() {
        return format!(
            "It seems to be of people or companies that are no clients, such as who works at the clinic: {} says so. If they are \
             clients, say it.",
            said.join(", ")
        );
    }
    let half = |what: &What| {
        let file = FileChoice::of(sample.clone(), Some(*what));
        let known = file.columns.iter().filter(|column| column.target.is_some()).count();
        known > 1 && known * 2 >= sample.header.len()
    };
    if let Some(what) = What::ALL.into_iter().find(half) {
        let file = FileChoice::of(sample.clone(), Some(what));
        let missing = what.targets().iter().filter(|target| target.needed && file.column(target.name).is_none());
        let missing: Vec<String> = missing.map(|target| format!("“{}”", target.says)).collect();
        if !missing.is_empty() {
            return format!("It could hold {}, but no column was found for {}.", what.name(), missing.join(", "));
        }
    }
    let names: Vec<String> = sample.header.iter().filter(|name| !name.is_empty()).map(|name| format!("“{name}”")).collect();
    let more = if names.len() > NAMED_MAX { " and others" } else { "" };
    let names = names.into_iter().take(NAMED_MAX).collect::<Vec<_>>().join(", ");
    format!("Too few of its columns are known from elsewhere: {names}{more}.")
}

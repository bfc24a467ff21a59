//! How figures are written, seen from the values: what stands before the cents.

use serde::{Deserialize, Serialize};

use super::{FileChoice, Form};

/// What the figures of a column show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Values that show a point before their fraction, or a comma between thousands.
    pub points: u64,
    /// Values that show the other way.
    pub commas: u64,
    /// A value that can be two numbers: `1.290`.
    pub open: Option<String>,
}

/// What all figures say together.
pub(super) enum Shown {
    /// A mark before fractions.
    Mark(char),
    /// Nothing: all of them are whole numbers.
    Nothing,
    /// Something that can be two numbers, or both ways: where, and values that show it.
    Open { file: String, column: String, values: Vec<String> },
}

impl Figures {
    /// Looks at one more value.
    pub(super) fn add(&mut self, value: &str) {
        match mark(value) {
            Said::Nothing => {}
            Said::Mark('.') => self.points += 1,
            Said::Mark(_) => self.commas += 1,
            Said::Open => {
                self.open.get_or_insert_with(|| value.to_owned());
            }
        }
    }
}

enum Said {
    Nothing,
    Mark(char),
    Open,
}

/// What one value says of the mark before fractions.
fn mark(value: &str) -> Said {
    let is_figure = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == ',';
    let digits = value.trim_matches(|letter: char| !is_figure(letter));
    let other = |mark: char| if mark == '.' { ',' } else { '.' };
    let Some((before, rest)) = digits.rsplit_once(['.', ',']).filter(|_| digits.chars().all(is_figure)) else {
        return Said::Nothing;
    };
    let Some(last) = digits.chars().rev().find(|letter| !letter.is_ascii_digit()) else { return Said::Nothing };
    match (before.contains(last), before.contains(other(last))) {
        // Between thousands it stands more than once: `1.234.567`.
        (true, false) => Said::Mark(other(last)),
        (false, true) => Said::Mark(last),
        (true, true) => Said::Nothing,
        (false, false) if before.is_empty() || rest.is_empty() => Said::Nothing,
        (false, false) if rest.len() == 3 && before.len() <= 3 && !before.starts_with('0') => Said::Open,
        (false, false) => Said::Mark(last),
    }
}

/// Of so many figures, all but one must show the same.
const ONE_IN: u64 = 10;

/// What all figures of these files show.
pub(super) fn shown(files: &[FileChoice]) -> Shown {
    let is_figure = |form: Form, name: &str| match form {
        Form::Amount { .. } | Form::Quantity { .. } => true,
        Form::Line => name == "amount",
        _ => false,
    };
    let of_file = |file: &FileChoice| -> Vec<(String, String, Figures)> {
        let columns =
            file.columns.iter().filter(|column| column.target.is_some_and(|target| is_figure(target.form, target.name)));
        columns.map(|column| (file.sample.name.clone(), column.name.clone(), file.sample.of(&column.name).figures)).collect()
    };
    let all: Vec<(String, String, Figures)> = files.iter().flat_map(of_file).collect();
    let points: u64 = all.iter().map(|(.., figures)| figures.points).sum();
    let commas: u64 = all.iter().map(|(.., figures)| figures.commas).sum();
    if points.max(commas) > 0 && points.min(commas) * ONE_IN <= points.max(commas) {
        return Shown::Mark(if commas > points { ',' } else { '.' });
    }
    let open = all.iter().find_map(|(file, column, figures)| {
        let is_both = points > 0 && figures.commas > 0;
        let open = figures.open.clone().filter(|_| points + commas == 0);
        (is_both || open.is_some()).then(|| (file.clone(), column.clone(), open))
    });
    match open {
        Some((file, column, open)) => Shown::Open { file, column, values: open.into_iter().collect() },
        None => Shown::Nothing,
    }
}

/// What is to be said of figures before they can be read, as a sentence.
pub(super) fn question(files: &[FileChoice]) -> Option<String> {
    let Shown::Open { file, column, values } = shown(files) else { return None };
    let why = match values.first() {
        Some(value) => format!("“{value}” in “{column}” of {file} can be two numbers, with thousands or with a fraction"),
        None => format!("some amounts have a point before their cents, and some, as in “{column}” of {file}, a comma"),
    };
    Some(format!("Say how amounts are written: {why}."))
}

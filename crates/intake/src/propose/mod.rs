//! Proposes a mapping from the files themselves: from the words of their headings and from the values
//! of their columns. People look at it and change it; nothing is imported by it alone.
//!
//! `kinds.rs` knows what is no table; `sample.rs` reads the beginning of a file (`records.rs`), and `facts.rs` what all
//! values of a column have in common; `fields.rs`, `targets.rs` and `words.rs` know what a column can
//! become and how others call it; `guess.rs` chooses file by file, `together.rs` what only all files tell;
//! `days.rs` reads days, `daily.rs` finds the way that goes with a column, `figures.rs` does it for amounts;
//! `lacks.rs` says what is left to be said, `notices.rs` what is good to know; `write.rs` makes the text.

mod daily;
mod days;
mod facts;
mod fields;
mod figures;
mod guess;
pub mod kinds;
mod lacks;
mod notices;
mod others;
mod records;
mod sample;
mod shares;
mod targets;
mod together;
mod words;
mod write;

pub use days::{DAYS, Day, days_of, reading, writes_month_first};
pub use facts::{Facts, Looks};
pub use fields::{Form, Target, What};
pub use lacks::Lack;
pub use notices::{left_for_words, repeated_key};
pub use sample::{LOOKED_AT_BYTES_MAX, Sample, is_lines_of_json, is_reason};
pub use shares::Share;

use crate::mapping::{Mapping, Use};

/// What is known besides the files.
#[derive(Debug, Clone, Default)]
pub struct Hints {
    /// Whose identifiers the keys are; `other` unless given.
    pub system: Option<String>,
    /// The currency of amounts; US dollars unless given.
    pub currency: Option<String>,
    /// The IANA name of the zone of times without one; UTC unless given.
    pub zone: Option<String>,
    /// Whether the month stands in front of the day where values leave it open.
    pub month_first: Option<bool>,
}

/// A proposed mapping: what each file is, and what each of its columns becomes.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Whose identifiers the keys are.
    pub system: String,
    /// Of amounts, as a code of ISO 4217.
    pub currency: String,
    /// Between whole numbers and fractions: `.` or `,`; `None` if neither the values nor anybody says it.
    pub decimal_mark: Option<char>,
    /// The IANA name of the zone of times without one; UTC unless given.
    pub zone: Option<String>,
    /// The files, in the order in which they were given.
    pub files: Vec<FileChoice>,
}

/// What becomes of a file.
#[derive(Debug, Clone)]
pub struct FileChoice {
    /// Its beginning.
    pub sample: Sample,
    /// What its records are; `None` leaves the file out.
    pub what: Option<What>,
    /// The column that tells its records apart; empty for lines, which have none.
    pub key: String,
    /// Another column that does it together with that one; empty if one is enough.
    pub key_with: String,
    /// Its columns, in their order.
    pub columns: Vec<ColumnChoice>,
}

/// What becomes of a column.
#[derive(Debug, Clone)]
pub struct ColumnChoice {
    /// Its name.
    pub name: String,
    /// What it becomes; `None` leaves it out.
    pub target: Option<&'static Target>,
    /// How its days are written.
    pub day: Option<&'static Day>,
}

impl Proposal {
    /// What the files say for themselves.
    pub fn of(samples: Vec<Sample>) -> Self {
        Self::with(samples, &Hints::default())
    }

    /// The same, with what is known besides.
    pub fn with(samples: Vec<Sample>, hints: &Hints) -> Self {
        let mut files: Vec<FileChoice> = samples.into_iter().map(|sample| FileChoice::of(sample, None)).collect();
        together::settle(&mut files, hints.month_first);
        let decimal_mark = shown_mark(&files);
        let system = hints.system.clone().unwrap_or_else(|| "other".to_owned());
        let currency = hints.currency.clone().unwrap_or_else(|| "USD".to_owned());
        Self { system, currency, decimal_mark, zone: hints.zone.clone(), files }
    }

    /// The same as a mapping has it, as far as a proposal can say it. What a mapping leaves to be said
    /// stays as the files say it.
    pub fn follow(&mut self, mapping: &Mapping) {
        self.follow_all(mapping);
        let uses = mapping.uses();
        for file in &mut self.files {
            let of_file: Vec<&Use> = uses.iter().filter(|one| one.file == file.sample.name).collect();
            if !of_file.is_empty() || mapping.todo.is_empty() {
                file.follow(&of_file);
            }
        }
    }

    /// The same of what holds for all files.
    pub fn follow_all(&mut self, mapping: &Mapping) {
        self.system.clone_from(&mapping.system);
        self.currency = mapping.currency().to_owned();
        self.decimal_mark = mapping.decimal_mark().or(self.decimal_mark);
        self.zone = mapping.zone();
    }

    /// The same of one file, by place, which is called so in the mapping.
    pub fn follow_file(&mut self, at: usize, mapping: &Mapping, called: &str) {
        let uses = mapping.uses();
        let of_file: Vec<&Use> = uses.iter().filter(|one| one.file == called).collect();
        if let Some(file) = self.files.get_mut(at) {
            file.follow(&of_file);
        }
    }

    /// Lets values decide over what was remembered of other files: a day above 12 tells how days are written,
    /// and cents tell it of amounts.
    pub fn values_decide(&mut self) {
        together::values_decide(&mut self.files);
        self.decimal_mark = shown_mark(&self.files).or(self.decimal_mark);
    }

    /// What values leave open and was guessed, as sentences: days that can be read in two ways.
    pub fn guesses(&self) -> Vec<String> {
        lacks::guesses(self)
    }

    /// What nobody but people can say of the figures of all files, as a sentence.
    pub fn question_of_figures(&self) -> Option<String> {
        if self.decimal_mark.is_some() { None } else { figures::question(&self.files) }
    }

    /// What keeps it from being a mapping that can be imported by.
    pub fn lacks(&self) -> Vec<Lack> {
        lacks::of(self)
    }

    /// Whether another file has the lines of its invoices.
    pub(crate) fn has_lines(&self) -> bool {
        self.files.iter().any(|file| file.what == Some(What::Lines))
    }

    /// The text of the mapping.
    pub fn toml(&self) -> String {
        write::toml(self, &[])
    }

    /// The same for somebody who sees nothing but this text: what was guessed is to be looked at as well.
    pub fn toml_with_guesses(&self) -> String {
        write::toml(self, &self.guesses())
    }
}

/// The mark before fractions that the values show.
fn shown_mark(files: &[FileChoice]) -> Option<char> {
    match figures::shown(files) {
        figures::Shown::Mark(mark) => Some(mark),
        figures::Shown::Nothing | figures::Shown::Open { .. } => None,
    }
}

impl FileChoice {
    /// What a file says for itself; of one that is known to hold this, which column is what.
    pub fn of(sample: Sample, what: Option<What>) -> Self {
        guess::file(sample, what)
    }

    /// The column that becomes this, if one does.
    pub(crate) fn column(&self, target: &str) -> Option<&ColumnChoice> {
        self.columns.iter().find(|column| column.target.is_some_and(|one| one.name == target))
    }

    /// What is to be known of a file that is left out: why nobody could tell what it holds.
    pub fn why_left_out(sample: &Sample) -> String {
        lacks::why_left_out(sample)
    }

    fn follow(&mut self, uses: &[&Use]) {
        let what = uses.first().and_then(|one| What::parse(&one.resource));
        if self.what != what {
            *self = Self::of(self.sample.clone(), what);
        }
        self.what = what;
        if let Some(key) = uses.iter().find(|one| one.field.is_empty()) {
            let column = |at: usize| key.columns.get(at).cloned().unwrap_or_default();
            (self.key, self.key_with) = (column(0), column(1));
        }
        let nothing = shares::none_made(uses, &self.columns);
        for column in &mut self.columns {
            // What is made of a column by a template is no choice of it.
            let is_own = |one: &&&Use| one.how.is_empty() || one.how.starts_with("column");
            let of_column: Vec<&&Use> = uses.iter().filter(|one| one.columns == [column.name.clone()]).filter(is_own).collect();
            let is_said = |one: &Use, target: &Target| {
                one.field == target.path
                    && one.is_part() == (target.form == Form::FullName)
                    && !matches!(target.form, Form::Share { .. } | Form::Nothing)
                    && is_of_kind(uses, one, target)
            };
            let fits = |target: &&'static Target| {
                shares::is_made(uses, &column.name, target)
                    || target.form == Form::Nothing && nothing.as_ref() == Some(&column.name)
                    || of_column.iter().any(|one| is_said(one, target))
            };
            let known = what.map_or(&[][..], What::targets);
            column.target = column.target.filter(|target| fits(target)).or_else(|| known.iter().find(fits));
            let format = of_column.iter().find_map(|one| one.format.as_deref());
            if let Some(day) = DAYS.iter().find(|day| day.format == format).filter(|_| column.is_day()) {
                column.day = Some(day);
            }
        }
    }
}

/// Whether a mapping says of a phone what kind it is as a target does; of a kind that no target is, any.
fn is_of_kind(uses: &[&Use], phone: &Use, target: &Target) -> bool {
    let (Form::Phone(kind), Some(item)) = (target.form, phone.pointer.strip_suffix("/number")) else { return true };
    let of_item = uses.iter().find(|one| one.pointer.strip_suffix("/kind") == Some(item));
    let says = |kind: &str| of_item.is_some_and(|one| one.how.starts_with(&format!("value {kind:?} ")));
    says(kind) || !["mobile", "work", "home"].into_iter().any(says)
}

impl ColumnChoice {
    /// Whether its values leave open which day is meant.
    pub fn is_open(&self, sample: &Sample) -> bool {
        self.is_day() && sample.of(&self.name).open.is_some()
    }

    /// Whether it becomes a day.
    pub fn is_day(&self) -> bool {
        self.target.is_some_and(|target| matches!(target.form, Form::Day { .. }))
    }
}

#[cfg(test)]
mod tests;

//! Proposes a mapping from the files themselves: from the names of their columns and from their
//! first records. People look at it and change it; nothing is imported by it alone.
//!
//! `sample.rs` reads the beginning of a file; `fields.rs` and `targets.rs` know what a column can become and
//! how others call it; `guess.rs` chooses; `days.rs` reads days and figures; `write.rs` makes the text.

mod days;
mod fields;
mod guess;
mod sample;
mod targets;
mod write;

pub use days::{DAYS, Day, days_of};
pub use fields::{Form, Target, What};
pub use sample::{HEAD_BYTES, Sample};

use crate::mapping::{Mapping, Use};

/// A proposed mapping: what each file is, and what each of its columns becomes.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Whose identifiers the keys are.
    pub system: String,
    /// Of amounts, as a code of ISO 4217.
    pub currency: String,
    /// Between whole numbers and fractions: `.` or `,`.
    pub decimal_mark: char,
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

/// Why a proposal is no mapping yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Which file, by place; `None` if it is all of them.
    pub file: Option<usize>,
    /// What is to be done, as a sentence.
    pub text: String,
}

impl Proposal {
    /// What the files say for themselves.
    pub fn of(samples: Vec<Sample>) -> Self {
        let files: Vec<FileChoice> = samples.into_iter().map(|sample| FileChoice::of(sample, None)).collect();
        let decimal_mark = days::decimal_mark(&files);
        Self { system: "other".to_owned(), currency: "USD".to_owned(), decimal_mark, files }
    }

    /// The same as a mapping has it, as far as a proposal can say it.
    pub fn follow(&mut self, mapping: &Mapping) {
        self.system.clone_from(&mapping.system);
        self.currency = mapping.currency().to_owned();
        self.decimal_mark = mapping.decimal_mark();
        let uses = mapping.uses();
        for file in &mut self.files {
            let of_file: Vec<&Use> = uses.iter().filter(|one| one.file == file.sample.name).collect();
            file.follow(&of_file);
        }
    }

    /// What keeps it from being a mapping.
    pub fn lacks(&self) -> Vec<Lack> {
        let mut lacks: Vec<Lack> = Vec::new();
        for (at, file) in self.files.iter().enumerate() {
            lacks.extend(file.lacks().into_iter().map(|text| Lack { file: Some(at), text }));
        }
        let all = |what: What| self.files.iter().filter(|file| file.what == Some(what)).count();
        let whole = |text: &str| Lack { file: None, text: text.to_owned() };
        if self.files.iter().all(|file| file.what.is_none()) {
            lacks.push(whole("Say of at least one file what it holds."));
        }
        if all(What::Lines) > 0 && all(What::Invoices) != 1 {
            lacks.push(whole("Lines of invoices need one file of the invoices that they belong to."));
        }
        if all(What::Lines) > 1 {
            lacks.push(whole("Lines of invoices can stand in one file alone."));
        }
        lacks
    }

    /// The text of the mapping.
    pub fn toml(&self) -> String {
        write::toml(self)
    }
}

impl FileChoice {
    /// What a file says for itself; of one that is known to hold this, which column is what.
    pub fn of(sample: Sample, what: Option<What>) -> Self {
        guess::file(sample, what)
    }

    fn follow(&mut self, uses: &[&Use]) {
        let what = uses.first().and_then(|one| What::parse(&one.resource));
        if self.what != what {
            *self = Self::of(self.sample.clone(), what);
        }
        self.what = what;
        if let Some(key) = uses.iter().find(|one| one.field.is_empty()) {
            self.key = key.columns.first().cloned().unwrap_or_default();
        }
        for column in &mut self.columns {
            let of_column: Vec<&&Use> = uses.iter().filter(|one| one.columns == [column.name.clone()]).collect();
            let fits = |target: &&'static Target| of_column.iter().any(|one| one.field == target.path);
            let known = what.map_or(&[][..], What::targets);
            column.target = column.target.filter(|target| fits(target)).or_else(|| known.iter().find(fits));
            let format = of_column.iter().find_map(|one| one.format.as_deref());
            if let Some(day) = DAYS.iter().find(|day| day.format == format).filter(|_| column.is_day()) {
                column.day = Some(day);
            }
        }
    }

    fn lacks(&self) -> Vec<String> {
        let (Some(what), mut lacks) = (self.what, Vec::new()) else { return Vec::new() };
        let taken = |name: &str| {
            let is_taken = |column: &&ColumnChoice| column.target.is_some_and(|target| target.name == name);
            self.columns.iter().filter(is_taken).count()
        };
        if what != What::Lines && !self.columns.iter().any(|column| column.name == self.key) {
            lacks.push("Choose the column that tells its records apart.".to_owned());
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
        let names = ["given_name", "family_name", "organization_name"];
        if what == What::Clients && names.iter().all(|name| taken(name) == 0) {
            lacks.push("Choose a column for a name: given, family or organization.".to_owned());
        }
        lacks
    }
}

impl ColumnChoice {
    /// Whether it becomes a day.
    pub fn is_day(&self) -> bool {
        self.target.is_some_and(|target| matches!(target.form, Form::Day { .. }))
    }
}

#[cfg(test)]
mod tests;

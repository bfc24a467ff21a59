//! What all values of a column say together: one of them alone can mislead.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};

use super::daily::Daily;
use super::days::{DAYS, fitting, reading};
use super::figures::Figures;
use super::shares::Share;
use crate::index;

/// Most different values of a column that are counted one by one, and most characters of each.
const WORDS_MAX: usize = 40;
const WORD_CHARS_MAX: usize = 60;
/// Most values of all columns that are remembered to see whether one comes twice.
const REMEMBERED_MAX: usize = 4_000_000;

/// What is known of a column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The column.
    pub column: String,
    /// Records that say something in it.
    pub filled: u64,
    /// Whether no two records say the same.
    pub differs: bool,
    /// Records that say what one before them says, as long as they are few.
    #[serde(default)]
    pub repeats: Option<u64>,
    /// The first value that comes again.
    #[serde(default)]
    pub repeated: Option<String>,
    /// The ways to read its values as days, as places in [`DAYS`].
    pub days: Vec<usize>,
    /// A value that these ways read as different days.
    pub open: Option<String>,
    /// A value that is a day as well, written in none of these ways.
    #[serde(default)]
    pub other_day: Option<String>,
    /// Its different values and in how many records each stands; none if they are many.
    pub words: Vec<(String, u64)>,
    /// What all of them look like.
    pub looks: Looks,
    /// How its figures are written.
    #[serde(default)]
    pub figures: Figures,
    /// What its figures can be of a price.
    #[serde(default)]
    pub share: Share,
}

impl Facts {
    /// A value that leaves open which day is meant, and each way to read it: whether the month stands in
    /// front, and the day that it then is.
    pub fn readings(&self) -> Option<(String, Vec<(bool, jiff::civil::Date)>)> {
        let value = self.open.clone()?;
        let read = self.days.iter().filter_map(|at| {
            let day = DAYS.get(*at)?;
            Some((day.month_first()?, reading(day, &value)?))
        });
        let read = read.collect();
        Some((value, read))
    }
}

/// What the values of a column look like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Looks {
    /// Nothing in particular.
    #[default]
    Plain,
    /// E-mail addresses.
    Emails,
    /// Numbers of phones, with the marks that people write between figures.
    Phones,
    /// Amounts, with two digits behind a mark.
    Amounts,
    /// Codes and numbers that are given to records: one word with a figure in it.
    Codes,
}

/// So many records that say the same as others are few in any file; of more, one in [`FEW_OF`] is.
const FEW: u64 = 20;
/// Of so many records less than one may say what another says, if the column tells them apart by its heading.
pub(super) const FEW_OF: u64 = 20;

/// Gathers the facts of columns, record by record.
pub(super) struct Gathering {
    columns: Vec<Column>,
    remembered: usize,
}

struct Column {
    facts: Facts,
    seen: HashSet<u64>,
    words: Option<BTreeMap<String, u64>>,
    looks: Vec<Looks>,
    daily: Daily,
}

impl Gathering {
    pub(super) fn new(header: &[String]) -> Self {
        let column = |name: &String| Column {
            facts: Facts { column: name.clone(), differs: true, repeats: Some(0), ..Facts::default() },
            seen: HashSet::new(),
            words: Some(BTreeMap::new()),
            looks: vec![Looks::Emails, Looks::Phones, Looks::Amounts, Looks::Codes],
            daily: Daily::default(),
        };
        Self { columns: header.iter().map(column).collect(), remembered: 0 }
    }

    pub(super) fn add(&mut self, record: &[String]) {
        for (column, value) in self.columns.iter_mut().zip(record).filter(|(_, value)| !value.is_empty()) {
            column.facts.filled += 1;
            if column.facts.repeats.is_some() && self.remembered < REMEMBERED_MAX {
                self.remembered += 1;
                column.compare(value);
            }
            column.add(value);
        }
    }

    pub(super) fn finish(self) -> Vec<Facts> {
        self.columns.into_iter().map(Column::finish).collect()
    }
}

impl Column {
    /// Notes whether an earlier record says the same. What many say is not remembered any longer.
    fn compare(&mut self, value: &str) {
        if self.seen.insert(index::hash(value)) {
            return;
        }
        self.facts.differs = false;
        self.facts.repeated.get_or_insert_with(|| value.chars().take(WORD_CHARS_MAX).collect());
        let repeats = self.facts.repeats.unwrap_or_default() + 1;
        let are_few = repeats < FEW || repeats * FEW_OF < self.facts.filled;
        self.facts.repeats = are_few.then_some(repeats);
        if !are_few {
            (self.seen, self.facts.repeated) = (HashSet::new(), None);
        }
    }

    fn add(&mut self, value: &str) {
        self.daily.add(value);
        self.facts.figures.add(value);
        let before = if self.facts.filled == 1 { Share::Nothing } else { self.facts.share };
        self.facts.share = before.with(value);
        self.looks.retain(|looks| looks.fits(value));
        if let Some(words) = &mut self.words {
            if words.len() >= WORDS_MAX && !words.contains_key(value) || value.chars().count() > WORD_CHARS_MAX {
                self.words = None;
            } else {
                *words.entry(value.to_owned()).or_default() += 1;
            }
        }
    }

    fn finish(self) -> Facts {
        let mut facts = self.facts;
        if facts.filled == 0 {
            facts.differs = false;
        } else {
            facts.looks = self.looks.first().copied().unwrap_or_default();
        }
        (facts.days, facts.open, facts.other_day) = self.daily.finish();
        facts.words = self.words.map(|words| words.into_iter().collect()).unwrap_or_default();
        facts
    }
}

impl Looks {
    fn fits(self, value: &str) -> bool {
        let digits = value.chars().filter(char::is_ascii_digit).count();
        match self {
            Self::Plain => true,
            Self::Emails => {
                let parts = value.split_once('@');
                parts.is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !value.contains(char::is_whitespace))
            }
            Self::Phones => {
                let marks = value.chars().filter(|letter| "()-+./ ".contains(*letter)).count();
                let days = fitting(value) != 0;
                (7..=15).contains(&digits) && marks > 0 && marks + digits == value.chars().count() && !days
            }
            Self::Amounts => {
                let figures = value.trim_start_matches(['$', '€', '£', '-', ' ']);
                let cents = figures.rsplit_once(['.', ',']).is_some_and(|(_, cents)| cents.len() == 2);
                cents && figures.chars().all(|letter| letter.is_ascii_digit() || ".,' ".contains(letter))
            }
            Self::Codes => {
                let is_word = value.chars().all(|letter| letter.is_alphanumeric() || "-_/#.".contains(letter));
                is_word && digits > 0 && !Self::Amounts.fits(value) && !fitting(value) != 0
            }
        }
    }
}

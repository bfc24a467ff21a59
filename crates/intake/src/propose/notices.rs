//! What is good to know of a proposal though nothing is left to be said: words that nobody knows, columns that are
//! left out for them, and keys that come again.

use super::guess::{is_called, plain};
use super::{FileChoice, Form, Sample, What};

/// Most words that are named in a sentence.
const NAMED_MAX: usize = 8;

/// The words of a column that a table of words does not know, and in how many records each stands.
pub(super) struct Unknown {
    /// Records whose word is known.
    pub(super) known: u64,
    /// The others.
    pub(super) words: Vec<(String, u64)>,
    /// Whether that is all of them.
    pub(super) is_all: bool,
}

impl Unknown {
    pub(super) fn of(sample: &Sample, column: &str, table: &[(&str, &str)]) -> Self {
        let (all, is_all) = words(sample, column);
        let is_known = |word: &str| table.iter().any(|(known, _)| plain(known) == plain(word));
        let (known, unknown): (Vec<_>, Vec<_>) = all.into_iter().partition(|(word, _)| is_known(word));
        Self { known: known.iter().map(|(_, count)| count).sum(), words: unknown, is_all }
    }

    /// Whether most records say something that is known: the others are slips of the pen, and no other kind of column.
    pub(super) fn are_few(&self) -> bool {
        self.known > self.words.iter().map(|(_, count)| count).sum()
    }

    /// Whether they are left empty: where something can be without, and all of them can be told.
    pub(super) fn are_left_empty(&self, target: &str) -> bool {
        target == "country" && self.is_all && !self.words.is_empty()
    }
}

/// The different words of a column and in how many records each stands; of many, those of the first records. And whether
/// that is all of them.
pub(super) fn words(sample: &Sample, column: &str) -> (Vec<(String, u64)>, bool) {
    let words = sample.of(column).words;
    if !words.is_empty() {
        return (words, true);
    }
    let mut counted = std::collections::BTreeMap::<String, u64>::new();
    for value in sample.values(column) {
        *counted.entry(value.to_owned()).or_default() += 1;
    }
    (counted.into_iter().collect(), sample.records.len() as u64 == sample.count)
}

/// What is said of words of a column that nobody knows; `then` says what comes of one of them, and of several.
fn unknown_words(file: &str, column: &str, words: &[(String, u64)], then: [&str; 2]) -> Option<String> {
    let named = named(words)?;
    let [one, several] = then;
    let is = if words.len() == 1 {
        format!("is not a word that is known, and {one}")
    } else {
        format!("are not words that are known, and {several}")
    };
    Some(format!("In “{column}” of {file}, {named} {is}."))
}

fn named(words: &[(String, u64)]) -> Option<String> {
    let one = |(word, count): &(String, u64)| format!("“{word}” ({count} {})", if *count == 1 { "record" } else { "records" });
    let more = if words.len() > NAMED_MAX { " and others" } else { "" };
    let named: Vec<String> = words.iter().take(NAMED_MAX).map(one).collect();
    (!words.is_empty()).then(|| format!("{}{more}", named.join(", ")))
}

/// Of a column that would become something if its words were known: the field that it would be, and why it is left out.
pub fn left_for_words(sample: &Sample, what: What, column: &str) -> Option<(&'static str, String)> {
    let target = what
        .targets()
        .iter()
        .find(|target| matches!(target.form, Form::Words { otherwise: "", .. }) && is_called(column, target, what))?;
    let Form::Words { words: table, .. } = target.form else { return None };
    let unknown = Unknown::of(sample, column, table);
    let named = named(&unknown.words).filter(|_| !unknown.are_few())?;
    let are = if unknown.words.len() == 1 { "one word of it is" } else { &format!("{} words of it are", unknown.words.len()) };
    Some((target.path, format!("“{column}” of {} is left out, because {are} not known: {named}.", sample.name)))
}

/// Of a column that tells all but a few records apart: what comes of those.
pub fn repeated_key(sample: &Sample, column: &str) -> Option<String> {
    let (repeats, facts) = (sample.repeats(column)?, sample.of(column));
    let records = if repeats == 1 { "record" } else { "records" };
    Some(format!(
        "“{column}” of {} comes again in {repeats} {records}, such as “{}”: the first record with it counts, and each later one is \
         rejected.",
        sample.name, facts.repeated?
    ))
}

pub(super) fn of(file: &FileChoice) -> Vec<String> {
    let (Some(what), sample) = (file.what, &file.sample) else { return Vec::new() };
    let alone = file.key_with.is_empty() && !file.key.is_empty();
    let mut notices: Vec<String> = alone.then(|| repeated_key(sample, &file.key)).flatten().into_iter().collect();
    for column in &file.columns {
        let Some(target) = column.target else {
            let left = left_for_words(sample, what, &column.name);
            let is_taken = |path: &str| file.columns.iter().any(|other| other.target.is_some_and(|one| one.path == path));
            notices.extend(left.filter(|(path, _)| column.name != file.key && !is_taken(path)).map(|(_, said)| said));
            continue;
        };
        if let Form::Words { words: table, otherwise: "" } = target.form {
            let unknown = Unknown::of(sample, &column.name, table);
            let then = if unknown.are_left_empty(target.name) {
                ["is left out", "are left out"]
            } else {
                ["its records are rejected", "their records are rejected"]
            };
            notices.extend(unknown_words(&sample.name, &column.name, &unknown.words, then));
        }
    }
    notices
}

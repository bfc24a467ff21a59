//! Chooses what a file holds and what its columns become, by the words of their headings and by their
//! values: the same files are always read the same.

use super::facts::Looks;
use super::notices::Unknown;
use super::others;
use super::sample::is_reason;
use super::shares::{self, Share};
use super::{ColumnChoice, FileChoice, Form, Sample, Target, What, days};

/// What a name of a column says of a target.
const SAME: u32 = 6;
/// The same, behind the name of the record: `pet color`.
const BEHIND: u32 = 4;
/// A name among other words: `Home phone (evenings)`.
const AMONG: u32 = 2;
/// What the values alone say.
const VALUES: u32 = 1;
/// What the name of the file says.
const OF_FILE: u32 = 20;
/// What a column says that numbers the records and is called for them: `Client No`.
const OF_KEY: u32 = 6;
/// Less than this says nothing: any file may have a name and an address.
const ENOUGH: u32 = 18;
/// Words of a heading that say nothing by themselves.
const FILLERS: [&str; 8] = ["the", "of", "a", "s", "full", "primary", "main", "current"];

pub(super) fn file(sample: Sample, what: Option<What>) -> FileChoice {
    let what = what.or_else(|| kind(&sample));
    let mut targets = what.map_or_else(Vec::new, |what| targets(&sample, what));
    if what == Some(What::Clients) {
        phones_of_companies(&sample, &mut targets);
    }
    let key = what.filter(|what| *what != What::Lines).map(|what| key(&sample, what, &targets, true)).unwrap_or_default();
    let choose = |(at, name): (usize, &String)| {
        let target = targets.iter().find(|(column, _)| *column == at).map(|(_, target)| *target);
        // Some days that are written otherwise are rejected, so that is not for a guess to decide.
        let facts = sample.of(name);
        let day = days::choose(&facts.days, None).filter(|_| facts.other_day.is_none());
        let is_day = target.is_some_and(|target| matches!(target.form, Form::Day { .. }));
        ColumnChoice { name: name.clone(), target, day: day.filter(|_| is_day) }
    };
    let columns = sample.header.iter().enumerate().map(choose).collect();
    FileChoice { what, key, key_with: String::new(), columns, sample }
}

/// A name with nothing but letters and figures, in lower case.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The words of a heading, in lower case: `PatientID (old)` are `patient`, `id` and `old`.
pub(super) fn heading(name: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![String::new()];
    let mut was_lower = false;
    for letter in name.replace(['\'', '’'], " ").chars() {
        if !letter.is_alphanumeric() || letter.is_uppercase() && was_lower {
            words.push(String::new());
        }
        was_lower = letter.is_lowercase();
        if letter == '#' {
            words.push("number".to_owned());
        } else if let Some(word) = words.last_mut()
            && letter.is_alphanumeric()
        {
            word.extend(letter.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The records that most of the names speak of, if what cannot be missing is among them.
fn kind(sample: &Sample) -> Option<What> {
    let stem = plain(sample.name.rsplit_once('.').map_or(sample.name.as_str(), |(stem, _)| stem));
    let is_named = |what: What| what.called().iter().any(|called| stem.contains(called));
    let score = |what: What| {
        // People who are no clients have names, addresses and phones, too.
        if what == What::Clients && !others::of(sample).is_empty() {
            return 0;
        }
        let found = targets(sample, what);
        // A file of lines is called for its invoices, too.
        let named = if is_named(what) { OF_FILE + u32::from(what == What::Lines) } else { 0 };
        let sum: u32 = found
            .iter()
            .map(|(column, target)| sample.header.get(*column).map_or(0, |name| fits(name, target, what, sample)))
            .sum();
        let key = key(sample, what, &found, false);
        let is_own = heading(&key).iter().any(|word| what.called().contains(&word.as_str()));
        let numbered = if is_own { OF_KEY } else { 0 };
        if is_whole(what, &found) { named + numbered + sum } else { 0 }
    };
    let scored = What::ALL.into_iter().map(|what| (score(what), what));
    // Of as many, the first one.
    let best = scored.rev().max_by_key(|(score, _)| *score)?;
    let whole = (best.0 >= ENOUGH).then_some(best.1);
    // A file that is called for its records is of them, though something is still to be said.
    let half = |what: &What| {
        is_named(*what)
            && (*what != What::Clients || others::of(sample).is_empty())
            && targets(sample, *what).len() * 2 >= sample.header.len()
    };
    whole.or_else(|| What::ALL.into_iter().find(half))
}

fn is_whole(what: What, found: &[(usize, &'static Target)]) -> bool {
    let has = |target: &Target| found.iter().any(|(_, one)| one.name == target.name);
    let needs_name = what != What::Clients || found.iter().any(|(_, target)| target.name.ends_with("_name"));
    needs_name && what.targets().iter().filter(|target| target.needed).all(has)
}

/// How well a column fits a target.
fn fits(name: &str, target: &Target, what: What, sample: &Sample) -> u32 {
    if is_reason(name) || !can_be(name, target, sample) {
        return 0;
    }
    let (whole, words) = (plain(name), heading(name));
    if target.form == Form::Line && target.name == "amount" && is_part(&words) {
        return 0;
    }
    // What cannot be called is no phone.
    if matches!(target.form, Form::Phone(_))
        && words.iter().any(|word| ["fax", "telefax", "pager", "telex"].contains(&word.as_str()))
    {
        return 0;
    }
    if let Form::Share { of_hundred } = target.form {
        let is_percent = shares::is_percent(name, &words) || sample.of(name).share == Share::Signs;
        let is_so = is_percent == of_hundred && shares::is_said(&words);
        // Of a percentage nobody knows but by its heading; a fraction shows.
        let fits = is_so && (of_hundred || sample.of(name).share == Share::Fractions);
        return u32::from(fits) * SAME;
    }
    if target.names.contains(&whole.as_str()) {
        // Of an amount and a total, the total is what is to be paid.
        return SAME + u32::from(target.form == Form::Line && whole.contains("total"));
    }
    if is_called(name, target, what) {
        return BEHIND;
    }
    let facts = sample.of(name);
    let is_day = matches!(target.form, Form::Day { .. });
    let is_among = words.iter().any(|word| target.among.contains(&word.as_str())) && (!is_day || !facts.days.is_empty());
    let by_values = matches!((target.name, facts.looks), ("email", Looks::Emails) | ("phone_home", Looks::Phones));
    if is_among { AMONG } else { u32::from(by_values) * VALUES }
}

/// Whether a heading is a name of a target, by itself or behind that of the record.
pub(super) fn is_called(name: &str, target: &Target, what: What) -> bool {
    let whole = plain(name);
    let rest = what.called().iter().find_map(|called| whole.strip_prefix(called));
    let is_said = |word: &String| !FILLERS.contains(&word.as_str()) && !what.called().contains(&word.as_str());
    let said: String = heading(name).into_iter().filter(is_said).collect();
    [Some(whole.as_str()), rest, Some(said.as_str())].into_iter().flatten().any(|name| target.names.contains(&name))
}

/// Whether the values of a column do not speak against a target.
fn can_be(name: &str, target: &Target, sample: &Sample) -> bool {
    let facts = sample.of(name);
    let answers = ["yes", "no", "y", "n", "true", "false", "x", "paid", "unpaid"];
    let is_yes_or_no = !facts.words.is_empty() && facts.words.iter().all(|(word, _)| answers.contains(&plain(word).as_str()));
    match target.form {
        _ if facts.filled == 0 => true,
        // Some per cent would be less than one: nobody writes that without a sign.
        Form::Share { of_hundred: true } => {
            facts.share == Share::Signs || facts.share == Share::Open && shares::are_percentages(&sample.values(name))
        }
        // A percentage is no figure of any of these.
        Form::Amount { .. } | Form::Quantity { .. } | Form::Line if facts.share == Share::Signs => false,
        // What it would be is not said by a table of words: it is left to people.
        Form::Words { words, otherwise: "" } => {
            // What nobody marked as sold is perhaps not sold; what nobody marked as discontinued is.
            let is_whole = target.name != "active" || facts.filled == sample.count;
            is_whole && Unknown::of(sample, name, words).are_few()
        }
        Form::Amount { .. } | Form::Quantity { .. } | Form::Line => {
            !is_yes_or_no && facts.looks != Looks::Emails && !are_days(&facts.days)
        }
        Form::Day { .. } => facts.looks != Looks::Emails,
        // `Client` with numbers in it is no name.
        Form::FullName => facts.looks != Looks::Codes && has_full_names(&sample.values(name)),
        _ if ["name", "family_name"].contains(&target.name) => facts.looks != Looks::Codes,
        _ => true,
    }
}

/// Whether values can be nothing but days: a day without marks is a number, too.
fn are_days(days: &[usize]) -> bool {
    let has_marks = |at: &usize| days::DAYS.get(*at).is_some_and(|day| day.format != Some("%Y%m%d"));
    !days.is_empty() && days.iter().all(has_marks)
}

/// Whether most of these names are of several words: a given name and that of a family.
fn has_full_names(values: &[&str]) -> bool {
    let is_full = |value: &&&str| value.split([' ', ',']).filter(|word| !word.is_empty()).count() > 1;
    values.iter().filter(is_full).count() * 2 > values.len()
}

/// Whether a heading speaks of another figure than the whole amount of an invoice.
fn is_part(words: &[String]) -> bool {
    let parts = ["paid", "due", "balance", "discount", "tax", "vat", "gst", "open", "outstanding", "credit", "sub", "subtotal"];
    words.iter().any(|word| parts.contains(&word.as_str()))
}

/// Which column becomes what: the best fit first, each target and each column once, but for lists.
fn targets(sample: &Sample, what: What) -> Vec<(usize, &'static Target)> {
    let mut all: Vec<(u32, usize, usize)> = Vec::new();
    for (column, name) in sample.header.iter().enumerate() {
        for (place, target) in what.targets().iter().enumerate() {
            let score = fits(name, target, what, sample);
            if score > 0 {
                all.push((score, column, place));
            }
        }
    }
    all.sort_by_key(|(score, column, place)| (u32::MAX - score, *column, *place));
    let mut chosen: Vec<(usize, &'static Target)> = Vec::new();
    for (_, column, place) in all {
        let Some(target) = what.targets().get(place) else { continue };
        let is_one = |one: &Target| one.name == target.name && !target.form.is_list();
        let is_taken = chosen.iter().any(|(known, one)| *known == column || is_one(one) || one.excludes(target));
        if !is_taken {
            chosen.push((column, target));
        }
    }
    chosen
}

/// Of companies that have no names of people, a phone that nobody calls one of a home is one at work.
fn phones_of_companies(sample: &Sample, targets: &mut [(usize, &'static Target)]) {
    let named = |column: usize| sample.header.get(column).map(String::as_str).unwrap_or_default();
    let is_person = |(_, target): &(usize, &'static Target)| ["full_name", "given_name", "family_name"].contains(&target.name);
    let company = targets.iter().find(|(_, target)| target.name == "organization_name").map(|(column, _)| named(*column));
    let are_most = company.is_some_and(|name| sample.of(name).filled * 2 > sample.count);
    let work = What::Clients.targets().iter().find(|target| target.name == "phone_work");
    let (true, false, Some(work)) = (are_most, targets.iter().any(is_person), work) else { return };
    for (column, target) in targets.iter_mut().filter(|(_, target)| target.name == "phone_home") {
        if !plain(named(*column)).contains("home") {
            *target = work;
        }
    }
}

/// The column that tells records apart, where one looks like it: it differs in every record, and its
/// heading or its values are those of a number or a code. If it may come again, one that a few records share will do, as
/// long as its heading is that of the record's own number. Empty if none does.
fn key(sample: &Sample, what: What, targets: &[(usize, &'static Target)], may_repeat: bool) -> String {
    const ENDS: [&str; 10] = ["id", "no", "number", "code", "key", "nr", "num", "ref", "uid", "uuid"];
    // What numbers something else, and what is a number of the record itself all the same.
    let is_other = |at: usize| targets.iter().any(|(column, target)| *column == at && !["number", "sku"].contains(&target.name));
    let score = |at: usize, name: &String| {
        let words = heading(name);
        let is_own = |word: &&String| !what.called().contains(&word.as_str()) && !FILLERS.contains(&word.as_str());
        let own: Vec<&str> = words.iter().filter(is_own).map(String::as_str).collect();
        let is_called = own.len() < words.len();
        let whole = plain(name);
        let rest = what.called().iter().find_map(|called| whole.strip_prefix(called)).unwrap_or(&whole);
        let looks = sample.of(name).looks == Looks::Codes;
        let repeats = may_repeat && sample.repeats(name).is_some();
        // What no two records share stands in front of what a few do, if both are called for the record.
        let after = if repeats { 20 } else { 0 };
        let called = |end: &str| ENDS.iter().position(|one| *one == end).map(|place| place + after);
        match own.as_slice() {
            _ if is_reason(name) || is_other(at) || !(sample.tells_apart(name) || repeats) => None,
            _ if ENDS.contains(&rest) => called(rest),
            [end] if ENDS.contains(end) => called(end),
            // `Invoice`, with numbers in it; of a name, it is not a number.
            [] if is_called && looks => Some(10 + after),
            _ if repeats => None,
            [.., end] if ENDS.contains(end) && looks => Some(40),
            _ if looks && is_code(&sample.values(name)) => Some(41),
            _ => None,
        }
    };
    let scored = sample.header.iter().enumerate().filter_map(|(at, name)| Some((score(at, name)?, name)));
    scored.min_by_key(|(score, _)| *score).map(|(_, name)| name.clone()).unwrap_or_default()
}

/// Whether values are all of one make, such as `C-0017`: an age is a figure that may differ, too.
fn is_code(values: &[&str]) -> bool {
    let length = values.first().map_or(0, |value| value.len());
    let is_one = |value: &&str| value.len() == length && value.chars().any(char::is_alphabetic);
    length >= 4 && values.iter().all(is_one)
}

//! Names of people that stand in one column, and what is given and what is family in them.

use crate::mapping::Part;

/// Words with which the name of a family begins.
const PARTICLES: [&str; 26] = [
    "de", "da", "do", "dos", "das", "del", "della", "di", "du", "des", "la", "le", "van", "von", "der", "den", "ter", "ten",
    "zu", "zum", "zur", "bin", "ibn", "al", "el", "st.",
];
/// Words behind the name of a family.
const SUFFIXES: [&str; 7] = ["jr", "jr.", "sr", "sr.", "ii", "iii", "iv"];

/// A part of a name; `None` if it has none. A name of one word is a family's; in front of a comma stands the
/// family, and otherwise it is the last word, with what belongs to it.
pub(super) fn part(name: &str, part: Part) -> Option<String> {
    let is_suffix = |text: &str| SUFFIXES.contains(&text.trim().to_lowercase().as_str());
    let (given, family) = match name.split_once(',') {
        Some((family, given)) if !is_suffix(given) => (given.trim().to_owned(), family.trim().to_owned()),
        _ => by_words(name),
    };
    Some(match part {
        Part::Given => given,
        Part::Family => family,
    })
    .filter(|text| !text.is_empty())
}

fn by_words(name: &str) -> (String, String) {
    let words: Vec<&str> = name.split_whitespace().collect();
    let is = |at: usize, known: &[&str]| words.get(at).is_some_and(|word| known.contains(&word.to_lowercase().as_str()));
    let mut start = words.len().saturating_sub(1);
    if start > 1 && is(start, &SUFFIXES) {
        start -= 1;
    }
    // The first word is given, whatever it is.
    while start > 1 && is(start - 1, &PARTICLES) {
        start -= 1;
    }
    let (given, family) = words.split_at_checked(start).unwrap_or_default();
    (given.join(" "), family.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_one_column_is_two() {
        for (name, given, family) in [
            ("Maria Anders", Some("Maria"), Some("Anders")),
            ("Anders, Maria", Some("Maria"), Some("Anders")),
            ("Mary Ann  Smith", Some("Mary Ann"), Some("Smith")),
            ("Ludwig van Beethoven", Some("Ludwig"), Some("van Beethoven")),
            ("Maria de la Cruz", Some("Maria"), Some("de la Cruz")),
            ("Van Morrison", Some("Van"), Some("Morrison")),
            ("John Smith Jr.", Some("John"), Some("Smith Jr.")),
            ("John Smith, Jr.", Some("John"), Some("Smith, Jr.")),
            ("John & Mary Smith", Some("John & Mary"), Some("Smith")),
            ("Cher", None, Some("Cher")),
            ("Anders,", None, Some("Anders")),
            ("de la", Some("de"), Some("la")),
        ] {
            assert_eq!((part(name, Part::Given).as_deref(), part(name, Part::Family).as_deref()), (given, family), "{name}");
        }
    }
}

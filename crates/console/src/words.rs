//! Small values that pages show: numbers, moments, facts, choices.

use std::fmt::{self, Write as _};

/// A number, shown with commas between thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Count(pub u64);

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_char(',')?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// A moment, for people and for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// As RFC 3339.
    pub exact: String,
    /// As a person says it, in the clinic's time zone: `today, 14:05`.
    pub words: String,
}

/// A technical detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// One option of a list to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What people read.
    pub words: String,
    /// Whether it is chosen now.
    pub selected: bool,
}

/// Text with a capital first letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// What is marked as code, in quotes: who reads it here is no developer.
pub fn quoted(text: &str) -> String {
    let mut parts = text.split('`');
    let mut quoted = parts.next().unwrap_or_default().to_owned();
    for (at, part) in parts.enumerate() {
        quoted.push(if at % 2 == 0 { '“' } else { '”' });
        quoted.push_str(part);
    }
    quoted
}

/// Text as one part of an address: everything but letters, digits, `-`, `_`, `.` and `~` is encoded.
pub fn in_path(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => path.push(char::from(byte)),
            // Writing to a string does not fail.
            _ => drop(write!(path, "%{byte:02X}")),
        }
    }
    path
}

/// Counts things: `1 connection`, `2 connections`.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{} {}", Count(count), if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::{Count, capital, counted, in_path, quoted};

    #[test]
    fn numbers_are_easy_to_read() {
        for (number, words) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(Count(number).to_string(), words);
        }
        assert_eq!(counted(1, "key", "keys"), "1 key");
        assert_eq!(counted(0, "key", "keys"), "0 keys");
    }

    #[test]
    fn an_address_keeps_its_parts() {
        assert_eq!(in_path("con_1-a.b~"), "con_1-a.b~");
        assert_eq!(in_path("a/b?c\"é"), "a%2Fb%3Fc%22%C3%A9");
    }

    #[test]
    fn what_is_marked_as_code_is_quoted() {
        assert_eq!(quoted("such as `a` or `b`"), "such as “a” or “b”");
        assert_eq!(quoted("nothing"), "nothing");
    }

    #[test]
    fn a_sentence_starts_with_a_capital() {
        assert_eq!(capital("énergie"), "Énergie");
        assert_eq!(capital(""), "");
    }
}

//! What connections did, as sentences. Also the part of a connection's page that is refreshed live.

use askama::Template;

use crate::words::{Count, When};

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The clinic's rules refused it.
    Refused,
    /// It was allowed and did not work.
    Failed,
}

impl Outcome {
    /// In one word.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "Allowed",
            Self::Refused => "Refused",
            Self::Failed => "Failed",
        }
    }

    /// The class of its badge.
    pub const fn tone(self) -> &'static str {
        match self {
            Self::Done => "b-ok",
            Self::Refused => "b-bad",
            Self::Failed => "b-warn",
        }
    }

    /// Whether it was done.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Done)
    }
}

/// A call as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When.
    pub at: When,
    /// The connection's name.
    pub who: String,
    /// The rest of the sentence, without a stop: `read 42 invoices`.
    pub did: String,
    /// What came of it.
    pub outcome: Outcome,
    /// The call's id, for the link to its entry.
    pub request_id: String,
    /// Calls before it, one right after another, that did the same: how many, and when the first was.
    pub same: Option<(Count, When)>,
}

impl Line {
    /// Whether another line says the same.
    fn says_same(&self, other: &Self) -> bool {
        self.who == other.who && self.did == other.did && self.outcome == other.outcome
    }
}

/// Newest first, with calls that did the same told once; at most so many lines.
pub fn folded(lines: impl Iterator<Item = Line>, lines_max: usize) -> Vec<Line> {
    let mut told: Vec<Line> = Vec::new();
    for line in lines {
        let is_full = told.len() == lines_max;
        match told.last_mut() {
            Some(last) if last.says_same(&line) => {
                let before = last.same.as_ref().map_or(0, |(count, _)| count.0);
                last.same = Some((Count(before + 1), line.at));
            }
            _ if is_full => break,
            _ => told.push(line),
        }
    }
    told
}

/// `/console/connections/{id}/activity`: the list alone, which replaces itself.
///
/// A refresh that must end (signed out, revoked) answers with status 286, which stops the polling.
#[derive(Debug, Clone, Template)]
#[template(path = "activity.html")]
pub struct Activity {
    /// Whose.
    pub connection_id: String,
    /// The newest calls first.
    pub lines: Vec<Line>,
    /// Whether it goes on refreshing itself.
    pub live: bool,
}

/// In its place for somebody whose session is over.
#[derive(Debug, Clone, Template)]
#[template(path = "signed_out.html")]
pub struct SignedOut {
    /// Whose list it was.
    pub connection_id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at: &str, did: &str) -> Line {
        Line {
            at: When { exact: at.to_owned(), words: at.to_owned() },
            who: "Acme".to_owned(),
            did: did.to_owned(),
            outcome: Outcome::Done,
            request_id: at.to_owned(),
            same: None,
        }
    }

    #[test]
    fn what_was_done_again_and_again_is_told_once() {
        let lines =
            [line("5", "read"), line("4", "read"), line("3", "read"), line("2", "wrote"), line("1", "read"), line("0", "read")];
        let told = folded(lines.into_iter(), 2);
        let told: Vec<_> = told.iter().map(|line| (line.at.words.as_str(), line.same.as_ref())).collect();
        let first = When { exact: "3".to_owned(), words: "3".to_owned() };
        assert_eq!(told, [("5", Some(&(Count(2), first))), ("2", None)]);
    }
}
